package e2e

import (
	"encoding/json"
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
	Revenue  int64 `json:"revenue"`
}

// uciYear is what testdata/backtest/uci.py says of the whole set.
var uciYear = backTested{Receipts: 20_726, LeftOut: 5_174, Touched: 5_557, Cost: 3_836_831, Revenue: 441_617_753}

// TestBackTestUCI imports real receipts, lets the host say what a promotion would have
// cost on them, and compares that to the penny with a recomputation in plain integers
// that knows nothing of the engine: a slice of the set by default, all of it with
// BOTTEGA_LONG=1, and then also with what a script says that shares no code with it.
func TestBackTestUCI(t *testing.T) {
	t.Parallel()
	all := uci(t)
	rows, year := slice(all, 8_000), os.Getenv("BOTTEGA_LONG") != ""
	if year {
		rows = all
	}
	b, dir := binaries(t), t.TempDir()
	i := &importing{t: t, built: b, file: filepath.Join(dir, "sales.csv"), truth: count(rows)}
	writeSlice(t, i.file, rows)
	h, _ := serve(t, b, filepath.Join(dir, "host"), "--set", "*", "--address", "127.0.0.1:0")
	i.base = h.base
	i.run()

	got, want := h.backTest(t, bags(rows)), recomputed(rows)
	if got != want || want.Cost == 0 || want.LeftOut == 0 {
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

// recomputed is the same promotion by hand: documents that take something back or
// charge below zero are left out, equal goods at one price are one line, and a tenth
// of each line of six or more is taken off, half a penny up.
func recomputed(rows []uciRow) (out backTested) {
	type line struct{ number, sku, price string }
	quantities, totals, odd := map[line]int64{}, map[string]int64{}, map[string]bool{}
	for _, r := range rows[1:] {
		number, quantity := r.cells[0], whole(r.cells[3], 1)
		quantities[line{number, r.cells[1], r.cells[5]}] += quantity
		price, _ := new(big.Rat).SetString(r.cells[5])
		totals[number] += roundAway(price.Mul(price, big.NewRat(quantity, 1)))
		odd[number] = odd[number] || quantity <= 0 || r.cells[5][0] == '-'
	}
	touched := map[string]bool{}
	for l, quantity := range quantities {
		if odd[l.number] || quantity < 6 || !strings.HasPrefix(l.sku, "85") {
			continue
		}
		if off := (whole(l.price, 100)*quantity + 5) / 10; off > 0 {
			out.Cost, touched[l.number] = out.Cost+off, true
		}
	}
	for number, total := range totals {
		switch {
		case odd[number]:
			out.LeftOut++
		case touched[number]:
			out.Touched, out.Revenue = out.Touched+1, out.Revenue+total
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
