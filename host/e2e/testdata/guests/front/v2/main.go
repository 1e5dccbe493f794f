// Command v2 is a version of front that keeps the first word of a note apart.
package main

import (
	"strings"

	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/front/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() {
	sdk.Serve(sdk.NewApp("front", append(app.Parts(2, split), apart)...))
}

func main() {}

func split(n *app.Note, text string) { n.Word, n.Rest, _ = strings.Cut(text, " ") }

type place struct {
	After string `json:"after"`
}

// apart splits the notes. Those that version 1 has written behind the back of
// Expand are split in the end: before Text goes, everything in it must be
// elsewhere.
var apart = sdk.Migration[place]{
	Version: 2,
	Expand:  rewrite(func(n *app.Note) { split(n, n.Text) }),
	Contract: rewrite(func(n *app.Note) {
		split(n, n.Text)
		n.Text = ""
	}),
}

// rewrite changes a few notes of version 1 in each step.
func rewrite(change func(*app.Note)) func(*sdk.Tx, *sdk.Step[place]) error {
	return func(tx *sdk.Tx, s *sdk.Step[place]) error {
		s.Finished = true
		for n := range app.Notes.Scan(tx, sdk.Scan{From: sdk.K(s.State.After), Limit: 20}) {
			if n.ID == s.State.After {
				continue
			}
			if n.Text != "" {
				change(&n)
				if err := app.Notes.Put(tx, n); err != nil {
					return err
				}
			}
			s.State.After, s.Finished = n.ID, false
		}
		return nil
	}
}
