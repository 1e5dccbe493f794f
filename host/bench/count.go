package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// saleUsage is what the host's own metrics say of a sale, on average.
type saleUsage struct{ hops, attempts float64 }

// usage reads the metrics of the host.
func (s *sides) usage(ctx context.Context) (u saleUsage, err error) {
	text, err := s.server[0].Get(ctx, http.DefaultClient, "/metrics")
	if err != nil {
		return u, err
	}
	values := map[string]float64{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			values[name] = v
		}
	}
	mean := func(metric string) float64 {
		label := `{operation="till.close"}`
		return values[metric+"_sum"+label] / values[metric+"_count"+label]
	}
	u = saleUsage{mean("bottega_operation_hops"), mean("bottega_operation_attempts")}
	if !(u.hops >= 0) { // nothing was counted
		err = errors.New("the host's metrics do not count till.close")
	}
	return u, errors.Join(err, lines.Err())
}

// gone is how many units the floors of the host have lost.
func (s *sides) gone(ctx context.Context) (units int64, err error) {
	units = shop.Stock * int64(len(s.shop.Stores)*len(s.shop.Products))
	for part := range slices.Chunk(s.shop.Products, 200) {
		var in struct {
			SKUs []string `json:"skus"`
		}
		for _, p := range part {
			in.SKUs = append(in.SKUs, p.SKU)
		}
		answer, err := s.tills[0].Post(ctx, "stock.look_up", in)
		if err != nil {
			return 0, err
		}
		var out struct{ Stores []struct{ Sellable int64 } }
		if err := json.Unmarshal(answer, &out); err != nil {
			return 0, err
		}
		for _, l := range out.Stores {
			units -= l.Sellable
		}
	}
	_, own := s.tills[1].Acknowledged()
	if sold, err := s.corner.Sold(); err != nil || sold != own {
		return 0, errors.Join(fmt.Errorf("by hand: %d units sold, %d gone", own, sold), err)
	}
	return units, nil
}

// written is how many keys and events one and the same sale puts, changes or
// appends on both sides.
func (s *sides) written(ctx context.Context, b *bench) (own, byHand int, err error) {
	sale := s.shop.Sale(rand.New(rand.NewPCG(5, 5)), s.shop.Stores[1], "count")
	r, _, err := b.openShopOf(ctx, "written", s.modules, nil)
	if err != nil {
		return 0, 0, err
	}
	ours := sale
	if s.cards {
		codes, err := shop.IssueCards(1, func(operation string, in, out any) error { return r.Call(ctx, operation, in, out) })
		if err != nil {
			return 0, 0, errors.Join(err, r.Close())
		}
		ours = sale.PaidByCard(codes[0])
	}
	own, err = difference(func() (map[string]string, error) { return keys(ctx, r) },
		func() error { return r.Call(ctx, "till.close", ours, nil) })
	if err = errors.Join(err, r.Close()); err != nil {
		return 0, 0, err
	}
	byHand, err = difference(s.corner.Keys, func() error {
		_, err := s.tills[1].Close(ctx, s.tills[1].Paid(sale, 0))
		return err
	})
	return own, byHand, err
}

// difference is how many keys have another value after do than before.
func difference(keys func() (map[string]string, error), do func() error) (n int, err error) {
	before, err := keys()
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := keys()
	for k, v := range after {
		if old, there := before[k]; !there || old != v {
			n++
		}
	}
	return n, err
}

// keys are all keys of a kernel's storage, and its events by position.
func keys(ctx context.Context, r *rig.Rig) (map[string]string, error) {
	tx, err := r.Engine.Begin(ctx, storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		return nil, err
	}
	defer tx.Discard()
	pairs, err := tx.Scan(storage.Range{})
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, p := range pairs {
		all[string(p.Key)] = string(p.Value)
	}
	for i := range r.Engine.Status().Position {
		all[fmt.Sprintf("event %d", i)] = ""
	}
	return all, nil
}
