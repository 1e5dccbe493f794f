package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// booked is what verification keeps of a document.
type booked struct {
	kind  string
	goods bool // it moves some
	// cards is what it says that moves on cards, in minor units: what it puts on those that
	// it sells, less what it takes off those that pay it.
	cards int64
}

// paidByCard are the tenders that a card stands behind.
var paidByCard = []string{"gift_card", "voucher", "return_voucher", "store_credit"}

// writtenReceipt is what verification reads of one.
type writtenReceipt struct {
	Kind  string
	Lines []struct {
		Stored          string
		Quantity, Total int64
		Goods           struct{ Kind string }
	}
	Tenders []struct {
		Type   string
		Amount int64
	}
}

func (r *writtenReceipt) booked() booked {
	d := booked{kind: r.Kind}
	for _, l := range r.Lines {
		d.goods = d.goods || l.Quantity != 0 && l.Goods.Kind != "service" && l.Goods.Kind != "gift_card"
		if l.Stored != "" {
			d.cards += l.Total
		}
	}
	for _, t := range r.Tenders {
		if slices.Contains(paidByCard, t.Type) {
			d.cards -= t.Amount
		}
	}
	return d
}

// verifyCards has the ledgers of cards checked, where an app keeps any.
func verifyCards(ctx context.Context, c *client, v *verdict) error {
	type page struct {
		Checked int
		Faults  []struct {
			Card, Reason string
			Want, Got    int64
		}
		Cursor string
	}
	v.Cards = 0
	return optional(pages(ctx, c, "vouchers.verify", object{"limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		v.Cards += p.Checked
		for _, f := range p.Faults {
			v.fault("card %s: %s, want %d, got %d", f.Card, f.Reason, f.Want, f.Got)
		}
	}))
}

// optional is the error of a call, unless nobody answers it here: a shop may keep no stock
// and no cards.
func optional(err error) error {
	if unanswered(err) {
		return nil
	}
	return err
}

// unanswered says whether no enabled app has an operation.
func unanswered(err error) bool {
	p, ok := errors.AsType[*problem](err)
	return ok && p.Code == "not_found" && p.Reason == "operation"
}

// cardEntry is what verification reads of a line of a card's ledger.
type cardEntry struct {
	Type, Document string
	Number, Amount int64
}

// readCards adds up by document what moved on cards.
func (b *books) readCards(ctx context.Context, c *client, _ *verdict) error {
	type page struct {
		Cards  []struct{ ID string }
		Cursor string
	}
	var cards []string
	err := optional(pages(ctx, c, "vouchers.cards", object{"limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		for _, card := range p.Cards {
			cards = append(cards, card.ID)
		}
	}))
	if err != nil {
		return err
	}
	for _, card := range cards {
		if err := b.readEntries(ctx, c, card); err != nil {
			return err
		}
	}
	return nil
}

func (b *books) readEntries(ctx context.Context, c *client, card string) error {
	type page struct {
		Entries []cardEntry
		Cursor  string
	}
	return pages(ctx, c, "vouchers.entries", object{"card": card, "limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		for _, e := range p.Entries {
			id := fmt.Sprintf("%s of %s, entry %d", e.Type, card, e.Number)
			if e.Document != "" && e.Type != "expire" && !strings.HasPrefix(e.Type, "transfer") {
				b.entries[id], b.onCards[e.Document] = e.Document, b.onCards[e.Document]+e.Amount
			}
		}
	})
}

// compareCards holds what receipts say of cards against the ledgers of these. What other
// systems have put on cards or spent of them stands in no receipt: it is counted.
func (b *books) compareCards(v *verdict) {
	v.Entries, v.Elsewhere = len(b.entries), 0
	for id, d := range b.documents {
		if got := b.onCards[id]; got != d.cards && d.kind != "imported" {
			v.fault("the %s %s moved %d on cards, their ledgers say %d", d.kind, id, d.cards, got)
		}
	}
	for _, of := range b.entries {
		if _, ours := b.documents[of]; !ours {
			v.Elsewhere++
		}
	}
}
