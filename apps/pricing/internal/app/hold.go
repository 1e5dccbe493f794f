package app

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// holds holds what is held, and what was sold, by document. It changes in one
// transaction with the counters, so that nothing is given back twice and nothing stays
// used that nobody holds.
var holds = sdk.Collection[hold]{Name: "holds", Key: []string{"id"}, Expires: "until", Subject: "customer"}

// hold is one of them.
type hold struct {
	ID       string            `json:"id"`
	State    pricing.HoldState `json:"state"`
	Sold     bool              `json:"sold,omitempty"` // it was confirmed, whatever came then
	Store    retail.StoreID    `json:"store"`
	Zone     retail.Zone       `json:"zone"` // of the store
	Customer retail.CustomerID `json:"customer,omitempty"`
	Basket   string            `json:"basket"` // fingerprint of it
	Uses     []use             `json:"uses,omitempty"`
	Expires  retail.Instant    `json:"expires,omitempty"` // from when on it is given back; 0 of what was sold
	Until    retail.Instant    `json:"until"`             // that it is kept
	Sale     *pricing.Sale     `json:"sale,omitempty"`    // that confirming records; nil once it is
}

// heldQuotes holds the answers to those who may hold a basket again and must be told
// the same.
var heldQuotes = sdk.Collection[heldQuote]{Name: "held_quotes", Key: []string{"id"}, Expires: "until"}

// heldQuote is one of them.
type heldQuote struct {
	ID    string           `json:"id"`
	Quote pricing.QuoteOut `json:"quote"`
	Until retail.Instant   `json:"until"`
}

// holdExpiry gives back what nobody has confirmed.
var holdExpiry = sdk.Timer[pricing.HoldID]{Name: "hold_expiry"}

const (
	aMinute    = 60 * 1000
	maxMinutes = 24 * 60
	aDay       = 24 * 60 * aMinute
	maxHoldID  = 128
)

// holdBasket prices a basket and holds what the price depends on.
func holdBasket(tx *sdk.Tx, in pricing.HoldIn) (out pricing.HoldOut, err error) {
	if err = checkHold(tx, &in); err != nil {
		return out, err
	}
	basket := fingerprint(&in.Basket)
	if old, there := holds.Get(tx, sdk.K(in.ID)); there && (old.Sold || old.State == pricing.Held) {
		return heldAgain(tx, &old, basket)
	}
	b, err := prepare(tx, in.Basket)
	if err != nil {
		return out, inBasket(err)
	}
	uses, err := b.take(tx, &out.Quote)
	if err != nil {
		return out, err
	}
	if in.Expect != nil && *in.Expect != out.Quote.Total {
		return out, quoteChanged(*in.Expect, &out.Quote)
	}
	if in.Basket.Token != "" && b.promised.total != out.Quote.Total {
		return out, quoteChanged(b.promised.total, &out.Quote)
	}
	b.mask(&out.Quote)
	h := hold{
		ID: in.ID, State: pricing.Held, Store: in.Basket.Store, Zone: b.store.Zone, Customer: in.Basket.Customer,
		Basket: basket, Uses: uses, Sale: b.sale(in.ID, &out.Quote), Until: keptUntil(tx),
		Expires: tx.Now() + retail.Instant(cmp.Or(in.Minutes, 15))*aMinute,
	}
	if err = remember(tx, &in, heldQuote{ID: in.ID, Quote: out.Quote, Until: h.Expires + aDay}); err != nil {
		return out, err
	}
	if in.Sale {
		return out, h.confirm(tx)
	}
	out.Expires = h.Expires
	if err = holdExpiry.Schedule(tx, h.ID, h.Expires, pricing.HoldID{ID: h.ID}); err != nil {
		return out, err
	}
	return out, holds.Put(tx, h)
}

func checkHold(tx *sdk.Tx, in *pricing.HoldIn) error {
	switch {
	case in.ID == "" || len(in.ID) > maxHoldID || strings.ContainsRune(in.ID, 0):
		return sdk.Invalid("/id", "id", "A document has an id of 1 to 128 characters.")
	case in.Minutes < 0 || in.Minutes > maxMinutes:
		return sdk.Invalid("/minutes", "minutes", "A basket is held for 1 to 1,440 minutes.")
	case !reachOf(tx).sees([]retail.StoreID{in.Basket.Store}):
		return otherStore("/basket/store")
	}
	return nil
}

// heldAgain answers who holds the same basket again as before.
func heldAgain(tx *sdk.Tx, h *hold, basket string) (out pricing.HoldOut, err error) {
	kept, there := heldQuotes.Get(tx, sdk.K(h.ID))
	if !there || h.Basket != basket || h.State == pricing.Released {
		return out, sdk.Fail(sdk.CodeConflict, "hold", "This document is held with another basket, or was sold.")
	}
	return pricing.HoldOut{Quote: kept.Quote, Expires: h.Expires}, nil
}

// remember keeps the answer for who holds the basket again. An app that sells writes
// a document of its own in the same transaction and never asks twice.
func remember(tx *sdk.Tx, in *pricing.HoldIn, q heldQuote) error {
	if in.Sale && tx.Info().Caller != "" {
		return nil
	}
	if err := heldQuotes.Put(tx, q); sdk.CodeOf(err) != sdk.CodeTooLarge {
		return err
	}
	return nil // some hundred lines: holding it again is refused then, and changes nothing
}

