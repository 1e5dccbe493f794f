package e2e

import (
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// backTested is the figures of a back-test that the test compares.
type backTested struct {
	Receipts int64 `json:"receipts"`
	LeftOut  int64 `json:"left_out"`
	Touched  int64 `json:"touched"`
	Cost     int64 `json:"cost"`
	Returned int64 `json:"returned"`
	Revenue  int64 `json:"revenue"`
}

// uciYear is what testdata/backtest/uci.py says of the whole set.
var uciYear = backTested{Receipts: 20_726, LeftOut: 5_407, Touched: 5_557, Cost: 3_726_186, Returned: 110_645, Revenue: 440_488_278}

// TestBackTestUCI imports real receipts, lets the host say what a promotion would have
// cost on them, and compares that to the penny with a recomputation in plain integers
// that knows nothing of the engine: as much of the set as has returns, all of it with
// BOTTEGA_LONG=1, and then also with what a script says that shares no code with it.
func TestBackTestUCI(t *testing.T) {
	t.Parallel()
	all := uci(t)
	rows, year := slice(all, 16_000), os.Getenv("BOTTEGA_LONG") != ""
	if year {
		rows = all
	}
	b, dir := binaries(t), t.TempDir()
	i := &importing{t: t, built: b, file: filepath.Join(dir, "sales.csv"), truth: count(rows)}
	writeSlice(t, i.file, rows)
	h, _ := serve(t, b, filepath.Join(dir, "host"), "--set", "*", "--address", "127.0.0.1:0")
	i.base = h.base
	i.run()

	backs := cameBack(rows)
	h.recordBacks(t, backs)
	got, want := h.backTest(t, bags(rows)), recomputed(rows, backs)
	if got != want || want.Cost == 0 || want.Returned == 0 || want.LeftOut == 0 {
		t.Errorf("the back-test says %+v, the recomputation %+v", got, want)
	}
	if year && want != uciYear {
		t.Errorf("the recomputation says %+v, testdata/backtest/uci.py %+v", want, uciYear)
	}
}

// bags are the codes of the set that begin with 85: bags, mostly.
func bags(rows []uciRow) (skus []string) {
	for _, r := range rows[1:] {
		if strings.HasPrefix(r.cells[1], "85") {
			skus = append(skus, r.cells[1])
		}
	}
	slices.Sort(skus)
	return slices.Compact(skus)
}

// backTest runs 10 % off goods of which at least six are bought, over everything.
func (p *process) backTest(t *testing.T, skus []string) (out backTested) {
	t.Helper()
	draft := promotion("bags", "10 % off six bags", object{"skus": skus}, 1000)
	draft["if"] = []object{{"line_quantity": object{"min": 6}, "per_line": true}}
	p.must(t, "pricing.begin_back_test", "uci", object{"id": "uci", "first": "2010-01-01", "last": "2011-12-31", "promotion": draft})
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		answer, err := post(t.Context(), p.base, "pricing.back_test", "", object{"id": "uci"}.json(t))
		if err != nil {
			t.Fatal(err)
		}
		var run struct {
			State        string `json:"state"`
			Begun, Ended time.Time
			backTested
		}
		if err := json.Unmarshal(answer, &run); err != nil {
			t.Fatal(err)
		}
		if run.State == "finished" {
			t.Logf("%d receipts in %v", run.Receipts, run.Ended.Sub(run.Begun))
			return run.backTested
		}
	}
	t.Fatal("the back-test does not come to an end")
	return out
}

// soldLine is equal goods at one price in one document.
type soldLine struct{ number, sku, price string }

// back is units of a sold line that came back with another document.
type back struct {
	soldLine
	with, at string
	quantity int64
}

