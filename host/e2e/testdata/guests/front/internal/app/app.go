// Package app is front, in any version.
package app

import (
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/back"
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/front"
	"github.com/bottega-retail/bottega/sdk"
)

// Note is a note. Version 2 has its first word apart; while both versions are at
// work, both fields are kept.
type Note struct {
	ID   string `json:"id"`
	Text string `json:"text,omitempty"` // of version 1
	Word string `json:"word,omitempty"` // of version 2
	Rest string `json:"rest,omitempty"`
	By   int64  `json:"by"` // version that wrote it
}

// Options is what the retailer fills in.
type Options struct {
	Prefix string     `json:"prefix,omitempty"`
	Secret sdk.Secret `json:"secret,omitempty"`
}

type total struct {
	ID    string `json:"id"`
	Count int64  `json:"count"`
}

// Notes are all notes.
var Notes = sdk.Collection[Note]{Name: "notes", Key: []string{"id"}}

var (
	totals  = sdk.Collection[total]{Name: "totals", Key: []string{"id"}}
	options = sdk.Settings[Options]{}
)

// Parts are what a version is made of; split makes a text what it keeps.
func Parts(version int64, fill func(n *Note, text string)) []sdk.Part {
	return []sdk.Part{
		Notes, totals, options,
		front.Look.Handle(func(v *sdk.View, in front.Slow) (front.Seen, error) {
			out := front.Seen{Version: version}
			for range 2 {
				b, err := back.Look.Call(v, back.Nothing{})
				if err != nil {
					return out, err
				}
				t, _ := totals.Get(v, sdk.K("all"))
				out.Notes, out.Counts, out.Backs = append(out.Notes, t.Count), append(out.Counts, b.Count), append(out.Backs, b.Version)
				idle(in.Turns)
			}
			return out, nil
		}),
		front.Put.Handle(func(tx *sdk.Tx, in front.Write) (front.Written, error) {
			n := Note{ID: in.ID, By: version}
			fill(&n, options.Get(tx).Prefix+in.Text)
			if err := Notes.Put(tx, n); err != nil {
				return front.Written{}, err
			}
			idle(in.Turns)
			t, _ := totals.Get(tx, sdk.K("all"))
			t.ID, t.Count = "all", t.Count+1
			if err := totals.Put(tx, t); err != nil {
				return front.Written{}, err
			}
			b, err := back.Count.Call(tx, back.Nothing{})
			return front.Written{Version: version, Back: b.Version, Count: t.Count}, err
		}),
	}
}

// turns keeps the compiler from seeing that the loop is idle.
var turns int64

func idle(n int64) {
	for i := range n {
		turns ^= i * turns
	}
}
