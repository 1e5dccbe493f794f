package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/chain"
	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

// The rows of stock in a network. The look-ups have a p99 beside them.
const (
	rowStockFill    = "stock.fill"
	rowStockReceive = "stock.receive"
	rowStockLookUp  = "stock.look_up"
	rowStockGrid    = "stock.grid"
	rowStockNearby  = "stock.nearby"
)

// networkRows looks stock up in a network of 300 shops and 100,000 SKUs: thirty million
// levels, each a counter, beside the same keys read from the same file by hand.
var networkRows = experiment{
	name: "stock look-up over 300 shops and 100,000 SKUs",
	rows: []string{
		rowStockFill, rowStockReceive, rowStockLookUp, rowStockLookUp + ".p99", rowStockGrid, rowStockGrid + ".p99",
		rowStockNearby, rowStockNearby + ".p99",
	},
	run: measureNetwork,
}

// network is a kernel over the levels of a chain.
type network struct {
	*rig.Rig
	chain  *chain.Chain
	byHand *peer.Levels
	random *rand.Rand
	notes  int // delivery notes so far
}

func measureNetwork(ctx context.Context, b *bench) (rows []result.Row, err error) {
	n, fill, err := openNetwork(ctx, b)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	rows = append(rows, fill)
	received, err := n.receive(ctx, b)
	if err != nil {
		return rows, err
	}
	rows = append(rows, received)
	for _, q := range n.inquiries() {
		asked, err := n.ask(ctx, b, q)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", q.row, err)
		}
		rows = append(rows, asked...)
	}
	return rows, nil
}

// openNetwork writes all levels, opens a kernel over them and furnishes the shops.
func openNetwork(ctx context.Context, b *bench) (*network, result.Row, error) {
	row := result.Row{ID: rowStockFill, Unit: "s"}
	skus := chain.SKUs
	if b.quick {
		skus /= 20
	}
	n := &network{chain: chain.New(skus), random: rand.New(rand.NewPCG(1, 2))}
	dir, err := b.folder("network")
	if err != nil {
		return nil, row, err
	}
	backend, err := bolt.Open(filepath.Join(dir, "data.db"), bolt.Options{})
	if err != nil {
		return nil, row, err
	}
	began := time.Now()
	filled, err := n.chain.Fill(backend)
	row.Samples = []float64{time.Since(began).Seconds()}
	size := backend.Size()
	if err := errors.Join(err, backend.Close()); err != nil {
		return nil, row, err
	}
	began = time.Now()
	n.Rig, err = rig.Open(ctx, rig.Options{Dir: dir, Cache: b.cache(), Modules: b.modules, Apps: []string{"catalog", "stock"}})
	if err != nil {
		return nil, row, err
	}
	row.Note = fmt.Sprintf("simulated: %d levels of %d shops and %d SKUs, written by the rig in the order of their keys; %d MiB on disk, %d MiB of memory; opened and checked again in %.1f s, modules and all",
		filled.Cells, chain.Stores, skus, size>>20, filled.Memory>>20, time.Since(began).Seconds())
	n.byHand = &peer.Levels{Backend: n.Backend, Chain: n.chain}
	if err := n.chain.Seed(func(operation string, in any) error { return n.Call(ctx, operation, in, nil) }); err != nil {
		return nil, row, errors.Join(err, n.Close())
	}
	return n, row, n.agree(ctx)
}

// agree checks that the host finds what was written under keys that it never saw written.
func (n *network) agree(ctx context.Context) error {
	for sku := range 3 {
		var out struct {
			Stores []struct {
				OnHand int64 `json:"sellable"`
			}
		}
		if err := n.Call(ctx, "stock.look_up", map[string]any{"skus": []string{n.chain.SKU(sku)}}, &out); err != nil {
			return errors.Join(err, n.Close())
		}
		var sum int64
		for _, s := range out.Stores {
			sum += s.OnHand
		}
		if want := n.chain.Level(sku); sum != want {
			return errors.Join(fmt.Errorf("the host finds %d of %s, written were %d", sum, n.chain.SKU(sku), want), n.Close())
		}
	}
	return nil
}

// noteLines is how many SKUs one delivery note has.
const noteLines = 200

