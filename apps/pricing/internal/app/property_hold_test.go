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

// held is what the model knows of a document.
type held struct {
	amount   retail.Money // that its promotion took off and is still used
	store    retail.StoreID
	customer retail.CustomerID
	coupon   string
	sold     bool
	left     retail.Quantity // units of it that are with the customer
	returns  int
}

// counting is a shop with one promotion under every limit, and what its counters must
// say.
type counting struct {
	env     *sdktest.Env
	limits  pricing.Limits
	coupons []string
	open    map[string]*held // that use something
	shut    map[string]bool  // that gave everything back
	next    int
}

// Whatever is held, sold, given back, returned, expires, runs twice or fails half way:
// counters are what is held, and no limit is passed.
func TestCountersAreWhatIsHeld(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := newCounting(t, rt)
		actions := map[string]func(*rapid.T){
			"hold": c.hold, "confirm": c.confirm, "release": c.release, "return": c.takeBack, "wait": c.wait,
			"conflict": func(*rapid.T) { c.env.Faults.Conflict(2) }, "fail": c.fail,
		}
		rt.Repeat(withCheck(actions, func(rt *rapid.T) { c.check(rt) }))
	})
}

func withCheck(actions map[string]func(*rapid.T), check func(*rapid.T)) map[string]func(*rapid.T) {
	actions[""] = check
	return actions
}

func newCounting(t *testing.T, rt *rapid.T) *counting {
	c := &counting{env: shop(t), open: map[string]*held{}, shut: map[string]bool{}}
	c.limits = pricing.Limits{
		Uses: rapid.Int64Range(0, 4).Draw(rt, "uses"), UsesPerCustomer: rapid.Int64Range(0, 2).Draw(rt, "per customer"),
		Budget:         retail.Money(rapid.Int64Range(0, 1500).Draw(rt, "budget")),
		BudgetPerStore: retail.Money(rapid.Int64Range(0, 1000).Draw(rt, "per store")),
	}
	if rapid.Bool().Draw(rt, "partial") {
		c.limits.Overrun = pricing.Partial
	}
	must(sdktest.Run(c.env, pricing.PutBatch, pricing.Batch{ID: "b", Name: "B", Uses: rapid.Int64Range(1, 2).Draw(rt, "coupon uses")}))(t)
	p := limited("p", c.limits)
	p.Batches, p.Codes = []string{"b"}, []string{"ALL"}
	goLive(t, c.env, p)
	drawn := must(sdktest.Run(c.env, pricing.Draw, pricing.DrawIn{Batch: "b", Count: 2}))(t)
	c.coupons = append(c.coupons, append(drawn.Codes, "ALL")...)
	return c
}

func (c *counting) hold(rt *rapid.T) {
	c.next++
	h := &held{
		store: rapid.SampledFrom([]retail.StoreID{"MI-01", "WEB"}).Draw(rt, "store"), sold: rapid.Bool().Draw(rt, "sold"),
		customer: rapid.SampledFrom([]retail.CustomerID{"ada", "bea", ""}).Draw(rt, "customer"),
		coupon:   rapid.SampledFrom(c.coupons).Draw(rt, "code"), left: retail.Quantity(rapid.Int64Range(1, 3).Draw(rt, "units")),
	}
	in := pricing.HoldIn{ID: strconv.Itoa(c.next), Sale: h.sold, Basket: pricing.QuoteIn{
		Store: h.store, Customer: h.customer, Codes: []string{h.coupon}, Lines: []pricing.QuoteLine{of("shirt", h.left)},
	}}
	quoted, err := sdktest.Call(c.env, pricing.Quote, in.Basket)
	if err != nil {
		return // the catalog is out of order
	}
	if rapid.Bool().Draw(rt, "expect") {
		in.Expect = &quoted.Total
	}
	out, err := sdktest.Run(c.env, pricing.HoldBasket, in)
	if err != nil || out.Quote.Total != quoted.Total {
		rt.Fatalf("held for %d, quoted %d: %v", out.Quote.Total, quoted.Total, err)
	}
	if h.amount = out.Quote.Discount; h.amount > 0 {
		c.open[in.ID] = h
	}
}

// some is a document that is sold, or held.
func (c *counting) some(rt *rapid.T, sold bool) (string, *held) {
	for n := range c.next {
		id := strconv.Itoa((n+rapid.IntRange(0, c.next).Draw(rt, "from"))%max(c.next, 1) + 1)
		if h := c.open[id]; h != nil && h.sold == sold {
			return id, h
		}
	}
	return "", nil
}

func (c *counting) confirm(rt *rapid.T) {
	if id, h := c.some(rt, false); h != nil {
		if _, err := sdktest.Run(c.env, pricing.Confirm, pricing.HoldID{ID: id}); err != nil {
			rt.Fatal(err)
		}
		h.sold = true
	}
}

