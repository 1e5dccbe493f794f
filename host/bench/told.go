package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/bench/guests/hearer"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// field is a number in a guest's input.
type field struct {
	name string
	n    int64
}

// fields is an input in MessagePack that holds numbers only.
func fields(all ...field) []byte {
	b := msgp.AppendMapHeader(nil, uint32(len(all)))
	for _, f := range all {
		b = msgp.AppendInt64(msgp.AppendString(b, f.name), f.n)
	}
	return b
}

// The probe tells this many events in one command, with so many bytes behind the
// number of each.
const (
	tellAtOnce = 100
	tellPad    = 64
)

// tell lets the probe tell n events, numbered from 0, n being a multiple of
// tellAtOnce.
func tell(ctx context.Context, r *rig.Rig, n int) error {
	var next atomic.Int64
	var all sync.WaitGroup
	errs := make(chan error, 16)
	for range cap(errs) {
		all.Go(func() {
			for {
				first := next.Add(tellAtOnce) - tellAtOnce
				if first >= int64(n) {
					return
				}
				in := fields(field{"first", first}, field{"count", tellAtOnce}, field{"pad", tellPad})
				if _, err := r.Run(ctx, "probe.tell", in); err != nil {
					errs <- fmt.Errorf("tell from %d: %w", first, err)
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs
}

// heard is how many events the hearer has handled, each counted in the
// transaction that handled it.
func heard(ctx context.Context, r *rig.Rig) (int64, error) {
	var out struct{ Sum int64 }
	err := r.Call(ctx, "hearer.count", struct{}{}, &out)
	return out.Sum, err
}

// numbered is the transfer of 4 accounts as a command of the probe, whose event
// has a number, and asks the hearer to tell that it has heard it.
func numbered(accounts [][]byte, n uint64, asks bool) []byte {
	event := binary.BigEndian.AppendUint64(nil, n)
	if asks {
		event = append(event, hearer.Asks)
	}
	return transferIn(accounts, append(event, make([]byte, storagetest.ValueSize-len(event))...))
}

// ear follows the log as anybody does, and notes when it sees that an event was
// told and that it was heard. The log only shows what is durable.
type ear struct {
	mu    sync.Mutex
	told  map[uint64]time.Time
	heard map[uint64]time.Time
	each  chan uint64 // numbers, as they are heard
	stop  func() error
}

// listen begins to follow an engine from its newest event on.
func listen(ctx context.Context, engine *occ.Engine) *ear {
	ctx, cancel := context.WithCancel(ctx)
	e := &ear{told: map[uint64]time.Time{}, heard: map[uint64]time.Time{}, each: make(chan uint64, 1<<16)}
	ended := make(chan error, 1)
	at := engine.Status().Position
	go func() { ended <- e.follow(ctx, engine, at) }()
	e.stop = func() error {
		cancel()
		return <-ended
	}
	return e
}

func (e *ear) follow(ctx context.Context, engine *occ.Engine, at uint64) error {
	for {
		moved := engine.Moved()
		entries, err := engine.Read(at, 1000)
		if err != nil {
			return err
		}
		now := time.Now()
		for _, entry := range entries {
			at = entry.Position
			if err := e.note(entry.Data, now); err != nil {
				return fmt.Errorf("event at %d: %w", at, err)
			}
		}
		if len(entries) > 0 {
			continue
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return nil
		}
	}
}

func (e *ear) note(entry []byte, now time.Time) error {
	env, err := outbox.Parse(entry)
	if err != nil {
		return err
	}
	if env.Type != "probe.moved" && env.Type != hearer.Heard.Name {
		return nil
	}
	n, err := numberOf(env.Data)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if env.Type == "probe.moved" {
		e.told[n] = now
		return nil
	}
	e.heard[n] = now
	e.each <- n
	return nil
}

// numberOf reads the number that an event of the probe or the hearer carries.
func numberOf(data []byte) (uint64, error) {
	_, rest, err := msgp.ReadMapHeaderBytes(data)
	if err != nil {
		return 0, err
	}
	if _, rest, err = msgp.ReadStringBytes(rest); err != nil {
		return 0, err
	}
	b, _, err := msgp.ReadBytesZC(rest)
	if err == nil && len(b) < 8 {
		err = fmt.Errorf("%d bytes hold no number", len(b))
	}
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

// latency is how long after its commit an event was handled and that was
// durable. The commit is where anybody first knew of it: who follows the log, or
// the client that was answered then.
func (e *ear) latency(n uint64, answered time.Time) (time.Duration, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	told, there := e.told[n]
	heard, handled := e.heard[n]
	if !there || !handled {
		return 0, false
	}
	if answered.Before(told) {
		told = answered
	}
	return heard.Sub(told), true
}
