package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/bare"
	"github.com/bottega-retail/bottega/host/bench/internal/campaign"
	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
)

// The rows of a quote, each with the suffix of a size but rowQuoteGrowth.
const (
	rowQuote       = "quote"
	rowQuoteP99    = "quote.p99"
	rowQuoteGuest  = "quote.guest"
	rowQuoteNative = "quote.native"
	rowQuoteGrowth = "quote.growth"
)

// quoteSizes are the numbers of live promotions.
var quoteSizes = []struct {
	suffix     string
	promotions int
}{{".100", 100}, {".1k", 1_000}, {".10k", 10_000}, {".100k", 100_000}}

// quoteRows measures a quote of 20 lines against rising numbers of live promotions of
// which five apply: through the kernel and two guests, in the guest of pricing alone,
// and beside the same package compiled for this machine.
var quoteRows = experiment{name: "quote", rows: sized(rowQuote, rowQuoteP99, rowQuoteGuest, rowQuoteNative, rowQuoteGrowth), run: measureQuote}

// sized are the rows with the suffix of each size; the last has none.
func sized(rows ...string) (all []string) {
	for _, s := range quoteSizes {
		for _, r := range rows[:len(rows)-1] {
			all = append(all, r+s.suffix)
		}
	}
	return append(all, rows[len(rows)-1])
}

// quoting is one size at work. Its samples, in µs, are by round.
type quoting struct {
	*market
	native     *peer.Child
	input      []byte
	guest, p99 []float64
}

func measureQuote(ctx context.Context, b *bench) (rows []result.Row, err error) {
	var all []*quoting
	defer func() {
		for _, q := range all {
			err = errors.Join(err, q.native.Close(), q.Close())
		}
	}()
	var subjects []subject
	for _, size := range quoteSizes {
		q, err := openQuoting(ctx, b, "quote"+size.suffix, size.promotions)
		if err != nil {
			return nil, fmt.Errorf("%d promotions: %w", size.promotions, err)
		}
		all = append(all, q)
		subjects = append(subjects, q.subject(ctx), subject{"natively", q.native.Work})
	}
	samples, err := turns(b.rounds(9), b.slice(300*time.Millisecond), subjects...)
	if err != nil {
		return nil, err
	}
	for i, q := range all {
		rows = append(rows, q.rows(quoteSizes[i].suffix, quoteSizes[i].promotions, samples[2*i], samples[2*i+1])...)
	}
	growth := against(rowQuoteGrowth, "µs", all[3].guest, "1,000 live promotions", all[1].guest)
	growth.Note = "in the guest, 100,000 live promotions"
	return append(rows, growth), nil
}

func openQuoting(ctx context.Context, b *bench, name string, n int) (*quoting, error) {
	m, err := b.openMarket(ctx, name, 0)
	if err != nil {
		return nil, err
	}
	q := &quoting{market: m}
	if err = m.fill(ctx, n); err == nil {
		q.input, err = m.Wire("pricing.quote", campaign.Basket(m.shop, 0))
	}
	var play *bare.Play
	if err == nil {
		play, err = m.record(ctx, campaign.Basket(m.shop, 0))
	}
	if err == nil {
		q.native, err = b.native(ctx, name, play)
	}
	if err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return q, nil
}

// subject quotes one after the other. Its samples are the mean time of a call.
func (q *quoting) subject(ctx context.Context) subject {
	return subject{"quote", func(d time.Duration) (float64, error) {
		var took []float64
		q.clock.take()
		for began := time.Now(); time.Since(began) < d; {
			one := time.Now()
			if _, err := q.Run(ctx, "pricing.quote", q.input); err != nil {
				return 0, err
			}
			took = append(took, micros(time.Since(one)))
		}
		q.guest = append(q.guest, micros(q.clock.take())/float64(len(took)))
		slices.Sort(took)
		q.p99 = append(q.p99, took[(len(took)-1)*99/100])
		return mean(took), nil
	}}
}

func (q *quoting) rows(suffix string, n int, total, natively []float64) []result.Row {
	rows := []result.Row{
		{ID: rowQuote + suffix, Unit: "µs", Samples: total, Note: fmt.Sprintf("20 lines, %d live promotions, 5 apply; through the kernel: pricing and one hop to the catalog", n)},
		{ID: rowQuoteP99 + suffix, Unit: "µs", Samples: q.p99},
		{ID: rowQuoteGuest + suffix, Unit: "µs", Samples: q.guest, Note: "of these in the guest of pricing: its call less its host calls"},
		against(rowQuoteNative+suffix, "µs", q.guest, "the same package natively", natively),
	}
	rows[3].Note = "in the guest; natively in a process of its own, the host's answers played to it"
	return rows
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func mean(all []float64) (m float64) {
	for _, v := range all {
		m += v / float64(len(all))
	}
	return m
}
