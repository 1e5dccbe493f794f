package main

import (
	"context"
	"fmt"
)

// demoCard is a gift card of the demo with 50.00 on it; examples may spend it.
const demoCard = "DEMO-GIFT-CARD-2026"

// demoVouchers are the kinds of stored value of the demo.
func demoVouchers() []object {
	return []object{
		{"id": "gift", "name": "Carta regalo (simulated)", "type": "gift_card", "months": 36, "reloadable": true, "max_balance": 100_000},
		{"id": "gift-pin", "name": "Carta regalo online con PIN (simulated)", "type": "gift_card", "months": 36, "pin": true},
		{"id": "books", "name": "Buono libri, monouso (simulated)", "type": "voucher", "vat": "single", "rate": 400, "months": 12},
		{"id": "return", "name": "Buono di reso (simulated)", "type": "return_voucher", "months": 12, "offered": true, "imposed": true},
		{"id": "credit", "name": "Credito cliente (simulated)", "type": "store_credit", "personal": true, "reloadable": true, "offered": true},
	}
}

// putVouchers makes kinds of stored value, gift cards to sell, and one that was sold, if
// an app is there that keeps them.
func (d *demo) putVouchers(ctx context.Context) (int, error) {
	err := d.client.patient(ctx, "vouchers.kinds", "", object{}, nil)
	if unanswered(err) {
		return 0, nil
	}
	if err := d.put(ctx, "catalog.put_vat_class", object{"id": "out", "name": "Fuori campo IVA", "rates": []object{{"rate": 0}}}); err != nil {
		return 0, err
	}
	var products, prices []object
	for _, euro := range []int{25, 50, 100} {
		sku := fmt.Sprintf("GIFT-%d", euro)
		products = append(products, object{
			"id": sku, "name": fmt.Sprintf("Carta regalo %d € (simulated)", euro), "kind": "gift_card",
			"vat": []object{{"class": "out"}}, "variants": []object{{"sku": sku}},
		})
		prices = append(prices, object{"sku": sku, "amount": euro * 100})
	}
	if err := d.put(ctx, "catalog.put_products", object{"products": products}); err != nil {
		return 0, err
	}
	if err := d.put(ctx, "pricing.put_entries", object{"list": "retail", "entries": prices}); err != nil {
		return 0, err
	}
	kinds := demoVouchers()
	for _, k := range kinds {
		k["currency"], k["entity"] = "EUR", "emporio"
		if err := d.put(ctx, "vouchers.put_kind", k); err != nil {
			return 0, err
		}
	}
	return len(kinds), d.put(ctx, "vouchers.import", object{
		"kind": "gift", "document": "simulated", "codes": []object{{"code": demoCard, "balance": 5_000}},
	})
}
