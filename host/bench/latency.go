package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// The rows of events that an app hears.
const (
	rowLatency        = "event.latency"
	rowLatencyP99     = "event.latency.p99"
	rowLatencyBusy    = "event.latency.500"
	rowLatencyBusyP99 = "event.latency.500.p99"
	rowEventCost      = "event.cost"
)

// latencyRows measures how long after the commit of a command its event was
// handled by another app, durably: with one command at a time and nothing else
// to do, and with 500 commands a second. And it compares what commands the host
// does with and without that app.
var latencyRows = experiment{
	name: "events",
	rows: []string{rowLatency, rowLatencyP99, rowLatencyBusy, rowLatencyBusyP99, rowEventCost},
	run:  measureLatency,
}

const (
	latencyKeys  = 10_000
	latencyPace  = 2 * time.Millisecond // between commands: 500 a second
	latencyTurns = 5
	costClients  = 16
	// latencyLimit is when an event counts as lost.
	latencyLimit = 10 * time.Second
)

// pair is a kernel with a hearer and one without.
type pair struct {
	with, without *rig.Rig
	load          *storagetest.Load
	sent          atomic.Uint64 // numbers of events
}

func openPair(ctx context.Context, b *bench) (*pair, error) {
	p := &pair{load: &storagetest.Load{Keys: latencyKeys, Clients: costClients, Seed: 1}}
	var err error
	if p.with, err = b.openGuests(ctx, "heard", rig.Options{Apps: []string{"probe", "hearer"}}); err != nil {
		return nil, err
	}
	if p.without, err = b.openGuests(ctx, "unheard", rig.Options{Apps: []string{"probe"}}); err != nil {
		return nil, errors.Join(err, p.with.Close())
	}
	err = errors.Join(fillAccounts(ctx, p.with, p.load), fillAccounts(ctx, p.without, p.load))
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *pair) close() error { return errors.Join(p.with.Close(), p.without.Close()) }

func measureLatency(ctx context.Context, b *bench) (rows []result.Row, err error) {
	p, err := openPair(ctx, b)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	e := listen(ctx, p.with.Engine)
	defer func() { err = errors.Join(err, e.stop()) }()
	var p50s, p99s [2][]float64
	for range b.rounds(latencyTurns) {
		for i, work := range []func(context.Context, *ear, time.Duration) ([]time.Duration, error){p.idle, p.paced} {
			all, err := work(ctx, e, b.slice(time.Second))
			if err != nil {
				return nil, err
			}
			slices.Sort(all)
			r := storagetest.Result{Latencies: all}
			p50s[i], p99s[i] = append(p50s[i], p50(r)), append(p99s[i], p99(r))
		}
	}
	note := "from the commit of a command to where another app has handled its event and that is durable, as seen in the log"
	rows = []result.Row{
		{ID: rowLatency, Unit: "ms p50", Samples: p50s[0], Note: note + "; one at a time"},
		{ID: rowLatencyP99, Unit: "ms p99", Samples: p99s[0]},
		{ID: rowLatencyBusy, Unit: "ms p50", Samples: p50s[1], Note: "the same with 500 commands a second"},
		{ID: rowLatencyBusyP99, Unit: "ms p99", Samples: p99s[1]},
	}
	cost, err := p.cost(ctx, b)
	return append(rows, cost...), err
}

// send runs one command and answers its number and when it was answered.
func (p *pair) send(ctx context.Context, r *rig.Rig, accounts [][]byte, asks bool) (uint64, time.Time, error) {
	n := p.sent.Add(1)
	_, err := r.Run(ctx, "probe.transfer", numbered(accounts, n, asks))
	return n, time.Now(), err
}

// accounts are four for the n-th command, not those of its neighbours.
func (p *pair) accounts(n int) (keys [][]byte) {
	for i := range storagetest.PerTransaction {
		keys = append(keys, p.load.Key((n*storagetest.PerTransaction+i)%p.load.Keys))
	}
	return keys
}

