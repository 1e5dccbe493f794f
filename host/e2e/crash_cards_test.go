package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
)

// Gift cards of a crash: of some the tills never see the end, some are soon spent.
const (
	richCards, rich = 8, 5_000_00
	poorCards, poor = 16, 3_00
	cardPrice       = 25_00
)

// issueCards issues them, and puts one more on sale.
func (c *crash) issueCards(p *process) {
	p.must(c.t, "vouchers.put_kind", "kind", object{"id": "gift", "name": "Gift card", "type": "gift_card", "currency": "EUR", "entity": "co"})
	p.must(c.t, "catalog.put_vat_class", "out", object{"id": "out", "name": "No VAT yet", "rates": []object{{"rate": 0}}})
	p.must(c.t, "catalog.put_products", "gift", object{"products": []object{{
		"id": "GIFT", "name": "Gift card", "kind": "gift_card", "vat": []object{{"class": "out"}}, "variants": []object{{"sku": "GIFT"}},
	}}})
	p.must(c.t, "pricing.put_entries", "gift-price", object{"list": "retail", "entries": []object{{"sku": "GIFT", "amount": cardPrice}}})
	for _, of := range []struct{ count, amount int }{{richCards, rich}, {poorCards, poor}} {
		var drawn struct{ Cards []struct{ Code string } }
		answer := p.must(c.t, "vouchers.issue", fmt.Sprint(of.amount), object{"kind": "gift", "count": of.count, "amount": of.amount, "document": "opening"})
		if err := json.Unmarshal(answer, &drawn); err != nil {
			c.t.Fatal(err)
		}
		for _, card := range drawn.Cards {
			c.codes = append(c.codes, card.Code)
		}
	}
}

// byCard has a card pay a part of a sale.
func (c *crash) byCard(random *rand.Rand, sale object) {
	part := object{"type": "gift_card", "amount": 1 + random.IntN(249), "reference": c.codes[random.IntN(len(c.codes))]}
	sale["tenders"] = append([]object{part}, sale["tenders"].([]object)...)
}

// cards says what the verdict must say of them: all were looked at, and what moved on them
// stands in receipts, but for how they came to be.
func (c *crash) cards(verdict map[string]int) {
	if n := verdict["elsewhere"]; n != len(c.codes) {
		c.t.Errorf("%d entries on cards belong to no receipt, want the %d of the first amounts", n, len(c.codes))
	}
	if verdict["cards"] < len(c.codes) || verdict["entries"] <= len(c.codes) {
		c.t.Errorf("nothing was paid by card: %v", verdict)
	}
}
