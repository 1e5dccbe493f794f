package main

import (
	"context"
	"fmt"
)

// demoList is a price list of the demo: what part of a price for the public its
// entries are. One without entries is worked out from its parent.
type demoList struct {
	object
	percent int64
	net     bool
}

// demoLists are one for everybody, one for Turin's outlet and one for VIPs; one for
// businesses, without VAT; and a private sale that only who has the code knows of.
func demoLists() []demoList {
	return []demoList{
		{object{"id": "retail", "name": "Listino al pubblico (simulated)", "currency": "EUR"}, 100, false},
		{object{"id": "outlet", "name": "Outlet Torino (simulated)", "currency": "EUR", "stores": []string{"TO-01"}, "priority": 10}, 70, false},
		{object{"id": "vip", "name": "VIP (simulated)", "currency": "EUR", "customer_groups": []string{"vip"}, "priority": 20}, 90, false},
		{object{"id": "b2b", "name": "Aziende, IVA esclusa (simulated)", "currency": "EUR", "net": true, "customer_groups": []string{"business"}, "priority": 30}, 85, true},
		{object{
			"id": "private", "name": "Vendita privata −25 % (simulated)", "currency": "EUR", "gated": true, "codes": []string{"PRIVATA26"}, "priority": 40,
			"parent": "retail", "reduction": true, "formula": object{"percent": -2500, "step": 100, "ending": 90},
		}, 0, false},
	}
}

// putPrices makes the lists and their entries.
func (d *demo) putPrices(ctx context.Context) (int, error) {
	n := 0
	for _, l := range demoLists() {
		if err := d.put(ctx, "pricing.put_list", whole(l.object, "period")); err != nil {
			return n, err
		}
		if l.percent == 0 {
			continue
		}
		added, err := d.putEntries(ctx, l)
		if n += added; err != nil {
			return n, err
		}
	}
	return n, nil
}

// putEntries prices every SKU in one list.
func (d *demo) putEntries(ctx context.Context, l demoList) (n int, err error) {
	var entries []object
	for i, p := range d.products {
		for _, s := range p.skus {
			amount := s.price * l.percent / 100
			if l.net {
				amount = amount * 10_000 / int64(10_000+demoRates[s.vat])
			}
			entries = append(entries, object{"sku": s.sku, "amount": amount})
		}
		if len(entries) >= 200 || i == len(d.products)-1 {
			if err := d.put(ctx, "pricing.put_entries", object{"list": l.object["id"], "entries": entries}); err != nil {
				return n, err
			}
			n += len(entries)
			entries = nil
		}
	}
	return n, nil
}

// demoBatch is the coupons of the demo; demoCoupon is one that examples may use.
const (
	demoBatch  = "benvenuto"
	demoCoupon = "DEMO-BENVENUTO-2026"
)

// putPromotions makes coupons and promotions and puts all but the drafts live.
func (d *demo) putPromotions(ctx context.Context) (int, error) {
	if err := d.putCoupons(ctx); err != nil {
		return 0, err
	}
	live, drafts := d.promotions(), d.drafts()
	var all []object
	for _, p := range append(live, drafts...) {
		all = append(all, whole(p, "period", "for", "not", "goods", "except", "stacking", "limits"))
	}
	if _, err := d.each(ctx, "pricing.put_promotion", all); err != nil {
		return 0, err
	}
	for _, p := range live {
		// Promotions that may meet on the same goods are what a demo is for.
		read := []string{"overlap", "collision", "unreachable", "unfunded", "below_floor"}
		if err := d.put(ctx, "pricing.publish", object{"id": p["id"], "accept": read}); err != nil {
			return 0, fmt.Errorf("publish %v: %w", p["id"], err)
		}
	}
	return len(live) + len(drafts), nil
}

// putCoupons draws a batch of codes that nobody knows, and one that everybody does.
func (d *demo) putCoupons(ctx context.Context) error {
	if err := d.put(ctx, "pricing.put_batch", object{"id": demoBatch, "name": "Benvenuto, 10 € da 50 € (simulated)", "period": object{}}); err != nil {
		return err
	}
	if err := d.put(ctx, "pricing.draw", object{"batch": demoBatch, "count": 100}); err != nil {
		return err
	}
	return d.put(ctx, "pricing.import_codes", object{"batch": demoBatch, "codes": []object{{"code": demoCoupon}}})
}

