package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// What was used of promotions, over all their versions, holds included.
var (
	usesCounter       = sdk.Counter{Name: "uses"}           // by promotion
	customerUses      = sdk.Counter{Name: "uses_customer"}  // by promotion and key.Customer, of those with such a limit
	spentCounter      = sdk.Counter{Name: "spent"}          // by promotion, in minor units
	storeSpentCounter = sdk.Counter{Name: "spent_in_store"} // by promotion and store, of those with such a budget
)

// marks holds which marks budgets have passed, so that each is told once.
var marks = sdk.Collection[budgetMark]{Name: "budget_marks", Key: []string{"promotion", "store", "budget", "percent"}}

// budgetMark is a mark that was told.
type budgetMark struct {
	Promotion string         `json:"promotion"`
	Store     retail.StoreID `json:"store"` // "-" of the budget for all
	Budget    retail.Money   `json:"budget"`
	Percent   int64          `json:"percent"`
}

// below says whether a counter stands below a bound. In a command it asks so that
// only the answer is read: many sales of one promotion then do not wait for each
// other until its last use.
func below(r sdk.Reader, c sdk.Counter, key sdk.Key, bound int64) bool {
	if tx, ok := r.(*sdk.Tx); ok {
		return c.Add(tx, key, 0, sdk.NoMin, bound-1) == nil
	}
	return c.Get(r, key) < bound
}

// limit says of candidates what the limits of their promotions leave them. Of a
// budget it says what is left if exact, or in a query; else only whether anything is,
// and whoever spends it finds out whether that is enough. It may be asked again.
func limit(r sdk.Reader, cs []price.Candidate, promos []*terms, in *pricing.QuoteIn, exact bool) {
	if _, command := r.(*sdk.Tx); !command {
		exact = true
	}
	for i := range cs {
		c, l := &cs[i], &promos[i].Limits
		if c.Blocked == "" {
			c.Blocked = usedUp(r, c.Rule.ID, l, in.Customer)
		}
		c.Budget = left(r, c.Rule.ID, l, in.Store, exact)
	}
}

// usedUp says which limit of uses is reached.
func usedUp(r sdk.Reader, promotion string, l *pricing.Limits, customer retail.CustomerID) price.Reason {
	switch {
	case l.Uses > 0 && !below(r, usesCounter, sdk.K(promotion), l.Uses):
		return price.UsageLimit
	case l.UsesPerCustomer == 0:
		return ""
	case customer == "":
		return price.UnknownCustomer
	case !below(r, customerUses, byCustomer(promotion, customer), l.UsesPerCustomer):
		return price.CustomerLimit
	}
	return ""
}

// byCustomer is a key of customerUses. It says nothing of the customer to who does not
// know the id.
func byCustomer(promotion string, customer retail.CustomerID) sdk.Key {
	return sdk.K(promotion).Text(key.Customer(string(customer)))
}

func byStore(promotion string, store retail.StoreID) sdk.Key {
	return sdk.K(promotion).Text(string(store))
}

// left is what a promotion's budgets leave, nil if there is none or if that is not
// asked exactly and something is left.
func left(r sdk.Reader, promotion string, l *pricing.Limits, store retail.StoreID, exact bool) *retail.Money {
	if l.Budget == 0 && l.BudgetPerStore == 0 {
		return nil // most: no key is made for them
	}
	least := remains(r, spentCounter, sdk.K(promotion), l.Budget, exact)
	here := remains(r, storeSpentCounter, byStore(promotion, store), l.BudgetPerStore, exact)
	if least == nil || here != nil && *here < *least {
		return here
	}
	return least
}

func remains(r sdk.Reader, c sdk.Counter, key sdk.Key, budget retail.Money, exact bool) *retail.Money {
	switch {
	case budget == 0:
		return nil
	case exact:
		return new(max(0, budget-retail.Money(c.Get(r, key))))
	case below(r, c, key, int64(budget)):
		return nil
	}
	return new(retail.Money)
}

// budget says what was used of a promotion's limits.
func budget(v *sdk.View, in pricing.BudgetIn) (out pricing.BudgetOut, err error) {
	l, err := limitsOf(v, in.ID)
	if err != nil {
		return out, err
	}
	out.Uses = usesCounter.Get(v, sdk.K(in.ID))
	out.Spent = retail.Money(spentCounter.Get(v, sdk.K(in.ID)))
	if l.Uses > 0 {
		out.UsesLeft = new(max(0, l.Uses-out.Uses))
	}
	out.Left = remains(v, spentCounter, sdk.K(in.ID), l.Budget, true)
	if in.Store != "" {
		key := byStore(in.ID, in.Store)
		out.StoreSpent = retail.Money(storeSpentCounter.Get(v, key))
		out.StoreLeft = remains(v, storeSpentCounter, key, l.BudgetPerStore, true)
	}
	return out, nil
}

// limitsOf are the limits of the version that runs, or of the newest one.
func limitsOf(r sdk.Reader, id string) (pricing.Limits, error) {
	h, ok := promotions.Get(r, sdk.K(id))
	if !ok {
		return pricing.Limits{}, noPromotion()
	}
	p, err := versionOf(r, pricing.GetPromotionIn{ID: id, Version: h.Running})
	return p.Limits, err
}

// passed tells, once, that a budget has passed 80 or 100 percent.
func passed(tx *sdk.Tx, c sdk.Counter, key sdk.Key, m pricing.BudgetMark) error {
	if m.Budget == 0 {
		return nil
	}
	for _, percent := range []int64{80, 100} {
		m.Percent = percent
		at, err := m.Budget.Percent(retail.BasisPoints(percent * 100))
		if err != nil || c.Add(tx, key, 0, int64(at), sdk.NoMax) != nil {
			return nil // most sales end here, and have read no more than that
		}
		if err := tellMark(tx, c, key, m); err != nil {
			return err
		}
	}
	return nil
}

// tellMark tells of a mark unless it was told.
func tellMark(tx *sdk.Tx, c sdk.Counter, key sdk.Key, m pricing.BudgetMark) error {
	told := budgetMark{Promotion: m.Promotion, Store: m.Store, Budget: m.Budget, Percent: m.Percent}
	if told.Store == "" {
		told.Store = "-"
	}
	if _, there := marks.Get(tx, sdk.K(told.Promotion).Text(string(told.Store)).Int(int64(told.Budget)).Int(told.Percent)); there {
		return nil
	}
	m.Spent = retail.Money(c.Get(tx, key))
	if err := marks.Put(tx, told); err != nil {
		return err
	}
	return pricing.BudgetThreshold.Emit(tx, m)
}
