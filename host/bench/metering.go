package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/bench/internal/bare"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

// The rows of metering.
const (
	rowMeterQuote = "metering.quote"
	rowMeterJSON  = "metering.json"
	rowMeterLoop  = "metering.loop"
)

// meteringRows compares modules with what the rewriter makes of them, both in
// bare wazero: the same call again and again, with the host's answers replayed.
var meteringRows = experiment{
	name: "metering",
	rows: []string{rowMeterQuote, rowMeterJSON, rowMeterLoop},
	run:  measureMetering,
}

// The entries of calls to compare, and how they were recorded.
const (
	cartLines  = 20
	loopRounds = 200_000
)

func measureMetering(ctx context.Context, b *bench) ([]result.Row, error) {
	var rows []result.Row
	var errs []error
	for _, m := range []struct {
		row, module, operation string
		record                 func(context.Context, *bench) (*recorded, error)
	}{
		{rowMeterQuote, "pricing", "pricing.quote of 20 lines", recordQuote},
		{rowMeterJSON, "probe", "JSON of 20 lines decoded and encoded", recordProbe("probe.cart", func() []byte { return blob(cartJSON()) })},
		{rowMeterLoop, "probe", "a loop of 200,000 rounds", recordProbe("probe.spin", func() []byte { return work(loopRounds) })},
	} {
		call, err := m.record(ctx, b)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.row, err))
			continue
		}
		row, err := compareMetered(ctx, b, m.row, call)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", m.row, err))
			continue
		}
		row.Note = fmt.Sprintf("%s, %d host calls replayed", m.operation, len(call.call.Host))
		rows = append(rows, row)
	}
	return rows, errors.Join(errs...)
}

// recorded is a call to run again and again, behind those that built the derived
// values of its app, if it has any.
type recorded struct {
	wasm  string // file of the module
	built []bare.Call
	call  *bare.Call
}

// compareMetered runs one call in a module as it is and rewritten.
func compareMetered(ctx context.Context, b *bench, id string, rec *recorded) (row result.Row, err error) {
	wasm, err := os.ReadFile(rec.wasm)
	if err != nil {
		return row, err
	}
	var subjects []subject
	for _, metered := range []bool{true, false} {
		g, err := bare.Open(ctx, wasm, metered)
		if err != nil {
			return row, err
		}
		defer g.Close(ctx)
		for i := range rec.built {
			if err := g.Run(ctx, &rec.built[i]); err != nil {
				return row, err
			}
		}
		subjects = append(subjects, perCall(fmt.Sprintf("%s metered=%v", id, metered), time.Microsecond, func() error { return g.Run(ctx, rec.call) }))
	}
	samples, err := turns(b.rounds(11), b.slice(300*time.Millisecond), subjects...)
	if err != nil {
		return row, err
	}
	return against(id, "µs", samples[0], "the module as it was built", samples[1]), nil
}

// recordProbe runs an operation of the probe once and keeps the call.
func recordProbe(operation string, input func() []byte) func(context.Context, *bench) (*recorded, error) {
	return func(ctx context.Context, b *bench) (*recorded, error) {
		rec := &bare.Recorder{}
		r, err := b.openProbe(ctx, "metering", 0, rec.Around)
		if err != nil {
			return nil, err
		}
		if _, err = r.Run(ctx, operation, input()); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		return &recorded{wasm: filepath.Join(b.guests, "probe.wasm"), call: rec.Last(rig.Owner("probe"))}, r.Close()
	}
}

// recordQuote quotes a basket in a shop with its promotions and keeps the call
// into pricing.
func recordQuote(ctx context.Context, b *bench) (*recorded, error) {
	rec := &bare.Recorder{}
	r, s, err := b.openShop(ctx, "metering-quote", rec.Around)
	if err != nil {
		return nil, err
	}
	if err := r.Call(ctx, "pricing.quote", quoteOf(s, cartLines), nil); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	own := rig.Owner("pricing")
	return &recorded{filepath.Join(b.modules, "pricing.wasm"), rec.Built(own), rec.Last(own)}, r.Close()
}

// openShop opens a kernel over the apps, with the simulated shop in it.
func (b *bench) openShop(ctx context.Context, name string, wrap func(sandbox.Runner) sandbox.Runner) (*rig.Rig, *shop.Shop, error) {
	return b.openShopOf(ctx, name, b.modules, wrap)
}

// openShopOf is openShop with the modules of another folder.
func (b *bench) openShopOf(ctx context.Context, name, modules string, wrap func(sandbox.Runner) sandbox.Runner) (*rig.Rig, *shop.Shop, error) {
	r, err := b.openRig(ctx, name, rig.Options{Modules: modules, Wrap: wrap})
	if err != nil {
		return nil, nil, err
	}
	s := shop.New()
	if err := s.Seed(func(operation string, in any) error { return r.Call(ctx, operation, in, nil) }); err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return r, s, nil
}

// quoteOf asks for the price of a basket.
func quoteOf(s *shop.Shop, lines int) any {
	return struct {
		Store string      `json:"store"`
		Lines []shop.Line `json:"lines"`
	}{s.Stores[0], s.Lines(rand.New(rand.NewPCG(7, 7)), lines)}
}

// cartJSON is a basket as the probe wants it.
func cartJSON() []byte {
	b := []byte("[")
	for i := range cartLines {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"sku":"8001505%06d","quantity":%d,"price":%d}`, i, 1+i%3, 199+i*100)
	}
	return append(b, ']')
}

// work is the probe's Work in MessagePack.
func work(rounds int64) []byte {
	b := msgp.AppendString(msgp.AppendMapHeader(nil, 1), "rounds")
	return msgp.AppendInt64(b, rounds)
}
