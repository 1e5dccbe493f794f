package casefile

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Played is what this package reads of the output of stock.try.
type Played struct {
	Levels   []Level `json:"levels"`
	Rejected []int64 `json:"rejected"`
	Steps    []struct {
		Done  int64  `json:"done"`
		Error string `json:"error"`
		Level Level  `json:"level"`
		Cart  int64  `json:"cart"`
	} `json:"steps"`
	Answers []struct {
		Available int64 `json:"available"`
		OnHand    int64 `json:"on_hand"`
		Reserved  int64 `json:"reserved"`
		Open      bool  `json:"open"`
		Enough    *bool `json:"enough"`
	} `json:"answers"`
	Cart  int64  `json:"cart_quantity"`
	Error string `json:"error"`
}

// played says where the answer differs from what is expected.
func (c *Case) played(s *Stock, a *Played) (differences []string, err error) {
	o := objectOf("expected", c.Expected, "", &err)
	d := &diffs{derived: o.texts("derived")}
	for i, w := range o.levels() {
		s.sameLevel(d, w, a.Levels, i)
	}
	if _, ok := o.fields["rejected"]; ok {
		// What went into a cart in part is refused to some, and to others it is not.
		d.anyIs("rejected", slices.Concat([]string{}, o.texts("rejected")), []any{indexes(a.Rejected), s.butCarts(a.Rejected)}, "rejected")
	}
	for i, w := range o.objects("done", "steps") {
		if i >= len(a.Steps) {
			o.fail("steps without operations")
			break
		}
		s.sameStep(d, w, a, i)
	}
	for i, raw := range o.list("answers") {
		if i >= len(a.Answers) {
			o.fail("answers without queries")
			break
		}
		s.sameAnswer(d, raw, a, i, &err)
	}
	if n := s.counted(o, "cart_quantity"); n != nil {
		d.want("cart quantity", *n, a.Cart, "cart_quantity")
	}
	if failure := o.text("error"); failure != "" && failure != "false" {
		d.refusedAs(failure, a.Error)
	}
	o.done()
	return d.all, err
}

// levels are a list of levels, or an object of them by location.
func (o *object) levels() []*object {
	raw, ok := o.has("levels")
	if !ok || !strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
		return o.objects("on_hand", "levels")
	}
	var all []*object
	for location, fields := range objectOf("levels", raw, "", o.err).fields {
		l := objectOf("levels", fields, "available", o.err)
		l.fields["location"] = json.RawMessage(strconv.Quote(location))
		all = append(all, l)
	}
	return all
}

func indexes(of []int64) []string {
	all := []string{}
	for _, i := range of {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

// butCarts are the indexes of refused operations that put nothing into a cart.
func (s *Stock) butCarts(of []int64) []string {
	return indexes(slices.DeleteFunc(slices.Clone(of), func(i int64) bool { return s.Operations[i].Op == "add_to_cart" }))
}

// sameLevel compares a level with that of its location, or in its place.
func (s *Stock) sameLevel(d *diffs, w *object, levels []Level, i int) {
	location := w.text("location", "location_id", "warehouse", "id")
	if location != "" {
		i = slices.IndexFunc(levels, func(l Level) bool { return l.Location == location })
	}
	if i < 0 || i >= len(levels) {
		d.want("level "+location, "there", "none", "levels", location)
		return
	}
	s.sameNumbers(d, "level "+levels[i].Location, w, levels[i], "levels", location)
	w.done("threshold", "sku", "backorderable", "backorder", "tracked")
}

// sameNumbers compares what is expected of a level with what it is.
func (s *Stock) sameNumbers(d *diffs, where string, w *object, l Level, of ...string) {
	for _, f := range []struct {
		names []string
		got   int64
	}{
		{[]string{"on_hand", "stocked", "stocked_quantity", "count_on_hand"}, l.OnHand},
		{[]string{"reserved", "reserved_quantity", "allocated", "on_hold"}, l.Reserved},
		{[]string{"available", "available_quantity", "saleable"}, l.Available},
	} {
		if n := s.counted(w, f.names...); n != nil {
			d.want(where+" "+f.names[0], *n, f.got, append(of, f.names[0])...)
		}
	}
}

// sameStep compares one step: that it was done, how much of it, and the level after it.
func (s *Stock) sameStep(d *diffs, w *object, a *Played, i int) {
	got, where := a.Steps[i], "step "+strconv.Itoa(i)
	level := got.Level
	if raw, ok := w.has("level", "levels"); ok {
		inner := objectOf(where, raw, "", w.err)
		s.sameNumbers(d, where, inner, level, "steps")
	}
	s.sameNumbers(d, where, w, level, "steps")
	if raw, ok := w.fields["done"]; ok && (string(raw) == "true" || string(raw) == "false") {
		w.fields["ok"] = raw
		delete(w.fields, "done")
	}
	if yes := w.flag("ok", "accepted", "success", "applied"); yes != nil {
		d.want(where+" accepted", *yes, got.Error == "", "steps")
	}
	if no := w.flag("rejected", "refused"); no != nil {
		d.want(where+" rejected", *no, got.Error != "", "steps")
	}
	if n := s.counted(w, "done", "quantity", "added", "reserved_now"); n != nil {
		d.want(where+" done", *n, got.Done, "steps")
	}
	if n := s.counted(w, "cart_quantity", "cart"); n != nil {
		d.want(where+" cart quantity", *n, got.Cart, "steps")
	}
	if failure := w.text("error"); failure != "" {
		d.refusedAs(failure, got.Error)
	}
	w.done("op", "location", "key", "index", "step")
}

// sameAnswer compares an answer, in whatever shape it is expected.
func (s *Stock) sameAnswer(d *diffs, raw json.RawMessage, a *Played, i int, err *error) {
	got, where := a.Answers[i], "answer "+strconv.Itoa(i)
	about, quantity := "available", (*int64)(nil)
	if i < len(s.Queries) {
		about, quantity = s.Queries[i].about, s.Queries[i].Quantity
	}
	enough := got.Enough != nil && *got.Enough || got.Enough == nil && (got.Open || got.Available > 0)
	w := objectOf(where, raw, "answer", err)
	for _, name := range []string{"answer", "result", "value"} {
		value := strings.Trim(strings.TrimSpace(string(w.fields[name])), `"`)
		switch {
		case value == "":
		case value == "true" || value == "false":
			d.want(where, value, fmt.Sprint(enough), "answers")
		case slices.Contains([]string{"unlimited", "infinite", "infinity", "Infinity"}, value):
			d.want(where, value, map[bool]string{true: value, false: fmt.Sprint(got.Available)}[got.Open], "answers")
		default:
			numbers := map[string]int64{"on_hand": got.OnHand, "reserved": got.Reserved}
			number, ok := numbers[about]
			if !ok {
				number = got.Available
			}
			if want := s.counted(w, name); want != nil {
				// What is below zero is nothing to whom it is promised.
				d.anyIs(where, *want, []any{number, max(number, 0)}, "answers")
			}
		}
		_, _ = w.has(name)
	}
	if quantity == nil || about != "reserved" {
		s.sameNumbers(d, where, w, Level{OnHand: got.OnHand, Reserved: got.Reserved, Available: got.Available}, "answers")
	}
	if yes := w.flag("enough", "sufficient", "in_stock", "ok", "can_supply", "is_available"); yes != nil {
		d.want(where+" enough", *yes, enough, "answers")
	}
	if number := s.counted(w, "quantity", "total"); number != nil && quantity == nil {
		d.want(where, *number, got.Available, "answers")
	}
	w.done("location", "locations", "query", "type", "quantity")
}
