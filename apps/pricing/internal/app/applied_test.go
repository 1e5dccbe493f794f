package app

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// What suppliers pay is never more than the discount, nor more than a cent away
// from their share.
func TestFunded(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		amount := retail.Money(rapid.Int64Range(0, 100_000).Draw(t, "amount"))
		var by []pricing.Funder
		left := int64(10_000)
		for _, id := range []string{"a", "b", "c"} {
			if share := rapid.Int64Range(0, left).Draw(t, "share"); share > 0 {
				by, left = append(by, pricing.Funder{Supplier: id, Share: retail.BasisPoints(share)}), left-share
			}
		}
		var paid retail.Money
		for _, f := range funded(amount, by) {
			for _, b := range by {
				exact := int64(amount) * int64(b.Share)
				if got := int64(f.Amount) * 10_000; b.Supplier == f.Supplier && (got-exact >= 10_000 || exact-got >= 10_000) {
					t.Fatalf("%s pays %d of %d", f.Supplier, f.Amount, amount)
				}
			}
			paid += f.Amount
		}
		if paid > amount || left == 0 && paid != amount {
			t.Fatalf("%d paid of %d, %d left to the retailer", paid, amount, left)
		}
	})
}
