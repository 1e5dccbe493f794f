package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// The rows of durable commands.
const (
	rowDurable64       = "durable.64"
	rowDurable64Badger = "durable.64.badger"
	rowDurable64SQLite = "durable.64.sqlite"
	rowDurable1        = "durable.1"
	rowDurable1Badger  = "durable.1.badger"
	rowDurable1SQLite  = "durable.1.sqlite"
)

// durableRows runs the transaction of 4 reads, 4 writes and 1 event as a
// command in a guest, and natively in the peers' databases.
var durableRows = experiment{
	name: "durable commands",
	rows: []string{rowDurable64, rowDurable64Badger, rowDurable64SQLite, rowDurable1, rowDurable1Badger, rowDurable1SQLite},
	run:  measureDurable,
}

const durableKeys = 100_000

func measureDurable(ctx context.Context, b *bench) ([]result.Row, error) {
	load := &storagetest.Load{Keys: durableKeys, Seed: 1}
	if b.quick {
		load.Keys = durableKeys / 10
	}
	works, closers, err := openDatabases(ctx, b, load)
	defer func() {
		for _, c := range closers {
			_ = c.Close() // what was measured is measured
		}
	}()
	if err != nil {
		return nil, err
	}
	load.Clients = 64
	many, err := load.Compare(b.rounds(7), b.slice(time.Second), works...)
	if err != nil {
		return nil, err
	}
	load.Clients = 1
	one, err := load.Compare(b.rounds(7), b.slice(500*time.Millisecond), works...)
	if err != nil {
		return nil, err
	}
	speed, latency := figures(many, storagetest.Result.PerSecond), figures(one, p50)
	note := fmt.Sprintf("%d keys; p99 with 64 clients: %.1f ms, bbolt %.1f ms", load.Keys, storagetest.Median(many[0], p99), storagetest.Median(many[1], p99))
	rows := []result.Row{
		against(rowDurable64, "tx/s", speed[0], "bbolt Update", speed[1]),
		against(rowDurable64Badger, "tx/s", speed[0], "Badger, SyncWrites", speed[2]),
		against(rowDurable64SQLite, "tx/s", speed[0], "SQLite, WAL, FULL", speed[3]),
		against(rowDurable1, "ms p50", latency[0], "bbolt Update", latency[1]),
		against(rowDurable1Badger, "ms p50", latency[0], "Badger, SyncWrites", latency[2]),
		against(rowDurable1SQLite, "ms p50", latency[0], "SQLite, WAL, FULL", latency[3]),
	}
	rows[0].Note = note
	return rows, nil
}

// openDatabases answers the same work four times: through the host, bbolt,
// Badger, SQLite. What it opened must be closed, error or not.
func openDatabases(ctx context.Context, b *bench, load *storagetest.Load) (works []storagetest.Work, closers []io.Closer, err error) {
	r, err := b.openProbe(ctx, "durable", 0, nil)
	if err != nil {
		return nil, nil, err
	}
	closers = append(closers, r)
	if err := fillAccounts(ctx, r, load); err != nil {
		return nil, closers, err
	}
	works = append(works, transfer(ctx, r))
	for _, open := range []func(dir string) (peer.Database, error){
		func(dir string) (peer.Database, error) { return peer.OpenBbolt(dir, load) },
		func(dir string) (peer.Database, error) { return peer.OpenBadger(dir, load) },
		func(dir string) (peer.Database, error) { return peer.OpenSQLite(dir, load) },
	} {
		dir, err := b.folder(fmt.Sprintf("durable-peer-%d", len(works)))
		if err != nil {
			return nil, closers, err
		}
		db, err := open(dir)
		if err != nil {
			return nil, closers, err
		}
		works, closers = append(works, db.Transfer), append(closers, db)
	}
	return works, closers, nil
}

// transfer is the transaction as a command of the probe.
func transfer(ctx context.Context, r *rig.Rig) storagetest.Work {
	event := make([]byte, storagetest.ValueSize)
	return func(keys [][]byte) (int, error) {
		res, err := r.Run(ctx, "probe.transfer", transferIn(keys, event))
		return res.Usage.Attempts - 1, err
	}
}

// transferIn is the probe's TransferIn in MessagePack.
func transferIn(keys [][]byte, event []byte) []byte {
	in := msgp.AppendString(msgp.AppendMapHeader(nil, 2), "accounts")
	in = msgp.AppendArrayHeader(in, uint32(len(keys)))
	for _, key := range keys {
		in = msgp.AppendInt64(in, int64(binary.BigEndian.Uint64(key)))
	}
	return msgp.AppendBytes(msgp.AppendString(in, "event"), event)
}

// fillAccounts writes all accounts of a load, records of about ValueSize.
func fillAccounts(ctx context.Context, r *rig.Rig, load *storagetest.Load) error {
	const chunk = 500
	for first := 0; first < load.Keys; first += chunk {
		in := msgp.AppendInt64(msgp.AppendString(msgp.AppendMapHeader(nil, 3), "first"), int64(first))
		in = msgp.AppendInt64(msgp.AppendString(in, "count"), chunk)
		in = msgp.AppendInt64(msgp.AppendString(in, "pad"), storagetest.ValueSize-20)
		if _, err := r.Run(ctx, "probe.fill", in); err != nil {
			return errors.Join(fmt.Errorf("fill accounts from %d", first), err)
		}
	}
	return nil
}

// figures takes a figure out of every result.
func figures(results [][]storagetest.Result, figure func(storagetest.Result) float64) [][]float64 {
	out := make([][]float64, len(results))
	for i, rs := range results {
		for _, r := range rs {
			out[i] = append(out[i], figure(r))
		}
	}
	return out
}

func p50(r storagetest.Result) float64 { return millis(r.Quantile(0.5)) }
func p99(r storagetest.Result) float64 { return millis(r.Quantile(0.99)) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// retries are the failed attempts per commit.
func retries(r storagetest.Result) float64 { return float64(r.Failed) / float64(max(r.Done, 1)) }
