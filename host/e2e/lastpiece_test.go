package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tellers runs a call for each of 64 tills at once, and counts those that were answered
// and those that were refused for a reason.
func (p *process) tellers(t *testing.T, operation, reason string, in func(till int) object) (won, lost int64) {
	t.Helper()
	var all sync.WaitGroup
	var wins, losses atomic.Int64
	for till := range 64 {
		all.Go(func() {
			key := fmt.Sprintf("%s-%d-%s", operation, till, reason)
			_, err := post(t.Context(), p.base, operation, key, in(till).json(t))
			refusal, ok := errors.AsType[*problem](err)
			switch {
			case err == nil:
				wins.Add(1)
			case ok && refusal.Reason == reason:
				losses.Add(1)
			default:
				t.Errorf("%s: %v", key, err)
			}
		})
	}
	finish(t, &all, 2*time.Minute)
	return wins.Load(), losses.Load()
}

// shelf is what a store has of a SKU.
func (p *process) shelf(t *testing.T, store, sku string) (onHand, reserved, available int) {
	t.Helper()
	var out struct {
		Stores []struct{ Sellable, Reserved, Available int }
	}
	if err := json.Unmarshal(p.must(t, "stock.look_up", "", object{"skus": []string{sku}, "stores": []string{store}}), &out); err != nil || len(out.Stores) != 1 {
		t.Fatalf("%v %+v", err, out)
	}
	s := out.Stores[0]
	return s.Sellable, s.Reserved, s.Available
}

// told is what events of a name say, in the order of the log.
func told[T any](t *testing.T, p *process, name string) (all []T) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.base+"/v1/host/events?limit=200&types="+name, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := web.Do(asOwner(req))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	var page struct{ Items []struct{ Data T } }
	if err == nil {
		err = json.Unmarshal(body, &page)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", res.Status, body, err)
	}
	for _, e := range page.Items {
		all = append(all, e.Data)
	}
	return all
}

// TestLastPiece has 64 people ask at once for the last scarf to be put aside: one gets it.
// Then 64 tills sell one each, of which 63 were in nobody's books: a till never refuses
// what the customer holds. All sell, none is lost, and that 63 are missing stands in the
// log, with the reservation that cannot be met any more.
func TestLastPiece(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	p.must(t, "stock.count", "count", object{"place": "S1-floor", "document": "C1", "lines": []object{{"sku": "SCARF", "actual": 1}}})

	won, lost := p.tellers(t, "stock.reserve", "available", func(till int) object {
		return object{"store": "S1", "name": fmt.Sprint("customer ", till), "lines": []object{{"sku": "SCARF", "quantity": 1}}}
	})
	if won != 1 || lost != 63 {
		t.Errorf("%d have the last piece, %d were refused", won, lost)
	}
	if onHand, reserved, available := p.shelf(t, "S1", "SCARF"); onHand != 1 || reserved != 1 || available != 0 {
		t.Errorf("%d on hand, %d reserved, %d available", onHand, reserved, available)
	}

	won, lost = p.tellers(t, "till.close", "none", func(till int) object {
		return object{
			"store": "S1", "till": fmt.Sprint("T", till), "cashier": "c", "lines": []object{{"sku": "SCARF", "quantity": 1}},
			"tenders": []object{{"type": "cash", "amount": 1250}},
		}
	})
	if won != 64 || lost != 0 {
		t.Errorf("%d have sold, %d not", won, lost)
	}
	if onHand, reserved, available := p.shelf(t, "S1", "SCARF"); onHand != -63 || reserved != 1 || available != 0 {
		t.Errorf("%d on hand, %d reserved, %d available", onHand, reserved, available)
	}

	missing, broken := 0, []string{}
	for _, d := range told[struct {
		Store        string
		Lines        []struct{ SKU string }
		Reservations []string
	}](t, p, "stock.discrepancy") {
		if d.Store != "S1" || len(d.Lines) != 1 || d.Lines[0].SKU != "SCARF" {
			t.Errorf("a discrepancy of %+v", d)
		}
		missing++
		broken = append(broken, d.Reservations...)
	}
	slices.Sort(broken)
	if broken = slices.Compact(broken); missing < 63 || len(broken) != 1 {
		t.Fatalf("%d discrepancies, which name the reservations %v", missing, broken)
	}
	var r struct {
		State  string
		Broken bool
	}
	if err := json.Unmarshal(p.must(t, "stock.reservation", "", object{"id": broken[0]}), &r); err != nil || r.State != "open" || !r.Broken {
		t.Errorf("%v: the reservation is %+v", err, r)
	}
	for _, operation := range []string{"stock.verify", "till.verify"} {
		var verdict struct{ Faults []object }
		if err := json.Unmarshal(p.must(t, operation, "", object{"limit": 200}), &verdict); err != nil || len(verdict.Faults) > 0 {
			t.Errorf("%s: %v %+v", operation, err, verdict)
		}
	}
}
