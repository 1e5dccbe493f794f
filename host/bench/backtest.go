package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/host/bench/internal/campaign"
	"github.com/bottega-retail/bottega/host/bench/internal/copyist"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/bench/internal/uci"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
)

const rowBackTest = "backtest"

// backTestSizes are the numbers of live promotions.
var backTestSizes = []struct {
	suffix     string
	promotions int
}{{"", 10}, {".10k", 10_000}, {".100k", 100_000}}

// backTestRows tells how many receipts of a real year a back-test looks at in a second
// beside rising numbers of promotions that are live all the year: one for each brand,
// and each of the UCI's goods has one of its own.
var backTestRows = experiment{name: "back-test", rows: []string{rowBackTest, rowBackTest + ".10k", rowBackTest + ".100k"}, run: measureBackTests}

func measureBackTests(ctx context.Context, b *bench) (rows []result.Row, err error) {
	past, err := uci.Read(b.uci)
	if err != nil {
		return nil, fmt.Errorf("without the UCI set there is nothing to look at: %w", err)
	}
	if b.quick {
		past = past[:len(past)/10]
	}
	for i, size := range backTestSizes {
		if i == 1 {
			past = past[:len(past)/4] // what differs is the promotions
		}
		row, err := measureBackTest(ctx, b, past, rowBackTest+size.suffix, size.promotions)
		if err != nil {
			return rows, fmt.Errorf("%d promotions: %w", size.promotions, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func measureBackTest(ctx context.Context, b *bench, past []uci.Sale, id string, promotions int) (row result.Row, err error) {
	m := &market{copy: copyist.New(rig.Owner(pricingID))}
	if m.Rig, err = b.openRig(ctx, id, rig.Options{Modules: b.modules, Wrap: m.copy.Around}); err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	// The year begins tomorrow, when all promotions are live.
	shift := time.Now().UTC().Truncate(24*time.Hour).Sub(past[0].At.Truncate(24*time.Hour)) + 24*time.Hour
	if err := recordPast(ctx, m.Rig, past, shift); err != nil {
		return row, err
	}
	if err := m.brands(ctx, promotions); err != nil {
		return row, err
	}
	days := [2]retail.Date{day(past[0].At.Add(shift)), day(past[len(past)-1].At.Add(shift))}
	row = result.Row{ID: id, Unit: "receipts/s", Note: fmt.Sprintf("%d receipts of the UCI year, %d promotions live; one draft of 10 %% off 12 pieces of a line or more; from its command to its last step", len(past), promotions)}
	for round := range 1 + b.rounds(3) {
		perSecond, err := backTest(ctx, m.Rig, fmt.Sprint("run-", round), days, len(past))
		if err != nil {
			return row, err
		}
		if round > 0 { // during the first the promotions still find their way into quotes
			row.Samples = append(row.Samples, perSecond)
		}
	}
	return row, nil
}

// brands puts promotions live, each for another brand.
func (m *market) brands(ctx context.Context, n int) error {
	k := campaign.Kind{Mark: brand(0), Promotion: pricing.Promotion{
		ID: "for-" + brand(0), Name: "5 % off a brand", Goods: pricing.Selection{Brands: []string{brand(0)}}, Effects: []pricing.Effect{{Percent: 500}},
	}}
	if err := m.copies(ctx, k, n); err != nil {
		return err
	}
	return m.write(ctx, []copyist.Frame{{Func: abi.FuncPublish, Input: abi.AppendChanges(nil, nil)}})
}

func brand(n int) string { return fmt.Sprintf("b-%07d", n) }

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
			products = append(products, object{"id": "P-" + l.SKU, "name": "Article " + l.SKU, "brand": brand(len(known) - 1), "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": l.SKU}}})
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
