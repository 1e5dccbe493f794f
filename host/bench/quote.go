package main

import (
	"context"
	"errors"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
)

const rowQuote = "quote.20"

// quoteRows tells what a quote costs through the kernel, one at a time: pricing
// and the catalog, two guests and their reads. Its bounds come with promotions
// in large numbers.
var quoteRows = experiment{name: "quote", rows: []string{rowQuote}, run: measureQuote}

func measureQuote(ctx context.Context, b *bench) ([]result.Row, error) {
	r, s, err := b.openShop(ctx, "quote", nil)
	if err != nil {
		return nil, err
	}
	input, err := r.Wire("pricing.quote", quoteOf(s, cartLines))
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	samples, err := turns(b.rounds(9), b.slice(300*time.Millisecond), query(ctx, r, "pricing.quote", input))
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	return []result.Row{{ID: rowQuote, Unit: "µs", Samples: samples[0], Note: "20 lines, 20 live promotions, through the kernel: pricing and one hop to the catalog"}}, nil
}
