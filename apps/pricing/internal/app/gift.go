package app

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// gifts is goods that promotions may add to a basket and that it does not hold.
type gifts struct {
	lines  []price.Line
	items  []catalog.Item
	prices []listed
}

// shelf finds goods that the basket's promotions may add. What the catalog does not
// know, or no list, is not there: a promotion of something that is gone must not keep
// anybody from buying.
func (b *basket) shelf(r sdk.Reader) error {
	skus := b.addable()
	if len(skus) == 0 {
		return nil
	}
	for left := slices.Clone(skus); len(left) > 0; {
		out, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: left, Store: b.in.Store, At: b.at})
		if err == nil {
			b.shelve(r, out.Items)
			break
		}
		at := unknownAt(err)
		if at < 0 || at >= len(left) {
			return err
		}
		left = slices.Delete(left, at, at+1)
	}
	b.strike(skus)
	return nil
}

// strike leaves out effects that add goods which are not there, and promotions that
// have no others.
func (b *basket) strike(skus []retail.SKU) {
	gone := slices.DeleteFunc(skus, func(sku retail.SKU) bool {
		return slices.ContainsFunc(b.gifts.lines, func(l price.Line) bool { return l.SKU == sku })
	})
	for i := 0; len(gone) > 0 && i < len(b.cs); i++ {
		left := *b.cs[i].Rule
		left.Effects = slices.DeleteFunc(slices.Clone(left.Effects), func(e price.Effect) bool {
			one := price.Rule{Effects: []price.Effect{e}}
			return slices.ContainsFunc(one.Adds(), func(sku retail.SKU) bool { return slices.Contains(gone, sku) })
		})
		switch len(left.Effects) {
		case len(b.cs[i].Rule.Effects):
		case 0:
			b.cs, b.promos = slices.Delete(b.cs, i, i+1), slices.Delete(b.promos, i, i+1)
			i--
		default:
			b.cs[i].Rule = &left
		}
	}
}

// addable are the SKUs that promotions may add.
func (b *basket) addable() (skus []retail.SKU) {
	for i := range b.cs {
		if !b.cs[i].Rule.MayAdd() {
			continue
		}
		for _, sku := range b.cs[i].Rule.Adds() {
			if !slices.Contains(b.skus, sku) && !slices.Contains(skus, sku) {
				skus = append(skus, sku)
			}
		}
	}
	return skus[:min(len(skus), pricing.MaxLines)]
}

// unknownAt is the place of the SKU that the catalog does not know, -1 if that was
// not what it said.
func unknownAt(err error) int {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code != sdk.CodeNotFound || !strings.HasPrefix(e.Pointer, "/skus/") {
		return -1
	}
	at, bad := strconv.Atoi(e.Pointer[len("/skus/"):])
	if bad != nil {
		return -1
	}
	return at
}

func (b *basket) shelve(r sdk.Reader, items []catalog.Item) {
	for i := range items {
		found, missing := look(r, &b.scope, []wanted{{sku: items[i].SKU, quantity: 1}})
		if missing >= 0 {
			continue
		}
		if b.place.Net && !found[0].net {
			found[0].amount = without(found[0].amount, items[i].VATRate)
		}
		g := &b.gifts
		g.items, g.prices = append(g.items, items[i]), append(g.prices, found[0])
		g.lines = append(g.lines, lineOf(&items[i], 1, found[0].amount))
	}
}

// added is goods that promotions put into the basket.
func (b *basket) added(all []price.Given, funding func(string) []pricing.Funder) (out []pricing.PricedLine) {
	for i := range all {
		g := &all[i]
		line := pricing.PricedLine{
			ID: "+" + strconv.Itoa(i+1), SKU: g.SKU, Quantity: g.Quantity, UnitPrice: g.Line.Unit, Per: g.Line.Per,
			List: g.List, Discount: g.Discount, Total: g.Total, UnitShares: sharesOf(g.Shares),
			Applied: appliedOf(g.Applied, funding),
		}
		if at := slices.Index(b.skus, g.SKU); at >= 0 {
			line.Goods, line.PriceList = goods(&b.items[at]), b.prices[at].list
		}
		for n := range b.gifts.items {
			if b.gifts.items[n].SKU == g.SKU {
				line.Goods, line.PriceList = goods(&b.gifts.items[n]), b.gifts.prices[n].list
			}
		}
		out = append(out, line)
	}
	return out
}
