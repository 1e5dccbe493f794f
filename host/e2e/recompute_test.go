package e2e

import (
	"encoding/json"
	"testing"
	"time"
)

// refund returns socks and answers what that refunds.
func refund(t *testing.T, p *process, receipt, key string, quantity int) (total int) {
	t.Helper()
	var r struct{ Total int }
	out := p.must(t, "till.return", key, object{
		"receipt": receipt, "store": "S1", "till": "1", "cashier": "c", "reason": "size",
		"lines": []object{{"line": "1", "quantity": quantity}},
	})
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return -r.Total
}

// TestRecompute has one of three for two come back through the real modules: the other
// two are at full price then, and the rest refunds the rest.
func TestRecompute(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	tenOff(t, p, "3x2", object{
		"refund": "recompute", "limits": object{"budget": 10_000},
		"effects": []object{{"buy_get": object{"buy_quantity": 2, "get_quantity": 1, "percent": 10_000}}},
	})
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	lines := []object{{"sku": "SOCKS", "quantity": 3}}
	q := struct{ Total int }{}
	for n := 0; q.Total != 1398; n++ { // until quotes see it
		if <-again.C; n == 2_000 {
			t.Fatal("no quote sees the promotion")
		}
		if err := json.Unmarshal(p.must(t, "pricing.quote", "", object{"store": "S1", "lines": lines}), &q); err != nil {
			t.Fatal(err)
		}
	}
	var sale struct{ ID string }
	out := p.must(t, "till.close", "sale", object{
		"store": "S1", "till": "1", "cashier": "c", "lines": lines, "tenders": []object{{"type": "card", "amount": 1398}},
	})
	if err := json.Unmarshal(out, &sale); err != nil {
		t.Fatal(err)
	}
	if got := refund(t, p, sale.ID, "first", 1); got != 0 || usedOf(t, p, "3x2").Spent != 0 {
		t.Errorf("the first refunds %d, and %+v is spent", got, usedOf(t, p, "3x2"))
	}
	var told struct{ Told []struct{ Text string } }
	if err := json.Unmarshal(p.must(t, "till.explain", "", object{"receipt": "S1/1/2", "language": "it"}), &told); err != nil {
		t.Fatal(err)
	}
	if len(told.Told) != 2 || told.Told[1].Text != "Ciò che resta al cliente non la merita più: 4,66 € non rimborsati." {
		t.Errorf("%+v", told)
	}
	if got := refund(t, p, sale.ID, "rest", 2); got != 1398 {
		t.Errorf("the rest refunds %d", got)
	}
	var verdict struct{ Faults []any }
	if err := json.Unmarshal(p.must(t, "till.verify", "", object{}), &verdict); err != nil || len(verdict.Faults) > 0 {
		t.Errorf("%v, %+v", err, verdict)
	}
}
