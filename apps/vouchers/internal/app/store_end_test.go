package app

import (
	"slices"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// everythingBack returns what customers have, in an order and at tills of chance: what
// waits for something else comes back after it. A card that was spent on what then came
// back for cash stays sold, so that only refunds by rule always bring everything back.
func (r *retailer) everythingBack(rt *rapid.T) bool {
	for len(r.web) > 0 {
		r.refundOnline(rt)
	}
	for _, p := range r.cards {
		if p.blocked && !p.over {
			sdktest.Do(rt, r.env, vouchers.Unblock, vouchers.BlockIn{Card: p.id})
			p.blocked = false
		}
	}
	for waiting := rapid.Permutation(indexes(len(r.bills))).Draw(rt, "order"); len(waiting) > 0; {
		before := len(waiting)
		waiting = slices.DeleteFunc(waiting, func(i int) bool { return r.allBack(rt, r.bills[i]) })
		if len(waiting) == before && !r.byRule {
			return false
		}
		if len(waiting) == before {
			rt.Fatalf("%d sales cannot come back, the first is %+v", len(waiting), r.bills[waiting[0]])
		}
	}
	return true
}

// allBack returns the rest of a sale, unless that has to wait.
func (r *retailer) allBack(rt *rapid.T, b *bill) bool {
	at := r.place(rt)
	in := till.ReturnIn{Receipt: b.ID, Store: at.store, Till: at.till, Cashier: "x", Reason: "all"}
	for _, l := range b.Lines {
		if n := b.left[l.ID]; n > 0 {
			in.Lines = append(in.Lines, till.ReturnLine{Line: l.ID, Quantity: n})
		}
	}
	if len(in.Lines) == 0 {
		return true
	}
	d, err := sdktest.Run(r.env, till.Return, in)
	if !r.refusable(rt, b, err) {
		return false
	}
	r.wrote(rt, &d)
	return true
}

// nothingIsLeft compares every ledger with what it was before anything was sold.
func (r *retailer) nothingIsLeft(rt *rapid.T) {
	var money retail.Money
	for kind, left := range r.money {
		if money += left; r.byRule && left != 0 {
			rt.Fatalf("%d of %s is left of %v", left, kind, r.money)
		}
	}
	if r.total != 0 || money != r.rounding || r.spent != 0 || r.uses() != 0 {
		rt.Fatalf("left: total %d, money %d, rounding %d, budget %d, uses %d", r.total, money, r.rounding, r.spent, r.uses())
	}
	for rate, left := range r.vat {
		if left != [2]retail.Money{} {
			rt.Fatalf("at %d %v is left", rate, left)
		}
	}
	for _, sku := range wares {
		if r.outside[sku] != 0 {
			rt.Fatalf("customers have %v", r.outside)
		}
	}
	for _, code := range r.coupons {
		if out, err := sdktest.Call(r.env, pricing.ValidateCode, pricing.ValidateIn{Code: code, Store: "MI-01"}); err != nil || !out.Valid {
			rt.Fatalf("the coupon is used: %+v, %v", out, err)
		}
	}
	for _, p := range r.cards {
		if len(p.loads) > 0 || p.first != "" && !p.over {
			rt.Fatalf("still sold: %+v", p)
		}
	}
}

// addsUp has each app verify its ledgers, page by page.
func (r *retailer) addsUp(rt *rapid.T) {
	r.agrees(rt)
	sound(rt, r.env)
	var checked int64
	for cursor := ""; ; {
		out, err := sdktest.Call(r.env, till.Verify, till.VerifyIn{Cursor: cursor})
		if err != nil || len(out.Faults) > 0 {
			rt.Fatalf("%v, %+v", err, out.Faults)
		}
		checked += out.Checked
		if cursor = out.Cursor; cursor == "" {
			break
		}
	}
	for cursor := ""; ; {
		out, err := sdktest.Call(r.env, stock.Verify, stock.VerifyIn{Cursor: cursor})
		if err != nil || len(out.Faults) > 0 {
			rt.Fatalf("%v, %+v", err, out.Faults)
		}
		if cursor = out.Cursor; cursor == "" {
			break
		}
	}
	if checked != r.written {
		rt.Fatalf("%d documents are well of %d", checked, r.written)
	}
}
