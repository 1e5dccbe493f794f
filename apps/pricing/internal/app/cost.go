package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// unitCosts holds what goods cost the retailer, for floors and margins.
var unitCosts = sdk.Collection[pricing.Cost]{Name: "costs", Key: []string{"sku"}}

func putCosts(tx *sdk.Tx, in pricing.PutCostsIn) (out pricing.PutCostsOut, err error) {
	skus, err := checkCosts(&in)
	if err != nil {
		return out, err
	}
	old := costs(tx, skus)
	for i, c := range in.Costs {
		if old[i] != nil && *old[i] == c.Amount {
			continue
		}
		if err = unitCosts.Put(tx, c); err != nil {
			return out, err
		}
		out.Changed++
	}
	for i, sku := range in.Remove {
		if old[len(in.Costs)+i] == nil {
			continue
		}
		if err = unitCosts.Delete(tx, sdk.K(string(sku))); err != nil {
			return out, err
		}
		out.Changed++
	}
	return out, nil
}

// checkCosts checks costs, and lists the SKUs in the order of the input.
func checkCosts(in *pricing.PutCostsIn) (skus []retail.SKU, err error) {
	if len(in.Costs)+len(in.Remove) > pricing.MaxEntries {
		return nil, sdk.Fail(sdk.CodeTooLarge, "entries", "At most 500 costs are set or removed at once.")
	}
	seen := make(map[retail.SKU]bool, len(in.Costs)+len(in.Remove))
	for i, c := range in.Costs {
		if c.Amount < 0 || c.Amount > maxPrice {
			return nil, sdk.Invalid(pointer("/costs", i)+"/amount", "amount", "A cost is not below zero and at most 10,000,000,000.00.")
		}
		skus = append(skus, c.SKU)
	}
	for i, sku := range append(skus, in.Remove...) {
		if sku == "" || len(sku) > maxID || seen[sku] {
			at := pointer("/remove", i-len(in.Costs))
			if i < len(in.Costs) {
				at = pointer("/costs", i) + "/sku"
			}
			return nil, sdk.Invalid(at, "sku", "A SKU has 1 to 64 characters and stands once.")
		}
		seen[sku] = true
	}
	return append(skus, in.Remove...), nil
}

// costs is what goods cost, nil where nobody has said it: one read.
func costs(r sdk.Reader, skus []retail.SKU) []*retail.Money {
	keys := make([]sdk.Key, len(skus))
	for i, sku := range skus {
		keys[i] = sdk.K(string(sku))
	}
	found := make([]*retail.Money, len(skus))
	records, there := unitCosts.GetMany(r, keys)
	for i := range records {
		if there[i] {
			found[i] = &records[i].Amount
		}
	}
	return found
}
