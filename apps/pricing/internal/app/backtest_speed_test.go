package app

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// TestBackTestSpeed tells how many receipts of 20 lines a second a back-test looks at
// without wasm, beside so many promotions that were live then: one for each product,
// and so many products in all.
func TestBackTestSpeed(t *testing.T) {
	if os.Getenv("BOTTEGA_LONG") == "" {
		t.Skip("BOTTEGA_LONG is not set")
	}
	const products, receipts, lines = 4_000, 1_000, 20
	for _, n := range []int{10, 10_000, 100_000} {
		env, random := shop(t), rand.New(rand.NewPCG(1, 2))
		for at := 0; at < products; at += 100 {
			var in catalog.PutProductsIn
			for i := at; i < at+100; i++ {
				in.Products = append(in.Products, catalog.Product{
					ID: fmt.Sprint("P", i), Name: "Goods", VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: retail.SKU(fmt.Sprint("S", i))}},
				})
			}
			must(sdktest.Run(env, catalog.PutProducts, in))(t)
		}
		keepBygone(t, env, n)
		var all []pricing.Sale
		for i := range receipts {
			s := pricing.Sale{Document: fmt.Sprint("R", i), At: env.Now() + aDay, Store: "MI-01"}
			for range lines {
				s.Lines = append(s.Lines, pricing.SaleLine{SKU: retail.SKU(fmt.Sprint("S", random.IntN(products))), Quantity: 12, UnitPrice: 1000, Per: 1, Total: 12_000})
				s.Total += 12_000
			}
			all = append(all, s)
		}
		recordAll(t, env, all...)
		for range 2 {
			began := time.Now()
			got := backTested(t, env, pricing.BackTestIn{Promotion: &pricing.Promotion{Effects: percentOff(1000)}, ID: fmt.Sprint(began.UnixNano())})
			t.Logf("%d promotions: %.0f receipts/s, %d differ", n, receipts/time.Since(began).Seconds(), got.Differs)
		}
	}
}

// keepBygone writes what publishing so many promotions leaves for back-tests.
func keepBygone(t *testing.T, env *sdktest.Env, n int) {
	t.Helper()
	for at := 0; at < n; at += 200 {
		err := env.Update(func(tx *sdk.Tx) error {
			for i := at; i < min(at+200, n); i++ {
				p := pricing.Promotion{
					ID: fmt.Sprintf("p%06d", i), Version: 1, Name: "A promotion", Goods: pricing.Selection{Products: []string{fmt.Sprint("P", i)}}, Effects: percentOff(500),
				}
				if err := versions.Put(tx, version{ID: p.ID, Version: 1, Promotion: p}); err != nil {
					return err
				}
				if err := wentLive(tx, &p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
