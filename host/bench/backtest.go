package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/bench/internal/uci"
	"github.com/bottega-retail/bottega/sdk/retail"
)

const rowBackTest = "backtest"

// backTestRows tells how many receipts of a real year a back-test looks at in a
// second, with no other promotion live.
var backTestRows = experiment{name: "back-test", rows: []string{rowBackTest}, run: measureBackTest}

func measureBackTest(ctx context.Context, b *bench) (rows []result.Row, err error) {
	past, err := uci.Read(b.uci)
	if err != nil {
		return nil, fmt.Errorf("without the UCI set there is nothing to look at: %w", err)
	}
	if b.quick {
		past = past[:len(past)/10]
	}
	r, err := b.openRig(ctx, rowBackTest, rig.Options{Modules: b.modules})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	// The year ends yesterday: what is older than two years is forgotten.
	shift := time.Now().UTC().Truncate(24*time.Hour).Sub(past[len(past)-1].At.Truncate(24*time.Hour)) - 24*time.Hour
	if err := recordPast(ctx, r, past, shift); err != nil {
		return nil, err
	}
	days := [2]retail.Date{day(past[0].At.Add(shift)), day(past[len(past)-1].At.Add(shift))}
	var samples []float64
	for round := range b.rounds(3) {
		perSecond, err := backTest(ctx, r, fmt.Sprint("run-", round), days, len(past))
		if err != nil {
			return nil, err
		}
		samples = append(samples, perSecond)
	}
	return []result.Row{{ID: rowBackTest, Unit: "receipts/s", Samples: samples, Note: fmt.Sprintf("%d receipts of the UCI year, one draft of 10 %% off 12 pieces of a line or more; from its command to its last step", len(past))}}, nil
}

func day(t time.Time) retail.Date { return retail.Date(t.Format(time.DateOnly)) }

// backTest runs a draft over the days, and answers receipts per second.
func backTest(ctx context.Context, r *rig.Rig, id string, days [2]retail.Date, receipts int) (float64, error) {
	least := int64(12)
	draft := pricing.Promotion{
		ID: "draft", Name: "Draft", Effects: []pricing.Effect{{Percent: 1000}},
		If: []pricing.Condition{{LineQuantity: &pricing.Range{Min: &least}, PerLine: true}},
	}
	began := time.Now()
	if err := r.Call(ctx, "pricing.begin_back_test", pricing.BackTestIn{ID: id, Promotion: &draft, First: days[0], Last: days[1]}, nil); err != nil {
		return 0, err
	}
	for ; ; time.Sleep(20 * time.Millisecond) {
		var run struct {
			State    string `json:"state"`
			Receipts int    `json:"receipts"`
			Touched  int    `json:"touched"`
		}
		if err := r.Call(ctx, "pricing.back_test", pricing.BackTestID{ID: id}, &run); err != nil {
			return 0, err
		}
		took := time.Since(began)
		switch {
		case run.State == string(pricing.Finished) && run.Receipts == receipts && run.Touched > 0:
			return float64(receipts) / took.Seconds(), nil
		case run.State != string(pricing.Running) || took > 10*time.Minute:
			return 0, fmt.Errorf("the run is %s after %v: %d of %d receipts, %d touched", run.State, took, run.Receipts, receipts, run.Touched)
		}
	}
}

// Of what one command takes.
const (
	productsAtOnce = 100
	salesAtOnce    = 100
	linesAtOnce    = 3000
)

// recordPast puts the goods and the receipts into the apps.
func recordPast(ctx context.Context, r *rig.Rig, past []uci.Sale, shift time.Duration) error {
	type object = map[string]any
	const store = "UCI"
	for _, step := range []struct {
		operation string
		in        object
	}{
		{"catalog.put_entity", object{"id": "co", "name": "UCI", "vat_number": "12345678903", "country": "GB"}},
		{"catalog.put_vat_class", object{"id": "standard", "name": "20 %", "rates": []object{{"rate": 2000}}}},
		{"catalog.put_store", object{"id": store, "name": store, "entity": "co", "kind": "store", "zone": "UTC", "currency": "GBP"}},
	} {
		if err := r.Call(ctx, step.operation, step.in, nil); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	var products []object
	put := func(least int) error {
		if len(products) < least {
			return nil
		}
		err := r.Call(ctx, "catalog.put_products", object{"products": products, "create_terms": true}, nil)
		products = nil
		return err
	}
	for _, s := range past {
		for _, l := range s.Lines {
			if known[l.SKU] {
				continue
			}
			known[l.SKU] = true
			products = append(products, object{"id": "P-" + l.SKU, "name": "Article " + l.SKU, "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": l.SKU}}})
			if err := put(productsAtOnce); err != nil {
				return err
			}
		}
	}
	if err := put(1); err != nil {
		return err
	}
	return recordSales(ctx, r, store, past, shift)
}

// recordSales records the receipts, some at once.
func recordSales(ctx context.Context, r *rig.Rig, store retail.StoreID, past []uci.Sale, shift time.Duration) error {
	type line struct {
		SKU       string `json:"sku"`
		Quantity  int64  `json:"quantity"`
		UnitPrice int64  `json:"unit_price"`
		Per       int64  `json:"per"`
		Total     int64  `json:"total"`
	}
	type sale struct {
		Document string         `json:"document"`
		At       string         `json:"at"`
		Store    retail.StoreID `json:"store"`
		Total    int64          `json:"total"`
		Lines    []line         `json:"lines"`
	}
	var some []sale
	lines := 0
	for i, s := range past {
		one := sale{Document: s.Document, At: s.At.Add(shift).Format(time.RFC3339), Store: store}
		for _, l := range s.Lines {
			one.Lines = append(one.Lines, line{l.SKU, l.Quantity, l.Price, 1, l.Price * l.Quantity})
			one.Total += l.Price * l.Quantity
		}
		some, lines = append(some, one), lines+len(s.Lines)
		if len(some) < salesAtOnce && lines < linesAtOnce && i < len(past)-1 {
			continue
		}
		if err := r.Call(ctx, "pricing.record_sales", map[string]any{"sales": some}, nil); err != nil {
			return fmt.Errorf("record up to %s: %w", s.Document, err)
		}
		some, lines = nil, 0
	}
	return nil
}
