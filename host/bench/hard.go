package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/campaign"
	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
)

// hardSets are the sets of rules that no index helps, by the first part of their rows.
var hardSets = []struct {
	row, note string
	rules     func(f campaign.Facts, n int) []campaign.Rule
}{
	{"quote.hard.basket", "amount and number of pieces of the basket between two bounds each", campaign.ByBasket},
	{"quote.hard.goods", "number of pieces between two prices, of all brands but one", campaign.ByGoods},
}

// hardRules is how many rules a set has.
const hardRules = 1000

// hardRows holds a quote against rules that must all be looked at, beside engines that
// evaluate the same predicates and nothing else.
var hardRows = experiment{name: "quote without help of an index", rows: hardIDs(), run: measureHard}

func hardIDs() (ids []string) {
	for _, s := range hardSets {
		ids = append(ids, s.row+".expr", s.row+".zen")
	}
	return ids
}

func measureHard(ctx context.Context, b *bench) ([]result.Row, error) {
	var rows []result.Row
	var errs []error
	for _, set := range hardSets {
		some, err := measureHardSet(ctx, b, set.row, set.rules)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", set.row, err))
			continue
		}
		for i := range some {
			some[i].Note = fmt.Sprintf("the whole quote in the guest, %d live promotions: %s; 5 apply to 20 lines", hardRules, set.note)
		}
		rows = append(rows, some...)
	}
	return rows, errors.Join(errs...)
}

func measureHardSet(ctx context.Context, b *bench, row string, make func(campaign.Facts, int) []campaign.Rule) (rows []result.Row, err error) {
	m, err := b.openMarket(ctx, row, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	facts := campaign.FactsOf(m.shop, campaign.Basket(m.shop, 0))
	rules := make(facts, hardRules)
	if err := m.publishAll(ctx, rules); err != nil {
		return nil, err
	}
	peers, stop, err := b.hardPeers(ctx, facts, rules)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	q := &quoting{market: m}
	if q.input, err = m.Wire("pricing.quote", campaign.Basket(m.shop, 0)); err != nil {
		return nil, err
	}
	samples, err := turns(b.rounds(9), b.slice(300*time.Millisecond), append([]subject{q.subject(ctx)}, peers...)...)
	if err != nil {
		return nil, err
	}
	return []result.Row{
		against(row+".expr", "µs", q.guest, "expr-lang/expr", samples[1]),
		against(row+".zen", "µs", q.guest, "@gorules/zen-engine", samples[2]),
	}, nil
}

// publishAll puts rules live and waits until quotes see the last one, and those apply
// that should.
func (m *market) publishAll(ctx context.Context, rules []campaign.Rule) error {
	var last int64
	for i := range rules {
		var err error
		if last, err = m.publish(ctx, &rules[i].Promotion); err != nil {
			return err
		}
	}
	if err := m.until(ctx, campaign.Basket(m.shop, 0), last, campaign.Applying(rules)); err != nil {
		return err
	}
	m.rec.Off()
	return nil
}

// hardPeers are expr and zen, which must find the same rules as we say.
func (b *bench) hardPeers(ctx context.Context, facts campaign.Facts, rules []campaign.Rule) (subjects []subject, stop func() error, err error) {
	var exprs, zens []peer.Predicate
	for _, r := range rules {
		exprs = append(exprs, peer.Predicate{ID: r.Promotion.ID, When: r.Expr})
		zens = append(zens, peer.Predicate{ID: r.Promotion.ID, When: r.Zen})
	}
	e, err := peer.OpenExpr[campaign.Facts](exprs)
	if err != nil {
		return nil, nil, err
	}
	hits, err := e.Evaluate(&facts)
	if want := campaign.Applying(rules); err != nil || !slices.Equal(hits, want) {
		return nil, nil, errors.Join(err, fmt.Errorf("expr finds %v, want %v", hits, want))
	}
	z, hits, err := peer.OpenZen(ctx, filepath.Join(b.work, "zen"), zens, facts)
	if err != nil {
		return nil, nil, err
	}
	if want := campaign.Applying(rules); !slices.Equal(hits, want) {
		return nil, nil, errors.Join(z.Close(), fmt.Errorf("zen finds %v, want %v", hits, want))
	}
	return []subject{
		perCall("expr", time.Microsecond, func() error {
			_, err := e.Evaluate(&facts)
			return err
		}),
		{"zen", z.Work},
	}, z.Close, nil
}
