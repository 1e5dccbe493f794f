// Package campaign makes up promotions from fixed rules, the same in every run: a
// large number of live ones of which five apply to one basket, and sets that no
// index helps. Everything is simulated. It must not know who keeps or runs them.
package campaign

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// How large the basket is, and how many promotions apply to it.
const (
	Lines   = 20
	Applied = 5
)

// group is the customer group of who buys.
const group = "club"

// Basket is what is priced: 20 lines of one or two pieces, of a customer whose
// groups are known. Baskets of other numbers have other goods.
func Basket(s *shop.Shop, number uint64) pricing.QuoteIn {
	in := pricing.QuoteIn{Store: retail.StoreID(s.Stores[0]), Customer: "C-1", CustomerGroups: []string{group}}
	for _, l := range s.Lines(rand.New(rand.NewPCG(7, 7+number)), Lines) {
		in.Lines = append(in.Lines, pricing.QuoteLine{SKU: retail.SKU(l.SKU), Quantity: retail.Quantity(l.Quantity)})
	}
	return in
}

// Matching are the five that apply to the basket of number 0, one for each of the
// ways in which goods and people are most often chosen.
func Matching(s *shop.Shop) []pricing.Promotion {
	in := Basket(s, 0)
	first, second, third := product(s, in.Lines[0].SKU), product(s, in.Lines[1].SKU), product(s, in.Lines[2].SKU)
	least := int64(1000)
	all := []pricing.Promotion{
		percent("M-brand", 1000, pricing.Selection{Brands: []string{first.Brand}}),
		percent("M-sku", 500, pricing.Selection{SKUs: []retail.SKU{retail.SKU(second.SKU)}}),
		percent("M-category", 300, pricing.Selection{Categories: []string{third.Category}}),
		percent("M-group", 200, pricing.Selection{}),
		percent("M-amount", 100, pricing.Selection{}),
	}
	all[3].For.CustomerGroups = []string{group}
	all[4].If = []pricing.Condition{{Amount: &pricing.Range{Min: &least}}}
	all[4].Effects[0].Target = pricing.ToOrder
	return all
}

func product(s *shop.Shop, sku retail.SKU) shop.Product {
	return s.Products[slices.IndexFunc(s.Products, func(p shop.Product) bool { return p.SKU == string(sku) })]
}

func percent(id string, off retail.BasisPoints, goods pricing.Selection) pricing.Promotion {
	return pricing.Promotion{ID: id, Name: "Promotion " + id, Goods: goods, Effects: []pricing.Effect{{Percent: off}}}
}

// Kind is one sort of promotions that do not apply to the basket: for other goods,
// elsewhere, for others or with a code that nobody gave.
type Kind struct {
	Share     int // of 100
	Promotion pricing.Promotion
	Mark      string // in its id and its values: each further one has another there
}

// Marked is the mark of the nth promotion of a kind, as long as that of the first.
func (k Kind) Marked(n int) string { return fmt.Sprintf("%s%07d", k.Mark[:len(k.Mark)-7], n) }

// Kinds are the sorts of which the rest of a retailer's promotions are made.
func Kinds() []Kind {
	mark := func(n int) string { return fmt.Sprintf("n%d-0000000", n) }
	goods := func(n, share int, choose func(value string) pricing.Selection) Kind {
		m := mark(n)
		return Kind{share, percent(m, 1500, choose(m)), m}
	}
	list := func(value string) []string { return []string{value + "-a", value + "-b"} }
	kinds := []Kind{
		goods(1, 45, func(v string) pricing.Selection {
			return pricing.Selection{SKUs: []retail.SKU{retail.SKU(v + "-a"), retail.SKU(v + "-b"), retail.SKU(v + "-c")}}
		}),
		goods(2, 5, func(v string) pricing.Selection { return pricing.Selection{Products: list(v)} }),
		goods(3, 10, func(v string) pricing.Selection { return pricing.Selection{Brands: list(v)} }),
		goods(4, 5, func(v string) pricing.Selection { return pricing.Selection{Categories: list(v)} }),
		goods(5, 5, func(v string) pricing.Selection {
			return pricing.Selection{Seasons: list(v), Suppliers: list(v)}
		}),
		goods(6, 5, func(v string) pricing.Selection { return pricing.Selection{Tags: list(v)} }),
	}
	return append(kinds, audiences(mark)...)
}

// audiences are the sorts that speak of all goods.
func audiences(mark func(int) string) []Kind {
	var kinds []Kind
	add := func(n, share int, set func(p *pricing.Promotion, value string)) {
		m := mark(n)
		p := percent(m, 700, pricing.Selection{})
		set(&p, m)
		kinds = append(kinds, Kind{share, p, m})
	}
	add(7, 5, func(p *pricing.Promotion, v string) { p.For.Stores = []retail.StoreID{retail.StoreID(v)} })
	add(8, 5, func(p *pricing.Promotion, v string) { p.For.CustomerGroups = []string{v} })
	add(9, 5, func(p *pricing.Promotion, v string) { p.For.Customers = []retail.CustomerID{retail.CustomerID(v)} })
	add(0, 10, func(p *pricing.Promotion, v string) { p.Codes = []string{v} })
	return kinds
}

// For is a basket that the nth promotion of a kind for a customer group applies to:
// proof that it is there.
func (k Kind) For(s *shop.Shop, n int) (in pricing.QuoteIn, ok bool) {
	if k.Promotion.For.CustomerGroups == nil {
		return in, false
	}
	in = Basket(s, 0)
	in.CustomerGroups = append(in.CustomerGroups, k.Marked(n))
	return in, true
}
