package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The rows of contention. In those that end in "wait" the guest waits a
// millisecond instead of computing one, as for a slow host call, so that the
// number of cores does not decide.
const (
	rowCounterSpeed       = "counter.speed"
	rowCounterRetries     = "counter.retries"
	rowCounterWaitSpeed   = "counter.speed.wait"
	rowCounterWaitRetries = "counter.retries.wait"
	rowRecordSpeed        = "record.speed"
	rowRecordRetries      = "record.retries"
	rowRecordWaitSpeed    = "record.speed.wait"
	rowRecordWaitRetries  = "record.retries.wait"
)

// counterRows compares one counter in every command with counters spread over
// all keys.
var counterRows = experiment{
	name: "one counter in every operation",
	rows: []string{rowCounterSpeed, rowCounterRetries, rowCounterWaitSpeed, rowCounterWaitRetries},
	run:  measureCounter,
}

// recordRows compares one record that every command writes with the guest's
// work alone, one at a time: nothing can be faster.
var recordRows = experiment{
	name: "one record written by every operation",
	rows: []string{rowRecordSpeed, rowRecordRetries, rowRecordWaitSpeed, rowRecordWaitRetries},
	run:  measureRecord,
}

const (
	guestTime        = time.Millisecond
	contentionKeys   = 100_000
	contentionAtOnce = 16
)

// contention is a kernel whose guests work for guestTime.
type contention struct {
	*rig.Rig
	load   *storagetest.Load
	rounds int64         // of the guest's loop
	wait   time.Duration // per call into a guest, instead
}

// openContention calibrates the guest, or lets it wait. While guests wait as
// many run at once as there are clients.
func openContention(ctx context.Context, b *bench, wait bool) (*contention, error) {
	c := &contention{load: &storagetest.Load{Keys: contentionKeys, Clients: contentionAtOnce, Seed: 1}}
	running := 0
	if wait {
		c.wait, running = guestTime, contentionAtOnce
	}
	var err error
	c.Rig, err = b.openProbe(ctx, fmt.Sprintf("contention-%v", wait), running, func(next sandbox.Runner) sandbox.Runner {
		return waiting{next, &c.wait}
	})
	if err != nil || wait {
		return c, err
	}
	if c.rounds, err = calibrate(ctx, c.Rig); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// waiting is a sandbox whose guests wait before they answer, inside their
// transaction.
type waiting struct {
	sandbox.Runner
	wait *time.Duration
}

// Run implements sandbox.Runner.
func (w waiting) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	out, code, err := w.Runner.Run(ctx, m, c, out)
	if *w.wait > 0 {
		time.Sleep(*w.wait)
	}
	return out, code, err
}

// calibrate finds the rounds that a guest computes in guestTime.
func calibrate(ctx context.Context, r *rig.Rig) (int64, error) {
	const probe = 100_000
	best := time.Duration(1 << 62)
	for range 50 {
		began := time.Now()
		if _, err := r.Run(ctx, "probe.spin", work(probe)); err != nil {
			return 0, err
		}
		best = min(best, time.Since(began))
	}
	return int64(probe * float64(guestTime) / float64(best)), nil
}

func measureCounter(ctx context.Context, b *bench) ([]result.Row, error) {
	var rows []result.Row
	for _, m := range []struct {
		wait           bool
		speed, retries string
	}{{false, rowCounterSpeed, rowCounterRetries}, {true, rowCounterWaitSpeed, rowCounterWaitRetries}} {
		c, err := openContention(ctx, b, m.wait)
		if err != nil {
			return rows, err
		}
		results, err := c.load.Compare(b.rounds(7), b.slice(time.Second), c.count(ctx, true), c.count(ctx, false))
		if err = errors.Join(err, c.Close()); err != nil {
			return rows, err
		}
		speed := figures(results, storagetest.Result.PerSecond)
		rows = append(rows, against(m.speed, "tx/s", speed[0], "counters spread over all keys", speed[1]),
			result.Row{ID: m.retries, Unit: "per commit", Samples: figures(results, retries)[0]})
	}
	return rows, nil
}

func measureRecord(ctx context.Context, b *bench) ([]result.Row, error) {
	var rows []result.Row
	for _, m := range []struct {
		wait           bool
		speed, retries string
	}{{false, rowRecordSpeed, rowRecordRetries}, {true, rowRecordWaitSpeed, rowRecordWaitRetries}} {
		c, err := openContention(ctx, b, m.wait)
		if err != nil {
			return rows, err
		}
		results, err := c.load.Compare(b.rounds(7), b.slice(time.Second), c.hot(ctx), c.alone(ctx))
		if err = errors.Join(err, c.Close()); err != nil {
			return rows, err
		}
		speed := figures(results, storagetest.Result.PerSecond)
		rows = append(rows, against(m.speed, "tx/s", speed[0], "1 s ÷ guest time", speed[1]),
			result.Row{ID: m.retries, Unit: "per commit", Samples: figures(results, retries)[0]})
	}
	return rows, nil
}

// count lowers the one counter, or that of the first key, and writes the note
// of the second key.
func (c *contention) count(ctx context.Context, hot bool) storagetest.Work {
	return func(keys [][]byte) (int, error) {
		counter := int64(-1)
		if !hot {
			counter = int64(binary.BigEndian.Uint64(keys[0]))
		}
		in := msgp.AppendInt64(msgp.AppendString(msgp.AppendMapHeader(nil, 3), "counter"), counter)
		in = msgp.AppendInt64(msgp.AppendString(in, "note"), int64(binary.BigEndian.Uint64(keys[1])))
		in = msgp.AppendInt64(msgp.AppendString(in, "rounds"), c.rounds)
		res, err := c.Run(ctx, "probe.count", in)
		return res.Usage.Attempts - 1, err
	}
}

// hot reads and writes the one record.
func (c *contention) hot(ctx context.Context) storagetest.Work {
	return func([][]byte) (int, error) {
		res, err := c.Run(ctx, "probe.hot", work(c.rounds))
		return res.Usage.Attempts - 1, err
	}
}

// alone is the guest's work without the record, one at a time.
func (c *contention) alone(ctx context.Context) storagetest.Work {
	turn := make(chan struct{}, 1)
	return func([][]byte) (int, error) {
		turn <- struct{}{}
		defer func() { <-turn }()
		_, err := c.Run(ctx, "probe.spin", work(c.rounds))
		return 0, err
	}
}
