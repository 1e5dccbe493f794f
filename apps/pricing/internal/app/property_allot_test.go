package app

import (
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// away is a till that holds slips and sells by them.
type away struct {
	*counting
	slips []*slipHeld
	told  []pricing.TakeOverIn // that were taken over
}

type slipHeld struct {
	a      pricing.Allotted
	coupon string
	uses   int64        // left
	amount retail.Money // left
	open   bool
}

// Whatever tills take with them, sell by it, tell twice, tell too late or never, beside
// others that hold and sell: counters are what is held and what tills may still use, and no
// limit is passed.
func TestCountersAreWhatTillsHoldToo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := away{counting: newCounting(t, rt)}
		actions := map[string]func(*rapid.T){
			"hold": c.hold, "release": c.release, "return": c.takeBack, "wait": c.wait, "allot": c.allot, "sell": c.sell, "again": c.again,
			"settle": c.settle, "days": c.days, "conflict": func(*rapid.T) { c.env.Faults.Conflict(2) },
		}
		rt.Repeat(withCheck(actions, func(rt *rapid.T) { c.check(rt) }))
	})
}

func (c *away) allot(rt *rapid.T) {
	p := pricing.AllotPart{
		Promotion: "p", Uses: rapid.Int64Range(0, 3).Draw(rt, "uses"), Amount: retail.Money(rapid.Int64Range(0, 1000).Draw(rt, "amount")),
		Code: rapid.SampledFrom([]string{"", c.coupons[0], c.coupons[1]}).Draw(rt, "code"),
	}
	out, err := sdktest.Run(c.env, pricing.Allot, aPart(p))
	if err == nil {
		c.slips = append(c.slips, &slipHeld{a: out.Parts[0], coupon: p.Code, uses: p.Uses, amount: p.Amount, open: true})
		return
	}
	if code := sdk.CodeOf(err); code != sdk.CodeExhausted && code != sdk.CodeInvalid {
		rt.Fatal(err)
	}
}

func (c *away) sell(rt *rapid.T) {
	if len(c.slips) == 0 {
		return
	}
	s := rapid.SampledFrom(c.slips).Draw(rt, "slip")
	units := retail.Quantity(rapid.Int64Range(1, 3).Draw(rt, "units"))
	c.next++
	h := &held{amount: 100 * retail.Money(units), store: "MI-01", sold: true, left: units, coupon: s.coupon}
	h.customer = rapid.SampledFrom([]retail.CustomerID{"ada", "bea", ""}).Draw(rt, "customer")
	if h.coupon == "" {
		h.coupon = "ALL"
	}
	in := late(c.env, strconv.Itoa(c.next), "p", h.amount, s.a.Slip)
	in.Codes, in.Sale.Customer = []string{h.coupon}, h.customer
	limits := s.a.Allotment
	fits := s.open && c.env.Now() < limits.Until && (limits.Uses == 0 || s.uses > 0) && (limits.Amount == 0 || s.amount >= h.amount)
	covered := fits || h.coupon == "ALL" && c.limits.Uses == 0 && c.limits.Budget == 0 && c.limits.BudgetPerStore == 0 // none is needed
	_, err := sdktest.Run(c.env, pricing.TakeOver, in)
	if err != nil {
		if covered && c.limits.UsesPerCustomer == 0 || sdk.ReasonOf(err) != "not_covered" {
			rt.Fatalf("fits: %v, %v", fits, err)
		}
		c.shut[in.Sale.Document] = true
		return
	}
	if !covered {
		rt.Fatalf("sold by a slip that does not cover it: %+v", s)
	}
	c.told, c.open[in.Sale.Document] = append(c.told, in), h
	if !fits {
		return
	}
	if limits.Uses > 0 {
		s.uses--
	}
	if limits.Amount > 0 {
		s.amount -= h.amount
	}
}

// again tells once more of what was told.
func (c *away) again(rt *rapid.T) {
	if len(c.told) == 0 {
		return
	}
	_, err := sdktest.Run(c.env, pricing.TakeOver, rapid.SampledFrom(c.told).Draw(rt, "told"))
	if sdk.ReasonOf(err) != "hold" {
		rt.Fatal(err)
	}
}

func (c *away) settle(rt *rapid.T) {
	if len(c.slips) == 0 {
		return
	}
	s := rapid.SampledFrom(c.slips).Draw(rt, "slip")
	if _, err := sdktest.Run(c.env, pricing.Settle, pricing.SettleIn{Allotment: s.a.Allotment.ID}); err != nil {
		rt.Fatal(err)
	}
	s.open = false
}

// days pass, so that slips end.
func (c *away) days(rt *rapid.T) {
	if err := c.env.Advance(48 * time.Hour); err != nil {
		rt.Fatal(err)
	}
	for id, h := range c.open {
		if !h.sold {
			delete(c.open, id)
		}
	}
	for _, s := range c.slips {
		s.open = s.open && c.env.Now() < s.a.Allotment.Ends
	}
}

// check is that of what is held, with what tills may still use.
func (c *away) check(rt *rapid.T) {
	extra := map[string]*held{}
	for i, s := range c.slips {
		if s.open {
			extra["slip "+strconv.Itoa(i)] = &held{amount: s.amount, store: "MI-01"}
		}
	}
	c.compare(rt, extra, func(coupon string) (uses int64) {
		for _, s := range c.slips {
			if s.open && (coupon == "" || s.coupon == coupon) {
				uses += s.uses
			}
		}
		return uses
	})
}
