package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// stretches holds when versions of promotions were live, under what they ask for: what
// was live for a few receipts is found however many promotions there ever were.
var stretches = sdk.Collection[stretch]{
	Name: "stretches", Key: []string{"id", "from"},
	Indexes: []sdk.Index{{Name: "by_ask", Fields: []string{"asks", "until"}}},
}

// stretch is a time in which a version was live, the end excluded.
type stretch struct {
	ID      string         `json:"id"`
	From    retail.Instant `json:"from"`
	Until   retail.Instant `json:"until"` // forever while it is live
	Version int64          `json:"version"`
	Asks    []string       `json:"asks"` // one of which a receipt has that it may concern
}

// asks holds what stretches ask for: most goods are asked for by none, and a back-test
// looks for those of thousands with a few calls.
var asks = sdk.Collection[askedFor]{Name: "asks", Key: []string{"ask"}}

// askedFor is one of these. It stays.
type askedFor struct {
	Ask string `json:"ask"`
}

// wentLive notes that a version is live from now on.
func wentLive(tx *sdk.Tx, p *pricing.Promotion) error {
	s := stretch{ID: p.ID, From: tx.Now(), Until: forever, Version: p.Version, Asks: asksOf(p)}
	_, there := asks.GetMany(tx, keysOfAsks(s.Asks))
	for i := range s.Asks {
		if !there[i] {
			if err := asks.Put(tx, askedFor{s.Asks[i]}); err != nil {
				return err
			}
		}
	}
	return stretches.Put(tx, s)
}

// tookOut notes that it is no more.
func tookOut(tx *sdk.Tx, id string) error {
	for s := range stretches.Scan(tx, sdk.Scan{Prefix: sdk.K(id), Reverse: true, Limit: 1}) {
		if s.Until == forever {
			s.Until = tx.Now()
			return stretches.Put(tx, s)
		}
	}
	return nil
}

func keysOfAsks(all []string) []sdk.Key {
	keys := make([]sdk.Key, len(all))
	for i := range all {
		keys[i] = sdk.K(all[i])
	}
	return keys
}

// asksOf is what a promotion is found by: the values of the rarest thing that it asks
// for. Codes are there in both ways of folding, since the setting may change.
func asksOf(p *pricing.Promotion) []string {
	var codes []string
	for _, exact := range []bool{false, true} {
		codes = append(codes, prefixed("x", keysOfCodes(p.Codes, exact), nil)...)
	}
	ways := [][]string{slices.Concat(codes, prefixed("B", p.Batches, nil))}
	if len(ways[0]) == 0 {
		g := &p.Goods
		ways = [][]string{
			prefixed("k", p.For.Customers, key.Customer),
			prefixed("u", g.SKUs, nil), prefixed("p", g.Products, nil), prefixed("l", g.Lines, nil), prefixed("c", g.Categories, nil),
			prefixed("b", g.Brands, nil), prefixed("v", g.Suppliers, nil), prefixed("s", g.Seasons, nil), prefixed("t", g.Tags, nil),
			prefixed("g", p.For.CustomerGroups, nil), prefixed("S", p.For.Stores, nil),
		}
	}
	for _, keys := range ways {
		if slices.Sort(keys); len(keys) > 0 && len(keys) <= maxAsked {
			return slices.Compact(keys)
		}
	}
	return []string{everybody}
}

// asksFor is what promotions may ask for that concern a receipt.
func (p *replay) asksFor(k *receipt) (all []string) {
	s := k.sale
	all = append(all, everybody, "S"+string(s.Store))
	if s.Customer != "" {
		all = append(all, "k"+customerKey(s.Customer))
	}
	all = append(all, prefixed("g", s.CustomerGroups, nil)...)
	for _, c := range s.Codes {
		all = append(all, "x"+c)
		if batch := p.batchOf[c]; batch != "" {
			all = append(all, "B"+batch)
		}
	}
	for i := range s.Lines {
		all = append(all, p.past.goods[s.Lines[i].SKU].asks...)
	}
	return all
}
