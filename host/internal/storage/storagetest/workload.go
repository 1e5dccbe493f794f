package storagetest

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
)

// The transaction that benchmarks run: read PerTransaction records, write them
// again, append one event.
const (
	PerTransaction = 4
	ValueSize      = 100 // bytes of a record and of an event
)

// Load says which keys clients touch. One Load may drive several engines in
// turn, which is how they are compared.
type Load struct {
	Keys    int     // how many there are
	Clients int     // that run at once, without pause
	Skew    float64 // exponent of the Zipf distribution; 0 is uniform
	Seed    uint64

	weights []float64 // cumulative; nil if uniform
}

// Work does one transaction on distinct keys, and returns how many attempts
// failed before it.
type Work func(keys [][]byte) (failed int, err error)

// Result of one slice of time.
type Result struct {
	Done      int // transactions
	Failed    int // attempts that failed
	Elapsed   time.Duration
	Latencies []time.Duration // of each transaction, ascending
}

// PerSecond is the throughput.
func (r Result) PerSecond() float64 { return float64(r.Done) / r.Elapsed.Seconds() }

// Quantile is the latency that a share q of the transactions did not exceed.
func (r Result) Quantile(q float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(int(q*float64(len(r.Latencies))), len(r.Latencies)-1)]
}

// Key returns the key of a number below Keys, eight bytes, big endian. Numbers
// are scattered, so that keys that are hot together do not lie together.
func (l *Load) Key(n int) []byte {
	const scatter = 2654435761 // prime, and so coprime to any number of keys below it
	return l.InOrder(int(uint64(n) * scatter % uint64(l.Keys)))
}

