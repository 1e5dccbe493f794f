// Package sink is a guest of the host's own tests: it keeps a ledger of the
// source's facts, from which a test sees which were handled, how often and in
// which order. Three apps are made of it.
package sink

import (
	"hash/fnv"

	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/source"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Account is what is known of a key.
type Account struct {
	Key    string  `json:"key"`
	Last   int64   `json:"last"`   // fact
	Count  int64   `json:"count"`  // of facts
	Digest int64   `json:"digest"` // of their numbers in their order
	Faults int64   `json:"faults"` // facts that were not the next one
	Hour   int64   `json:"hour"`   // of the last fact, as the clock showed, since 1970
	Lags   []int64 `json:"lags"`   // fragile facts by how late they were, see Edges
}

// Edges are the upper bounds of Lags, in milliseconds; the last has none.
var Edges = []int64{1, 3, 10, 30, 100, 300, 1000, 3000, 10000}

// Reminder is what a timer saw when it fired.
type Reminder struct {
	ID   string `json:"id"`
	Hour int64  `json:"hour"`
	Seen int64  `json:"seen"` // facts of the key so far
}

// Message is what is sent.
type Message struct {
	Key string `json:"key"`
	N   int64  `json:"n"`
}

// Sent is a message that was.
type Sent struct {
	ID string `json:"id"`
}

// Options is what the retailer fills in.
type Options struct {
	Poison  string `json:"poison,omitempty"`   // key of a fact that always traps
	PoisonN int64  `json:"poison_n,omitempty"` // its number
}

var (
	accounts  = sdk.Collection[Account]{Name: "accounts", Key: []string{"key"}}
	reminders = sdk.Collection[Reminder]{Name: "reminders", Key: []string{"id"}}
	sents     = sdk.Collection[Sent]{Name: "sents", Key: []string{"id"}}
	options   = sdk.Settings[Options]{}
	remind    = sdk.Timer[Message]{Name: "remind"}
	send      = sdk.Effect[Message, Sent]{Name: "send"}
)

// Parts are what a sink is made of.
func Parts() []sdk.Part {
	return []sdk.Part{
		accounts, reminders, sents, options,
		source.Happened.On(note).Replayable(),
		remind.On(reminded),
		send.Handle(outside, done),
	}
}

const hour = 3_600_000 // milliseconds

func note(tx *sdk.Tx, f source.Fact) error {
	if o := options.Get(tx); o.Poison == f.Key && o.PoisonN == f.N {
		panic("poison")
	}
	if f.Fragile && unlucky(tx.Info()) {
		panic("unlucky")
	}
	a, ok := accounts.Get(tx, sdk.K(f.Key))
	if !ok {
		a = Account{Key: f.Key, Lags: make([]int64, len(Edges)+1)}
	}
	if f.N != a.Last+1 {
		a.Faults++
	}
	a.Last, a.Count, a.Digest = f.N, a.Count+1, Digest(a.Digest, f.N)
	a.Hour = int64(tx.Now()) / hour
	if f.Fragile {
		a.Lags[edge(int64(tx.Now())-f.At)]++
	}
	if f.Remind > 0 {
		due := retail.Instant((f.At/hour + f.Remind) * hour)
		if err := remind.Schedule(tx, f.Key, due, Message{Key: f.Key, N: f.N}); err != nil {
			return err
		}
	}
	if f.Send {
		if err := send.Start(tx, id(f.Key, f.N), Message{Key: f.Key, N: f.N}); err != nil {
			return err
		}
	}
	return accounts.Put(tx, a)
}

// Digest adds a number to a digest: whatever comes in another order, twice or
// not at all leads to another one.
func Digest(d, n int64) int64 { return (d*1_000_003 + n) % 2_147_483_647 }

func edge(lag int64) int {
	for i, e := range Edges {
		if lag < e {
			return i
		}
	}
	return len(Edges)
}

// unlucky is true for one in 50 attempts, and false for most of the next ones.
func unlucky(i sdk.Info) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(i.Event))
	_, _ = h.Write([]byte{byte(i.Attempt)})
	return h.Sum32()%50 == 0
}

func reminded(tx *sdk.Tx, m Message) error {
	a, _ := accounts.Get(tx, sdk.K(m.Key))
	return reminders.Put(tx, Reminder{ID: id(m.Key, m.N), Hour: int64(tx.Now()) / hour, Seen: a.Count})
}

func outside(_ *sdk.Outside, m Message) (Sent, error) { return Sent{ID: id(m.Key, m.N)}, nil }

func done(tx *sdk.Tx, _ Message, s Sent, err error) error {
	if err != nil {
		return err
	}
	return sents.Put(tx, s)
}

func id(key string, n int64) string {
	digits := []byte("-000000")
	for i := len(digits) - 1; i > 0; i-- {
		digits[i] += byte(n % 10)
		n /= 10
	}
	return key + string(digits)
}
