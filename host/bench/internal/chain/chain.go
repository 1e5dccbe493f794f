// Package chain makes up a network of shops from a fixed seed: where they are, when they
// are open, and how much of each of its SKUs lies on each floor. Everything is simulated.
// It puts shops and goods into a host by public operations, and the levels straight into a
// storage, since thirty million of them by operations would be a day of measuring nothing.
package chain

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk"
)

// How large it is. A product comes in so many sizes and colours.
const (
	Stores  = 300
	SKUs    = 100_000
	Sizes   = 6
	Colours = 4
	Grid    = Sizes * Colours
	// Products are in the catalog; of the other SKUs there are levels only.
	Products = 20
)

// Chain is the network.
type Chain struct {
	Stores []Store
	skus   int
}

// Store is a shop with one floor. Its position is in millionths of a degree.
type Store struct {
	ID, Floor           string
	Latitude, Longitude int64
}

// New makes a network of so many SKUs.
func New(skus int) *Chain {
	random := rand.New(rand.NewPCG(300, 100_000))
	c := &Chain{skus: skus}
	for i := range Stores {
		id := fmt.Sprintf("S%03d", i)
		c.Stores = append(c.Stores, Store{
			ID: id, Floor: id + "-floor",
			Latitude: 37_000_000 + random.Int64N(9_500_000), Longitude: 7_000_000 + random.Int64N(11_000_000),
		})
	}
	return c
}

// SKU is the name of a SKU.
func (c *Chain) SKU(i int) string { return fmt.Sprintf("SKU-%06d", i) }

// Draw draws a SKU.
func (c *Chain) Draw(random *rand.Rand) string { return c.SKU(random.IntN(c.skus)) }

// Variants are the SKUs of a product of the catalog, by size and colour.
func (c *Chain) Variants(product int) (skus []string) {
	for i := range Grid {
		skus = append(skus, c.SKU(product*Grid+i))
	}
	return skus
}

// Product is the id of a product of the catalog.
func (c *Chain) Product(i int) string { return "P" + strconv.Itoa(i) }

// level is how much of a SKU lies on a floor: of a third of them nothing.
func level(store, sku int) int64 {
	x := uint64(store)*0x9E3779B97F4A7C15 ^ uint64(sku)*0xD1B54A32D192ED03
	x ^= x >> 31
	return max(0, int64(x*0xBF58476D1CE4E5B9>>60)-5)
}

// Level is how much of a SKU lies in all stores together.
func (c *Chain) Level(sku int) (sum int64) {
	for i := range c.Stores {
		sum += level(i, sku)
	}
	return sum
}

// cells is how many levels one batch holds.
const cells = 100_000

// Filled is what it took to write all levels.
type Filled struct {
	Cells  int64
	Memory int64 // bytes of this process's own, the most; 0 is unknown
}

// Fill writes all levels into a storage that holds nothing yet, in the order of their
// keys, as stock keeps them: a level that is zero is a counter as well.
func (c *Chain) Fill(to storage.Backend) (f Filled, err error) {
	var batch storage.Batch
	flush := func() error {
		batch.Sequence++
		err := to.Apply(batch)
		f.Cells, f.Memory = f.Cells+int64(len(batch.Writes)), max(f.Memory, anonymous())
		batch.Writes = batch.Writes[:0]
		return err
	}
	for i := range c.Stores {
		for sku := range c.skus {
			key := Key(Free, c.Stores[i].Floor, c.SKU(sku))
			batch.Writes = append(batch.Writes, storage.Write{Key: key, Value: storage.SealCounter(key, level(i, sku))})
			if len(batch.Writes) == cells {
				if err := flush(); err != nil {
					return f, err
				}
			}
		}
	}
	return f, flush()
}

// The counters that stock keeps.
const (
	Free     = "on_hand"
	Reserved = "reserved"
)

// Key is where a counter of a SKU on a floor lies in the host's storage.
func Key(counter, floor, sku string) []byte {
	return append([]byte("cstock\x00"+counter+"\x00"), sdk.K(floor).Text(sku)...)
}

// anonymous is how much memory this process has that no file backs, in bytes.
func anonymous() int64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(text)) {
		if kib, ok := strings.CutPrefix(l, "RssAnon:"); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(kib), "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}
