package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// taking is a sale of a till that was cut off, on its way in.
type taking struct {
	tx    *sdk.Tx
	in    *pricing.TakeOverIn
	slips []allotment // each once, in the order they were named
	exact bool        // case of codes matters
	out   pricing.TakeOverOut
	uses  []use
}

// Why a promotion of a sale is not covered.
const (
	whySlip          = "slip"
	whyUses          = "uses"
	whyAmount        = "amount"
	whyClosed        = "closed"
	whyExpired       = "expired"
	whyCustomer      = "customer"
	whyCustomerLimit = "customer_limit"
	whyVersion       = "version"
)

// takeSale takes over what a till has sold, all of it or nothing: it is one operation.
func takeSale(tx *sdk.Tx, in pricing.TakeOverIn) (out pricing.TakeOverOut, err error) {
	if err := checkSale(tx, &in.Sale, "/sale"); err != nil {
		return out, err
	}
	if _, there := holds.Get(tx, sdk.K(in.Sale.Document)); there {
		return out, sdk.Fail(sdk.CodeConflict, "hold", "This document is known.")
	}
	if len(in.Slips) > pricing.MaxAllotted || len(in.Codes) > pricing.MaxCodes {
		return out, sdk.Invalid("/slips", "slips", "A sale names at most 50 slips and 20 codes.")
	}
	t := taking{tx: tx, in: &in, exact: settings.Get(tx).CodeCase == pricing.CaseExact}
	t.find()
	for _, did := range t.did() {
		if did.Amount < 0 {
			return out, sdk.Invalid("/sale/applied", "amount", "A promotion takes off nothing below zero.")
		}
		if err := t.cover(did); err != nil {
			return out, err
		}
	}
	if in.Try {
		return out, sdk.FailedPrecondition("tried", "Slips cover this sale.")
	}
	err = t.keep()
	return t.out, err
}

// find looks the slips up that are of this till.
func (t *taking) find() {
	for _, given := range t.in.Slips {
		a, ok := slipped(t.tx, given)
		if !ok || a.Store != t.in.Sale.Store || a.Till != t.in.Till {
			continue
		}
		if !slices.ContainsFunc(t.slips, func(o allotment) bool { return o.ID == a.ID }) {
			t.slips = append(t.slips, a)
		}
	}
}

// did is what each promotion took off the sale, each once, in their order.
func (t *taking) did() (all []pricing.Applied) {
	for _, a := range t.in.Sale.Applied {
		if a.Promotion == "" {
			continue
		}
		if at := slices.IndexFunc(all, func(o pricing.Applied) bool { return o.Promotion == a.Promotion }); at >= 0 {
			all[at].Amount += a.Amount
			continue
		}
		all = append(all, a)
	}
	return all
}

// cover counts what a promotion did: of a slip, or as of any sale.
func (t *taking) cover(did pricing.Applied) error {
	p, err := versionOf(t.tx, pricing.GetPromotionIn{ID: did.Promotion, Version: did.Version})
	if err != nil {
		return t.uncovered(did.Promotion, whyVersion)
	}
	u := use{Limits: p.Limits, Code: len(p.Codes)+len(p.Batches) > 0, Use: pricing.HeldUse{
		Promotion: p.ID, Version: p.Version, Amount: did.Amount, Customer: t.in.Sale.Customer, Store: t.in.Sale.Store,
	}}
	coupon := t.needsCoupon(&p, did.Code)
	at, why := t.slipFor(&p, did.Amount, coupon)
	switch {
	case at >= 0:
		if why = t.draw(&u, &t.slips[at]); why == "" {
			err = allotments.Put(t.tx, t.slips[at])
		}
	case p.Limits.Uses > 0 || p.Limits.Budget > 0 || p.Limits.BudgetPerStore > 0 || coupon:
	default:
		var ok bool
		if ok, err = takeUses(t.tx, []use{u}); ok {
			why = ""
		} else {
			why = whyCustomerLimit
		}
	}
	if err != nil {
		return err
	}
	if why != "" {
		return t.uncovered(did.Promotion, why)
	}
	t.uses = append(t.uses, u)
	return nil
}

// uncovered refuses the sale, or lets it pass.
func (t *taking) uncovered(promotion, why string) error {
	if t.in.Waive {
		t.out.Waived = append(t.out.Waived, promotion)
		return nil
	}
	e := sdk.FailedPrecondition("not_covered", "No slip of this till covers what "+promotion+" took off.")
	e.Pointer = "/slips"
	e.Fields = []sdk.Field{sdk.Text("promotion", promotion), sdk.Text("why", why)}
	return e
}

