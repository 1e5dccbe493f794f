package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// lists holds the price lists as they are now. Quotes find those that may hold for
// them by what the lists ask for, so that a retailer can have one per customer.
var lists = sdk.Collection[kept]{
	Name: "lists", Key: []string{"id"},
	Indexes: []sdk.Index{{Name: "by_asked", Fields: []string{"asked"}}, {Name: "by_parent", Fields: []string{"list.parent"}}},
}

// kept is a price list with what the app keeps of it.
type kept struct {
	ID      string       `json:"id"`
	Asked   []string     `json:"asked"`             // one of which must be so, or everybody
	Imports int64        `json:"imports,omitempty"` // that were begun
	Epochs  []epoch      `json:"epochs,omitempty"`  // of imports that are open, and of the last ones applied; by number
	List    pricing.List `json:"list"`
}

// listVersions holds every version of every list, for those who ask for the past.
var listVersions = sdk.Collection[listVersion]{Name: "list_versions", Key: []string{"id", "from"}}

// listVersion is a list from an instant on.
type listVersion struct {
	ID   string         `json:"id"`
	From retail.Instant `json:"from"`
	List pricing.List   `json:"list"`
}

// listsCount is the count whose number is the instant of the last change of a list.
const listsCount = "lists"

// everybody is what a list asks for that asks for nobody in particular.
const everybody = "*"

// maxAsked is how many values one record is found by.
const maxAsked = 256

// asked is what a list is found by: the codes, people or stores that it asks for,
// the rarest of them.
func asked(l *pricing.List) []string {
	var all []string
	switch {
	case l.Gated:
		all = prefixed("k", l.Codes, strings.ToUpper)
	case len(l.Customers) > 0:
		all = prefixed("c", l.Customers, nil)
	case len(l.CustomerGroups) > 0:
		all = prefixed("g", l.CustomerGroups, nil)
	case len(l.Stores) > 0:
		all = prefixed("s", l.Stores, nil)
	}
	if len(all) == 0 || len(all) > maxAsked {
		return []string{everybody}
	}
	return all
}

func prefixed[T ~string](kind string, values []T, fold func(string) string) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = kind + string(v)
		if fold != nil {
			all[i] = kind + fold(string(v))
		}
	}
	return all
}

func putList(tx *sdk.Tx, in pricing.List) (pricing.List, error) {
	if err := checkList(&in); err != nil {
		return pricing.List{}, err
	}
	old, there := lists.Get(tx, sdk.K(in.ID))
	if r := reachOf(tx); !r.sets(in.Stores) || there && !r.sets(old.List.Stores) {
		return pricing.List{}, otherStore("/stores")
	}
	if err := checkParent(tx, &in); err != nil {
		return pricing.List{}, err
	}
	if there {
		in.Changed, in.Evidence = old.List.Changed, old.List.Evidence
		if sameList(&old.List, &in) {
			return old.List, nil
		}
		if err := keepsBasis(tx, &old.List, &in); err != nil {
			return pricing.List{}, err
		}
	}
	in.Changed, in.Evidence = tx.Now(), ""
	was := old.List
	old.ID, old.Asked, old.List = in.ID, asked(&in), in
	if was.Name = in.Name; !there || !sameList(&was, &in) { // a name announces nothing
		var err error
		if old.List.Evidence, err = provePut(tx, &old); err != nil {
			return pricing.List{}, err
		}
	}
	in = old.List
	if err := lists.Put(tx, old); err != nil {
		return pricing.List{}, err
	}
	if err := listVersions.Put(tx, listVersion{ID: in.ID, From: in.Changed, List: in}); err != nil {
		return pricing.List{}, err
	}
	if err := generations.Put(tx, tally{ID: listsCount, Number: int64(in.Changed)}); err != nil {
		return pricing.List{}, err
	}
	return in, pricing.ListChanged.Emit(tx, in)
}

func checkList(l *pricing.List) error {
	if err := named(l.ID, l.Name); err != nil {
		return err
	}
	switch {
	case len(l.Currency) != 3:
		return sdk.Invalid("/currency", "currency", "A currency is an ISO 4217 code of three letters.")
	case l.Period.Empty():
		return sdk.Invalid("/period", "period", "The period ends before it begins.")
	case l.Gated != (len(l.Codes) > 0):
		return sdk.Invalid("/codes", "codes", "A gated list has codes, and no other list has.")
	case slices.ContainsFunc(l.Codes, func(c string) bool { return c != strings.TrimSpace(c) }):
		return sdk.Invalid("/codes", "codes", "A code has no blanks around it.")
	case l.Percent < 0 || l.Percent > 10_000 || l.Percent > 0 && (!l.Reduction || !l.Announced):
		return sdk.Invalid("/percent", "percent", "A percentage is announced of a list that is an announced reduction, up to 100 %.")
	case l.Formula != nil && l.Parent == "":
		return sdk.Invalid("/formula", "formula", "A formula needs a parent to work on.")
	}
	if l.Formula != nil {
		if err := checkFormula(l.Formula, "/formula"); err != nil {
			return err
		}
	}
	for _, d := range [...]struct {
		at  string
		bad bool
	}{
		{"/stores", oversized(l.Stores)}, {"/channels", oversized(l.Channels)}, {"/customers", oversized(l.Customers)},
		{"/customer_groups", oversized(l.CustomerGroups)}, {"/codes", oversized(l.Codes)},
	} {
		if d.bad {
			return sdk.Invalid(d.at, "values", "A value has 1 to 128 characters.")
		}
	}
	return values(len(l.Stores), len(l.Channels), len(l.Customers), len(l.CustomerGroups), len(l.Codes))
}

// maxValue bounds what lists are found by: a longer value finds none.
const maxValue = 128

