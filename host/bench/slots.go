package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/campaign"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
)

const rowQuotePlugins = "quote.plugins"

// discountPlugins are the three that ship with the host. Without settings of theirs
// they look at the basket and may propose nothing.
var discountPlugins = []string{"happyhour", "markdown", "together"}

// pluginRows tells what a quote costs more when three plugins are asked for discounts.
var pluginRows = experiment{name: "quote with plugins", rows: []string{rowQuotePlugins}, run: measurePlugins}

// pluginPromotions are live beside the plugins.
const pluginPromotions = 1000

func measurePlugins(ctx context.Context, b *bench) (rows []result.Row, err error) {
	var subjects []subject
	for _, extra := range [][]string{discountPlugins, nil} {
		m, err := b.openMarket(ctx, fmt.Sprintf("plugins-%d", len(extra)), 0, extra...)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, m.Close()) }()
		if err := m.fill(ctx, pluginPromotions); err != nil {
			return nil, err
		}
		m.rec.Off()
		q := &quoting{market: m}
		if q.input, err = m.Wire("pricing.quote", campaign.Basket(m.shop, 0)); err != nil {
			return nil, err
		}
		subjects = append(subjects, q.subject(ctx))
	}
	samples, err := turns(b.rounds(9), b.slice(300*time.Millisecond), subjects...)
	if err != nil {
		return nil, err
	}
	row := against(rowQuotePlugins, "µs", samples[0], "without plugins", samples[1])
	row.Note = fmt.Sprintf("20 lines, %d live promotions; %v are asked, each an instance of its own", pluginPromotions, discountPlugins)
	return []result.Row{row}, nil
}
