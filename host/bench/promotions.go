package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/host/bench/internal/bare"
	"github.com/bottega-retail/bottega/host/bench/internal/campaign"
	"github.com/bottega-retail/bottega/host/bench/internal/copyist"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// pricingID is the app whose rows these are.
const pricingID = "pricing"

// market is a kernel over the apps, a shop and its promotions.
type market struct {
	*rig.Rig
	shop  *shop.Shop
	copy  *copyist.Copyist
	rec   *bare.Recorder
	clock *guestClock
}

// openMarket opens a shop without promotions. Running is as in rig.Options; extra
// are modules beside the four apps.
func (b *bench) openMarket(ctx context.Context, name string, running int, extra ...string) (*market, error) {
	own := rig.Owner(pricingID)
	m := &market{shop: shop.New(), copy: copyist.New(own), rec: &bare.Recorder{}, clock: &guestClock{owner: own}}
	m.shop.Promotions = nil
	o := rig.Options{Modules: b.modules, Running: running, Wrap: func(next sandbox.Runner) sandbox.Runner {
		return m.copy.Around(m.rec.Around(m.clock.around(next)))
	}}
	if len(extra) > 0 {
		o.Modules = b.modules + "-" + name
		if err := onlyApps(b.built, o.Modules, slices.Concat(ownApps, extra)...); err != nil {
			return nil, err
		}
	}
	var err error
	if m.Rig, err = b.openRig(ctx, name, o); err != nil {
		return nil, err
	}
	if err := m.shop.Seed(func(operation string, in any) error { return m.Call(ctx, operation, in, nil) }); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// guestClock stands between kernel and sandbox and adds up the time that an app's
// guest takes by itself: a call less its host calls, in which other apps run.
type guestClock struct {
	sandbox.Runner
	kernel.Warmer
	owner string
	mu    sync.Mutex
	spent time.Duration
}

func (g *guestClock) around(next sandbox.Runner) sandbox.Runner {
	g.Runner, g.Warmer = next, next.(kernel.Warmer)
	return g
}

// Run implements sandbox.Runner.
func (g *guestClock) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	if c.Owner != g.owner {
		return g.Runner.Run(ctx, m, c, out)
	}
	away := &away{Host: c.Host}
	c.Host = away
	began := time.Now()
	out, code, err := g.Runner.Run(ctx, m, c, out)
	took := time.Since(began) - away.spent
	g.mu.Lock()
	defer g.mu.Unlock()
	g.spent += took
	return out, code, err
}

// take answers the time since it was asked last.
func (g *guestClock) take() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	spent := g.spent
	g.spent = 0
	return spent
}

// away adds up how long a guest is away in host calls.
type away struct {
	sandbox.Host
	spent time.Duration
}

// HostCall implements sandbox.Host.
func (a *away) HostCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	began := time.Now()
	out, code, err := a.Host.HostCall(ctx, fn, in, out)
	a.spent += time.Since(began)
	return out, code, err
}

// quoted is what a benchmark reads of a quote.
type quoted struct {
	Total   int64 `json:"total"`
	Applied []struct {
		Promotion string `json:"promotion"`
		Filler    string `json:"filler"`
	} `json:"applied"`
	Generation int64 `json:"generation"`
}

// promotions are the ids of those that took something off, in order.
func (q *quoted) promotions() (ids []string) {
	for _, a := range q.Applied {
		if a.Promotion != "" && !slices.Contains(ids, a.Promotion) {
			ids = append(ids, a.Promotion)
		}
	}
	slices.Sort(ids)
	return ids
}

func (m *market) quote(ctx context.Context, in pricing.QuoteIn) (q quoted, err error) {
	return q, m.Call(ctx, "pricing.quote", in, &q)
}

// publish puts a promotion live and answers the generation from which quotes see it.
func (m *market) publish(ctx context.Context, p *pricing.Promotion) (int64, error) {
	if err := m.Call(ctx, "pricing.put_promotion", p, nil); err != nil {
		return 0, err
	}
	var out struct {
		Generation int64 `json:"generation"`
	}
	return out.Generation, m.Call(ctx, "pricing.publish", publishing(p.ID), &out)
}

