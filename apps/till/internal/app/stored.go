package app

import (
	"errors"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// storedIn begins a question about stored value.
func storedIn(r *till.Receipt) till.StoredIn {
	in := till.StoredIn{
		Receipt: r.ID, Original: r.Original, Store: r.Store, Till: r.Till, Entity: r.Entity, Channel: r.Channel,
		Customer: r.Customer, Currency: r.Currency,
	}
	for _, t := range r.Tenders {
		in.Tenders = append(in.Tenders, t.Type)
	}
	return in
}

// putValue puts value on the gift cards of a sale. Lines are those of the basket, which
// the first of the document stand for.
func putValue(tx *sdk.Tx, r *till.Receipt, lines []till.Line) error {
	in := storedIn(r)
	var places []int
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Goods.Kind != catalog.GiftCard {
			continue
		}
		is := till.StoredLine{Line: l.ID, SKU: l.SKU, Quantity: l.Quantity, Amount: l.Total, VATRate: l.Goods.VATRate}
		if i < len(lines) {
			is.Code = lines[i].Code
		}
		in.Lines, places = append(in.Lines, is), append(places, i)
	}
	if len(places) == 0 {
		return nil
	}
	out, err := till.StoredValue.One(tx, string(catalog.GiftCard), in)
	if err != nil {
		return atLine(err, places)
	}
	for _, card := range out.Lines {
		for _, i := range places {
			if r.Lines[i].ID == card.Line {
				r.Lines[i].Stored = card.Reference
				if card.Code != "" {
					r.Printed = append(r.Printed, till.Printed{Type: string(catalog.GiftCard), Reference: card.Reference, Code: card.Code, Expires: card.Expires})
				}
			}
		}
	}
	return nil
}

// takeValue takes the value off gift cards that come back: the filler refuses if some of
// it is spent. Lines of a sale from before there were cards have none.
func takeValue(tx *sdk.Tx, r *till.Receipt) error {
	in := storedIn(r)
	in.Undo = true
	var places []int
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Goods.Kind != catalog.GiftCard || l.Stored == "" || l.Quantity == 0 {
			continue
		}
		in.Lines = append(in.Lines, till.StoredLine{
			Line: l.ID, SKU: l.SKU, Quantity: -l.Quantity, Amount: -l.Total, VATRate: l.Goods.VATRate, Reference: l.Stored,
		})
		places = append(places, i)
	}
	if len(places) == 0 {
		return nil
	}
	_, err := till.StoredValue.One(tx, string(catalog.GiftCard), in)
	return atLine(err, places)
}

// atLine says which line of ours an error about stored value is about.
func atLine(err error, places []int) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return err
	}
	own := *e
	if e.Reason == "filler" {
		own = *sdk.FailedPrecondition("stored_value", "No app puts value on gift cards: nobody could redeem this one.")
		own.Pointer = line(places[0]) + "/sku"
		return &own
	}
	rest, ok := strings.CutPrefix(e.Pointer, "/lines/")
	number, field, _ := strings.Cut(rest, "/")
	if n, bad := strconv.Atoi(number); ok && bad == nil && n >= 0 && n < len(places) {
		own.Pointer = strings.TrimSuffix(line(places[n])+"/"+field, "/")
	}
	return &own
}
