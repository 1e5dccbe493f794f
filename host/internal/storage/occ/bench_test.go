package occ_test

import (
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// BenchmarkSequencer is what the sequencer itself costs, over memory.
func BenchmarkSequencer(b *testing.B) {
	e, err := occ.Open(mem.New(), occ.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	load := &storagetest.Load{Keys: 10_000, Clients: 1}
	if err := load.Fill(e); err != nil {
		b.Fatal(err)
	}
	keys := [][]byte{load.Key(1), load.Key(2), load.Key(3), load.Key(4)}
	b.Run("view of one key", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tx, err := e.Begin(b.Context(), storage.Options{ReadOnly: true})
			if err != nil {
				b.Fatal(err)
			}
			if _, _, err := tx.Get(keys[0]); err != nil {
				b.Fatal(err)
			}
			if _, err := tx.Commit(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("transfer", func(b *testing.B) {
		b.ReportAllocs()
		work := storagetest.Transfer(e)
		for b.Loop() {
			if _, err := work(keys); err != nil {
				b.Fatal(err)
			}
		}
	})
}
