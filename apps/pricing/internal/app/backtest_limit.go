package app

import (
	"maps"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/backtest"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// backTestUses holds how often customers would have used a promotion that each of them
// may use some times only.
var backTestUses = sdk.Collection[backTestUse]{Name: "back_test_uses", Key: []string{"run", "customer"}, Expires: "expires"}

// backTestUse is one customer in one run.
type backTestUse struct {
	Run      string         `json:"run"`
	Customer string         `json:"customer"` // code.Customer of the id
	Uses     int64          `json:"uses"`
	Expires  retail.Instant `json:"expires"`
}

// keepUses is how long they are kept: longer than any run.
const keepUses = 30 * aDay

// customers reads the uses of the customers of receipts.
func (p *replay) customers(tx *sdk.Tx, receipts []*pricing.Sale) {
	if p.b.Run.Promotion.Limits.UsesPerCustomer == 0 {
		return
	}
	p.uses = map[string]*backTestUse{}
	var keys []sdk.Key
	for _, s := range receipts {
		if s.Customer != "" {
			keys = append(keys, sdk.K(p.b.ID).Text(customerKey(s.Customer)))
		}
	}
	found, there := backTestUses.GetMany(tx, keys)
	for i := range found {
		if there[i] {
			p.uses[found[i].Customer] = &found[i]
		}
	}
}

// limited is what the promotion's limits leave to a receipt.
func (p *replay) limited(k *receipt) (c price.Candidate) {
	l := &p.b.Run.Promotion.Limits
	switch {
	case l.Uses > 0 && p.b.Uses >= l.Uses:
		c.Blocked = price.UsageLimit
	case l.UsesPerCustomer == 0:
	case k.place.Customer == "":
		c.Blocked = price.UnknownCustomer
	default:
		if u := p.uses[customerKey(k.place.Customer)]; u != nil && u.Uses >= l.UsesPerCustomer {
			c.Blocked = price.CustomerLimit
		}
	}
	least := func(left retail.Money) {
		if c.Budget == nil || left < *c.Budget {
			c.Budget = &left
		}
	}
	if l.Budget > 0 {
		least(l.Budget - p.b.Spent)
	}
	if l.BudgetPerStore > 0 {
		spent := retail.Money(0)
		if at := p.b.spentAt(k.place.Store); at >= 0 {
			spent = p.b.Stores[at].Amount
		}
		least(l.BudgetPerStore - spent)
	}
	return c
}

// spentAt is where what was spent in a store stands.
func (b *backTest) spentAt(store retail.StoreID) int {
	return slices.IndexFunc(b.Stores, func(s backtest.Share) bool { return s.Name == string(store) })
}

// use uses the promotion's limits for a receipt.
func (p *replay) use(k *receipt, amount retail.Money) {
	l, b := &p.b.Run.Promotion.Limits, p.b
	b.Uses, b.Spent = b.Uses+1, b.Spent+amount
	if l.BudgetPerStore > 0 {
		at := b.spentAt(k.place.Store)
		if at < 0 {
			at, b.Stores = len(b.Stores), append(b.Stores, backtest.Share{Name: string(k.place.Store)})
		}
		b.Stores[at].Amount += amount
	}
	if l.UsesPerCustomer > 0 {
		key := customerKey(k.place.Customer)
		if p.uses[key] == nil {
			p.uses[key] = &backTestUse{Run: b.ID, Customer: key}
		}
		p.uses[key].Uses++
	}
}

// keep writes what customers have used.
func (p *replay) keep(tx *sdk.Tx) error {
	for _, key := range slices.Sorted(maps.Keys(p.uses)) {
		u := p.uses[key]
		u.Expires = tx.Now() + keepUses
		if err := backTestUses.Put(tx, *u); err != nil {
			return err
		}
	}
	return nil
}
