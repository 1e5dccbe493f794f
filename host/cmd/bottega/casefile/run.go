package casefile

import (
	"errors"
	"fmt"
)

// Ask puts a question to an operation, contract.operation, and reads its answer. Errors:
// *Refusal if the operation refuses what it is asked; any other ends the run.
type Ask func(operation string, question, answer any) error

// Refusal says that an operation refuses what it is asked, and why.
type Refusal struct{ Operation, Reason, Text string }

func (r *Refusal) Error() string { return r.Operation + ": " + r.Text }

// Operations are those that cases of a kind ask, each of another app; none if nobody runs
// the kind.
func Operations(kind string) []string {
	switch kind {
	case "cart", "proration", "price", "reference_price", "usage", "choice":
		return []string{priceIt}
	case "tender":
		return []string{priceIt, payIt} // promotions come before what pays
	case "stock":
		return []string{stockIt}
	case "return":
		return []string{returnIt}
	}
	return nil
}

// The operations that are asked.
const (
	priceIt  = "pricing.try"
	payIt    = "vouchers.try"
	stockIt  = "stock.try"
	returnIt = "till.try_return"
)

// Run asks what a case is about and says where the answer differs from what it expects.
// Errors: *Missing if the case holds under an option that we do not have; those of ask.
func (c *Case) Run(ask Ask) (differences []string, err error) {
	if len(c.strange) > 0 {
		return nil, &Missing{Option: "field=" + c.strange[0]}
	}
	switch c.Kind {
	case "tender":
		differences, err = c.pay(ask)
	case "stock":
		differences, err = c.play(ask)
	case "return":
		differences, err = c.giveBack(ask)
	default:
		differences, err = c.quote(ask)
	}
	if r, ok := errors.AsType[*Refusal](err); ok {
		return []string{r.Error()}, nil
	}
	return differences, err
}

// quote asks pricing.
func (c *Case) quote(ask Ask) ([]string, error) {
	question, err := c.Question()
	if err != nil {
		return nil, err
	}
	var answer Answer
	if err := ask(priceIt, question, &answer); err != nil {
		return nil, err
	}
	return c.Compare(&answer)
}

// options are the semantics of a case that a table knows, set; those that it does not know
// are left to others. Errors: *Missing for a value that the table does not know of a key
// that nobody else knows.
func options[T any](c *Case, table map[string]map[string]func(*T), to *T, others ...map[string]map[string]option) error {
	for key, value := range c.Semantics {
		if set, ok := table[key][string(value)]; ok {
			set(to)
			continue
		}
		known := false
		for _, o := range others {
			_, ok := o[key][string(value)]
			known = known || ok
		}
		if !known {
			return missing(key, value)
		}
	}
	return nil
}

// to gives several values one meaning, for tables of options of any kind.
func to[T any](set func(*T), values ...string) map[string]func(*T) {
	all := map[string]func(*T){}
	for _, v := range values {
		all[v] = set
	}
	return all
}

// values are the key=value of a table.
func values[T any](table map[string]map[string]func(*T)) (all []string) {
	for key, of := range table {
		for value := range of {
			all = append(all, key+"="+value)
		}
	}
	return all
}

// refusedAs compares that something was refused with what a case expects of it. Peers name
// errors in words of their own, so that any stands for any.
func (d *diffs) refusedAs(want, got string) {
	switch {
	case want != "" && got == "":
		d.want("error", want, "none", "error")
	case want == "" && got != "":
		d.want("error", "none", got, "error")
	}
}

// anyIs compares what is expected with each of several answers that mean the same.
func (d *diffs) anyIs(where string, want any, got []any, of ...string) {
	for _, g := range got {
		if fmt.Sprint(want) == fmt.Sprint(g) {
			return
		}
	}
	d.want(where, want, got[0], of...)
}

// asRefusal finds a refusal in an error.
func asRefusal(err error, into **Refusal) bool {
	r, ok := errors.AsType[*Refusal](err)
	*into = r
	return ok
}