// needsCoupon says whether only a coupon can have brought a promotion: what all may use
// needs no slip of its own.
func (t *taking) needsCoupon(p *pricing.Promotion, brought string) bool {
	shared := func(given string) bool {
		folded := code.Fold(given, t.exact)
		return slices.ContainsFunc(p.Codes, func(c string) bool { return code.Fold(c, t.exact) == folded })
	}
	return len(p.Batches) > 0 && !shared(brought) && !slices.ContainsFunc(t.in.Codes, shared)
}

// slipFor finds a slip that covers what a promotion did, the first that does, or says why
// none does.
func (t *taking) slipFor(p *pricing.Promotion, amount retail.Money, coupon bool) (at int, why string) {
	why = whySlip
	for i := range t.slips {
		a := &t.slips[i]
		if a.Promotion != p.ID {
			continue
		}
		if why = a.refuses(t.in, amount); why == "" && coupon && a.Is.Coupon == "" {
			why = whySlip // it is of a code that all may use
		}
		if why == "" {
			return i, ""
		}
	}
	return -1, why
}

// refuses says why an allotment does not cover a sale, "" if it does.
func (a *allotment) refuses(in *pricing.TakeOverIn, amount retail.Money) string {
	switch {
	case a.Is.Closed != 0:
		return whyClosed
	case in.Sale.At >= a.Is.Until:
		return whyExpired
	case a.Customer != "" && a.Customer != in.Sale.Customer:
		return whyCustomer
	case a.Is.Uses > 0 && a.Is.UsesLeft == 0:
		return whyUses
	case a.money() && a.Is.AmountLeft < amount:
		return whyAmount
	}
	return ""
}

func (a *allotment) money() bool { return a.Is.Amount > 0 }

// draw takes what a promotion did from an allotment, whose counters have moved already, and
// moves those that have not: they have no bound, but for the one of the customer. It says
// why that does not go, "" if it does.
func (t *taking) draw(u *use, a *allotment) (why string) {
	u.Limits, u.Use.Coupon, u.Use.Batch, u.Uses, u.Keep = a.Limits, a.Is.Coupon, a.Is.Batch, a.Uses, a.Keep
	promotion, coupon := u.counted(t.uses)
	all := slices.Concat(promotion, coupon)
	if !a.money() {
		all = append(all, u.spends(u.Use.Amount)...)
	}
	if a.Is.Uses > 0 {
		all = slices.DeleteFunc(all, func(m move) bool { return m.counter == usesCounter || m.counter == couponUses })
	}
	if a.Is.Coupon != "" && len(coupon) == 0 { // the code has brought another promotion of this sale: it is used once
		all = append(all, move{couponUses, sdk.K(a.Is.Coupon), -1, sdk.NoMax})
	}
	var done []move
	for _, m := range all {
		if m.counter != customerUses {
			m.most = sdk.NoMax
		}
		if m.counter.Add(t.tx, m.key, m.by, sdk.NoMin, m.most) != nil {
			_ = moveBack(t.tx, done) // without bounds: it does not fail
			return whyCustomerLimit
		}
		done = append(done, m)
	}
	if a.Is.Uses > 0 {
		a.Is.UsesLeft--
	}
	if a.money() {
		a.Is.AmountLeft -= u.Use.Amount
	}
	return ""
}

// keep keeps the sale as one that was held and confirmed, so that what undoes it gives
// back what it used, and records it for back-tests and reports.
func (t *taking) keep() error {
	s := &t.in.Sale
	zone, err := zoneOf(t.tx, map[retail.StoreID]retail.Zone{}, s.Store)
	if err != nil {
		return err
	}
	for i := range t.uses {
		u := &t.uses[i]
		t.out.Uses = append(t.out.Uses, u.Use)
		if u.redeems(t.uses[:i]) {
			if err := pricing.CouponRedeemed.Emit(t.tx, u.Use); err != nil {
				return err
			}
		}
	}
	for _, c := range t.in.Codes {
		s.Codes = append(s.Codes, key.Coupon(code.Fold(c, t.exact)))
	}
	if err := record(t.tx, zone, *s); err != nil {
		return err
	}
	return holds.Put(t.tx, hold{
		ID: s.Document, State: pricing.Confirmed, Sold: true, Store: s.Store, Zone: zone, Customer: s.Customer,
		Uses: t.uses, Until: keptUntil(t.tx),
	})
}
