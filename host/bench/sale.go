package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/corner"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/served"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/bench/internal/tills"
)

// The rows of the sale.
const (
	rowSale64    = "sale.64"
	rowSale64P99 = "sale.64.p99"
	rowSale1     = "sale.1"
	rowSaleHops  = "sale.hops"
	rowSaleUnits = "sale.units"
)

// saleRows sells over HTTP: a real host with the four apps beside the server
// written by hand, both in this process, both driven by the same tills.
var saleRows = experiment{
	name: "the sale over all its apps",
	rows: []string{rowSale64, rowSale64P99, rowSale1, rowSaleHops, rowSaleUnits},
	run:  measureSale,
}

const manyTills = 64

// sides are both servers with their tills.
type sides struct {
	modules string // of the host
	cards   bool   // a gift card pays a part of each sale
	shop    *shop.Shop
	corner  *corner.Server
	names   [2]string
	server  [2]served.Server
	tills   [2]*tills.Tills
}

func measureSale(ctx context.Context, b *bench) (rows []result.Row, err error) {
	s, err := openSides(ctx, b, "sale", b.modules)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.agree(ctx); err != nil {
		return nil, err
	}
	many, err := s.compare(ctx, b, manyTills, 2*time.Second)
	if err != nil {
		return nil, err
	}
	one, err := s.compare(ctx, b, 1, time.Second)
	if err != nil {
		return nil, err
	}
	speed, tail, alone := turned(many, perSecond), turned(many, tillP99), turned(one, perSecond)
	rows = []result.Row{
		against(rowSale64, "sales/s", speed[0], "net/http + bbolt Update", speed[1]),
		against(rowSale64P99, "ms p99", tail[0], "net/http + bbolt Update", tail[1]),
		against(rowSale1, "sales/s", alone[0], "net/http + bbolt Update", alone[1]),
	}
	rows[0].Note = fmt.Sprintf("receipts of %d lines, %d live promotions; both answer the same totals", shop.LinesPerSale, shop.Promotions)
	middle := func(turns [][]tills.Turn, figure func(tills.Turn) float64) [2]float64 {
		all := turned(turns, figure)
		return [2]float64{result.Median(all[0]), result.Median(all[1])}
	}
	typical, cost, costAlone := middle(one, tillP50), middle(many, perSale), middle(one, perSale)
	rows[0].Note += fmt.Sprintf("; %.2f ms of processor each, the tills' in it, by hand %.2f", cost[0], cost[1])
	rows[2].Note = fmt.Sprintf("p50 %.2f ms, by hand %.2f ms; %.2f ms of processor each, by hand %.2f", typical[0], typical[1], costAlone[0], costAlone[1])
	return s.counted(ctx, b, rows)
}

// counted adds what must be counted, not timed.
func (s *sides) counted(ctx context.Context, b *bench, rows []result.Row) ([]result.Row, error) {
	usage, err := s.usage(ctx)
	if err != nil {
		return rows, err
	}
	hops := result.Row{ID: rowSaleHops, Unit: "hops", Samples: []float64{usage.hops}}
	hops.Note = fmt.Sprintf("calls from app to app per till.close, as the host counts them; %.3f attempts per sale", usage.attempts)
	if own, byHand, err := s.written(ctx, b); err != nil {
		return append(rows, hops), err
	} else {
		rows[0].Note += fmt.Sprintf("; one sale writes %d keys and events, by hand %d", own, byHand)
	}
	gone, err := s.gone(ctx)
	if err != nil {
		return append(rows, hops), err
	}
	sales, units := s.tills[0].Acknowledged()
	difference := math.Abs(float64(units - gone))
	note := fmt.Sprintf("%d sales acknowledged, %d units sold, %d units gone from the floors", sales, units, gone)
	return append(rows, hops, result.Row{ID: rowSaleUnits, Unit: "units", Samples: []float64{difference}, Note: note}), nil
}

