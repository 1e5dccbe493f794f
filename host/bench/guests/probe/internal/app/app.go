// Package app answers the operations of probe. It knows nothing but the SDK.
package app

import (
	"encoding/binary"
	"encoding/json"

	"github.com/bottega-retail/bottega/host/bench/guests/probe"
	"github.com/bottega-retail/bottega/sdk"
)

// New is the app.
func New() *sdk.App {
	return sdk.NewApp("probe",
		accounts, notes, hot, left,
		probe.Empty.Handle(empty),
		probe.Echo.Handle(echo),
		probe.Cart.Handle(cart),
		probe.Spin.Handle(spin),
		probe.Fill.Handle(fill),
		probe.Transfer.Handle(transfer),
		probe.Tell.Handle(tell),
		probe.Count.Handle(count),
		probe.Hot.Handle(hotRecord),
	)
}

// accounts are what Transfer moves between.
var accounts = sdk.Collection[account]{Name: "accounts", Key: []string{"id"}}

type account struct {
	ID      int64  `json:"id"`
	Balance int64  `json:"balance"`
	Pad     []byte `json:"pad"`
}

// notes are what Count writes beside its counter.
var notes = sdk.Collection[note]{Name: "notes", Key: []string{"id"}}

type note struct {
	ID   int64  `json:"id"`
	Text []byte `json:"text"`
}

// hot holds the one record of Hot.
var hot = sdk.Collection[account]{Name: "hot", Key: []string{"id"}}

// left is what Count lowers.
var left = sdk.Counter{Name: "left"}

func empty(*sdk.View, sdk.None) (sdk.None, error) { return sdk.None{}, nil }

func echo(_ *sdk.View, in probe.Blob) (probe.Blob, error) { return in, nil }

type line struct {
	SKU      string  `json:"sku"`
	Quantity int64   `json:"quantity"`
	Price    int64   `json:"price"`
	Shares   []int64 `json:"shares"`
}

func cart(_ *sdk.View, in probe.Blob) (probe.Blob, error) {
	var lines []line
	if err := json.Unmarshal(in.Data, &lines); err != nil {
		return probe.Blob{}, sdk.Invalid("/data", "json", err.Error())
	}
	for i := range lines {
		for range lines[i].Quantity {
			lines[i].Shares = append(lines[i].Shares, lines[i].Price*97/100)
		}
	}
	out, err := json.Marshal(lines)
	return probe.Blob{Data: out}, err
}

// loop is xorshift: each round needs the one before.
func loop(rounds int64) probe.Sum {
	x := uint64(88172645463325252)
	for range rounds {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return probe.Sum{Sum: int64(x >> 12)}
}

func spin(_ *sdk.View, in probe.Work) (probe.Sum, error) { return loop(in.Rounds), nil }

func fill(tx *sdk.Tx, in probe.FillIn) (sdk.None, error) {
	for id := in.First; id < in.First+in.Count; id++ {
		if err := accounts.Put(tx, account{ID: id, Pad: make([]byte, in.Pad)}); err != nil {
			return sdk.None{}, err
		}
	}
	return sdk.None{}, nil
}

func transfer(tx *sdk.Tx, in probe.TransferIn) (sdk.None, error) {
	keys := make([]sdk.Key, len(in.Accounts))
	for i, id := range in.Accounts {
		keys[i] = sdk.KInt(id)
	}
	all, there := accounts.GetMany(tx, keys)
	for i := range all {
		if !there[i] {
			return sdk.None{}, sdk.NotFound("account", "There is no such account.")
		}
	}
	all[0].Balance--
	all[len(all)-1].Balance++
	for _, a := range all {
		if err := accounts.Put(tx, a); err != nil {
			return sdk.None{}, err
		}
	}
	return sdk.None{}, probe.Moved.Emit(tx, probe.Blob{Data: in.Event})
}

func tell(tx *sdk.Tx, in probe.TellIn) (sdk.None, error) {
	for n := in.First; n < in.First+in.Count; n++ {
		data := append(binary.BigEndian.AppendUint64(nil, uint64(n)), make([]byte, in.Pad)...)
		if err := probe.Moved.Emit(tx, probe.Blob{Data: data}); err != nil {
			return sdk.None{}, err
		}
	}
	return sdk.None{}, nil
}

func count(tx *sdk.Tx, in probe.CountIn) (probe.Sum, error) {
	if err := left.Add(tx, sdk.KInt(in.Counter), -1, sdk.NoMin, sdk.NoMax); err != nil {
		return probe.Sum{}, err
	}
	sum := loop(in.Rounds)
	return sum, notes.Put(tx, note{ID: in.Note, Text: make([]byte, 64)})
}

// theOne is the id of the record of Hot.
const theOne int64 = 1

func hotRecord(tx *sdk.Tx, in probe.Work) (probe.Sum, error) {
	a, _ := hot.Get(tx, sdk.KInt(theOne))
	sum := loop(in.Rounds)
	a.ID, a.Balance = theOne, a.Balance+1
	return sum, hot.Put(tx, a)
}
