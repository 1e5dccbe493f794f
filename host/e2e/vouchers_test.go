package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestLastCent has 64 tills sell socks at once for what only one of them can have: the
// last of a gift card, over the till and without one. One sells, 63 sell nothing, and no
// card is overspent.
func TestLastCent(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	p.must(t, "vouchers.put_kind", "kind", object{"id": "gift", "name": "Gift card", "type": "gift_card", "currency": "EUR", "entity": "co"})
	for _, tt := range []struct {
		operation string
		pay       func(code, key string) object
		amount    int
	}{
		{"till.close", func(code, key string) object {
			return object{
				"store": "S1", "till": key, "cashier": "c", "lines": []object{{"sku": "SOCKS", "quantity": 1}},
				"tenders": []object{{"type": "gift_card", "amount": 1, "reference": code}, {"type": "card", "amount": 698}},
			}
		}, 1},
		{"vouchers.redeem", func(code, key string) object {
			return object{"code": code, "amount": 1, "currency": "EUR", "document": key}
		}, 1},
	} {
		t.Run(tt.operation, func(t *testing.T) {
			var drawn struct{ Cards []struct{ Card, Code string } }
			issued := p.must(t, "vouchers.issue", "issue-"+tt.operation, object{"kind": "gift", "amount": tt.amount, "document": "I-1"})
			if err := json.Unmarshal(issued, &drawn); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			var won, lost atomic.Int64
			for till := range 64 {
				all.Go(func() {
					key := fmt.Sprintf("%s-%d", tt.operation, till)
					_, err := post(t.Context(), p.base, tt.operation, key, tt.pay(drawn.Cards[0].Code, key).json(t))
					refusal, ok := errors.AsType[*problem](err)
					switch {
					case err == nil:
						won.Add(1)
					case ok && refusal.Reason == "balance":
						lost.Add(1)
					default:
						t.Errorf("%s: %v", key, err)
					}
				})
			}
			finish(t, &all, 2*time.Minute)
			var card struct{ Balance int }
			if err := json.Unmarshal(p.must(t, "vouchers.card", "", object{"card": drawn.Cards[0].Card}), &card); err != nil {
				t.Fatal(err)
			}
			if won.Load() != 1 || lost.Load() != 63 || card.Balance != 0 {
				t.Errorf("%d won, %d lost, %d left", won.Load(), lost.Load(), card.Balance)
			}
		})
	}
	var verdict struct{ Faults []object }
	if err := json.Unmarshal(p.must(t, "vouchers.verify", "", object{}), &verdict); err != nil || len(verdict.Faults) > 0 {
		t.Errorf("%v %+v", err, verdict.Faults)
	}
}
