package occ_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/faulty"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// backends are the places that every test of the sequencer runs in.
var backends = map[string]func(t *testing.T) storagetest.BackendPlace{
	"mem": func(*testing.T) storagetest.BackendPlace {
		b := mem.New()
		return func() (storage.Backend, error) { return b, nil }
	},
	"bolt": func(t *testing.T) storagetest.BackendPlace {
		path := filepath.Join(t.TempDir(), "data.bolt")
		return func() (storage.Backend, error) { return bolt.Open(path, bolt.Options{}) }
	},
	"slow": func(*testing.T) storagetest.BackendPlace {
		b := mem.New()
		wait := func() { <-time.After(time.Millisecond) }
		return func() (storage.Backend, error) { return faulty.Wrap(b, faulty.Faults{Delay: wait}), nil }
	},
}

func sequenced(place storagetest.BackendPlace, o occ.Options) storagetest.EnginePlace {
	return func() (storagetest.EngineLog, error) {
		b, err := place()
		if err != nil {
			return nil, err
		}
		return occ.Open(b, o)
	}
}

func TestEngine(t *testing.T) {
	t.Parallel()
	for name, backend := range backends {
		var o storagetest.EngineOptions
		if name == "slow" {
			o.Programs = 8
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storagetest.Engine(t, o, func(t *testing.T) storagetest.EnginePlace {
				return sequenced(backend(t), occ.Options{})
			})
		})
	}
}
