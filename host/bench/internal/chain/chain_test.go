package chain_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/bottega-retail/bottega/host/bench/internal/chain"
	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
)

// ordered is a storage that wants keys in ascending order, over all batches.
type ordered struct {
	storage.Backend
	t    *testing.T
	last []byte
}

func (o *ordered) Apply(b storage.Batch) error {
	for _, w := range b.Writes {
		if bytes.Compare(o.last, w.Key) >= 0 {
			o.t.Fatalf("%q is written after %q", w.Key, o.last)
		}
		o.last = w.Key
	}
	return o.Backend.Apply(storage.Batch{State: b.State, Writes: append([]storage.Write{}, b.Writes...)})
}

// What was filled is what the other side finds: one SKU in all shops, the own shop and the
// others of a grid, and shops that have something.
func TestFilledIsFound(t *testing.T) {
	t.Parallel()
	const skus = 500
	c := chain.New(skus)
	backend := mem.New()
	filled, err := c.Fill(&ordered{Backend: backend, t: t})
	if err != nil || filled.Cells != chain.Stores*skus {
		t.Fatalf("%d levels, %v", filled.Cells, err)
	}
	by := &peer.Levels{Backend: backend, Chain: c}
	for _, sku := range []int{0, 7, skus - 1} {
		var found []struct {
			OnHand int64 `json:"on_hand"`
		}
		decode(t, &found)(by.LookUp(c.SKU(sku)))
		sum := int64(0)
		for _, l := range found {
			sum += l.OnHand
		}
		if len(found) == 0 || len(found) == chain.Stores || sum != c.Level(sku) {
			t.Errorf("%s: %d shops have %d, filled were %d", c.SKU(sku), len(found), sum, c.Level(sku))
		}
	}
	var cells []struct {
		OnHand    int64 `json:"on_hand"`
		Elsewhere int64
	}
	decode(t, &cells)(by.Grid(5, c.Variants(1)))
	if len(cells) != chain.Grid || cells[3].OnHand+cells[3].Elsewhere != c.Level(chain.Grid+3) {
		t.Errorf("the grid has %+v", cells)
	}
	var near []struct {
		Metres   int64
		Complete bool
	}
	decode(t, &near)(by.Nearby(5, []string{c.SKU(1), c.SKU(2)}))
	if len(near) != 10 || !near[0].Complete || near[0].Metres > near[9].Metres {
		t.Errorf("the nearest are %+v", near)
	}
}

func decode(t *testing.T, v any) func(text []byte, err error) {
	return func(text []byte, err error) {
		t.Helper()
		if err == nil {
			err = json.Unmarshal(text, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
