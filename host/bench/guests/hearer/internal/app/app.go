// Package app handles the events of the probe. It knows nothing but the SDK.
package app

import (
	"encoding/binary"

	"github.com/bottega-retail/bottega/host/bench/guests/hearer"
	"github.com/bottega-retail/bottega/host/bench/guests/probe"
	"github.com/bottega-retail/bottega/sdk"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("hearer", notes, heard, probe.Moved.On(hear).Replayable(), hearer.Count.Handle(count))
}

// notes hold one record for each event.
var notes = sdk.Collection[note]{Name: "notes", Key: []string{"id"}}

type note struct {
	ID  int64  `json:"id"`
	Key string `json:"key"`
	At  int64  `json:"at"` // milliseconds since 1970 UTC
}

// heard counts events by the eighth byte of each.
var heard = sdk.Counter{Name: "heard"}

func hear(tx *sdk.Tx, e probe.Blob) error {
	if len(e.Data) < 8 {
		return sdk.Invalid("/data", "short", "The event has no number.")
	}
	id := int64(binary.BigEndian.Uint64(e.Data))
	if err := notes.Put(tx, note{ID: id, Key: tx.Info().Key, At: int64(tx.Now())}); err != nil {
		return err
	}
	if err := heard.Add(tx, sdk.KInt(id%probe.Keys), 1, 0, sdk.NoMax); err != nil {
		return err
	}
	if len(e.Data) > 8 && e.Data[8] == hearer.Asks {
		return hearer.Heard.Emit(tx, probe.Blob{Data: e.Data[:8]})
	}
	return nil
}

func count(v *sdk.View, _ sdk.None) (probe.Sum, error) {
	var all probe.Sum
	for k := range int64(probe.Keys) {
		all.Sum += heard.Get(v, sdk.KInt(k))
	}
	return all, nil
}
