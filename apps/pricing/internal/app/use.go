package app

import (
	"math"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// use is what a basket uses of one promotion, with what must be known to give it back.
type use struct {
	Use    pricing.HeldUse `json:"use"`
	Limits pricing.Limits  `json:"limits"`         // of the version that was used
	Code   bool            `json:"code,omitempty"` // a code brought it
	Uses   int64           `json:"uses,omitempty"` // that the coupon has in all
	Keep   bool            `json:"keep,omitempty"` // the use of the coupon stays used when the sale is cancelled
	Back   retail.Money    `json:"back,omitempty"` // of Use.Amount, given back with goods that came back
}

// move is one step of a counter, which may not lead beyond most.
type move struct {
	counter sdk.Counter
	key     sdk.Key
	by      int64
	most    int64
}

// take prices the basket and takes what the price depends on, or nothing and an
// error. It is priced as if budgets sufficed; if one does not, it is priced again with
// what is exactly left, and everything moves by what was read in this transaction.
func (b *basket) take(tx *sdk.Tx, q *pricing.QuoteOut) (uses []use, err error) {
	for _, exact := range []bool{false, true} {
		if *q, err = b.run(tx, exact); err != nil {
			return nil, inBasket(err)
		}
		uses = b.uses(q)
		if ok, err := takeUses(tx, uses); err != nil {
			return nil, err
		} else if ok {
			return uses, b.mark(tx, uses, q)
		}
	}
	return nil, sdk.Fail(sdk.CodeInternal, "hold", "A limit does not hold what it said.")
}

// uses is what a quote uses of promotions: of each that took something off or gave
// something else, once.
func (b *basket) uses(q *pricing.QuoteOut) (all []use) {
	for i := range b.cs {
		id := b.cs[i].Rule.ID
		var amount retail.Money
		took := false
		for _, a := range q.Applied {
			if a.Promotion == id {
				amount, took = amount+a.Amount, true
			}
		}
		if !took && !slices.ContainsFunc(q.Grants, func(g pricing.Grant) bool { return g.Promotion == id }) {
			continue
		}
		u := use{Limits: b.promos[i].Limits, Code: b.cs[i].Code != ""}
		u.Use = pricing.HeldUse{Promotion: id, Version: b.promos[i].Version, Amount: amount, Customer: b.in.Customer, Store: b.in.Store}
		if at := slices.IndexFunc(b.given, func(g givenCode) bool { return u.Code && g.code == b.cs[i].Code }); at >= 0 && !b.given[at].shared {
			g := &b.given[at]
			u.Use.Coupon, u.Use.Batch, u.Uses, u.Keep = g.coupon, g.batch, g.uses, g.keep
		}
		all = append(all, u)
	}
	return all
}

// redeems says whether the use is the first of its code; before it are earlier ones.
func (u *use) redeems(before []use) bool {
	if u.Use.Coupon == "" {
		return u.Code
	}
	return !slices.ContainsFunc(before, func(o use) bool { return o.Use.Coupon == u.Use.Coupon })
}

// counted are the moves of uses: of the promotion, and of its code if this is the
// first promotion that the code brings.
func (u *use) counted(before []use) (promotion, coupon []move) {
	id := u.Use.Promotion
	promotion = []move{{usesCounter, sdk.K(id), 1, most(u.Limits.Uses)}}
	if u.Limits.UsesPerCustomer > 0 && u.Use.Customer != "" {
		promotion = append(promotion, move{customerUses, byCustomer(id, u.Use.Customer), 1, u.Limits.UsesPerCustomer})
	}
	if u.Use.Coupon != "" && u.redeems(before) {
		coupon = []move{{couponUses, sdk.K(u.Use.Coupon), 1, most(u.Uses)}}
		if u.Use.Batch != "" {
			coupon = append(coupon, move{couponsRedeemed, sdk.K(u.Use.Batch), 1, math.MaxInt64})
		}
	}
	return promotion, coupon
}

// spends are the moves of money.
func (u *use) spends(amount retail.Money) (all []move) {
	if amount == 0 {
		return nil
	}
	all = []move{{spentCounter, sdk.K(u.Use.Promotion), int64(amount), most(int64(u.Limits.Budget))}}
	if u.Limits.BudgetPerStore > 0 {
		key := byStore(u.Use.Promotion, u.Use.Store)
		all = append(all, move{storeSpentCounter, key, int64(amount), int64(u.Limits.BudgetPerStore)})
	}
	return all
}

// most is a bound of which 0 is none.
func most(bound int64) int64 {
	if bound == 0 {
		return sdk.NoMax
	}
	return bound
}

// takeUses moves all counters, or none and answers false.
func takeUses(tx *sdk.Tx, uses []use) (bool, error) {
	var done []move
	for i := range uses {
		promotion, coupon := uses[i].counted(uses[:i])
		for _, m := range slices.Concat(promotion, coupon, uses[i].spends(uses[i].Use.Amount)) {
			err := m.counter.Add(tx, m.key, m.by, sdk.NoMin, m.most)
			if sdk.ReasonOf(err) == "bound" {
				return false, moveBack(tx, done)
			}
			if err != nil {
				return false, err
			}
			done = append(done, m)
		}
	}
	return true, nil
}

// moveBack undoes moves.
func moveBack(tx *sdk.Tx, done []move) error {
	for _, m := range done {
		if err := m.counter.Add(tx, m.key, -m.by, sdk.NoMin, sdk.NoMax); err != nil {
			return err
		}
	}
	return nil
}

// giveBack gives back what a use holds. Of a sale the money comes back whatever it
// says, since nobody got it, and its uses unless they are to stay used.
func (u *use) giveBack(tx *sdk.Tx, before []use, sold bool) error {
	promotion, coupon := u.counted(before)
	all := u.spends(u.Use.Amount - u.Back)
	if !sold || !u.Limits.KeepCancelled {
		all = append(all, promotion...)
	}
	if !sold || !u.Keep {
		all = append(all, coupon...)
	}
	u.Back = u.Use.Amount
	return moveBack(tx, all)
}

// returned gives back money of what came back; of none more than is left. Below zero it
// takes again what was given back too early, whatever others have used since.
func (u *use) returned(tx *sdk.Tx, amount retail.Money) error {
	amount = max(min(amount, u.Use.Amount-u.Back), -u.Back)
	u.Back += amount
	return moveBack(tx, u.spends(amount))
}

// mark tells of budgets that have passed a mark, or refuse something for the first
// time.
func (b *basket) mark(tx *sdk.Tx, uses []use, q *pricing.QuoteOut) error {
	for i := range uses {
		u := &uses[i]
		if err := passed(tx, spentCounter, sdk.K(u.Use.Promotion), pricing.BudgetMark{Promotion: u.Use.Promotion, Budget: u.Limits.Budget}); err != nil {
			return err
		}
		m := pricing.BudgetMark{Promotion: u.Use.Promotion, Store: u.Use.Store, Budget: u.Limits.BudgetPerStore}
		if err := passed(tx, storeSpentCounter, byStore(u.Use.Promotion, u.Use.Store), m); err != nil {
			return err
		}
	}
	return b.markRefused(tx, q)
}

// markRefused tells of budgets that are too small for this basket.
func (b *basket) markRefused(tx *sdk.Tx, q *pricing.QuoteOut) error {
	for _, n := range q.NotApplied {
		at := slices.IndexFunc(b.promos, func(p *terms) bool { return p.ID == n.Promotion })
		if n.Reason != pricing.BudgetSpent || at < 0 {
			continue
		}
		l := &b.promos[at].Limits
		counter, key, m := spentCounter, sdk.K(n.Promotion), pricing.BudgetMark{Promotion: n.Promotion, Percent: 100, Budget: l.Budget}
		here := remains(tx, storeSpentCounter, byStore(n.Promotion, b.in.Store), l.BudgetPerStore, true)
		all := remains(tx, spentCounter, key, l.Budget, true)
		if here != nil && (all == nil || *here < *all) {
			counter, key, m.Store, m.Budget = storeSpentCounter, byStore(n.Promotion, b.in.Store), b.in.Store, l.BudgetPerStore
		}
		if err := tellMark(tx, counter, key, m); err != nil {
			return err
		}
	}
	return nil
}
