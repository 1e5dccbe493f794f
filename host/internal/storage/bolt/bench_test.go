package bolt_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
	"go.etcd.io/bbolt"
)

const (
	benchKeys  = 100_000
	rounds     = 15
	sliceTime  = 100 * time.Millisecond
	guestTime  = time.Millisecond
	allClients = 64
)

func benchEngine(b *testing.B, load *storagetest.Load) *occ.Engine {
	b.Helper()
	disk, err := bolt.Open(filepath.Join(b.TempDir(), "engine.bolt"), bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	e, err := occ.Open(disk, occ.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := e.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := load.Fill(e); err != nil {
		b.Fatal(err)
	}
	return e
}

// peer is the same transaction on plain bbolt, one Update each, with the same
// options.
type peer struct {
	db   *bbolt.DB
	load *storagetest.Load
}

var (
	peerKV  = []byte("kv")
	peerLog = []byte("log")
)

func benchPeer(b *testing.B, load *storagetest.Load) peer {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "peer.bolt"), 0o600, &bbolt.Options{
		FreelistType: bbolt.FreelistMapType, NoFreelistSync: true, InitialMmapSize: 16 << 30, NoStatistics: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() }) // what was measured is over
	p := peer{db, load}
	if err := p.fill(); err != nil {
		b.Fatal(err)
	}
	return p
}

func (p peer) fill() error {
	return p.db.Update(func(tx *bbolt.Tx) error {
		kv, err := tx.CreateBucket(peerKV)
		if err != nil {
			return err
		}
		if _, err := tx.CreateBucket(peerLog); err != nil {
			return err
		}
		for n := range p.load.Keys {
			if err := kv.Put(p.load.InOrder(n), make([]byte, storagetest.ValueSize)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (p peer) transfer(keys [][]byte) (int, error) {
	return 0, p.db.Update(func(tx *bbolt.Tx) error {
		kv, log := tx.Bucket(peerKV), tx.Bucket(peerLog)
		values := make([][]byte, len(keys))
		for i, key := range keys {
			values[i] = append([]byte{}, kv.Get(key)...)
		}
		storagetest.Move(values[0], values[len(values)-1])
		for i, key := range keys {
			if err := kv.Put(key, values[i]); err != nil {
				return err
			}
		}
		n, err := log.NextSequence()
		if err != nil {
			return err
		}
		log.FillPercent = 0.9
		return log.Put(binary.BigEndian.AppendUint64(nil, n), make([]byte, storagetest.ValueSize))
	})
}

// BenchmarkTransfer compares the sequencer over bolt with plain bbolt, in turns.
func BenchmarkTransfer(b *testing.B) {
	for _, skew := range []float64{0, 0.99} {
		load := &storagetest.Load{Keys: benchKeys, Skew: skew, Seed: 1}
		e, p := benchEngine(b, load), benchPeer(b, load)
		for _, clients := range []int{1, 8, allClients} {
			load.Clients = clients
			b.Run(fmt.Sprintf("skew=%.2f/clients=%d", skew, clients), func(b *testing.B) {
				for b.Loop() {
					results, err := load.Compare(rounds, sliceTime, storagetest.Transfer(e), p.transfer)
					if err != nil {
						b.Fatal(err)
					}
					report(b, results[0], results[1])
				}
			})
		}
	}
}

// report puts the first work's figures and its ratio to the second's.
func report(b *testing.B, own, reference []storagetest.Result) {
	b.Helper()
	speed := storagetest.Result.PerSecond
	failed := func(r storagetest.Result) float64 { return float64(r.Failed) / float64(r.Done) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(storagetest.Median(own, speed), "tx/s")
	b.ReportMetric(storagetest.Median(reference, speed), "reference-tx/s")
	b.ReportMetric(storagetest.Ratio(own, reference, speed), "ratio")
	b.ReportMetric(storagetest.Median(own, failed), "retries/tx")
	b.ReportMetric(storagetest.Median(own, latency(0.5)), "p50-ms")
	b.ReportMetric(storagetest.Median(own, latency(0.99)), "p99-ms")
	b.ReportMetric(storagetest.Ratio(own, reference, latency(0.5)), "p50-ratio")
}

func latency(q float64) func(storagetest.Result) float64 {
	return func(r storagetest.Result) float64 { return float64(r.Quantile(q)) / float64(time.Millisecond) }
}

func guest() { time.Sleep(guestTime) }

// BenchmarkHotCounter compares one counter in every transaction with counters
// spread over all keys.
func BenchmarkHotCounter(b *testing.B) {
	load := &storagetest.Load{Keys: benchKeys, Clients: 16, Seed: 1}
	e := benchEngine(b, load)
	for b.Loop() {
		results, err := load.Compare(rounds, sliceTime, storagetest.Count(e, true, guest), storagetest.Count(e, false, guest))
		if err != nil {
			b.Fatal(err)
		}
		report(b, results[0], results[1])
	}
}

// BenchmarkHotRecord compares one record in every transaction with a guest that
// only works, one at a time: nothing can be faster.
func BenchmarkHotRecord(b *testing.B) {
	load := &storagetest.Load{Keys: benchKeys, Clients: 16, Seed: 1}
	e := benchEngine(b, load)
	alone := make(chan struct{}, 1)
	limit := func([][]byte) (int, error) {
		alone <- struct{}{}
		defer func() { <-alone }()
		guest()
		return 0, nil
	}
	for b.Loop() {
		results, err := load.Compare(rounds, sliceTime, storagetest.HotRecord(e, guest), limit)
		if err != nil {
			b.Fatal(err)
		}
		report(b, results[0], results[1])
	}
}

// BenchmarkOpen is what a restart costs: the walk over the file and bbolt's own.
func BenchmarkOpen(b *testing.B) {
	load := &storagetest.Load{Keys: benchKeys}
	path := filepath.Join(b.TempDir(), "open.bolt")
	disk, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		b.Fatal(err)
	}
	e, err := occ.Open(disk, occ.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(load.Fill(e), e.Close()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		disk, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(disk.Size())/(1<<20), "MiB")
		if err := disk.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
