package app

import (
	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// runs holds when promotions for everybody were live. With the prices of lists they
// are all that a price history is worked out from: nothing is written per SKU.
var runs = sdk.Collection[run]{
	Name: "runs", Key: []string{"id", "from"},
	Indexes: []sdk.Index{{Name: "by_goods", Fields: []string{"goods", "until"}}, {Name: "by_until", Fields: []string{"until"}}},
}

// run is a version of a promotion for as long as it was live.
type run struct {
	ID        string            `json:"id"`
	From      retail.Instant    `json:"from"`
	Until     retail.Instant    `json:"until"` // forever while it is live
	Goods     []string          `json:"goods"` // one of which the goods have that it speaks of
	Promotion pricing.Promotion `json:"promotion"`
}

// forEverybody says whether what a promotion makes of prices is a price for consumers
// in general: nobody has to be known for it, and nobody to give a code.
func forEverybody(p *pricing.Promotion) bool {
	return len(p.For.Customers)+len(p.For.CustomerGroups)+len(p.For.Tiers)+len(p.Codes)+len(p.Batches) == 0
}

// ran notes that a promotion is live from now on.
func ran(tx *sdk.Tx, p *pricing.Promotion) error {
	if !forEverybody(p) {
		return nil
	}
	return runs.Put(tx, run{ID: p.ID, From: tx.Now(), Until: forever, Goods: spokenOf(p), Promotion: *p})
}

// stopped notes that it is no more.
func stopped(tx *sdk.Tx, id string) error {
	for r := range runs.Scan(tx, sdk.Scan{Prefix: sdk.K(id), Reverse: true, Limit: 1}) {
		if r.Until != forever {
			return nil
		}
		r.Until = tx.Now()
		return runs.Put(tx, r)
	}
	return nil
}

// spokenOf is what a run is found by: the values of the narrowest list of the goods
// that the promotion speaks of.
func spokenOf(p *pricing.Promotion) []string {
	for i := range p.Effects {
		if p.Effects[i].Goods != nil {
			return []string{everybody}
		}
	}
	g := &p.Goods
	for _, keys := range [...][]string{
		prefixed("u", g.SKUs, nil), prefixed("p", g.Products, nil), prefixed("l", g.Lines, nil), prefixed("c", g.Categories, nil),
		prefixed("b", g.Brands, nil), prefixed("v", g.Suppliers, nil), prefixed("s", g.Seasons, nil), prefixed("t", g.Tags, nil),
	} {
		if len(keys) > 0 && len(keys) <= maxAsked {
			return keys
		}
	}
	return []string{everybody}
}

// goodsKeys are what the runs that may speak of goods are found by.
func goodsKeys(items []catalog.Item) (keys []string) {
	seen := map[string]bool{everybody: true}
	keys = append(keys, everybody)
	add := func(kind, value string) {
		if key := kind + value; value != "" && !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	for i := range items {
		g := &items[i]
		add("u", string(g.SKU))
		add("p", g.Product)
		add("l", g.Line)
		add("c", g.Category)
		add("b", g.Brand)
		add("v", g.Supplier)
		add("s", g.Season)
		for _, t := range g.Tags {
			add("t", t)
		}
	}
	return keys
}