// oversized says whether one of the values is none that a list may ask for.
func oversized[T ~string](values []T) bool {
	return slices.ContainsFunc(values, func(v T) bool { return v == "" || len(v) > maxValue })
}

// values bounds the dimensions of a list or promotion.
func values(counts ...int) error {
	if slices.Max(counts) > pricing.MaxValues {
		return sdk.Fail(sdk.CodeTooLarge, "values", "A dimension holds at most 1,000 values.")
	}
	return nil
}

func checkFormula(f *pricing.Formula, at string) error {
	switch {
	case f.Percent < -10_000 || f.Percent > 1_000_000:
		return sdk.Invalid(at+"/percent", "formula", "A formula changes a price by -100 % to 10,000 %.")
	case f.Surcharge < -maxPrice || f.Surcharge > maxPrice:
		return sdk.Invalid(at+"/surcharge", "formula", "A surcharge is at most 10,000,000,000.00.")
	case f.Step < 0 || f.Step > maxPrice || f.Ending < 0 || f.Ending >= max(f.Step, 1):
		return sdk.Invalid(at+"/ending", "formula", "An ending lies between 0 and the step.")
	case f.Round != "" && f.Round != pricing.Upwards && f.Round != pricing.Downwards:
		return sdk.Invalid(at+"/round", "formula", "Prices are rounded up, down or to the nearest.")
	}
	return nil
}

// checkParent follows the lists that stand behind one, and counts those that it
// stands behind.
func checkParent(r sdk.Reader, l *pricing.List) error {
	if l.Parent == "" {
		return nil
	}
	depth := 0
	for id := l.Parent; id != ""; {
		p, ok := listOf(r, id)
		switch depth++; {
		case !ok:
			return sdk.Invalid("/parent", "parent", "There is no price list "+id+".")
		case id == l.ID:
			return sdk.Invalid("/parent", "parent", "The parent leads back to the list.")
		case p.List.Currency != l.Currency || p.List.Net != l.Net:
			return sdk.Invalid("/parent", "parent", "Prices of a list come from one of the same currency and the same VAT basis.")
		case depth > pricing.MaxDepth:
			return tooDeep()
		}
		id = p.List.Parent
	}
	if depth+height(r, l.ID, pricing.MaxDepth-depth) > pricing.MaxDepth {
		return tooDeep()
	}
	return nil
}

func tooDeep() error {
	return sdk.Invalid("/parent", "parent", "At most 5 lists stand behind each other.")
}

// height is how many lists stand in front of one; it stops counting at more than
// most.
func height(r sdk.Reader, id string, most int) int {
	tallest := 0
	for l := range lists.Scan(r, sdk.Scan{Index: "by_parent", Prefix: sdk.K(id)}) {
		if most <= 0 {
			return 1
		}
		tallest = max(tallest, 1+height(r, l.ID, most-1))
	}
	return tallest
}

// keepsBasis refuses that prices which are there come to mean something else.
func keepsBasis(r sdk.Reader, old, l *pricing.List) error {
	if old.Currency == l.Currency && old.Net == l.Net {
		return nil
	}
	used := height(r, l.ID, 0) > 0
	for range entries.Scan(r, sdk.Scan{Prefix: sdk.K(l.ID), Limit: 1}) {
		used = true
	}
	switch {
	case used && old.Net != l.Net:
		return sdk.Invalid("/net", "net", "A list with prices keeps its VAT basis: make another list.")
	case used:
		return sdk.Invalid("/currency", "currency", "A list with prices keeps its currency: make another list.")
	}
	return nil
}

func sameList(a, b *pricing.List) bool {
	return a.Name == b.Name && a.Currency == b.Currency && a.Net == b.Net && a.Period == b.Period && a.Priority == b.Priority &&
		slices.Equal(a.Stores, b.Stores) && slices.Equal(a.Channels, b.Channels) &&
		slices.Equal(a.Customers, b.Customers) && slices.Equal(a.CustomerGroups, b.CustomerGroups) &&
		a.Gated == b.Gated && slices.Equal(a.Codes, b.Codes) && a.Parent == b.Parent &&
		(a.Formula == b.Formula || a.Formula != nil && b.Formula != nil && *a.Formula == *b.Formula) &&
		a.Reduction == b.Reduction && a.Announced == b.Announced && a.Percent == b.Percent
}

func getList(v *sdk.View, in pricing.ListID) (pricing.List, error) {
	l, ok := listOf(v, in.ID)
	switch {
	case !ok:
		return pricing.List{}, noList()
	case !reachOf(v).sees(l.List.Stores):
		return pricing.List{}, otherStore("/id")
	}
	return l.List, nil
}

func noList() error { return sdk.NotFound("list", "There is no such price list.") }

func listLists(v *sdk.View, in pricing.ListsIn) (out pricing.ListsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	reach := reachOf(v)
	for l := range lists.Scan(v, sdk.Scan{From: after(in.Cursor)}) {
		if !reach.sees(l.List.Stores) {
			continue
		}
		if len(out.Lists) == limit {
			out.Cursor = out.Lists[limit-1].ID
			break
		}
		out.Lists = append(out.Lists, l.List)
	}
	return out, nil
}

// listToSet is a list whose prices who acts may change.
func listToSet(r sdk.Reader, id string) (kept, error) {
	l, ok := listOf(r, id)
	if !ok {
		return l, noList()
	}
	if !reachOf(r).sets(l.List.Stores) {
		return l, otherStore("/list")
	}
	return l, nil
}

// listOf is a list by its id, however long that is.
func listOf(r sdk.Reader, id string) (l kept, ok bool) {
	if len(id) > maxID {
		return l, false
	}
	return lists.Get(r, sdk.K(id))
}
