// Package play runs scripts in a guest. Both guests are made of it, so that
// whatever one can do to its data the other can do to its own.
package play

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// Items are all records by id.
var Items = sdk.Collection[script.Item]{
	Name: "items",
	Key:  []string{"id"},
	Indexes: []sdk.Index{
		{Name: "group", Fields: []string{"group", "rank"}},
		{Name: "tag", Fields: []string{"tags"}},
		{Name: "flag", Fields: []string{"flag", "group"}},
		{Name: "code", Fields: []string{"code"}, Unique: true},
	},
	Expires: "until",
	Subject: "about",
}

// Ranked are all records by group and rank.
var Ranked = sdk.Collection[script.Item]{Name: "ranked", Key: []string{"group", "rank"}}

// Sum is a family of counters.
var Sum = sdk.Counter{Name: "sum"}

// Wake is a timer; its handler puts the item.
var Wake = sdk.Timer[script.Item]{Name: "wake"}

// Options are the settings.
var Options = sdk.Settings[script.Options]{Default: script.Options{Greeting: "hello", Limit: 7}}

// Ring is an effect that answers with what it was asked, and puts it.
var Ring = sdk.Effect[script.Item, script.Item]{Name: "ring"}

// Walk is a job of as many steps as the item's rank.
var Walk = sdk.Job[script.Item, script.Walk]{Name: "walk"}

// Known is the ids of all items, in order.
var Known = &sdk.Derived[[]string]{Name: "known", Build: know, Apply: learn}

// Second is a migration that does nothing in two steps.
var Second = sdk.Migration[script.Walk]{Version: 2, Expand: func(_ *sdk.Tx, s *sdk.Step[script.Walk]) error {
	s.State.Steps++
	s.Finished = s.State.Steps == 2
	return nil
}}

// Parts are what both guests are made of.
func Parts() []sdk.Part {
	return []sdk.Part{
		Items, Ranked, Sum, Options, Known, Second,
		Wake.On(Put),
		Ring.Handle(
			func(_ *sdk.Outside, in script.Item) (script.Item, error) { return in, nil },
			func(tx *sdk.Tx, _, out script.Item, err error) error {
				if err != nil {
					return err
				}
				return Items.Put(tx, out)
			}),
		Walk.Handle(walk),
		sdk.Daily("sweep", "04:00", func(*sdk.Tx) error { return nil }),
	}
}

func walk(tx *sdk.Tx, in script.Item, s *sdk.Step[script.Walk]) error {
	s.State.Steps++
	s.Done, s.Total = uint64(s.State.Steps), uint64(in.Rank)
	s.Finished = s.Done >= s.Total
	return Items.Put(tx, script.Item{ID: fmt.Sprint(in.ID, s.State.Steps)})
}

func know(v *sdk.View) (ids []string, err error) {
	for item := range Items.Scan(v, sdk.Scan{}) {
		ids = append(ids, item.ID)
	}
	return ids, nil
}

func learn(v *sdk.View, ids []string, c sdk.Change) ([]string, error) {
	id, _ := c.Key.TextAt(0)
	at, found := slices.BinarySearch(ids, id)
	_, there := Items.Get(v, c.Key)
	switch {
	case there && !found:
		return slices.Insert(ids, at, id), nil
	case found && !there:
		return slices.Delete(ids, at, at+1), nil
	}
	return ids, nil
}

// Put is the handler of Wake.
func Put(tx *sdk.Tx, x script.Item) error { return Items.Put(tx, x) }

// Forge makes a *sdk.Tx of a *sdk.View, as a hostile guest could: what a query
// may not do is the host's to refuse, not the compiler's.
func Forge(v *sdk.View) *sdk.Tx { return (*sdk.Tx)(unsafe.Pointer(v)) }

// View plays a script in a query.
func View(v *sdk.View, steps []script.Step) ([]script.Result, error) {
	return all(steps, func(s *script.Step) (script.Result, error) { return Read(v, s) })
}

// Tx plays a script in a command. noted is the guest's own event.
func Tx(tx *sdk.Tx, noted sdk.Event[script.Item], steps []script.Step) ([]script.Result, error) {
	return all(steps, func(s *script.Step) (script.Result, error) { return Write(tx, noted, s) })
}

func all(steps []script.Step, one func(*script.Step) (script.Result, error)) ([]script.Result, error) {
	results := make([]script.Result, len(steps))
	for i := range steps {
		var err error
		if results[i], err = one(&steps[i]); err != nil && !steps[i].Catch {
			return results, err
		}
		results[i].Error = script.Describe(err)
	}
	return results, nil
}

// Read plays a step that only reads.
func Read(r sdk.Reader, s *script.Step) (out script.Result, err error) {
	switch {
	case s.Get != nil:
		get(r, s.Get, &out)
	case s.GetMany != nil:
		out.Items, out.Found = Items.GetMany(r, keys(s.GetMany.IDs))
	case s.Scan != nil:
		scan(r, s.Scan, &out)
	case s.Count != nil:
		out.Number = Sum.Get(r, key(s.Count.Key))
	case s.Counts != nil:
		out.Numbers = Sum.GetMany(r, keys(s.Counts.IDs))
	case s.Where != nil:
		i := r.Info()
		out.Number, out.Texts = int64(r.Now()), []string{i.Operation, i.Request, i.Principal, i.Caller}
	case s.Known != nil:
		out.Texts = append(out.Texts, Known.Get(r)...)
	case s.Settings != nil:
		o := Options.Get(r)
		out.Number, out.Texts = o.Limit, []string{o.Greeting}
	case s.Sign != nil:
		out.Texts = []string{hex.EncodeToString(sdk.Sign(r, s.Sign.Data))}
		out.Found = []bool{sdk.Signed(r, s.Sign.Data, s.Sign.Mac)}
	case s.Fail != nil:
		err = s.Fail.Err()
	case s.Panic != nil:
		panic("told to")
	default:
		err = sdk.Invalid("", "step", "not a step that reads")
	}
	return out, err
}