func (c *counting) release(rt *rapid.T) {
	id, h := c.some(rt, rapid.Bool().Draw(rt, "sold"))
	if h == nil {
		return
	}
	for range rapid.IntRange(1, 2).Draw(rt, "times") {
		if _, err := sdktest.Run(c.env, pricing.Release, pricing.HoldID{ID: id}); err != nil {
			rt.Fatal(err)
		}
	}
	delete(c.open, id)
	c.shut[id] = true
}

// takeBack returns one unit of what was sold.
func (c *counting) takeBack(rt *rapid.T) {
	id, h := c.some(rt, true)
	if h == nil {
		return
	}
	part := h.amount / retail.Money(h.left)
	s := pricing.Sale{
		Document: id + "-" + strconv.Itoa(h.returns), Returns: id, Last: h.left == 1, At: c.env.Now(), Store: h.store,
		Lines:   []pricing.SaleLine{{SKU: "shirt", Quantity: -1, Per: 1}},
		Applied: []pricing.Applied{{Promotion: "p", Version: 1, Amount: -part}},
	}
	if _, err := sdktest.Run(c.env, pricing.RecordSales, pricing.RecordIn{Sales: []pricing.Sale{s, s}}); sdk.CodeOf(err) == sdk.CodeUnavailable {
		return
	} else if err != nil {
		rt.Fatal(err)
	}
	h.amount, h.left, h.returns = h.amount-part, h.left-1, h.returns+1
	if h.left == 0 {
		delete(c.open, id)
	}
}

// wait lets what nobody has confirmed expire.
func (c *counting) wait(rt *rapid.T) {
	if err := c.env.Advance(15 * time.Minute); err != nil {
		rt.Fatal(err)
	}
	for id, h := range c.open {
		if !h.sold {
			delete(c.open, id)
		}
	}
}

// fail breaks a call of another app in the middle of whatever comes next, or mends it.
func (c *counting) fail(rt *rapid.T) {
	if rapid.Bool().Draw(rt, "broken") {
		c.env.Faults.Fail("catalog.products", sdk.Fail(sdk.CodeUnavailable, "", ""))
	} else {
		c.env.Faults.Heal("catalog.products")
	}
}

// check compares counters with the model.
func (c *counting) check(rt *rapid.T) { c.compare(rt, nil, func(string) int64 { return 0 }) }

// compare compares counters with the model, and with what tills hold: money, and uses in
// all or of a coupon.
func (c *counting) compare(rt *rapid.T, money map[string]*held, holding func(coupon string) int64) {
	var spent, uses int64
	store, customer, coupon := map[retail.StoreID]int64{}, map[retail.CustomerID]int64{}, map[string]int64{}
	for _, h := range c.open {
		spent, uses = spent+int64(h.amount), uses+1
		store[h.store] += int64(h.amount)
		customer[h.customer]++
		coupon[h.coupon]++
	}
	for _, h := range money {
		spent += int64(h.amount)
		store[h.store] += int64(h.amount)
	}
	uses += holding("")
	same := func(what string, got, want, most int64) {
		if got != want || most > 0 && got > most {
			rt.Fatalf("%s: %d, want %d, at most %d", what, got, want, most)
		}
	}
	if err := c.env.View(func(v *sdk.View) error {
		same("uses", usesCounter.Get(v, sdk.K("p")), uses, c.limits.Uses)
		same("spent", spentCounter.Get(v, sdk.K("p")), spent, int64(c.limits.Budget))
		for _, s := range []retail.StoreID{"MI-01", "WEB"} {
			if c.limits.BudgetPerStore > 0 {
				same("spent in "+string(s), storeSpentCounter.Get(v, byStore("p", s)), store[s], int64(c.limits.BudgetPerStore))
			}
		}
		for _, who := range []retail.CustomerID{"ada", "bea"} {
			if c.limits.UsesPerCustomer > 0 {
				same("uses of "+string(who), customerUses.Get(v, byCustomer("p", who)), customer[who], c.limits.UsesPerCustomer)
			}
		}
		b, _ := batches.Get(v, sdk.K("b"))
		for _, code := range c.coupons[:2] {
			given := distinct([]string{code}, codePlace{shared: func(string) bool { return false }})
			same("uses of "+code, couponUses.Get(v, sdk.K(given[0].coupon)), coupon[code]+holding(code), usesOf(&b))
		}
		same("redeemed", couponsRedeemed.Get(v, sdk.K("b")), coupon[c.coupons[0]]+coupon[c.coupons[1]], 0)
		return nil
	}); err != nil {
		rt.Fatal(err)
	}
}
