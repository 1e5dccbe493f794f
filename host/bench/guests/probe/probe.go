// Package probe is the contract of the guest that the benchmarks run through
// the host: operations that do nothing, compute, or move records. It knows no
// retail word and no peer.
package probe

import (
	"strconv"

	"github.com/bottega-retail/bottega/sdk"
)

// Empty does nothing.
var Empty = sdk.Query[sdk.None, sdk.None]{Name: "probe.empty"}

// Echo answers with its input.
var Echo = sdk.Query[Blob, Blob]{Name: "probe.echo"}

// Cart decodes a basket from JSON, adds it up and encodes it again. Errors:
// invalid, reason "json".
var Cart = sdk.Query[Blob, Blob]{Name: "probe.cart"}

// Spin computes in a tight loop.
var Spin = sdk.Query[Work, Sum]{Name: "probe.spin"}

// Fill writes accounts that are not there yet, or resets them.
var Fill = sdk.Command[FillIn, sdk.None]{Name: "probe.fill"}

// Transfer reads the accounts, moves one from the first to the last, writes
// them all again and emits one Moved. Errors: not_found, reason "account".
var Transfer = sdk.Command[TransferIn, sdk.None]{Name: "probe.transfer"}

// Count lowers a counter, computes, and writes a note of its own.
var Count = sdk.Command[CountIn, Sum]{Name: "probe.count"}

// Hot reads the one record that every Hot writes, computes, and writes it.
var Hot = sdk.Command[Work, Sum]{Name: "probe.hot"}

// Tell emits Moved many times, with the number of each in its first eight bytes,
// big endian. Errors: exhausted (more than 100).
var Tell = sdk.Command[TellIn, sdk.None]{Name: "probe.tell"}

// Keys is how many keys Moved has.
const Keys = 16

// Moved is emitted once per Transfer. Its eighth byte says of which key it is.
var Moved = sdk.Event[Blob]{Name: "probe.moved", Key: func(b *Blob) string {
	if len(b.Data) < 8 {
		return ""
	}
	return "key-" + strconv.Itoa(int(b.Data[7]%Keys))
}}

// Blob is bytes.
type Blob struct {
	Data []byte `json:"data"`
}

// Work is how much to compute.
type Work struct {
	Rounds int64 `json:"rounds"` // of the loop
}

// Sum is what was computed, so that no compiler leaves it out.
type Sum struct {
	Sum int64 `json:"sum"`
}

// FillIn names accounts First to First+Count-1.
type FillIn struct {
	First int64 `json:"first"`
	Count int64 `json:"count"`
	Pad   int64 `json:"pad"` // bytes beside the balance
}

// TransferIn names accounts.
type TransferIn struct {
	Accounts []int64 `json:"accounts"`
	Event    []byte  `json:"event"` // payload of the event
}

// TellIn names events First to First+Count-1.
type TellIn struct {
	First int64 `json:"first"`
	Count int64 `json:"count"`
	Pad   int64 `json:"pad"` // zero bytes behind the number
}

// CountIn says which counter and note.
type CountIn struct {
	Counter int64 `json:"counter"`
	Note    int64 `json:"note"`
	Rounds  int64 `json:"rounds"`
}
