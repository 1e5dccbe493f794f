package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// The rows of the day close.
const (
	rowDay      = "day.close"
	rowDayX     = "day.interim"
	rowDayBusy  = "day.close.busy"
	rowDaySales = "day.sales.p99"
)

// dayRows closes the day of shops that have written 5,000 receipts, and of the same shops
// after a few; and it closes and looks in between while the tills go on selling.
var dayRows = experiment{name: "the day close", rows: []string{rowDay, rowDayX, rowDayBusy, rowDaySales}, run: measureDay}

// A shop's day: so many receipts by so many tills.
const (
	dayReceipts = 5_000
	dayFew      = 50
	dayTills    = 10
)

// closing is a kernel over a shop.
type closing struct {
	*rig.Rig
	shop *shop.Shop
	seed uint64
}

func measureDay(ctx context.Context, b *bench) (rows []result.Row, err error) {
	r, s, err := b.openShop(ctx, "day", nil)
	if err != nil {
		return nil, err
	}
	d := &closing{Rig: r, shop: s}
	defer func() { err = errors.Join(err, r.Close()) }()
	many := dayReceipts
	if b.quick {
		many /= 10
	}
	var closes, interims [2][]float64
	for _, store := range s.Stores {
		for i, receipts := range []int{many, dayFew} {
			x, z, err := d.close(ctx, store, receipts)
			if err != nil {
				return nil, err
			}
			interims[i], closes[i] = append(interims[i], x), append(closes[i], z)
		}
	}
	few := fmt.Sprintf("after %d receipts", dayFew)
	rows = []result.Row{against(rowDay, "ms", closes[0], few, closes[1]), against(rowDayX, "ms", interims[0], few, interims[1])}
	rows[0].Note = fmt.Sprintf("Z of a shop of %d tills after %d receipts; its totals are those of the receipts by tender and VAT rate", dayTills, many)
	rows[1].Note = "X of the same shop, the median of twenty"
	busy, err := d.busy(ctx, b)
	return append(rows, busy...), err
}

// close has the tills of a store write receipts, and answers how long an X and the Z took,
// in milliseconds. That the Z adds up is checked against the receipts.
func (d *closing) close(ctx context.Context, store string, receipts int) (x, z float64, err error) {
	total, err := d.sell(ctx, store, receipts/dayTills)
	if err != nil {
		return 0, 0, err
	}
	var xs []float64
	for range 20 {
		began := time.Now()
		if err := d.interim(ctx, store); err != nil {
			return 0, 0, err
		}
		xs = append(xs, millis(time.Since(began)))
	}
	var out struct {
		Closes []struct{ Count int }
		Totals []struct{ Total int64 }
	}
	wire, err := d.Wire("till.close_day", map[string]any{"store": store, "cashier": "bench"})
	if err != nil {
		return 0, 0, err
	}
	began := time.Now()
	res, err := d.Run(ctx, "till.close_day", wire)
	z = millis(time.Since(began))
	if err == nil {
		err = d.Decode("till.close_day", res.Output, &out)
	}
	if err != nil {
		return 0, 0, err
	}
	count := 0
	for _, c := range out.Closes {
		count += c.Count
	}
	if count != receipts || len(out.Totals) != 1 || out.Totals[0].Total != total {
		return 0, 0, fmt.Errorf("the Z of %s has %d receipts and %v, the tills wrote %d and %d", store, count, out.Totals, receipts, total)
	}
	return result.Median(xs), z, nil
}

func (d *closing) interim(ctx context.Context, store string) error {
	return d.Call(ctx, "till.interim", map[string]string{"store": store}, nil)
}

// sell has each till of a store sell so often, all at once, and answers the sum of totals.
func (d *closing) sell(ctx context.Context, store string, each int) (total int64, err error) {
	left := make([]int, dayTills)
	for i := range left {
		left[i] = each
	}
	_, total, err = d.tills(ctx, store, func(i int) bool { left[i]--; return left[i] >= 0 })
	return total, err
}

// tills has each till of a store sell while it may, and answers how long sales took and
// the sum of their totals.
func (d *closing) tills(ctx context.Context, store string, may func(till int) bool) (took []time.Duration, total int64, err error) {
	d.seed++
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range dayTills {
		all.Go(func() {
			own, sum, failed := d.till(ctx, store, i, may)
			mu.Lock()
			defer mu.Unlock()
			took, total, err = append(took, own...), total+sum, errors.Join(err, failed)
		})
	}
	all.Wait()
	return took, total, err
}

func (d *closing) till(ctx context.Context, store string, i int, may func(till int) bool) (took []time.Duration, total int64, err error) {
	random := rand.New(rand.NewPCG(d.seed, uint64(i)))
	for may(i) {
		wire, err := d.Wire("till.close", d.shop.Sale(random, store, "T"+strconv.Itoa(i)))
		if err != nil {
			return took, total, err
		}
		began := time.Now()
		res, err := d.Run(ctx, "till.close", wire)
		if err != nil {
			return took, total, err
		}
		took = append(took, time.Since(began))
		var out struct{ Total int64 }
		if err := d.Decode("till.close", res.Output, &out); err != nil {
			return took, total, err
		}
		total += out.Total
	}
	return took, total, nil
}

// closeEvery and lookEvery are the pauses between two Z, and two X, of a busy shop. A real
// one has one Z a day.
const (
	closeEvery = 200 * time.Millisecond
	lookEvery  = 50 * time.Millisecond
)

// busy sells with and without somebody who closes the day and looks in between.
func (d *closing) busy(ctx context.Context, b *bench) ([]result.Row, error) {
	store := d.shop.Stores[0]
	var zs []float64
	var tails [2][]float64
	sold := 0
	for range b.rounds(5) {
		for i := range tails {
			ended, stop := context.WithCancel(ctx)
			var others sync.WaitGroup
			var closed []float64
			var failed [2]error
			if i == 0 {
				others.Go(func() { closed, failed[0] = d.closeOften(ended, store) })
				others.Go(func() { failed[1] = d.lookOften(ended, store) })
			}
			began := time.Now()
			took, _, err := d.tills(ctx, store, func(int) bool { return time.Since(began) < b.slice(2*time.Second) })
			stop()
			others.Wait()
			if err := errors.Join(err, failed[0], failed[1]); err != nil {
				return nil, err
			}
			slices.Sort(took)
			tails[i] = append(tails[i], p99(storagetest.Result{Done: len(took), Latencies: took}))
			zs, sold = append(zs, closed...), sold+len(took)
		}
	}
	busy := result.Row{ID: rowDayBusy, Unit: "ms", Samples: zs, Note: fmt.Sprintf("Z of a shop whose %d tills go on selling, five a second", dayTills)}
	sales := against(rowDaySales, "ms p99", tails[0], "without X and Z", tails[1])
	sales.Note = fmt.Sprintf("sales of that shop, beside five Z and twenty X a second; %d sales, none refused", sold)
	return []result.Row{busy, sales}, nil
}

func (d *closing) closeOften(ctx context.Context, store string) (took []float64, err error) {
	for wait(ctx, closeEvery) {
		began := time.Now()
		in := map[string]string{"store": store, "cashier": "bench"}
		if err := d.Call(context.WithoutCancel(ctx), "till.close_day", in, nil); err != nil {
			return took, err
		}
		took = append(took, millis(time.Since(began)))
	}
	return took, nil
}

func (d *closing) lookOften(ctx context.Context, store string) error {
	for wait(ctx, lookEvery) {
		if err := d.interim(context.WithoutCancel(ctx), store); err != nil {
			return err
		}
	}
	return nil
}

// wait waits, unless everything is over before.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
