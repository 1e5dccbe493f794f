package sdk

import (
	"math"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Counter declares a family of integers that many operations move at once:
// stock on hand, budgets, uses of a coupon. Adding does not conflict with
// adding; reading does.
type Counter struct {
	Name string // unique in the app
}

// No bound for Counter.Add.
const (
	NoMin int64 = math.MinInt64
	NoMax int64 = math.MaxInt64
)

func (c Counter) register(a *App) {
	all := &a.module.Descriptor.Counters
	a.declare("counter", c.Name, slices.Contains(*all, c.Name))
	*all = append(*all, c.Name)
	a.keeps()
}

// Add moves the counter under key by delta if the result lies within
// [min, max], bounds included. Only the answer, not the value, is a read.
// Errors: exhausted, reason "bound", and then nothing has moved.
func (c Counter) Add(tx *Tx, key Key, delta, min, max int64) error {
	a := abi.Add{Counter: c.Name, Key: key, Delta: delta, Min: min, Max: max}
	return outcome(tx.c.send(hostcall.Add, a.Append(tx.c.frame())))
}

// Get reads the counter under key, 0 if it was never moved. In a command this
// conflicts with everybody who moves it: do not check before Add, let Add do it.
func (c Counter) Get(r Reader, key Key) int64 {
	x := r.context()
	g := abi.Get{Collection: c.Name, Key: key}
	return abi.NewDecoder(x.must(x.send(hostcall.Counter, g.Append(x.frame())))).Int()
}

// GetMany reads the counters under several keys, in their order, 0 for each that
// was never moved. It is one host call per 1,000 keys, and each counter is a read
// as with Get.
func (c Counter) GetMany(r Reader, keys []Key) []int64 {
	values := make([]int64, 0, len(keys))
	for part := range slices.Chunk(keys, abi.MaxPage) {
		values = append(values, r.context().counters(c.Name, part)...)
	}
	return values
}

func (c *context) counters(counter string, keys []Key) []int64 {
	g := abi.GetMany{Collection: counter, Keys: make([][]byte, len(keys))}
	for i, k := range keys {
		g.Keys[i] = k
	}
	values, err := abi.ParseInts(c.must(c.send(hostcall.Counters, g.Append(c.frame()))))
	if err != nil {
		panic(err)
	}
	return values
}