// InOrder returns the n-th of all keys in their order, for filling.
func (l *Load) InOrder(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// pick draws a number below Keys.
func (l *Load) pick(random *rand.Rand) int {
	if l.Skew == 0 {
		return random.IntN(l.Keys)
	}
	return sort.SearchFloat64s(l.weights, random.Float64()*l.weights[l.Keys-1])
}

// distinct draws the keys of one transaction, sorted.
func (l *Load) distinct(random *rand.Rand) [][]byte {
	seen := map[int]bool{}
	for len(seen) < PerTransaction {
		seen[l.pick(random)] = true
	}
	keys := make([][]byte, 0, PerTransaction)
	for n := range seen {
		keys = append(keys, l.Key(n))
	}
	slices.SortFunc(keys, slices.Compare)
	return keys
}

// Slice runs all clients for a time. The first error ends it.
func (l *Load) Slice(d time.Duration, work Work) (Result, error) {
	l.weigh()
	var r Result
	var mu sync.Mutex
	var firstErr error
	var stop atomic.Bool
	var wg sync.WaitGroup
	began := time.Now()
	for client := range l.Clients {
		random := rand.New(rand.NewPCG(l.Seed, uint64(client)))
		wg.Go(func() {
			own, err := l.client(random, work, func() bool { return stop.Load() || time.Since(began) > d })
			mu.Lock()
			defer mu.Unlock()
			if err != nil && firstErr == nil {
				firstErr = err
				stop.Store(true)
			}
			r.Failed += own.Failed
			r.Latencies = append(r.Latencies, own.Latencies...)
		})
	}
	wg.Wait()
	r.Elapsed = time.Since(began)
	r.Done = len(r.Latencies)
	slices.Sort(r.Latencies)
	l.Seed++ // the next slice draws others
	return r, firstErr
}

func (l *Load) client(random *rand.Rand, work Work, over func() bool) (Result, error) {
	var r Result
	for !over() {
		keys := l.distinct(random)
		began := time.Now()
		failed, err := work(keys)
		if err != nil {
			return r, err
		}
		r.Failed += failed
		r.Latencies = append(r.Latencies, time.Since(began))
	}
	return r, nil
}

func (l *Load) weigh() {
	if l.Skew == 0 || l.weights != nil {
		return
	}
	sum := 0.0
	l.weights = make([]float64, l.Keys)
	for i := range l.weights {
		sum += math.Pow(float64(i+1), -l.Skew)
		l.weights[i] = sum
	}
}

// Fill writes every key once.
func (l *Load) Fill(e storage.Engine) error {
	const chunk = 5000
	value := make([]byte, ValueSize)
	for from := 0; from < l.Keys; from += chunk {
		_, _, err := Update(noDeadline, e, at, func(tx storage.Txn) error {
			for n := from; n < min(from+chunk, l.Keys); n++ {
				if err := tx.Put(l.InOrder(n), storage.Record{Value: value}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	return nil
}

// Transfer is the transaction on an engine: it moves one from the first record's
// balance to the last's.
func Transfer(e storage.Engine) Work {
	event := make([]byte, ValueSize)
	return func(keys [][]byte) (int, error) {
		failed, _, err := Update(noDeadline, e, at, func(tx storage.Txn) error {
			records, err := tx.MultiGet(keys)
			if err != nil {
				return err
			}
			Move(records[0].Value, records[len(records)-1].Value)
			for i, key := range keys {
				if err := tx.Put(key, records[i]); err != nil {
					return err
				}
			}
			return tx.Append(event)
		})
		return failed, err
	}
}

// Move takes one from the balance in the first eight bytes of a value and gives
// it to another.
func Move(from, to []byte) {
	binary.BigEndian.PutUint64(from, binary.BigEndian.Uint64(from)-1)
	binary.BigEndian.PutUint64(to, binary.BigEndian.Uint64(to)+1)
}

// Count is a transaction that lowers a counter and writes a record of its own
// while a guest works: the hot counter if hot, else that of the first key.
func Count(e storage.Engine, hot bool, guest func()) Work {
	return func(keys [][]byte) (int, error) {
		counter := append([]byte("count"), keys[0]...)
		if hot {
			counter = []byte("count")
		}
		failed, _, err := Update(noDeadline, e, at, func(tx storage.Txn) error {
			if _, err := tx.Add(counter, -1, math.MinInt64, math.MaxInt64); err != nil {
				return err
			}
			guest()
			return tx.Put(keys[1], storage.Record{Value: make([]byte, ValueSize)})
		})
		return failed, err
	}
}

// HotRecord is a transaction that reads and writes the one record that all
// others do, and in between a guest works.
func HotRecord(e storage.Engine, guest func()) Work {
	key := []byte("hot")
	return func([][]byte) (int, error) {
		failed, _, err := Update(noDeadline, e, at, func(tx storage.Txn) error {
			r, _, err := tx.Get(key)
			if err != nil {
				return err
			}
			guest()
			if r.Value == nil {
				r.Value = make([]byte, ValueSize)
			}
			r.Value[0]++
			return tx.Put(key, r)
		})
		return failed, err
	}
}

// Compare runs works in turn, in short slices and several rounds, so that what
// else the machine does hits all alike. It returns the results by work.
func (l *Load) Compare(rounds int, slice time.Duration, works ...Work) ([][]Result, error) {
	results := make([][]Result, len(works))
	for range rounds {
		for i, work := range works {
			r, err := l.Slice(slice, work)
			if err != nil {
				return nil, err
			}
			results[i] = append(results[i], r)
		}
	}
	return results, nil
}

// Median is the median of a figure of some results.
func Median(results []Result, figure func(Result) float64) float64 {
	all := make([]float64, 0, len(results))
	for _, r := range results {
		all = append(all, figure(r))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// Ratio is the median over rounds of a figure of one work divided by that of
// another in the same round.
func Ratio(results, reference []Result, figure func(Result) float64) float64 {
	all := make([]float64, 0, len(results))
	for i := range results {
		all = append(all, figure(results[i])/figure(reference[i]))
	}
	slices.Sort(all)
	return all[len(all)/2]
}
