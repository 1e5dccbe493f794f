package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// laterCases: what apps ask to be done later and elsewhere, and what their
// handlers are told.
func laterCases() []testCase {
	return []testCase{
		{name: "a timer that is taken back", run: canceled},
		{name: "effects and jobs wait for the commit", run: queued},
		{name: "a query asks for nothing", run: askedByQuery},
		{name: "ids of what is asked for", run: longIDs},
		{name: "what is published is seen, and nothing else", run: derived},
		{name: "descriptors say what may be replayed", run: described},
		{name: "handlers learn what they handle", run: handled},
		{name: "a replay keeps to itself", run: replayed},
		{name: "old events come in their new shape", run: upcast},
		{name: "an event newer than its subscriber", run: newer},
		{name: "what is emitted says its version", run: versioned},
	}
}

// room is the host as a Room; the case is skipped if it is none.
func (r *rig) room() Room {
	room, ok := r.h.(Room)
	if !ok {
		r.t.Skip("this host has no room around its kernel")
	}
	return room
}

// waiting is what waits as "kind app.name id", sorted.
func (r *rig) waiting() string {
	q, ok := r.h.(Queues)
	if !ok {
		r.t.Skip("this host does not show its queues")
	}
	var all []string
	for _, w := range q.Waiting() {
		all = append(all, fmt.Sprintf("%s %s.%s %s", w.Kind, w.App, w.Name, w.ID))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func (r *rig) timers() string {
	var all []string
	for _, t := range r.h.Timers() {
		all = append(all, t.App+" "+t.ID)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func canceled(r *rig) {
	r.do(own(schedule("x", future)), own(schedule("y", future)), inBeta(schedule("x", future)))
	r.do(own(cancel("x")), own(cancel("never")))
	same(r.t, "timers", r.timers(), "alpha y, beta x")
	r.fails(sdk.CodeInvalid, "no", own(cancel("y")), own(fail(sdk.CodeInvalid, "no")))
	r.do(caught(inBeta(cancel("x"), fail(sdk.CodeInvalid, "no"))), own(schedule("z", future)), own(cancel("z")))
	same(r.t, "timers after what was undone", r.timers(), "alpha y, beta x")
	r.do(own(cancel("y")), own(schedule("y", future+1)))
	same(r.t, "timers after one was set again", r.timers(), "alpha y, beta x")
}

func queued(r *rig) {
	r.do(own(start("x")), own(start("x")), own(begin("j")), inBeta(start("x")), caught(inBeta(start("y"), begin("y"), fail(sdk.CodeInvalid, "no"))))
	r.fails(sdk.CodeInvalid, "no", own(start("z")), own(begin("z")), own(fail(sdk.CodeInvalid, "no")))
	same(r.t, "what waits", r.waiting(), "effect alpha.ring x, effect beta.ring x, job alpha.walk j")
	r.ids("", script.Range{})
}

func askedByQuery(r *rig) {
	for name, s := range map[string]script.Step{"cancel": cancel("x"), "start": start("x"), "begin": begin("x"), "publish": publish("x"), "publish all": publish()} {
		_, err := call(r, alpha.Ask.Name, alpha.Script{Forge: true, Steps: []alpha.Step{own(s)}}, alpha.Answer{})
		r.failed(name, script.Describe(asError(err)), sdk.CodeDenied, abi.ReasonReadOnly)
	}
	r.fails(sdk.CodeDenied, abi.ReasonOutside, own(http("example.com")))
	_, err := call(r, alpha.Ask.Name, alpha.Script{Forge: true, Steps: []alpha.Step{own(http("example.com"))}}, alpha.Answer{})
	r.failed("http", script.Describe(asError(err)), sdk.CodeDenied, abi.ReasonOutside)
	same(r.t, "timers", r.timers(), "")
}

func longIDs(r *rig) {
	most := strings.Repeat("k", abi.MaxTimerID)
	for name, s := range map[string]func(string) script.Step{
		"schedule": func(id string) script.Step { return schedule(id, future) }, "cancel": cancel, "start": start, "begin": begin,
	} {
		got := r.do(own(catch(s(most+"k"))), own(catch(s("a\x00b"))), own(s(most)))
		r.failed(name+" with a longer id", got[0].Own.Error, sdk.CodeInvalid, abi.ReasonKey)
		r.failed(name+" with a NUL in its id", got[1].Own.Error, sdk.CodeInvalid, abi.ReasonKey)
	}
}

func derived(r *rig) {
	room := r.room()
	show := func(want string) {
		r.t.Helper()
		if err := room.Derive(); err != nil {
			r.t.Fatalf("derive: %v", err)
		}
		same(r.t, "known", strings.Join(r.own(known()).Texts, " "), want)
		same(r.t, "known in a command", strings.Join(r.do(own(known()))[0].Own.Texts, " "), want)
	}
	show("")
	r.do(own(put(item("b"))))
	show("")
	got := r.do(own(put(item("a"))), own(publish("a", "b")), own(known()))
	same(r.t, "in the operation that publishes", len(got[2].Own.Texts), 0)
	show("a b")
	r.fails(sdk.CodeInvalid, "no", own(remove("a")), own(publish("a")), own(fail(sdk.CodeInvalid, "no")))
	show("a b")
	r.do(own(put(item("c"))), own(remove("a")), own(publish("c", "a")))
	show("b c")
	r.do(inBeta(put(item("z")), publish()))
	show("b c")
	same(r.t, "beta's", r.beta(known()).Texts, []string{"z"})
	many := make([]string, abi.MaxChanges+1)
	for i := range many {
		many[i] = "c"
	}
	r.do(own(put(item("d"))), own(publish(many...)))
	show("b c d")
}

func described(r *rig) {
	room := r.room()
	for app, flags := range map[string]abi.EntryFlags{"alpha": abi.FlagReplayable, "beta": abi.FlagReplayable | abi.FlagReplayed} {
		d := room.Descriptor(app)
		same(r.t, "data version of "+app, d.DataVersion, 2)
		same(r.t, "derived values of "+app, d.Derived, []string{"known"})
		for _, want := range []abi.Entry{
			{Kind: abi.EntryEvent, Name: "alpha.noted", Flags: flags},
			{Kind: abi.EntryDaily, Name: "sweep", Key: "04:00"},
			{Kind: abi.EntryEffect, Name: "ring"},
			{Kind: abi.EntryEffectDone, Name: "ring"},
			{Kind: abi.EntryJob, Name: "walk"},
			{Kind: abi.EntryMigration, Name: "expand", Key: "2"},
			{Kind: abi.EntryDerive, Name: "derive"},
		} {
			if !slices.Contains(d.Entries, want) {
				r.t.Errorf("%s does not register %+v", app, want)
			}
		}
	}
}

// heard is what alpha wrote down about an event.
func (r *rig) heard(id string) script.Item {
	r.t.Helper()
	got := r.own(get("heard-" + id))
	if !got.Found[0] {
		r.t.Fatalf("alpha has not heard of %s", id)
	}
	return got.Items[0]
}

func handled(r *rig) {
	room := r.room()
	r.do(own(emit(item("first"))), own(emit(item("second"))))
	if err := room.Deliver(); err != nil {
		r.t.Fatalf("deliver: %v", err)
	}
	for id, position := range map[string]string{"first": "1", "second": "2"} {
		x := r.heard(id)
		same(r.t, "key, attempt, position and replayed of "+id, fmt.Sprint(x.Group, x.Rank, x.About, x.Flag), fmt.Sprint(id, 1, position, false))
		same(r.t, "principal, caller and beta's reason", strings.Join(x.Tags, ";"), "app:alpha;;")
		same(r.t, "length of the event's id", len(x.Code), 26)
	}
	same(r.t, "events", eventNames(r), "alpha.noted alpha.noted alpha.noted alpha.noted")
	same(r.t, "what waits", r.waiting(), "effect alpha.ring first, effect alpha.ring second")
}

// hear hands alpha an event of an earlier or a later version.
func hear[T any](r *rig, version int, v T) error {
	r.t.Helper()
	past, ok := r.h.(Past)
	if !ok {
		r.t.Skip("this host has no log of older versions")
	}
	payload, err := codec.Append(nil, &v)
	if err != nil {
		r.t.Fatal(err)
	}
	return past.Hear(alpha.Priced.Name, version, payload)
}

// priced is what alpha wrote down of a price.
func (r *rig) priced(id string) string {
	r.t.Helper()
	got := r.own(get("priced-" + id))
	if !got.Found[0] {
		return ""
	}
	return fmt.Sprint(got.Items[0].Rank, " ", got.Items[0].Group)
}

func upcast(r *rig) {
	for i, err := range []error{
		hear(r, 1, alpha.PriceV1{ID: "a", Euros: 7}),
		hear(r, 2, alpha.PriceV2{ID: "b", Cents: 750}),
		hear(r, 3, alpha.Price{ID: "c", Amount: alpha.Amount{Minor: 900, Currency: "CHF"}}),
	} {
		if err != nil {
			r.t.Fatalf("version %d: %v", i+1, err)
		}
	}
	same(r.t, "prices", fmt.Sprint(r.priced("a"), ", ", r.priced("b"), ", ", r.priced("c")), "700 EUR, 750 EUR, 900 CHF")
}

func newer(r *rig) {
	err := hear(r, 4, alpha.Price{ID: "d", Amount: alpha.Amount{Minor: 1, Currency: "EUR"}})
	r.failed("version 4", script.Describe(err), sdk.CodeFailedPrecondition, abi.ReasonEventVersion)
	same(r.t, "price", r.priced("d"), "")
}

func versioned(r *rig) {
	room := r.room()
	same(r.t, "alpha knows version 3", slices.Contains(room.Descriptor("alpha").Entries, abi.Entry{Kind: abi.EntryEvent, Name: "alpha.priced", Version: 3}), true)
	r.do(alpha.Step{Price: &alpha.Price{ID: "e", Amount: alpha.Amount{Minor: 5, Currency: "USD"}}})
	if err := room.Deliver(); err != nil {
		r.t.Fatalf("deliver: %v", err)
	}
	same(r.t, "price", r.priced("e"), "5 USD")
}

func replayed(r *rig) {
	room := r.room()
	r.do(own(emit(item("first"))))
	if err := room.Replay(); err != nil {
		r.t.Fatalf("replay: %v", err)
	}
	x := r.heard("first")
	same(r.t, "replayed, and the reason why beta was not called", fmt.Sprint(x.Flag, x.Tags[2]), fmt.Sprint(true, abi.ReasonReplay))
	same(r.t, "events", eventNames(r), "alpha.noted alpha.noted")
	same(r.t, "what waits", r.waiting(), "")
}
