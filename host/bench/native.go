package main

import (
	"context"
	"encoding/gob"
	"errors"
	"os"
	"path/filepath"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/host/bench/internal/bare"
	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
)

// record quotes once and answers that call, and those that built what it looked
// promotions up in. Nothing is recorded any more.
func (m *market) record(ctx context.Context, in pricing.QuoteIn) (*bare.Play, error) {
	if _, err := m.quote(ctx, in); err != nil {
		return nil, err
	}
	m.rec.Off()
	own := rig.Owner(pricingID)
	call, built := m.rec.Last(own), m.rec.Built(own)
	if call == nil || len(built) == 0 {
		return nil, errors.New("a quote was not recorded, or no building of the promotions")
	}
	return &bare.Play{Built: built, Call: *call}, nil
}

// native starts the pricing app compiled for this machine, whose work is the recorded
// quote.
func (b *bench) native(ctx context.Context, name string, play *bare.Play) (*peer.Child, error) {
	if b.natively == "" {
		var err error
		if b.natively, err = rig.BuildNatively(ctx, ".", b.work); err != nil {
			return nil, err
		}
	}
	file := filepath.Join(b.dir, name+".gob")
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(gob.NewEncoder(f).Encode(play), f.Close()); err != nil {
		return nil, err
	}
	return peer.StartChild(ctx, b.dir, b.natively, file)
}
