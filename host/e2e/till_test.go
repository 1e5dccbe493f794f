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

// TestRefundsAtOnce has 50 tills of two stores refund the same unit at once, of a sale that
// was paid by card and in cash: one does. Then 49 of them refund the 49 units that are left,
// and together all refunds are what was paid with each tender, to the cent.
func TestRefundsAtOnce(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	var socks, one struct {
		ID    string
		Total int
	}
	sell := func(key string, quantity int, into any) {
		t.Helper()
		out := p.must(t, "till.close", key, object{
			"store": "S1", "till": "1", "cashier": "c", "lines": []object{{"sku": "SOCKS", "quantity": quantity}},
			"tenders": []object{{"type": "card", "amount": 300}, {"type": "cash", "amount": 100_000}},
		})
		if err := json.Unmarshal(out, into); err != nil {
			t.Fatal(err)
		}
	}
	sell("one", 1, &one)
	sell("many", 49, &socks)
	paid := map[string]*atomic.Int64{"card": {}, "cash": {}}
	refunds := func(receipt string, tills int) (won, lost int64) {
		t.Helper()
		var all sync.WaitGroup
		var wins, losses atomic.Int64
		for till := range tills {
			all.Go(func() {
				key := fmt.Sprintf("refund-%s-%d", receipt, till)
				out, err := post(t.Context(), p.base, "till.return", key, object{
					"receipt": receipt, "store": []string{"S1", "S2"}[till%2], "till": fmt.Sprint("T", till), "cashier": "c", "reason": "size",
					"lines": []object{{"line": "1", "quantity": 1}},
				}.json(t))
				refusal, ok := errors.AsType[*problem](err)
				switch {
				case err == nil:
					wins.Add(1)
					var r struct {
						Tenders []struct {
							Type   string
							Amount int64
						}
					}
					if err := json.Unmarshal(out, &r); err != nil {
						t.Error(err)
					}
					for _, back := range r.Tenders {
						paid[back.Type].Add(back.Amount)
					}
				case ok && refusal.Reason == "returned":
					losses.Add(1)
				default:
					t.Errorf("%s: %v", key, err)
				}
			})
		}
		finish(t, &all, 2*time.Minute)
		return wins.Load(), losses.Load()
	}
	if won, lost := refunds(one.ID, 50); won != 1 || lost != 49 {
		t.Errorf("%d refunds of one unit, %d refused", won, lost)
	}
	if won, lost := refunds(socks.ID, 49); won != 49 || lost != 0 {
		t.Errorf("%d refunds of 49 units, %d refused", won, lost)
	}
	want := int64(one.Total + socks.Total - 600)
	if card, cash := -paid["card"].Load(), -paid["cash"].Load(); card != 600 || cash != want {
		t.Errorf("refunded %d by card and %d in cash, paid 600 and %d", card, cash, want)
	}
	p.must(t, "till.close_day", "z1", object{"store": "S1", "cashier": "c"})
	p.must(t, "till.close_day", "z2", object{"store": "S2", "cashier": "c"})
	var verdict struct {
		Closes int
		Faults []object
	}
	if err := json.Unmarshal(p.must(t, "till.verify", "", object{"limit": 200}), &verdict); err != nil || len(verdict.Faults) > 0 {
		t.Errorf("%v %+v", err, verdict)
	}
}