// cameBack finds what the bags of cancellations had been sold with, in the order of the
// file: as much as was sold with one receipt, then with the one before.
func cameBack(rows []uciRow) (all []back) {
	type wish struct{ customer, sku, price string }
	sold := map[wish][]back{}
	for _, r := range rows[1:] {
		number, sku, quantity, price := r.cells[0], r.cells[1], whole(r.cells[3], 1), r.cells[5]
		w := wish{r.cells[6], sku, price}
		switch {
		case w.customer == "" || !strings.HasPrefix(sku, "85"):
		case number[0] != 'C' && quantity > 0:
			sold[w] = append(sold[w], back{soldLine: soldLine{number, sku, price}, quantity: quantity})
		case number[0] == 'C':
			for left := -quantity; left > 0 && len(sold[w]) > 0; {
				newest := &sold[w][len(sold[w])-1]
				n := min(left, newest.quantity)
				all = append(all, back{newest.soldLine, number, r.cells[4], n})
				left, newest.quantity = left-n, newest.quantity-n
				if newest.quantity == 0 {
					sold[w] = sold[w][:len(sold[w])-1]
				}
			}
		}
	}
	return all
}

// document is a name of its own for what came back of one receipt with one document.
func (b *back) document() string { return "back:" + b.with + ":" + b.number }

// recordBacks tells pricing what came back of which receipt.
func (p *process) recordBacks(t *testing.T, backs []back) {
	t.Helper()
	var order []string
	sales := map[string]object{}
	for _, b := range backs {
		price := whole(b.price, 100)
		s := sales[b.document()]
		if s == nil {
			s = object{"document": b.document(), "returns": "import/uci:" + b.number, "store": "UCI", "at": strings.Replace(b.at, " ", "T", 1) + "Z", "lines": []object{}, "total": int64(0)}
			sales[b.document()], order = s, append(order, b.document())
		}
		s["lines"] = append(s["lines"].([]object), object{"sku": b.sku, "quantity": -b.quantity, "unit_price": price, "per": 1, "total": -price * b.quantity})
		s["total"] = s["total"].(int64) - price*b.quantity
	}
	for n, part := range slices.Collect(slices.Chunk(order, 100)) {
		var some []object
		for _, document := range part {
			some = append(some, sales[document])
		}
		p.must(t, "pricing.record_sales", fmt.Sprint("backs-", n), object{"sales": some})
	}
}

// recomputed is the same promotion by hand: documents that take something back or
// charge below zero are left out, equal goods at one price are one line, and a tenth
// of each line of six or more is taken off, half a penny up. Of it the part of what came
// back is taken out again, by quantity, half a penny up.
func recomputed(rows []uciRow, backs []back) (out backTested) {
	quantities, totals, odd := map[soldLine]int64{}, map[string]int64{}, map[string]bool{}
	for _, r := range rows[1:] {
		number, quantity := r.cells[0], whole(r.cells[3], 1)
		quantities[soldLine{number, r.cells[1], r.cells[5]}] += quantity
		price, _ := new(big.Rat).SetString(r.cells[5])
		totals[number] += roundAway(price.Mul(price, big.NewRat(quantity, 1)))
		odd[number] = odd[number] || quantity <= 0 || r.cells[5][0] == '-'
	}
	returned, given, documents := map[soldLine]int64{}, map[string]int64{}, map[string]bool{}
	for _, b := range backs {
		returned[b.soldLine] += b.quantity
		given[b.number] += b.quantity * whole(b.price, 100)
		documents[b.document()] = true
	}
	out.LeftOut = int64(len(documents))
	touched := map[string]bool{}
	for l, quantity := range quantities {
		if odd[l.number] || quantity < 6 || !strings.HasPrefix(l.sku, "85") {
			continue
		}
		if off := (whole(l.price, 100)*quantity + 5) / 10; off > 0 {
			gone := (2*off*returned[l] + quantity) / (2 * quantity)
			out.Cost, out.Returned, touched[l.number] = out.Cost+off-gone, out.Returned+gone, true
		}
	}
	for number, total := range totals {
		switch {
		case odd[number]:
			out.LeftOut++
		case touched[number]:
			out.Touched, out.Revenue = out.Touched+1, out.Revenue+total-given[number]
			fallthrough
		default:
			out.Receipts++
		}
	}
	return out
}

// whole is a decimal in parts of one, which it must not be finer than.
func whole(decimal string, parts int64) int64 {
	value, _ := new(big.Rat).SetString(decimal)
	value.Mul(value, big.NewRat(parts, 1))
	if !value.IsInt() {
		panic(decimal + " is finer than expected")
	}
	return value.Num().Int64()
}
