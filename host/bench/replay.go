package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const rowReplay = "replay"

// replayRows enables an app that replays the whole log, from the staging of the
// set to the commit that switches to it. Its handler writes one record and moves
// one counter per event. Beside it the same handler in a transaction for each
// event.
var replayRows = experiment{name: "replay", rows: []string{rowReplay}, run: measureReplay}

const (
	replayEvents = 100_000
	replaySingle = 1_000 // events of a sample of the reference
	replayTurns  = 3
)

func measureReplay(ctx context.Context, b *bench) (rows []result.Row, err error) {
	r, err := b.openGuests(ctx, "replay", rig.Options{Apps: []string{"probe", "hearer"}, Later: []string{"hearer"}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	events := replayEvents
	if b.quick {
		events = replayEvents / 10
	}
	if err := tell(ctx, r, events); err != nil {
		return nil, err
	}
	var all, single []float64
	for round := range b.rounds(replayTurns) {
		speed, err := replay(ctx, r, events)
		if err != nil {
			return nil, fmt.Errorf("replay, round %d: %w", round, err)
		}
		all = append(all, speed)
		if speed, err = oneByOne(ctx, r, replaySingle); err != nil {
			return nil, fmt.Errorf("one by one, round %d: %w", round, err)
		}
		single = append(single, speed)
	}
	row := against(rowReplay, "events/s", all, "one event per transaction", single)
	row.Note = fmt.Sprintf("%d events into a newly enabled app whose handler writes 1 record and moves 1 counter; all of them are handled when its commit is", events)
	return []result.Row{row}, nil
}

// replay enables the hearer with the past and answers events per second. Then it
// is disabled and what it wrote is gone.
func replay(ctx context.Context, r *rig.Rig, events int) (float64, error) {
	began := time.Now()
	if err := r.Enable(ctx, "hearer", true); err != nil {
		return 0, err
	}
	took := time.Since(began)
	n, err := heard(ctx, r)
	if err == nil && n != int64(events) {
		err = fmt.Errorf("%d events were handled of %d", n, events)
	}
	if err != nil {
		return 0, err
	}
	return float64(events) / took.Seconds(), errors.Join(r.Disable(ctx, "hearer"), r.Erase(ctx, "hearer"))
}

// oneByOne runs the handler of the hearer on events in a transaction each, with
// a cursor in it, as a replay without batches would.
func oneByOne(ctx context.Context, r *rig.Rig, events int) (float64, error) {
	entries, err := r.Engine.Read(0, events)
	if err != nil {
		return 0, err
	}
	app := r.App("hearer")
	entry, ok := app.Handler(abi.EntryEvent, "probe.moved", "")
	if !ok {
		return 0, errors.New("the hearer does not handle probe.moved")
	}
	began := time.Now()
	for _, e := range entries {
		if err := r.Do(ctx, "bench.one", func(tx *kernel.Tx) error { return one(tx, kernel.Handling{App: app, Entry: entry}, e) }); err != nil {
			return 0, err
		}
	}
	speed := float64(len(entries)) / time.Since(began).Seconds()
	return speed, r.Erase(ctx, "hearer")
}

// one handles one event and moves the cursor.
func one(tx *kernel.Tx, h kernel.Handling, e storage.Entry) error {
	env, err := outbox.Parse(e.Data)
	if err != nil {
		return err
	}
	if env.Type == "probe.moved" {
		h.Input, h.Time = env.Data, time.UnixMilli(env.Time).UTC()
		h.Info = abi.Info{Event: env.ID, Key: env.Subject, Attempt: 1, Position: e.Position, Replayed: true}
		if _, err := tx.Handle(h); err != nil {
			return err
		}
	}
	return tx.Put("bench_cursor", "hearer", binary.BigEndian.AppendUint64(nil, e.Position))
}
