// Package hearer is the contract of a guest that hears what the probe tells: it
// writes one record and moves one counter per event. It knows no retail word and
// no peer.
package hearer

import (
	"github.com/bottega-retail/bottega/host/bench/guests/probe"
	"github.com/bottega-retail/bottega/sdk"
)

// Count says how many events were heard.
var Count = sdk.Query[sdk.None, probe.Sum]{Name: "hearer.count"}

// Heard is emitted for an event that asks for it, in the transaction that
// handles it: where it stands in the log, that is durable.
var Heard = sdk.Event[probe.Blob]{Name: "hearer.heard"}

// Asks is the ninth byte of an event that asks for Heard.
const Asks byte = 1
