package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func takeBack(tx *sdk.Tx, in stock.TakeBackIn) (stock.Movement, error) {
	reason := cmp.Or(in.Reason, stock.Return)
	if reason != stock.Return && reason != stock.Void {
		return stock.Movement{}, sdk.Invalid("/reason", "reason", "goods come back by return or void")
	}
	list := make([]ledger.Amount, len(in.Lines))
	for i, l := range in.Lines {
		list[i] = ledger.Amount{SKU: l.SKU, Fate: l.Quarantine, Quantity: l.Quantity}
	}
	lines, err := merged(list)
	if err != nil {
		return stock.Movement{}, err
	}
	var to [2]stock.Place // floor, quarantine
	for i, kind := range [...]stock.PlaceKind{stock.Floor, stock.Quarantine} {
		if slices.ContainsFunc(lines, func(a ledger.Amount) bool { return a.Fate == (i == 1) }) {
			if to[i], err = role(tx, in.Store, kind); err != nil {
				return stock.Movement{}, err
			}
		}
	}
	about := &to[0]
	if about.ID == "" {
		about = &to[1]
	}
	p, err := newPosting(tx, about, reason, in.Document, in.At)
	if err != nil {
		return stock.Movement{}, err
	}
	p.once = true
	for _, l := range lines {
		place := to[0].ID
		if l.Fate {
			place = to[1].ID
		}
		p.add(stock.Customer, place, l.SKU, l.Quantity)
	}
	return p.post(tx)
}

func receive(tx *sdk.Tx, in stock.ReceiveIn) (stock.Movement, error) {
	lines, err := merged(amounts(in.Lines))
	if err != nil {
		return stock.Movement{}, err
	}
	to, err := open(tx, in.To, "/to")
	if err != nil {
		return stock.Movement{}, err
	}
	if err = goodsOf(tx, lines, in.Lines); err != nil {
		return stock.Movement{}, err
	}
	p, err := newPosting(tx, &to, stock.Receipt, in.Document, in.At)
	if err != nil {
		return stock.Movement{}, err
	}
	for _, l := range lines {
		p.add(stock.Supplier, to.ID, l.SKU, l.Quantity)
	}
	return p.post(tx)
}

func move(tx *sdk.Tx, in stock.MoveIn) (stock.Movement, error) {
	lines, err := merged(amounts(in.Lines))
	if err != nil {
		return stock.Movement{}, err
	}
	about, err := ends(tx, &in)
	if err != nil {
		return stock.Movement{}, err
	}
	if err = goodsOf(tx, lines, in.Lines); err != nil {
		return stock.Movement{}, err
	}
	p, err := newPosting(tx, &about, in.Reason, in.Document, in.At)
	if err != nil {
		return stock.Movement{}, err
	}
	p.short = func(e *stock.Entry) error {
		if ledger.Happened(in.Reason) && onHand(tx, e.From, e.SKU) >= e.Quantity {
			return nil // it is gone, whoever waits for it
		}
		i := slices.IndexFunc(in.Lines, func(l stock.Line) bool { return l.SKU == e.SKU })
		return notOnHand(e.From, e.SKU, i)
	}
	for _, l := range lines {
		p.add(in.From, in.To, l.SKU, l.Quantity)
	}
	return p.post(tx)
}

func notOnHand(place stock.PlaceID, sku retail.SKU, i int) error {
	e := sdk.Fail(sdk.CodeExhausted, "on_hand", "place "+string(place)+" has not enough of SKU "+string(sku)+" that is not reserved")
	e.Pointer, e.Fields = line(i)+"/quantity", []sdk.Field{sdk.Text("sku", sku), sdk.Text("place", place)}
	return e
}

// ends checks both places of a movement by hand and answers the one that it is
// about.
func ends(r sdk.Reader, in *stock.MoveIn) (about stock.Place, err error) {
	if in.From == in.To {
		return about, sdk.Invalid("/to", "same_place", "goods move from one place to another")
	}
	if !ledger.Allowed(in.Reason, in.From, in.To) {
		return about, sdk.Invalid("/reason", "reason", "goods do not move from "+string(in.From)+" to "+string(in.To)+" for this reason")
	}
	if !virtual(in.To) {
		if about, err = open(r, in.To, "/to"); err != nil {
			return about, err
		}
	}
	if !virtual(in.From) {
		about, err = place(r, in.From, "/from")
	}
	return about, err
}

func count(tx *sdk.Tx, in stock.CountIn) (stock.CountOut, error) {
	var out stock.CountOut
	list, err := counted(in.Lines)
	if err != nil {
		return out, err
	}
	about, err := place(tx, in.Place, "/place")
	if err != nil {
		return out, err
	}
	if err = notCounting(tx, in.Place); err != nil {
		return out, err
	}
	if err = countable(tx, list, in.Lines); err != nil {
		return out, err
	}
	p, err := newPosting(tx, &about, stock.Counted, in.Document, 0)
	if err != nil {
		return out, err
	}
	for _, c := range list {
		expected := onHand(tx, about.ID, c.SKU)
		if expected == c.Actual {
			continue
		}
		out.Differences = append(out.Differences, stock.Difference{SKU: c.SKU, Expected: expected, Actual: c.Actual})
		if expected < c.Actual {
			p.add(stock.Adjustment, about.ID, c.SKU, c.Actual-expected)
		} else {
			p.add(about.ID, stock.Adjustment, c.SKU, expected-c.Actual)
		}
	}
	out.Movement, err = p.post(tx)
	return out, err
}

// countable is goods for what was counted.
func countable(r sdk.Reader, list, lines []stock.Counting) error {
	skus := make([]retail.SKU, len(list))
	for i, c := range list {
		skus[i] = c.SKU
	}
	return goods(r, skus, func(sku retail.SKU) int {
		return slices.IndexFunc(lines, func(c stock.Counting) bool { return c.SKU == sku })
	})
}

// counted checks and sorts what was counted.
func counted(lines []stock.Counting) ([]stock.Counting, error) {
	for i, c := range lines {
		if c.SKU == "" || len(c.SKU) > 256 {
			return nil, sdk.Invalid(line(i)+"/sku", "sku", ledger.ErrSKU.Error())
		}
		if !ledger.Countable(c.Actual) {
			return nil, sdk.Invalid(line(i)+"/actual", "quantity", "a count is zero or more")
		}
		if slices.ContainsFunc(lines[:i], func(o stock.Counting) bool { return o.SKU == c.SKU }) {
			return nil, sdk.Invalid(line(i)+"/sku", "lines", "SKU "+string(c.SKU)+" stands twice")
		}
	}
	switch {
	case len(lines) == 0:
		return nil, sdk.Invalid("/lines", "lines", "there are no lines")
	case len(lines) > stock.MaxLines:
		return nil, tooManyLines()
	}
	list := slices.Clone(lines)
	slices.SortFunc(list, func(a, b stock.Counting) int { return cmp.Compare(a.SKU, b.SKU) })
	return list, nil
}
