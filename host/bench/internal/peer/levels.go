package peer

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"

	"github.com/bottega-retail/bottega/host/bench/internal/chain"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// Levels answers stock look-ups as a good developer writes them by hand for one chain: it
// has the shops in memory and reads the very keys that the host reads, from the same bbolt
// file in one transaction of bbolt for each answer, which it encodes as JSON. It has no
// apps, permissions, reservations, safety stocks or opening hours.
type Levels struct {
	Backend storage.Backend
	Chain   *chain.Chain
}

// levelOf is how much of a SKU one store has.
type levelOf struct {
	SKU      string `json:"sku"`
	Store    string `json:"store"`
	OnHand   int64  `json:"on_hand"`
	Reserved int64  `json:"reserved"`
}

// LookUp is one SKU in all stores: free and reserved.
func (l *Levels) LookUp(sku string) ([]byte, error) {
	var out []levelOf
	err := l.read(func(counter func(name, floor, sku string) int64) {
		for i := range l.Chain.Stores {
			s := &l.Chain.Stores[i]
			free, reserved := counter(chain.Free, s.Floor, sku), counter(chain.Reserved, s.Floor, sku)
			if free != 0 || reserved != 0 {
				out = append(out, levelOf{sku, s.ID, free + reserved, reserved})
			}
		}
	})
	return encoded(out, err)
}

// cell is how much of a SKU of a grid the own store has, and the others.
type cell struct {
	SKU       string `json:"sku"`
	OnHand    int64  `json:"on_hand"`
	Elsewhere int64  `json:"elsewhere"`
}

// Grid is the SKUs of a product in the own store and all others.
func (l *Levels) Grid(own int, skus []string) ([]byte, error) {
	out := make([]cell, len(skus))
	err := l.read(func(counter func(name, floor, sku string) int64) {
		for n, sku := range skus {
			out[n].SKU = sku
			for i := range l.Chain.Stores {
				free := counter(chain.Free, l.Chain.Stores[i].Floor, sku)
				if i == own {
					out[n].OnHand = free + counter(chain.Reserved, l.Chain.Stores[i].Floor, sku)
				} else {
					out[n].Elsewhere += free
				}
			}
		}
	})
	return encoded(out, err)
}

// near is a store that has something.
type near struct {
	Store    string  `json:"store"`
	Metres   int64   `json:"metres"`
	Complete bool    `json:"complete"`
	Has      []int64 `json:"has"`
}

// Nearby is the ten nearest stores that have the most of what is wanted, one of each.
func (l *Levels) Nearby(own int, skus []string) ([]byte, error) {
	var out []near
	err := l.read(func(counter func(name, floor, sku string) int64) {
		for i := range l.Chain.Stores {
			s := &l.Chain.Stores[i]
			n := near{Store: s.ID, Metres: metres(&l.Chain.Stores[own], s), Complete: true}
			some := i == own
			for _, sku := range skus {
				free := counter(chain.Free, s.Floor, sku)
				n.Has = append(n.Has, free)
				n.Complete, some = n.Complete && free > 0, some || free > 0
			}
			if some {
				out = append(out, n)
			}
		}
	})
	slices.SortFunc(out, func(a, b near) int {
		if a.Complete != b.Complete {
			if a.Complete {
				return -1
			}
			return 1
		}
		return int(a.Metres - b.Metres)
	})
	return encoded(out[:min(10, len(out))], err)
}

// read reads counters in one transaction.
func (l *Levels) read(fn func(counter func(name, floor, sku string) int64)) error {
	snap, err := l.Backend.Snapshot()
	if err != nil {
		return err
	}
	defer snap.Close()
	fn(func(name, floor, sku string) int64 {
		v, e := snap.Get(chain.Key(name, floor, sku))
		if e != nil {
			err = e
		}
		if len(v) < 8 {
			return 0
		}
		return int64(binary.BigEndian.Uint64(v[len(v)-8:])) // behind the envelope, whose checksum nobody looks at
	})
	return err
}

func encoded(v any, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

// metres is the great-circle distance.
func metres(a, b *chain.Store) int64 {
	rad := func(millionths int64) float64 { return float64(millionths) / 1e6 * math.Pi / 180 }
	la, lb, d := rad(a.Latitude), rad(b.Latitude), rad(b.Longitude-a.Longitude)
	h := math.Pow(math.Sin((lb-la)/2), 2) + math.Cos(la)*math.Cos(lb)*math.Pow(math.Sin(d/2), 2)
	return int64(2 * 6_371_000 * math.Asin(math.Sqrt(h)))
}
