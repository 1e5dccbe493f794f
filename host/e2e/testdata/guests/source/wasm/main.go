// Command wasm is the source as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/source"
	"github.com/bottega-retail/bottega/sdk"
)

func init() {
	sdk.Serve(sdk.NewApp("source", draws, source.Tell.Handle(tell), source.Numbers.Handle(numbers)))
}

func main() {}

// draw counts draws, so that two at once are in each other's way.
type draw struct {
	ID    string `json:"id"`
	Count int64  `json:"count"`
}

var draws = sdk.Collection[draw]{Name: "draws", Key: []string{"id"}}

func tell(tx *sdk.Tx, in source.Facts) (source.Told, error) {
	for _, f := range in.Facts {
		f.At = int64(tx.Now())
		if err := source.Happened.Emit(tx, f); err != nil {
			return source.Told{}, err
		}
	}
	return source.Told{Count: int64(len(in.Facts))}, nil
}

func numbers(tx *sdk.Tx, in source.Draw) (source.Drawn, error) {
	d, _ := draws.Get(tx, sdk.K("all"))
	d.ID, d.Count = "all", d.Count+1
	out := source.Drawn{IDs: []string{}}
	for range in.Numbers {
		out.Numbers = append(out.Numbers, tx.Random(8)...)
	}
	for range in.IDs {
		out.IDs = append(out.IDs, tx.NewID())
	}
	return out, draws.Put(tx, d)
}