func publishing(id string) any { return pricing.PublishIn{ID: id, Accept: shop.Warnings()} }

// fill puts n promotions live of which five apply to the basket, and waits until
// quotes see them.
func (m *market) fill(ctx context.Context, n int) error {
	var want []string
	for _, p := range campaign.Matching(m.shop) {
		if _, err := m.publish(ctx, &p); err != nil {
			return err
		}
		want = append(want, p.ID)
	}
	for _, k := range campaign.Kinds() {
		// 5 of all apply: they are taken from the first kind, which has most.
		some := n * k.Share / 100
		if k.Mark == campaign.Kinds()[0].Mark {
			some -= campaign.Applied
		}
		if err := m.copies(ctx, k, some); err != nil {
			return fmt.Errorf("promotions like %s: %w", k.Mark, err)
		}
	}
	return m.seen(ctx, want, n)
}

// writesAtOnce are put by one command, below the limit of a thousand.
const writesAtOnce = 900

// copies puts n promotions of a kind live: the first by the app's own commands, the
// rest as copies of what these wrote.
func (m *market) copies(ctx context.Context, k campaign.Kind, n int) error {
	first, err := m.copy.Learn(func() error {
		_, err := m.publish(ctx, &k.Promotion)
		return err
	})
	if err != nil {
		return err
	}
	var batch []copyist.Frame
	for i := 1; i < n; i++ {
		more, err := copyist.Renamed(first, k.Mark, k.Marked(i))
		if err != nil {
			return err
		}
		if len(batch)+len(more) > writesAtOnce {
			if err := m.write(ctx, batch); err != nil {
				return err
			}
			batch = nil
		}
		batch = append(batch, more...)
	}
	return m.write(ctx, batch)
}

// write makes the app write frames, and build its derived values anew.
func (m *market) write(ctx context.Context, frames []copyist.Frame) error {
	if len(frames) == 0 {
		return nil
	}
	in, err := m.Wire("pricing.publish", publishing("-"))
	if err != nil {
		return err
	}
	return m.copy.Write(frames, in, func() error {
		_, err := m.Run(ctx, "pricing.publish", in)
		return err
	})
}

// seen publishes one change more, behind which everything is built anew, and waits
// until quotes see all of the promotions that are wanted, and the last of the copies.
func (m *market) seen(ctx context.Context, want []string, n int) error {
	if err := m.write(ctx, []copyist.Frame{{Func: abi.FuncPublish, Input: abi.AppendChanges(nil, nil)}}); err != nil {
		return err
	}
	baskets := map[string]pricing.QuoteIn{"": campaign.Basket(m.shop, 0)}
	for _, k := range campaign.Kinds() {
		last := n*k.Share/100 - 1
		if in, ok := k.For(m.shop, last); ok {
			baskets[k.Marked(last)] = in
		}
	}
	for id, in := range baskets {
		all := want
		if id != "" {
			all = slices.Sorted(slices.Values(append(slices.Clone(want), id)))
		}
		if err := m.until(ctx, in, 0, all); err != nil {
			return err
		}
	}
	return nil
}

// seenLimit is when a promotion counts as lost.
const seenLimit = 2 * time.Minute

// until quotes a basket until these promotions apply and no others, in a generation or
// a later one.
func (m *market) until(ctx context.Context, in pricing.QuoteIn, generation int64, want []string) error {
	want = slices.Sorted(slices.Values(want))
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		q, err := m.quote(ctx, in)
		if err != nil {
			return err
		}
		if q.Generation >= generation && slices.Equal(q.promotions(), want) {
			return nil
		}
		if time.Since(began) > seenLimit {
			return fmt.Errorf("%v apply to a basket in generation %d, want %v in %d", q.promotions(), q.Generation, want, generation)
		}
	}
}