// idle sends one command, waits until its event is handled, rests a little, and
// so on.
func (p *pair) idle(ctx context.Context, e *ear, d time.Duration) (all []time.Duration, err error) {
	for began := time.Now(); time.Since(began) < d; time.Sleep(latencyPace) {
		n, answered, err := p.send(ctx, p.with, p.accounts(len(all)), true)
		if err != nil {
			return nil, err
		}
		if err := e.await(ctx, 1); err != nil {
			return nil, err
		}
		took, ok := e.latency(n, answered)
		if !ok {
			return nil, fmt.Errorf("event %d was heard and never told", n)
		}
		all = append(all, took)
	}
	return all, nil
}

// await waits for so many events to be heard.
func (e *ear) await(ctx context.Context, n int) error {
	late := time.NewTimer(latencyLimit)
	defer late.Stop()
	for i := range n {
		select {
		case <-e.each:
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			return fmt.Errorf("%d events of %d were not heard in %v", n-i, n, latencyLimit)
		}
	}
	return nil
}

// answer is when a numbered command was answered.
type answer struct {
	n  uint64
	at time.Time
}

// paced sends commands at a fixed pace, however long each takes.
func (p *pair) paced(ctx context.Context, e *ear, d time.Duration) (all []time.Duration, err error) {
	var mu sync.Mutex
	var answers []answer
	var errs []error
	var wg sync.WaitGroup
	count := int(d / latencyPace)
	began := time.Now()
	for i := range count {
		time.Sleep(time.Until(began.Add(time.Duration(i) * latencyPace)))
		wg.Go(func() {
			n, at, err := p.send(ctx, p.with, p.accounts(i), true)
			mu.Lock()
			defer mu.Unlock()
			if answers = append(answers, answer{n, at}); err != nil {
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if err := e.await(ctx, count); err != nil {
		return nil, err
	}
	for _, a := range answers {
		took, ok := e.latency(a.n, a.at)
		if !ok {
			return nil, fmt.Errorf("event %d was heard and never told", a.n)
		}
		all = append(all, took)
	}
	return all, nil
}

// cost compares commands that are heard with commands that nobody hears. After
// each slice the hearer catches up.
func (p *pair) cost(ctx context.Context, b *bench) ([]result.Row, error) {
	handled, err := heard(ctx, p.with)
	if err != nil {
		return nil, err
	}
	var late []float64
	side := func(name string, r *rig.Rig) subject {
		return subject{name, func(d time.Duration) (float64, error) {
			res, err := p.load.Slice(d, func(keys [][]byte) (int, error) {
				_, _, err := p.send(ctx, r, keys, false)
				return 0, err
			})
			if err != nil || r == p.without {
				return res.PerSecond(), err
			}
			handled += int64(res.Done)
			began := time.Now()
			err = p.caughtUp(ctx, handled)
			late = append(late, millis(time.Since(began)))
			return res.PerSecond(), err
		}}
	}
	samples, err := turns(b.rounds(latencyTurns), b.slice(time.Second), side("heard", p.with), side("unheard", p.without))
	if err != nil {
		return nil, err
	}
	row := against(rowEventCost, "tx/s", samples[0], "the same commands, whose events nobody hears", samples[1])
	row.Note = fmt.Sprintf("%d clients, 4 reads, 4 writes, 1 event; who hears it writes 1 record and moves 1 counter, and has caught up %.0f ms after a slice of %v",
		costClients, result.Median(late), b.slice(time.Second))
	return []result.Row{row}, nil
}

// caughtUp waits until so many events were handled in all.
func (p *pair) caughtUp(ctx context.Context, want int64) error {
	for began := time.Now(); ; time.Sleep(latencyPace) {
		n, err := heard(ctx, p.with)
		if err != nil || n == want {
			return err
		}
		if n > want || time.Since(began) > 6*latencyLimit {
			return fmt.Errorf("%d events were handled of %d", n, want)
		}
	}
}
