package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func day(v *sdk.View, in till.DayIn) (till.DayOut, error) {
	out := till.DayOut{Store: in.Store, Day: in.Day}
	if in.Store == "" {
		return out, sdk.Invalid("/store", "store", "A day is one of a store.")
	}
	if in.Day.Valid() != nil {
		return out, sdk.Invalid("/day", "day", "A day is written YYYY-MM-DD.")
	}
	for r := range receipts.Scan(v, dayScan(in.Store, in.Day)) {
		addDocument(totalOf(&out.Totals, r.Currency), &r)
		if r.Number > 0 {
			addNumber(at(&out.Tills, func(t till.DayTill) int { return cmp.Compare(t.Till, r.Till) }, till.DayTill{Till: r.Till}), r.Number)
		}
	}
	return out, nil
}

// addDocument adds one document to the totals of its currency.
func addDocument(d *till.DayTotal, r *till.Receipt) {
	kind := at(&d.Kinds, func(k till.DayKind) int { return cmp.Compare(k.Kind, r.Kind) }, till.DayKind{Kind: r.Kind})
	kind.Count++
	kind.Total += r.Total
	d.Discount, d.Total, d.Rounding = d.Discount+r.Discount, d.Total+r.Total, d.Rounding+r.Rounding
	for _, t := range r.Tenders {
		addTender(d, t.Type, t.Amount)
	}
	if r.Change != 0 {
		addTender(d, till.Cash, -r.Change)
	}
	for i := range r.Lines {
		addDepartment(d, r.Lines[i].Goods.Category, r.Lines[i].Total)
	}
	for _, s := range r.VAT {
		addVAT(&d.VAT, s)
	}
	for _, s := range r.VATPaid {
		addVAT(&d.VATPaid, s)
	}
}

func addVAT(to *[]retail.VATShare, s retail.VATShare) {
	v := at(to, func(v retail.VATShare) int { return cmp.Compare(v.Rate, s.Rate) }, retail.VATShare{Rate: s.Rate})
	v.Gross, v.Net, v.VAT = v.Gross+s.Gross, v.Net+s.Net, v.VAT+s.VAT
}

func addDepartment(d *till.DayTotal, name string, total retail.Money) {
	at(&d.Departments, func(o till.DayDepartment) int { return cmp.Compare(o.Department, name) }, till.DayDepartment{Department: name}).Total += total
}

func addTender(d *till.DayTotal, kind string, amount retail.Money) {
	at(&d.Tenders, func(t till.DayTender) int { return cmp.Compare(t.Type, kind) }, till.DayTender{Type: kind}).Amount += amount
}

func addNumber(t *till.DayTill, number int64) {
	t.Count++
	t.Last = max(t.Last, number)
	if t.First == 0 || number < t.First {
		t.First = number
	}
}

// at finds an element of a sorted list by how it compares, and inserts zero
// where there is none.
func at[T any](list *[]T, compare func(T) int, zero T) *T {
	i, ok := slices.BinarySearchFunc(*list, 0, func(e T, _ int) int { return compare(e) })
	if !ok {
		*list = slices.Insert(*list, i, zero)
	}
	return &(*list)[i]
}
