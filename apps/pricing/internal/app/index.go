package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/code"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
)

// promotionIndex is what quotes find promotions with: those that are live, and
// those that were until a day ago, for quotes that are called in.
var promotionIndex = &sdk.Derived[*promotionsByGoods]{Name: "promotions", Build: buildIndex, Apply: applyIndex}

type promotionsByGoods = index.Index[terms]

// terms is what a quote needs of a promotion beside its rule.
type terms struct {
	name    string
	limits  *pricing.Limits // nil: none
	funding []pricing.Funder
	codes   []string // as they were put
}

// buildIndex reads everything that is live.
func buildIndex(v *sdk.View) (*promotionsByGoods, error) {
	x := index.New[terms]()
	known := shared{}
	for r := range live.Scan(v, sdk.Scan{}) {
		known.promotion(&r.Promotion)
		putLive(x, &r)
	}
	x.Generation = generation(v)
	return x, nil
}

// applyIndex brings the index up to one promotion that went live or was taken out.
func applyIndex(v *sdk.View, x *promotionsByGoods, c sdk.Change) (*promotionsByGoods, error) {
	id, _ := c.Key.TextAt(0)
	from, _ := c.Key.IntAt(1)
	if r, ok := live.Get(v, c.Key); !ok {
		x.Remove(index.Key{ID: id, From: from})
	} else if r.To != 0 && x.Find(id, from) != nil {
		x.End(index.Key{ID: id, From: from}, r.To, r.Until)
		x.Generation = max(x.Generation, r.To)
	} else {
		shared{}.promotion(&r.Promotion)
		putLive(x, &r)
		x.Generation = max(x.Generation, r.From, r.To)
	}
	x.Forget(v.Now())
	return x, nil
}

// putLive adds a promotion to the index.
func putLive(x *promotionsByGoods, r *running) {
	p := &r.Promotion
	e := index.Entry[terms]{
		Key: index.Key{ID: r.ID, From: r.From}, To: r.To, Until: r.Until, Batches: p.Batches,
		About: terms{name: p.Name, funding: p.Funding, codes: p.Codes},
	}
	for _, c := range p.Codes {
		e.Codes = append(e.Codes, code.Fold(c, false))
	}
	if p.Limits != (pricing.Limits{}) {
		limits := p.Limits
		e.About.limits = &limits
	}
	rule := ruleOf(p)
	x.Put(e, &rule)
}

// trimmed is as much of a promotion as its limits and coupons ask for.
func trimmed(e *index.Entry[terms], r *price.Rule, p *pricing.Promotion) {
	p.ID, p.Version, p.Name, p.State = e.ID, r.Version, e.About.name, pricing.Live
	p.Period.From, p.Period.To = r.From, r.To
	p.For.Customers, p.Codes, p.Batches, p.Funding = r.For.Customers, e.About.codes, e.Batches, e.About.funding
	if e.About.limits != nil {
		p.Limits = *e.About.limits
	}
}