// receive takes goods in by stock's own command, so that what the rig's short cut saves can
// be seen.
func (n *network) receive(ctx context.Context, b *bench) (row result.Row, err error) {
	samples, err := turns(b.rounds(5), b.slice(time.Second), subject{"stock.receive", func(d time.Duration) (float64, error) {
		began, cells := time.Now(), 0
		for ; time.Since(began) < d; cells += noteLines {
			n.notes++
			type line struct {
				SKU      string `json:"sku"`
				Quantity int64  `json:"quantity"`
			}
			var lines []line
			for i := range noteLines {
				lines = append(lines, line{n.chain.SKU((n.notes*noteLines + i) % (chain.Products * chain.Grid)), 1})
			}
			in := map[string]any{"to": n.chain.Stores[n.notes%chain.Stores].Floor, "document": fmt.Sprint("D", n.notes), "lines": lines}
			if err := n.Call(ctx, "stock.receive", in, nil); err != nil {
				return 0, err
			}
		}
		return float64(cells) / time.Since(began).Seconds(), nil
	}})
	if err != nil {
		return row, err
	}
	return result.Row{ID: rowStockReceive, Unit: "levels/s", Samples: samples[0], Note: "one client, delivery notes of 200 SKUs by stock.receive, durable"}, nil
}

// inquiry is one sort of look-up, asked of the host and by hand.
type inquiry struct {
	row, note string
	draw      func() (operation string, in any, byHand func() ([]byte, error))
}

func (n *network) inquiries() []inquiry {
	own := func() int { return n.random.IntN(chain.Stores) }
	return []inquiry{
		{rowStockLookUp, "one SKU in all 300 shops, free and reserved, by shop", func() (string, any, func() ([]byte, error)) {
			sku := n.chain.Draw(n.random)
			return "stock.look_up", map[string]any{"skus": []string{sku}}, func() ([]byte, error) { return n.byHand.LookUp(sku) }
		}},
		{rowStockGrid, "24 SKUs of a product by size and colour, in the own shop and all others", func() (string, any, func() ([]byte, error)) {
			p, s := n.random.IntN(chain.Products), own()
			in := map[string]any{"store": n.chain.Stores[s].ID, "product": n.chain.Product(p), "elsewhere": true}
			return "stock.grid", in, func() ([]byte, error) { return n.byHand.Grid(s, n.chain.Variants(p)) }
		}},
		{rowStockNearby, "two SKUs wanted: the ten nearest of 300 shops with their opening hours and promises", func() (string, any, func() ([]byte, error)) {
			s, a, b := own(), n.chain.Draw(n.random), n.chain.Draw(n.random)
			type line struct {
				SKU      string `json:"sku"`
				Quantity int64  `json:"quantity"`
			}
			in := map[string]any{"store": n.chain.Stores[s].ID, "lines": []line{{a, 1}, {b, 1}}}
			return "stock.nearby", in, func() ([]byte, error) { return n.byHand.Nearby(s, []string{a, b}) }
		}},
	}
}

// ask asks one sort of question on both sides in turns.
func (n *network) ask(ctx context.Context, b *bench, q inquiry) ([]result.Row, error) {
	var all [2][]storagetest.Result
	for range b.rounds(7) {
		var turn [2][]time.Duration
		for began := time.Now(); time.Since(began) < b.slice(time.Second); {
			operation, in, byHand := q.draw()
			wire, err := n.Wire(operation, in)
			if err != nil {
				return nil, err
			}
			for i, do := range [2]func() error{
				func() error { _, err := n.Run(ctx, operation, wire); return err },
				func() error { _, err := byHand(); return err },
			} {
				at := time.Now()
				if err := do(); err != nil {
					return nil, err
				}
				turn[i] = append(turn[i], time.Since(at))
			}
		}
		for i := range turn {
			slices.Sort(turn[i])
			all[i] = append(all[i], storagetest.Result{Done: len(turn[i]), Latencies: turn[i]})
		}
	}
	const byHand = "the same keys of the same file by hand"
	middle, tail := figures(all[:], p50), figures(all[:], p99)
	row := against(q.row, "ms p50", middle[0], byHand, middle[1])
	row.Note = q.note + "; one client, through the kernel"
	return []result.Row{row, against(q.row+".p99", "ms p99", tail[0], byHand, tail[1])}, nil
}
