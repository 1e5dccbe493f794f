package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// promotionIndex is what quotes find promotions with: those that are live, and
// those that were until a day ago, for quotes that are called in.
var promotionIndex = &sdk.Derived[*promotionsByGoods]{Name: "promotions", Build: buildIndex, Apply: applyIndex}

type promotionsByGoods = index.Index[terms]

// terms is what a quote needs of a promotion beside its rule.
type terms struct {
	ID      string
	Version int64
	Name    string
	*special
}

// special is what most promotions say nothing of. It is never nil.
type special struct {
	Customers []retail.CustomerID // that it is for by name
	Codes     []string            // as they were put
	Batches   []string
	Limits    pricing.Limits
	Funding   []pricing.Funder
	Recompute bool // what no longer qualifies is deducted when goods come back
}

// ordinary is the one of all promotions that say nothing of it. It is not written.
var ordinary = &special{}

func termsOf(p *pricing.Promotion) terms {
	t := terms{ID: p.ID, Version: p.Version, Name: p.Name, special: ordinary}
	again := p.Refund == pricing.Recompute
	if len(p.For.Customers)+len(p.Codes)+len(p.Batches)+len(p.Funding) > 0 || p.Limits != (pricing.Limits{}) || again {
		t.special = &special{Customers: p.For.Customers, Codes: p.Codes, Batches: p.Batches, Limits: p.Limits, Funding: p.Funding, Recompute: again}
	}
	return t
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
	e := index.Entry[terms]{Key: index.Key{ID: r.ID, From: r.From}, To: r.To, Until: r.Until, Batches: p.Batches, About: termsOf(p)}
	for _, c := range p.Codes {
		e.Codes = append(e.Codes, code.Fold(c, false))
	}
	rule := ruleOf(p)
	x.Put(e, &rule)
}
