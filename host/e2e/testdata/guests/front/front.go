// Package front is a guest of the host's own tests: it writes notes, has back
// count them, and takes its time.
package front

import "github.com/bottega-retail/bottega/sdk"

// Slow is how long an operation takes: so many turns of an idle loop.
type Slow struct {
	Turns int64 `json:"turns"`
}

// Seen is what an operation saw, before it took its time and behind.
type Seen struct {
	Version int64   `json:"version"` // of front
	Notes   []int64 `json:"notes"`   // that front has
	Counts  []int64 `json:"counts"`  // that back has
	Backs   []int64 `json:"backs"`   // version of back
}

// Write is a note.
type Write struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Turns int64  `json:"turns"`
}

// Written says who wrote it.
type Written struct {
	Version int64 `json:"version"`
	Back    int64 `json:"back"`
	Count   int64 `json:"count"` // of notes that were put, in the order of commits
}

// Look looks twice.
var Look = sdk.Query[Slow, Seen]{Name: "front.look"}

// Put writes a note and has it counted.
var Put = sdk.Command[Write, Written]{Name: "front.put"}