// inBasket leads the pointer of an error of a quote to where the basket stands.
func inBasket(err error) error {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Pointer == "" || e.App != "" && !strings.HasPrefix(e.Pointer, "/lines") && !strings.HasPrefix(e.Pointer, "/store") {
		return err
	}
	own := *e
	own.Pointer = "/basket" + e.Pointer
	return &own
}

func confirmHold(tx *sdk.Tx, in pricing.HoldID) (pricing.Hold, error) {
	h, err := heldBy(tx, in.ID)
	switch {
	case err != nil:
		return pricing.Hold{}, err
	case h.State == pricing.Released:
		return pricing.Hold{}, sdk.Fail(sdk.CodeConflict, "released", "This was given back: hold it again.")
	case h.State == pricing.Held:
		if err = holdExpiry.Cancel(tx, h.ID); err == nil {
			err = h.confirm(tx)
		}
	}
	return h.shown(), err
}

// confirm makes a hold final and records the sale.
func (h *hold) confirm(tx *sdk.Tx) error {
	h.State, h.Sold, h.Expires, h.Until = pricing.Confirmed, true, 0, keptUntil(tx)
	for i := range h.Uses {
		if u := &h.Uses[i]; u.redeems(h.Uses[:i]) {
			if err := pricing.CouponRedeemed.Emit(tx, u.Use); err != nil {
				return err
			}
		}
	}
	h.Sale.At = tx.Now()
	if err := record(tx, h.Zone, *h.Sale); err != nil {
		return err
	}
	h.Sale = nil
	return holds.Put(tx, *h)
}

func releaseHold(tx *sdk.Tx, in pricing.HoldID) (pricing.Hold, error) {
	h, err := heldBy(tx, in.ID)
	if err != nil {
		return pricing.Hold{}, err
	}
	switch h.State {
	case pricing.Held:
		err = holdExpiry.Cancel(tx, h.ID)
	case pricing.Confirmed:
		err = recordVoid(tx, &h)
	}
	if err == nil {
		err = h.release(tx)
	}
	return h.shown(), err
}

// expire gives back what nobody has confirmed in time.
func expire(tx *sdk.Tx, in pricing.HoldID) error {
	h, there := holds.Get(tx, sdk.K(in.ID))
	if !there || h.State != pricing.Held {
		return nil
	}
	return h.release(tx)
}

// release gives back what is held, or what was used and may come back, and what was
// not given back yet. Once released, there is nothing left.
func (h *hold) release(tx *sdk.Tx) error {
	if h.State == pricing.Released {
		return nil
	}
	sold := h.State == pricing.Confirmed
	for i := range h.Uses {
		u := &h.Uses[i]
		if err := u.giveBack(tx, h.Uses[:i], sold); err != nil {
			return err
		}
		if sold && u.redeems(h.Uses[:i]) {
			if err := pricing.CouponReleased.Emit(tx, u.Use); err != nil {
				return err
			}
		}
	}
	h.State, h.Expires, h.Sale = pricing.Released, 0, nil
	return holds.Put(tx, *h)
}

// heldBy is the hold of a document.
func heldBy(r sdk.Reader, id string) (hold, error) {
	h, there := holds.Get(r, sdk.K(id))
	if !there {
		return h, sdk.NotFound("hold", "Nothing is held for this document.")
	}
	if !reachOf(r).sees([]retail.StoreID{h.Store}) {
		return h, otherStore("/id")
	}
	return h, nil
}

func getHold(v *sdk.View, in pricing.HoldID) (pricing.Hold, error) {
	h, err := heldBy(v, in.ID)
	return h.shown(), err
}

// shown is the hold as others see it.
func (h *hold) shown() pricing.Hold {
	out := pricing.Hold{ID: h.ID, State: h.State, Expires: h.Expires}
	for i := range h.Uses {
		out.Uses = append(out.Uses, h.Uses[i].Use)
	}
	return out
}

// fingerprint tells two baskets apart. It guards against mistakes, not against who
// looks for two that have the same.
func fingerprint(in *pricing.QuoteIn) string {
	var all strings.Builder
	text := func(values ...string) {
		for _, v := range values {
			all.WriteString(strconv.Itoa(len(v)) + ":" + v)
		}
	}
	number := func(v int64) { text(strconv.FormatInt(v, 10)) }
	optional := func(v *int64) {
		if v == nil {
			text("")
		} else {
			number(*v)
		}
	}
	text(string(in.Store), string(in.Channel), string(in.Customer), in.Tier)
	number(int64(in.At))
	optional(in.PastOrders)
	number(int64(len(in.CustomerGroups)))
	text(in.CustomerGroups...)
	number(int64(len(in.Codes)))
	text(in.Codes...)
	for _, l := range in.Lines {
		text("line", l.ID, string(l.SKU))
		number(int64(l.Quantity))
		optional((*int64)(l.PriceOverride))
	}
	for _, s := range in.Shipping {
		text("shipping", s.ID, s.Method)
		number(int64(s.Amount))
		number(int64(s.VATRate))
	}
	return key.Basket(all.String())
}
