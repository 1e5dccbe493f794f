package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/campaign"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// The rows of publishing, with the suffix of a size.
const (
	rowPublished        = "publish.seen"
	rowPublishedLongest = "publish.longest"
)

// publishSizes are the numbers of live promotions.
var publishSizes = []struct {
	suffix     string
	promotions int
}{{".10k", 10_000}, {".100k", 100_000}}

// publishRows measures how long after the answer of pricing.publish a quote first sees
// the promotion, and the longest of many quotes while one is published after the other.
var publishRows = experiment{
	name: "publish",
	rows: []string{rowPublished + ".10k", rowPublishedLongest + ".10k", rowPublished + ".100k", rowPublishedLongest + ".100k"},
	run:  measurePublish,
}

const (
	publishClients = 8
	publishQuotes  = 30_000 // of all clients
	// publishPause is a client's between quotes: two cores have 8 clients' quotes of a
	// millisecond behind them in half that time, so that who waits waits for publishing
	// and not for a place.
	publishPause = 10 * time.Millisecond
	publishEvery = 200 * time.Millisecond // the house's pause between promotions
)

func measurePublish(ctx context.Context, b *bench) (rows []result.Row, err error) {
	for _, size := range publishSizes {
		some, err := measurePublishing(ctx, b, size.suffix, size.promotions)
		rows = append(rows, some...)
		if err != nil {
			return rows, fmt.Errorf("%d promotions: %w", size.promotions, err)
		}
	}
	return rows, nil
}

func measurePublishing(ctx context.Context, b *bench, suffix string, n int) (rows []result.Row, err error) {
	// As many places that each client has an instance at work: an app may hold half.
	m, err := b.openMarket(ctx, "publish"+suffix, 2*publishClients)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := m.fill(ctx, n); err != nil {
		return nil, err
	}
	m.rec.Off()
	quotes := int64(publishQuotes)
	if b.quick {
		quotes /= 10
	}
	quiet, _, err := m.crowd(ctx, quotes, nil)
	if err != nil {
		return nil, err
	}
	longest, seen, err := m.crowd(ctx, quotes, m.republish)
	if err != nil {
		return nil, err
	}
	rows = []result.Row{
		{ID: rowPublished + suffix, Unit: "ms", Samples: seen, Note: fmt.Sprintf("%d times: from the answer of pricing.publish to the first quote of its generation, of %d live promotions", len(seen), n)},
		against(rowPublishedLongest+suffix, "ms", []float64{longest}, "of as many while nothing is published", []float64{quiet}),
	}
	rows[1].Note = fmt.Sprintf("the longest of %d quotes of 20 lines, %d clients with %v between quotes, %d cores", quotes, publishClients, publishPause, runtime.GOMAXPROCS(0))
	return rows, nil
}

// crowd lets clients quote until there are so many quotes, and meanwhile does house
// again and again, if it is not nil. It answers the longest quote and what house
// answered, in ms.
func (m *market) crowd(ctx context.Context, quotes int64, house func(ctx context.Context, n int) (time.Duration, error)) (longest float64, seen []float64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var left atomic.Int64
	left.Store(quotes)
	var all sync.WaitGroup
	times := make([]time.Duration, publishClients)
	errs := make([]error, publishClients)
	for i := range publishClients {
		all.Go(func() {
			if times[i], errs[i] = m.client(ctx, uint64(i), &left); errs[i] != nil {
				cancel()
			}
		})
	}
	for n := 0; house != nil && left.Load() > 0 && ctx.Err() == nil; n++ {
		took, herr := house(ctx, n)
		if herr != nil {
			err = herr
			cancel()
			break
		}
		seen = append(seen, millis(took))
		time.Sleep(publishEvery)
	}
	all.Wait()
	for _, t := range times {
		longest = max(longest, millis(t))
	}
	return longest, seen, errors.Join(append(errs, err)...)
}

// client quotes a basket of its own as long as quotes are left.
func (m *market) client(ctx context.Context, number uint64, left *atomic.Int64) (longest time.Duration, err error) {
	input, err := m.Wire("pricing.quote", campaign.Basket(m.shop, number))
	if err != nil {
		return 0, err
	}
	for left.Add(-1) >= 0 && ctx.Err() == nil {
		time.Sleep(publishPause)
		began := time.Now()
		if _, err := m.Run(context.WithoutCancel(ctx), "pricing.quote", input); err != nil {
			return longest, err
		}
		longest = max(longest, time.Since(began))
	}
	return longest, nil
}

// republish publishes one of the five with another percentage, and answers how long
// after the answer a quote saw it.
func (m *market) republish(ctx context.Context, n int) (time.Duration, error) {
	all := campaign.Matching(m.shop)
	p := all[n%len(all)]
	p.Effects[0].Percent += retail.BasisPoints(1 + n%100)
	generation, err := m.publish(ctx, &p)
	if err != nil {
		return 0, err
	}
	answered := time.Now()
	for {
		q, err := m.quote(ctx, campaign.Basket(m.shop, 0))
		took := time.Since(answered)
		if err != nil || q.Generation >= generation {
			return took, err
		}
		if took > seenLimit {
			return took, fmt.Errorf("the promotion %s was not seen in %v", p.ID, seenLimit)
		}
	}
}