// Write plays any step. noted is the guest's own event.
func Write(tx *sdk.Tx, noted sdk.Event[script.Item], s *script.Step) (out script.Result, err error) {
	switch {
	case s.Put != nil:
		err = put(tx, s.Put)
	case s.Delete != nil && s.Delete.Ranked:
		err = Ranked.Delete(tx, key(s.Delete.Key))
	case s.Delete != nil:
		err = Items.Delete(tx, key(s.Delete.Key))
	case s.Add != nil:
		err = Sum.Add(tx, key(s.Add.Key), s.Add.Delta, s.Add.Min, s.Add.Max)
	case s.Emit != nil:
		err = noted.Emit(tx, *s.Emit)
	case s.Schedule != nil:
		err = Wake.Schedule(tx, s.Schedule.ID, retail.Instant(s.Schedule.At), s.Schedule.Item)
	case s.Cancel != nil || s.Start != nil || s.Begin != nil || s.Publish != nil || s.HTTP != nil:
		err = ask(tx, s)
	case s.Draw != nil:
		for range s.Draw.IDs {
			out.Texts = append(out.Texts, tx.NewID())
		}
		if s.Draw.Random > 0 {
			out.Texts = append(out.Texts, hex.EncodeToString(tx.Random(int(s.Draw.Random))))
		}
	case s.Bulk != nil:
		err = bulk(tx, noted, s.Bulk, &out)
	default:
		return Read(tx, s)
	}
	return out, err
}

// ask plays a step that asks for something to be done later, or elsewhere.
func ask(tx *sdk.Tx, s *script.Step) error {
	switch {
	case s.Cancel != nil:
		return Wake.Cancel(tx, s.Cancel.ID)
	case s.Start != nil:
		return Ring.Start(tx, s.Start.ID, s.Start.Item)
	case s.Begin != nil:
		return Walk.Begin(tx, s.Begin.ID, s.Begin.Item)
	case s.HTTP != nil:
		_, err := (*sdk.Outside)(unsafe.Pointer(tx)).HTTP(sdk.Request{URL: "https://" + s.HTTP.ID})
		return err
	}
	changes := make([]sdk.Change, len(s.Publish.IDs))
	for i, id := range s.Publish.IDs {
		changes[i] = Items.Changed(sdk.K(id))
	}
	return sdk.Publish(tx, changes...)
}

func get(r sdk.Reader, a *script.At, out *script.Result) {
	var item script.Item
	var found bool
	switch {
	case a.Ranked:
		item, found = Ranked.Get(r, key(a.Key))
	case a.Index != "":
		item, found = Items.Find(r, a.Index, key(a.Key))
	default:
		item, found = Items.Get(r, key(a.Key))
	}
	out.Items, out.Found = []script.Item{item}, []bool{found}
}

func scan(r sdk.Reader, a *script.Range, out *script.Result) {
	c := Items
	if a.Ranked {
		c = Ranked
	}
	s := sdk.Scan{Index: a.Index, Prefix: key(a.Prefix), From: key(a.From), To: key(a.To), Reverse: a.Reverse, Limit: int(a.Limit)}
	for item := range c.Scan(r, s) {
		if a.IDs {
			out.Texts = append(out.Texts, item.ID)
		} else {
			out.Items = append(out.Items, item)
		}
		if out.Number++; out.Number == a.Stop {
			return
		}
	}
}

func put(tx *sdk.Tx, w *script.Write) error {
	c := Items
	if w.Ranked {
		c = Ranked
	}
	write := c.Put
	if w.Insert {
		write = c.Insert
	}
	for _, item := range w.Items {
		if err := write(tx, item); err != nil {
			return err
		}
	}
	return nil
}

// absentKey is a long key under which nothing lies. A key that is read a thousand
// times counts as often.
var absentKey = sdk.K(strings.Repeat("absent-", 100))

func bulk(tx *sdk.Tx, noted sdk.Event[script.Item], b *script.Bulk, out *script.Result) (err error) {
	body := make([]byte, b.Size)
	for n := range b.Puts {
		item := script.Item{ID: fmt.Sprintf("%s%06d", b.ID, n+1), Group: b.ID, Rank: n + 1, Body: body}
		if err = Items.Put(tx, item); err != nil {
			return err
		}
		out.Number++
	}
	for range b.Emits {
		if err = noted.Emit(tx, script.Item{ID: b.ID}); err != nil {
			return err
		}
		out.Number++
	}
	absent := make([]sdk.Key, abi.MaxPage)
	for i := range absent {
		absent[i] = absentKey
	}
	for range b.Reads {
		Items.GetMany(tx, absent)
		out.Number++
	}
	for range b.Counts {
		Sum.Get(tx, sdk.K(b.ID))
		out.Number++
	}
	return nil
}

// keys are those of several items, or counters, of one text each.
func keys(ids []string) []sdk.Key {
	all := make([]sdk.Key, len(ids))
	for i, id := range ids {
		all[i] = sdk.K(id)
	}
	return all
}

// key encodes the parts of a key.
func key(parts []script.Part) (k sdk.Key) {
	for _, p := range parts {
		switch {
		case p.Text != nil:
			k = k.Text(*p.Text)
		case p.Int != nil:
			k = k.Int(*p.Int)
		case p.Bool != nil:
			k = k.Bool(*p.Bool)
		}
	}
	return k
}
