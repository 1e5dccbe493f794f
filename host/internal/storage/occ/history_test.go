package occ_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/faulty"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// delayed makes each batch wait up to 1.5 ms before it is written, so that what
// is accepted and not durable is large.
func delayed(seed uint64) faulty.Faults {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	return faulty.Faults{BeforeApply: func(storage.Batch) error {
		mu.Lock()
		d := time.Duration(random.IntN(1500)) * time.Microsecond
		mu.Unlock()
		<-time.After(d)
		return nil
	}}
}

// crashable are places on memory whose engine can be crashed: what was not
// applied is gone, what was is found again.
type crashable struct {
	mu      sync.Mutex
	current *faulty.Backend
	seed    uint64
	options occ.Options
}

func (c *crashable) place() storagetest.EnginePlace {
	disk := mem.New()
	return func() (storagetest.EngineLog, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.seed++
		c.current = faulty.Wrap(disk, delayed(c.seed))
		return occ.Open(c.current, c.options)
	}
}

func (c *crashable) crash() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current.Stop()
}

func TestLinearizable(t *testing.T) {
	t.Parallel()
	for name, histories := range map[string]int{"mem": 80, "bolt": 25} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seed := uint64(0)
			storagetest.Linearizable(t, storagetest.Histories{Max: histories, Seed: 1}, func() storagetest.EnginePlace {
				seed++
				place := backends[name](t)
				return sequenced(func() (storage.Backend, error) {
					b, err := place()
					return faulty.Wrap(b, delayed(seed)), err
				}, occ.Options{})
			})
		})
	}
	t.Run("crash", func(t *testing.T) {
		t.Parallel()
		var c crashable
		storagetest.Linearizable(t, storagetest.Histories{Max: 80, Seed: 2, Crash: c.crash}, c.place)
	})
}

// TestPlantedBugs: the checker must have teeth.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]occ.Faults{
		"skip point validation":   {SkipPointValidation: true},
		"skip range validation":   {SkipRangeValidation: true},
		"value instead of answer": {CounterValueInsteadOfAnswer: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := crashable{options: occ.Options{Faults: faults}}
			storagetest.Breaks(t, storagetest.Histories{Max: 300, Seed: 3}, c.place)
		})
	}
	t.Run("release before durable", func(t *testing.T) {
		t.Parallel()
		c := crashable{options: occ.Options{Faults: occ.Faults{ReleaseBeforeDurable: true}}}
		storagetest.Breaks(t, storagetest.Histories{Max: 300, Seed: 4, Crash: c.crash}, c.place)
	})
}