// whole is an object with all of its parts: those that it does not name are empty,
// and ask for nothing.
func whole(o object, parts ...string) object {
	for _, part := range parts {
		if o[part] == nil {
			o[part] = object{}
		}
	}
	return o
}

// percent is the effect of a percentage, in basis points.
func percent(points int) []object { return []object{{"percent": points}} }

// promotions are those that count today, of every kind.
func (d *demo) promotions() []object {
	period := object{"from": d.at(-30, 0), "to": d.at(60, 0)}
	atLeast := func(amount int) []object { return []object{{"amount": object{"min": amount}, "goods": object{}}} }
	return []object{
		{"id": "basic-20", "name": "−20 % Basic Alba a Milano", "period": period, "stacking": object{"priority": 20},
			"for": object{"stores": []string{"MI-01", "MI-02"}}, "goods": object{"lines": []string{"basic"}, "brands": []string{"alba"}}, "effects": percent(2000)},
		{"id": "knit-3", "name": "3 maglioni, 15 € in meno", "period": period, "stacking": object{"priority": 15},
			"goods": object{"categories": []string{"knitwear"}}, "if": []object{{"quantity": object{"min": 3}}},
			"effects": []object{{"amount": object{"value": 1500, "allocation": "across"}}}},
		{"id": "ss26-outlet", "name": "Fine stagione −30 %", "period": period, "stacking": object{"priority": 30, "exclusive": "goods"},
			"for": object{"stores": []string{"TO-01"}}, "goods": object{"seasons": []string{"ss26"}}, "effects": percent(3000)},
		{"id": "web-10", "name": "Web −10 % da 100 €", "period": period, "stacking": object{"priority": 10},
			"for": object{"channels": []string{"web"}}, "if": atLeast(10000), "effects": percent(1000)},
		{"id": "prato-5", "name": "Offerta del fornitore −5 %", "period": period, "stacking": object{"priority": 5},
			"goods": object{"suppliers": []string{"tessuti-prato"}}, "effects": percent(500),
			"limits": object{"budget": 500000, "overrun": "partial"}, "funding": []object{{"supplier": "tessuti-prato", "share": 10000}}},
		{"id": "c-88", "name": "Per te −12 %", "period": period, "stacking": object{"priority": 8},
			"for": object{"customers": []string{"C-88"}}, "effects": percent(1200)},
		{"id": "intimo-3x2", "name": "Intimo 3 per 2", "period": period, "stacking": object{"priority": 18},
			"goods":   object{"categories": []string{"underwear"}},
			"effects": []object{{"buy_get": object{"buy_quantity": 2, "get_quantity": 1, "percent": 10000}}}},
		{"id": "completo", "name": "Camicia e pantalone 99,90 €", "period": period, "stacking": object{"priority": 17},
			"effects": []object{{"bundle": object{"price": 9990, "parts": []object{
				{"quantity": 1, "goods": object{"categories": []string{"shirts"}}}, {"quantity": 1, "goods": object{"categories": []string{"trousers"}}}}}}}},
		{"id": "soglie", "name": "−5 % da 150 €, −8 % da 300 €", "period": period, "stacking": object{"priority": 4},
			"for": object{"stores": []string{"RM-01", "NA-01"}},
			"effects": []object{{"target": "order", "tiers": object{"by": "amount", "steps": []object{
				{"from": 15000, "percent": 500}, {"from": 30000, "percent": 800}}}}}},
		{"id": "benvenuto", "name": "Benvenuto, 10 € da 50 €", "period": period, "stacking": object{"priority": 3},
			"batches": []string{demoBatch}, "if": atLeast(5000), "effects": []object{{"target": "order", "amount": object{"value": 1000}}}},
		// The law makes publish prove it for 500 SKUs at all points of sale.
		{"id": "vetrina-15", "name": "Accessori in vetrina −15 %, da domani", "period": object{"from": d.at(1, 0), "to": d.at(20, 0)}, "stacking": object{"catalog": true},
			"goods": object{"categories": []string{"accessories"}}, "effects": percent(1500), "announced": true},
	}
}

// drafts are promotions that nobody has published.
func (d *demo) drafts() []object {
	return []object{{"id": "saldi", "name": "Saldi (bozza)", "period": object{"from": d.at(40, 0)}, "effects": percent(4000)}}
}
