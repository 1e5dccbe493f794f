package hello_test

import (
	"testing"

	"github.com/bottega-retail/bottega/plugins/hello"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// basket is goods of those product lines, one of each.
func basket(lines ...string) pricing.DiscountIn {
	in := pricing.DiscountIn{Store: pricing.DiscountStore{ID: "MI-01", Zone: "Europe/Rome"}, Channel: "store", Currency: "EUR", Lines: []pricing.DiscountLine{}}
	for i, line := range lines {
		in.Lines = append(in.Lines, pricing.DiscountLine{
			ID: int64(i + 1), SKU: retail.SKU(line), Quantity: 1, UnitPrice: 3000, Per: 1, Left: 3000,
			Product: pricing.Goods{Product: line, Line: line},
		})
	}
	return in
}

// The answer is compared with testdata/TestFirstGoods.json; `go test -update`
// writes it.
func TestFirstGoods(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, hello.New(), sdktest.Settings(hello.Settings{Percent: 1000}))
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket("basic", "luxe")))
}

func TestNamedLine(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, hello.New(), sdktest.Settings(hello.Settings{Percent: 1000, Line: "luxe"}))
	sdktest.Golden(t, sdktest.Fill(env, pricing.Discount, basket("basic", "luxe")))
}

// Nobody is surprised by a plugin that has not been set up.
func TestWithoutSettings(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, hello.New())
	if out := sdktest.Fill(env, pricing.Discount, basket("basic")); len(out.Offs) > 0 {
		t.Errorf("takes off %+v", out.Offs)
	}
}