// openSides opens both servers in folders of a name, the host with the modules of another.
func openSides(ctx context.Context, b *bench, name, modules string) (*sides, error) {
	s := &sides{modules: modules, shop: shop.New(), names: [2]string{"host", "by hand"}}
	// The host keeps its compiled modules below its folder: only data goes.
	dir := filepath.Join(b.work, name+"-host")
	if err := os.RemoveAll(filepath.Join(dir, "tenants")); err != nil {
		return nil, err
	}
	byHand, err := b.folder(name + "-by-hand")
	if err != nil {
		return nil, err
	}
	if s.corner, err = corner.Open(byHand, s.shop); err != nil {
		return nil, err
	}
	if s.server[1], err = tills.Corner(s.corner); err != nil {
		return nil, errors.Join(err, s.corner.Close())
	}
	if s.server[0], err = tills.Host(ctx, dir, modules, s.shop); err != nil {
		return nil, errors.Join(err, s.server[1].Close())
	}
	s.tills[1] = tills.New(s.server[1:], s.shop, manyTills)
	as, err := s.clerks(ctx)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.tills[0] = tills.New(as, s.shop, manyTills)
	return s, nil
}

// clerks are those who may sell, one for each store: the host limits what one
// principal may ask for.
func (s *sides) clerks(ctx context.Context) (as []served.Server, err error) {
	for _, store := range s.shop.Stores {
		clerk, err := s.server[0].As(ctx, "tills of "+store)
		if err != nil {
			return nil, err
		}
		as = append(as, clerk)
	}
	return as, nil
}

func (s *sides) close() error { return errors.Join(s.server[0].Close(), s.server[1].Close()) }

// compare lets n tills of each side sell in turns.
func (s *sides) compare(ctx context.Context, b *bench, n int, slice time.Duration) ([][]tills.Turn, error) {
	results := make([][]tills.Turn, len(s.tills))
	for round := range b.rounds(7) {
		for i, t := range s.tills {
			r, err := t.Slice(ctx, n, b.slice(slice))
			if err != nil {
				return nil, fmt.Errorf("%s, %d tills, round %d: %w", s.names[i], n, round, err)
			}
			results[i] = append(results[i], r)
		}
	}
	return results, nil
}

// turned takes a figure out of every turn.
func turned(turns [][]tills.Turn, figure func(tills.Turn) float64) [][]float64 {
	out := make([][]float64, len(turns))
	for i, all := range turns {
		for _, t := range all {
			out[i] = append(out[i], figure(t))
		}
	}
	return out
}

func perSecond(t tills.Turn) float64 { return t.PerSecond() }
func tillP50(t tills.Turn) float64   { return p50(t.Result) }
func tillP99(t tills.Turn) float64   { return p99(t.Result) }
func perSale(t tills.Turn) float64   { return millis(t.PerSale()) }

// amounts are what both sides must answer alike.
type amounts struct {
	List     int64 `json:"list"`
	Discount int64 `json:"discount"`
	Total    int64 `json:"total"`
	Rounding int64 `json:"rounding"`
	Change   int64 `json:"change"`
	VAT      []struct{ Rate, Gross, Net, VAT int64 }
}

// agree checks that both sides do the same work: the same sales end in the
// same amounts.
func (s *sides) agree(ctx context.Context) error {
	random := rand.New(rand.NewPCG(11, 13))
	for range 50 {
		sale := s.shop.Sale(random, s.shop.Stores[0], "agree")
		var texts [2]string
		for i, t := range s.tills {
			receipt, err := t.Close(ctx, t.Paid(sale, 0))
			if err != nil {
				return fmt.Errorf("%s: %w", s.names[i], err)
			}
			var a amounts
			if err := json.Unmarshal(receipt, &a); err != nil {
				return fmt.Errorf("%s: %w", s.names[i], err)
			}
			texts[i] = fmt.Sprintf("%+v", a)
		}
		if texts[0] != texts[1] {
			return fmt.Errorf("the sides disagree on %+v:\n%s\n%s", sale, texts[0], texts[1])
		}
	}
	return nil
}
