// Package source is a guest of the host's own tests: it tells facts, as many as
// it is asked to, and draws random numbers.
package source

import "github.com/bottega-retail/bottega/sdk"

// Fact is the payload of Happened. It says itself how its handlers behave.
type Fact struct {
	Key     string `json:"key"`
	N       int64  `json:"n"`            // of its key, from 1
	At      int64  `json:"at,omitempty"` // when it was told; the source fills it in
	Fragile bool   `json:"fragile"`      // handlers trap now and then
	Remind  int64  `json:"remind"`       // hours until a handler's timer is due; 0 for none
	Send    bool   `json:"send"`         // handlers send a message
}

// Facts are told in one transaction, in their order.
type Facts struct {
	Facts []Fact `json:"facts"`
}

// Told says how many were.
type Told struct {
	Count int64 `json:"count"`
}

// Draw asks for numbers of 8 bytes each.
type Draw struct {
	Numbers int64 `json:"numbers"`
	IDs     int64 `json:"ids"`
}

// Drawn are the numbers, one behind the other, and ids.
type Drawn struct {
	Numbers []byte   `json:"numbers"`
	IDs     []string `json:"ids"`
}

// Tell tells facts.
var Tell = sdk.Command[Facts, Told]{Name: "source.tell"}

// Numbers draws.
var Numbers = sdk.Command[Draw, Drawn]{Name: "source.numbers"}

// Happened is a fact.
var Happened = sdk.Event[Fact]{Name: "source.happened", Key: func(f *Fact) string { return f.Key }}
