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

// TestSlipsOfOneBudget has 64 tills ask at once for a part of a budget that suffices for 40,
// sell by it while nobody reaches them, and tell all of it at once, twice: no more is ever
// taken off than the budget has, and every sale is there once.
func TestSlipsOfOneBudget(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	p.must(t, "pricing.put_promotion", "put", object{
		"id": "one-euro", "name": "One euro", "period": object{}, "for": object{}, "not": object{}, "goods": object{"skus": []string{"SOCKS"}}, "except": object{},
		"effects": []object{{"amount": object{"value": 100}}}, "stacking": object{}, "limits": object{"budget": 4000}, "codes": []string{"AWAY"},
	})
	p.must(t, "pricing.publish", "publish", object{"id": "one-euro", "accept": []string{"overlap", "collision", "unreachable", "below_floor", "unfunded", "no_cost"}})

	const tills = 64
	slips := make([]string, tills)
	each(t, tills, func(till int) error {
		out, err := post(t.Context(), p.base, "pricing.allot", fmt.Sprint("allot-", till), object{
			"store": "S1", "till": fmt.Sprint("T", till), "parts": []object{{"promotion": "one-euro", "amount": 100}},
		}.json(t))
		var got struct{ Parts []struct{ Slip string } }
		if err == nil {
			err = json.Unmarshal(out, &got)
			slips[till] = got.Parts[0].Slip
		} else if refusal, ok := errors.AsType[*problem](err); ok && refusal.Reason == "budget" {
			err = nil
		}
		return err
	})
	covered := 0
	for _, s := range slips {
		if s != "" {
			covered++
		}
	}
	if covered != 40 {
		t.Fatalf("%d tills have a euro of 40.00", covered)
	}

	var taken, held, again atomic.Int64
	each(t, 2*tills, func(n int) error {
		till := n % tills
		out, err := post(t.Context(), p.base, "till.sync", fmt.Sprint("sync-", n), object{
			"store": "S1", "till": fmt.Sprint("T", till), "sent": "2025-11-22T19:00:00Z", "documents": []object{socksOff(till, 1, slips[till]), socksOff(till, 2, slips[till])},
		}.json(t))
		var got struct{ Results []struct{ State string } }
		if err == nil {
			err = json.Unmarshal(out, &got)
		}
		if n >= tills {
			again.Add(int64(len(got.Results)))
			return err
		}
		for _, r := range got.Results {
			switch r.State {
			case "taken":
				taken.Add(1)
			case "quarantined":
				held.Add(1)
			}
		}
		return err
	})
	if taken.Load() != 40 || held.Load() != 88 || again.Load() != 128 {
		t.Errorf("%d were taken, %d are in quarantine, %d were sent again", taken.Load(), held.Load(), again.Load())
	}
	var budget struct{ Spent, Left int }
	read(t, p.must(t, "pricing.budget", "", object{"id": "one-euro"}), &budget)
	if budget.Spent != 4000 || budget.Left != 0 {
		t.Errorf("of 40.00 is spent %d, left %d", budget.Spent, budget.Left)
	}
	var x struct {
		Tills  []struct{ Offline int }
		Totals []struct{ Total, Discount int }
	}
	read(t, p.must(t, "till.interim", "", object{"store": "S1"}), &x)
	if len(x.Tills) != 40 || x.Totals[0].Discount != 4000 {
		t.Errorf("so far %+v", x)
	}
	p.must(t, "till.close_day", "z", object{"store": "S1", "cashier": "c"})
	var verdict struct {
		Checked int
		Faults  []object
	}
	read(t, p.must(t, "till.verify", "", object{"limit": 200}), &verdict)
	if verdict.Checked != 40 || len(verdict.Faults) > 0 {
		t.Errorf("%+v", verdict)
	}
}

// socksOff is socks that a till sold with a euro off.
func socksOff(till, sequence int, slip string) object {
	d := object{
		"day": "2025-11-22", "sequence": sequence, "uuid": fmt.Sprintf("socks-%d-%d", till, sequence), "kind": "sale", "at": "2025-11-22T10:00:00Z", "cashier": "c", "total": 599,
		"lines": []object{{
			"sku": "SOCKS", "quantity": 1, "unit_price": 699, "discount": 100, "total": 599, "applied": []object{{"promotion": "one-euro", "version": 1, "amount": 100}},
			"goods": object{"product": "SOCKS", "description": "Socks", "kind": "goods", "unit": "piece", "vat_rate": 2200},
		}},
		"tenders": []object{{"type": "cash", "amount": 599}},
	}
	if slip != "" {
		d["slips"] = []string{slip}
	}
	return d
}

// each does something n times at once.
func each(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if err := do(i); err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	finish(t, &all, 2*time.Minute)
}
