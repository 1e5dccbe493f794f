package app

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// manyLive is an index of n promotions on brands of their own, of which five brands
// are those of bigBasket.
func manyLive(n int) *promotionsByGoods {
	x, known := index.New[terms](), shared{}
	for i := range n {
		p := pricing.Promotion{
			ID: fmt.Sprintf("p%06d", i), Version: 1, Name: "A promotion like others", Effects: percentOff(1000), State: pricing.Live,
			Goods: pricing.Selection{Brands: []string{fmt.Sprint("brand", i)}, Seasons: []string{fmt.Sprint("season", i%4)}},
		}
		known.promotion(&p)
		putLive(x, &running{ID: p.ID, From: 1, Promotion: p})
	}
	for i, s := range []pricing.Selection{ // what nobody buys, one of each kind
		{SKUs: []retail.SKU{"x"}}, {Products: []string{"x"}}, {Suppliers: []string{"x"}}, {Lines: []string{"x"}}, {Categories: []string{"x"}}, {Tags: []string{"x"}},
	} {
		p := pricing.Promotion{ID: fmt.Sprintf("x%06d", i), Version: 1, Effects: percentOff(1000), State: pricing.Live, Goods: s}
		putLive(x, &running{ID: p.ID, From: 1, Promotion: p})
	}
	x.Generation = 1
	return x
}

// bigBasket is 20 lines as they are before promotions, five of which one is for.
func bigBasket() *basket {
	b := &basket{
		in: pricing.QuoteIn{Store: "MI-01"}, at: 1_800_000_000_000, generation: 1,
		store: &catalog.Store{ID: "MI-01", Zone: "Europe/Rome", Currency: "EUR"}, scope: scope{channel: "store"},
	}
	for i := range 20 {
		item := catalog.Item{
			SKU: retail.SKU(fmt.Sprint("sku", i)), Product: fmt.Sprint("product", i), Description: "Goods", Kind: catalog.Goods,
			Brand: fmt.Sprint("other", i), Line: "line", Season: "season0", Supplier: "supplier", Category: "category",
			Unit: retail.Piece, VATRate: 2200,
		}
		if i < 5 {
			item.Brand = fmt.Sprint("brand", 4*i)
		}
		b.in.Lines = append(b.in.Lines, pricing.QuoteLine{SKU: item.SKU, Quantity: 2})
		b.skus, b.of, b.items = append(b.skus, item.SKU), append(b.of, i), append(b.items, item)
		b.prices = append(b.prices, listed{amount: 1990, list: "base"})
	}
	b.place = price.Place{Store: "MI-01", Channel: "store", At: b.at}
	return b
}

// quoted is what a quote works out between what it asks of the host: candidates, the
// engine, the answer, and what is signed.
func quoted(t testing.TB, b *basket, x *promotionsByGoods) pricing.QuoteOut {
	b.found, b.lines = nil, b.priced()
	b.candidates(x)
	policy := policyOf(&b.rules)
	policy.Brief = true
	engine, err := b.engine(policy)
	if err != nil {
		t.Fatal(err)
	}
	engine.Promote(b.cs)
	result := engine.Result()
	out := b.answer(&result, nil)
	b.names(&out)
	out.Token = string(appendInput(nil, &b.in))
	return out
}

// BenchmarkBasket prices 20 lines against so many live promotions, five of which
// match, without host and codec.
func BenchmarkBasket(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkQuoted(b, manyLive(n)) })
	}
}

// BenchmarkHard is the same against a thousand promotions that no index helps: pieces
// between two prices of all brands but one, of which five promotions find enough.
func BenchmarkHard(b *testing.B) { benchmarkQuoted(b, hardLive(1_000)) }

func benchmarkQuoted(b *testing.B, x *promotionsByGoods) {
	basket := bigBasket()
	b.ReportAllocs()
	for b.Loop() {
		if out := quoted(b, basket, x); len(out.Applied) != 5 {
			b.Fatal(len(out.Applied))
		}
	}
}

// hardLive is an index of n promotions that speak of all goods of some prices but
// those of one brand, and ask for more pieces than bigBasket has, but for five.
func hardLive(n int) *promotionsByGoods {
	x := index.New[terms]()
	for i := range n {
		low, high, least := int64(100+i), int64(8_000+7*i), int64(100+i%5)
		if i%(n/5) == 0 {
			least = 20
		}
		p := pricing.Promotion{
			ID: fmt.Sprintf("G-%04d", i), Version: 1, Name: "A promotion like others", Effects: []pricing.Effect{{Percent: 100}}, State: pricing.Live,
			Goods:  pricing.Selection{Price: &pricing.Range{Min: &low, Max: &high}},
			Except: pricing.Selection{Brands: []string{fmt.Sprint("other", i%20)}},
			If:     []pricing.Condition{{Quantity: &pricing.Range{Min: &least}}},
		}
		shared{}.promotion(&p)
		putLive(x, &running{ID: p.ID, From: 1, Promotion: p})
	}
	x.Generation = 1
	return x
}

// TestIndexFits: 100,000 promotions as they are decoded with brands of their own take less than 120 MB, so that
// a guest of 256 MiB can hold them and build the next generation beside garbage.
func TestIndexFits(t *testing.T) {
	if os.Getenv("BOTTEGA_LONG") == "" {
		t.Skip("BOTTEGA_LONG is not set")
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	x := manyLive(100_000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	t.Logf("%d promotions: %d MB", x.Len(), held>>20)
	if held > 120<<20 {
		t.Errorf("%d promotions take %d MB", x.Len(), held>>20)
	}
}
