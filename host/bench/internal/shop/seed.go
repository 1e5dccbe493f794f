package shop

import "slices"

// object is JSON in the making.
type object map[string]any

// Seed puts the shop into a host, through public operations only.
func (s *Shop) Seed(call func(operation string, in any) error) error {
	for _, step := range s.steps() {
		if err := call(step.operation, step.in); err != nil {
			return err
		}
	}
	return nil
}

// step is one operation of Seed.
type step struct {
	operation string
	in        object
}

func (s *Shop) steps() []step {
	steps := []step{
		{"catalog.put_entity", object{"id": "co", "name": "Simulated S.r.l.", "vat_number": "12345678903", "country": "IT"}},
		{"catalog.put_vat_class", object{"id": "standard", "name": "22 %", "rates": []object{{"rate": VATRate}}}},
		{"pricing.put_list", object{"id": "retail", "name": "Retail", "currency": "EUR", "period": object{}}},
	}
	for part := range slices.Chunk(s.Products, 100) {
		var products, entries []object
		for _, p := range part {
			products = append(products, object{
				"id": "P-" + p.SKU, "name": p.Name, "brand": p.Brand, "category": p.Category,
				"vat": []object{{"class": "standard"}}, "variants": []object{{"sku": p.SKU}},
			})
			entries = append(entries, object{"sku": p.SKU, "amount": p.Price})
		}
		steps = append(steps,
			step{"catalog.put_products", object{"products": products, "create_terms": true}},
			step{"pricing.put_entries", object{"list": "retail", "entries": entries}})
	}
	for _, p := range s.Promotions {
		steps = append(steps, p.promote()...)
	}
	for _, store := range s.Stores {
		steps = append(steps, s.furnish(store)...)
	}
	return steps
}

// furnish opens a store and fills its floor.
func (s *Shop) furnish(store string) []step {
	steps := []step{
		{"catalog.put_store", object{"id": store, "name": "Store " + store, "entity": "co", "kind": "store", "zone": "Europe/Rome", "currency": "EUR"}},
		{"stock.put_place", object{"id": store + "-floor", "name": "Floor", "kind": "floor", "store": store}},
	}
	for part := range slices.Chunk(s.Products, 100) {
		var lines []object
		for _, p := range part {
			lines = append(lines, object{"sku": p.SKU, "quantity": Stock})
		}
		steps = append(steps, step{"stock.receive", object{"to": store + "-floor", "document": "D-" + store + part[0].SKU, "lines": lines}})
	}
	return steps
}
