package chain

import "fmt"

// object is JSON in the making.
type object map[string]any

// Seed puts the shops, their floors and the goods of the catalog into a host.
func (c *Chain) Seed(call func(operation string, in any) error) error {
	steps := []struct {
		operation string
		in        object
	}{
		{"catalog.put_entity", object{"id": "co", "name": "Simulated S.r.l.", "country": "IT"}},
		{"catalog.put_vat_class", object{"id": "standard", "name": "22 %", "rates": []object{{"rate": 2200}}}},
	}
	for _, s := range steps {
		if err := call(s.operation, s.in); err != nil {
			return err
		}
	}
	for _, s := range c.Stores {
		if err := call("catalog.put_store", s.shop()); err != nil {
			return err
		}
		floor := object{"id": s.Floor, "name": "Floor", "kind": "floor", "store": s.ID}
		if err := call("stock.put_place", floor); err != nil {
			return err
		}
	}
	for i := range Products {
		if err := call("catalog.put_products", object{"products": []object{c.product(i)}}); err != nil {
			return err
		}
	}
	return nil
}

// shop is open from Monday to Saturday.
func (s *Store) shop() object {
	var hours []object
	for day := 1; day <= 6; day++ {
		hours = append(hours, object{"day": day, "hours": object{"from": "09:30", "to": "19:30"}})
	}
	return object{
		"id": s.ID, "name": "Store " + s.ID, "entity": "co", "kind": "store", "zone": "Europe/Rome", "currency": "EUR",
		"hours": hours, "position": object{"latitude": s.Latitude, "longitude": s.Longitude},
		"address": object{"street": "Via Simulata 1", "city": "City " + s.ID[:2]},
	}
}

func (c *Chain) product(i int) object {
	var variants []object
	for n, sku := range c.Variants(i) {
		variants = append(variants, object{"sku": sku, "size": fmt.Sprintf("%d", 38+2*(n%Sizes)), "colour": fmt.Sprintf("colour %d", n/Sizes)})
	}
	return object{"id": c.Product(i), "name": "Simulated shirt " + c.Product(i), "vat": []object{{"class": "standard"}}, "variants": variants}
}
