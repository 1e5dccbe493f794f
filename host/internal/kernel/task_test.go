package kernel

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// do runs a task that must succeed.
func (f *fixture) do(fn func(tx *Tx) error) uint64 {
	f.t.Helper()
	position, err := f.kernel.Do(context.Background(), Task{Tenant: "shop", Name: "test", Do: fn})
	if err != nil {
		f.t.Fatal(err)
	}
	return position
}

func (f *fixture) as(p identity.Principal, operation string, input []byte) error {
	_, err := f.kernel.Run(context.Background(), Call{Tenant: "shop", Operation: operation, Input: input, Principal: p, Request: "req"})
	return err
}

// reasonOf is code and reason of an error, "" for none.
func reasonOf(err error) string {
	var e *Error
	if !errors.As(err, &e) {
		return ""
	}
	return strings.TrimSpace(e.Public.Code.String() + " " + e.Public.Reason)
}

func ok(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }

// TestNatives: an operation of the host is authorised, repeatable and recorded
// like any other.
func TestNatives(t *testing.T) {
	t.Parallel()
	f := setup(t)
	ran := 0
	f.kernel.Provide(&Native{Name: "host.lamp.light", Command: true, Right: "host.lamp", Run: func(tx *Tx, in []byte) ([]byte, error) {
		ran++
		tx.Touch("lamp:1")
		return in, tx.Put("lamp", "1", in)
	}})
	var refused []string
	f.kernel.config.Hooks.Denied = func(c Call, d *identity.Denial) { refused = append(refused, c.Principal.ID+" "+d.Right) }
	clerk := identity.Principal{ID: "user:clerk", Rights: []string{"till.*"}}
	if got := reasonOf(f.as(clerk, "host.lamp.light", []byte("1"))); got != "denied permission" {
		t.Errorf("a clerk: %q", got)
	}
	if !slices.Equal(refused, []string{"user:clerk host.lamp"}) {
		t.Errorf("told of refusals: %q", refused)
	}
	for range 2 {
		if out := f.must("host.lamp.light", "k", []byte("on")).Output; string(out) != "on" {
			t.Errorf("answered %q", out)
		}
	}
	if ran != 1 {
		t.Errorf("ran %d times under one key", ran)
	}
	revoked := Call{Tenant: "shop", Operation: "host.lamp.light", Input: []byte("on"), Key: "k", Principal: identity.Principal{ID: identity.Local().ID}}
	if r, err := f.kernel.Run(t.Context(), revoked); reasonOf(err) != "denied permission" {
		t.Errorf("somebody who lost the right was answered %q again, %v", r.Output, err)
	}
	f.do(func(tx *Tx) error {
		rows, err := tx.Audit("", 10)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d lines of audit, %v", len(rows), err)
		}
		a, err := outbox.ParseAudit(rows[0].Value)
		if err != nil || a.Action != "host.lamp.light" || a.Principal != "local" || !slices.Equal(a.Objects, []string{"lamp:1"}) {
			t.Errorf("audit %+v, %v", a, err)
		}
		return nil
	})
}

// TestPageKeepsToItsPrefix: a cursor from elsewhere shows nothing of others.
func TestPageKeepsToItsPrefix(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.do(func(tx *Tx) error {
		for _, key := range []string{"a.1", "b.1", "b.2", "c.1"} {
			if err := tx.Put("lamp", key, []byte("on")); err != nil {
				return err
			}
		}
		return nil
	})
	f.do(func(tx *Tx) error {
		for _, c := range []struct {
			after   string
			reverse bool
			want    string
		}{
			{"", false, "b.1 b.2"}, {"", true, "b.2 b.1"},
			{"b.1", false, "b.2"}, {"b.2", true, "b.1"},
			{"b", false, "b.1 b.2"}, {"b.2", false, ""}, {"b.1", true, ""},
			{"a", false, "b.1 b.2"}, {"c.2", true, "b.2 b.1"},
			{"c", false, ""}, {"a.2", true, ""},
		} {
			rows, err := tx.Page("lamp", "b.", c.after, 10, c.reverse)
			var keys []string
			for _, r := range rows {
				keys = append(keys, r.Key)
			}
			if got := strings.Join(keys, " "); got != c.want || err != nil {
				t.Errorf("after %q, reverse %v: %q, %v; want %q", c.after, c.reverse, got, err, c.want)
			}
		}
		return nil
	})
}

// TestAuthorize: a right per operation, the principal's stores, and rights that
// count inside other apps' calls too.
func TestAuthorize(t *testing.T) {
	t.Parallel()
	right := func(name string, acts bool, ops ...string) manifest.Permission {
		return manifest.Permission{Name: name, Operations: ops, ActsForUser: acts}
	}
	call := func(name string) guest {
		return func(call host, _ []byte) ([]byte, abi.Code) {
			if out, code := invoke(call, name); code != abi.OK {
				return out, code
			}
			return empty, abi.OK
		}
	}
	f := setup(t,
		app{id: "till", stores: "id", commands: map[string]guest{"sell": ok, "refund": ok, "hidden": ok}, permissions: []manifest.Permission{
			right("till.sell", false, "till.sell"), right("till.refund", true, "till.refund"),
		}},
		app{id: "desk", commands: map[string]guest{"sell": call("till.sell"), "refund": call("till.refund")}, grants: []string{"till.sell", "till.refund"},
			permissions: []manifest.Permission{right("desk.use", false, "desk.sell", "desk.refund")}},
	)
	in := func(store string) []byte { return record(store, "c", "t", 0) }
	p := func(stores []string, rights ...string) identity.Principal {
		return identity.Principal{ID: "user:a", Rights: rights, Stores: stores}
	}
	for _, c := range []struct {
		name      string
		who       identity.Principal
		operation string
		want      string
	}{
		{"the right itself", p(nil, "till.sell"), "till.sell", ""},
		{"all of the contract", p(nil, "till.*"), "till.refund", ""},
		{"another right", p(nil, "till.sell"), "till.refund", "denied permission"},
		{"no right at all", identity.Nobody(), "till.sell", "denied permission"},
		{"an operation without a right", p(nil, "till.*"), "till.hidden", "denied permission"},
		{"its owner", identity.Local(), "till.hidden", ""},
		{"own store", p([]string{"MI-01"}, "till.sell"), "till.sell", ""},
		{"another store", p([]string{"RM-01"}, "till.sell"), "till.sell", "denied store"},
		{"no store at all", p([]string{}, "till.sell"), "till.sell", "denied store"},
		{"through an app", p(nil, "desk.use"), "desk.sell", ""},
		{"through an app, acting for the user", p(nil, "desk.use"), "desk.refund", "denied permission"},
		{"through an app, with both rights", p(nil, "desk.use", "till.refund"), "desk.refund", ""},
		{"an app as itself", identity.App("desk"), "desk.refund", ""},
	} {
		if got := reasonOf(f.as(c.who, c.operation, in("MI-01"))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestGrantBounds: what was granted within bounds is refused outside of them.
func TestGrantBounds(t *testing.T) {
	t.Parallel()
	pay := func(amount byte, store string) []byte {
		b := text(text([]byte{0x82}, "store"), store)
		return append(text(b, "amount"), amount)
	}
	// Twice a field, of which the app would read the second.
	twice := func(field string, first, second []byte) []byte {
		return append(text(append(text([]byte{0x82}, field), first...), field), second...)
	}
	asks := func(call host, in []byte) ([]byte, abi.Code) {
		return call(abi.FuncCall, (&abi.Invoke{Name: "bank.pay", Input: in}).Append(nil))
	}
	for _, c := range []struct {
		name   string
		bounds *manifest.Bounds
		in     []byte
		want   string
	}{
		{"none", nil, pay(100, "MI"), ""},
		{"at the maximum", &manifest.Bounds{Max: []manifest.Max{{Field: "amount", Max: 100}}}, pay(100, "MI"), ""},
		{"above the maximum", &manifest.Bounds{Max: []manifest.Max{{Field: "amount", Max: 99}}}, pay(100, "MI"), "denied grant_bound"},
		{"a field that is no number", &manifest.Bounds{Max: []manifest.Max{{Field: "store", Max: 99}}}, pay(1, "MI"), "denied grant_bound"},
		{"an absent field is 0", &manifest.Bounds{Max: []manifest.Max{{Field: "tip", Max: 0}}}, pay(1, "MI"), ""},
		{"one of its stores", &manifest.Bounds{Stores: []string{"MI"}}, pay(1, "MI"), ""},
		{"another store", &manifest.Bounds{Stores: []string{"RM"}}, pay(1, "MI"), "denied grant_bound"},
		{"an amount, then another", &manifest.Bounds{Max: []manifest.Max{{Field: "amount", Max: 99}}}, twice("amount", []byte{1}, []byte{100}), "denied grant_bound"},
		{"a store, then another", &manifest.Bounds{Stores: []string{"MI"}}, twice("store", text(nil, "MI"), text(nil, "RM")), "invalid malformed"},
		{"another field twice", &manifest.Bounds{Stores: []string{""}}, twice("note", text(nil, "a"), text(nil, "b")), ""},
		{"only in a slot", &manifest.Bounds{Slot: "till.tender"}, pay(1, "MI"), "denied grant_bound"},
	} {
		f := setup(t,
			app{id: "bank", stores: "store", commands: map[string]guest{"pay": ok}},
			app{id: "card", commands: map[string]guest{"pay": asks}, grants: []string{"bank.pay"}, bounds: c.bounds})
		if got := reasonOf(f.as(identity.Local(), "card.pay", c.in)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestHandle: a handler that fails is undone alone; ids, hops and what a replay
// may do come from what is handled.
func TestHandle(t *testing.T) {
	t.Parallel()
	var ids []string
	var infos []abi.Info
	handler := func(call host, in []byte) ([]byte, abi.Code) {
		id, _ := call(abi.FuncNewID, nil)
		ids = append(ids, string(id))
		raw, _ := call(abi.FuncInfo, nil)
		i, err := abi.ParseInfo(raw)
		if err != nil {
			t.Error(err)
		}
		infos = append(infos, i)
		put(call, string(in), "c"+string(in), "t")
		if string(in) == "bad" {
			return fails(abi.Invalid, "bad")
		}
		if code := emit(call, "b.happened"); code != abi.OK {
			return fails(code, "emit")
		}
		call(abi.FuncStart, (&abi.Schedule{Name: "mail", ID: string(in)}).Append(nil))
		if out, code := invoke(call, "a.ask"); code != abi.OK {
			return out, code
		}
		return empty, abi.OK
	}
	f := setup(t, app{id: "a", queries: map[string]guest{"ask": ok}},
		app{id: "b", events: map[string]guest{"a.happened": handler}, effects: map[string]guest{"mail": ok}, grants: []string{"a.ask"}})
	set, _ := f.kernel.Set("shop")
	sub := set.Subscribers("a.happened")[0]
	handle := func(in string, h Handling) string {
		var reason string
		f.do(func(tx *Tx) error {
			h.App, h.Entry, h.Input = sub.App, sub.Entry, []byte(in)
			_, err := tx.Handle(h)
			if reason = reasonOf(err); err != nil && reason == "" {
				return err
			}
			return tx.Put("seen", in, []byte("1"))
		})
		return reason
	}
	seed := slices.Repeat([]byte{7}, 32)
	at := time.UnixMilli(1_700_000_000_000) // ids begin with it
	if got := handle("good", Handling{Seed: seed, Time: at, Hop: 3, Info: abi.Info{Event: "E", Key: "K", Attempt: 2, Position: 9}}); got != "" {
		t.Errorf("good: %q", got)
	}
	if got := handle("bad", Handling{Seed: seed, Time: at}); got != "invalid bad" {
		t.Errorf("bad: %q", got)
	}
	if ids[0] != ids[1] {
		t.Errorf("the same seed gave %q", ids)
	}
	if i := infos[0]; i.Event != "E" || i.Key != "K" || i.Attempt != 2 || i.Position != 9 || i.Principal != "app:b" {
		t.Errorf("told of %+v", i)
	}
	if got := handle("old", Handling{Info: abi.Info{Replayed: true}, Time: time.UnixMilli(5)}); got != "denied replay" {
		t.Errorf("a replayed handler that calls: %q", got)
	}
	if got := handle("far", Handling{Hop: abi.MaxHop}); got != "exhausted emit" {
		t.Errorf("too many hops: %q", got)
	}
	if got := len(f.keys('h')); got != 4 {
		t.Errorf("%d of 4 tasks went on", got)
	}
	if got := f.keys('d'); len(got) != 1 || !strings.HasSuffix(got[0], "good\x00\x00") && !strings.Contains(got[0], "good") {
		t.Errorf("kept %q", got)
	}
	if got := f.keys('x'); len(got) != 2 {
		t.Errorf("effects queued: %q", got)
	}
	entries, err := f.engine.Read(0, 10)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d events, %v", len(entries), err)
	}
	if e, err := outbox.Parse(entries[0].Data); err != nil || e.Hop != 4 {
		t.Errorf("hop %d, %v", e.Hop, err)
	}
}

// TestOutside: an effect handler sees no data, and what it sends goes through
// the sender.
func TestOutside(t *testing.T) {
	t.Parallel()
	mail := func(call host, in []byte) ([]byte, abi.Code) {
		for _, fn := range []abi.Func{abi.FuncGet, abi.FuncScan, abi.FuncPut, abi.FuncCall, abi.FuncEmit, abi.FuncStart} {
			if out, code := call(fn, nil); code != abi.Denied {
				return out, abi.Internal
			}
		}
		return call(abi.FuncHTTP, (&abi.HTTPRequest{Method: "POST", URL: "https://x.example/", Body: in}).Append(nil))
	}
	f := setup(t, app{id: "post", effects: map[string]guest{"mail": mail}, commands: map[string]guest{"inside": func(call host, _ []byte) ([]byte, abi.Code) {
		return call(abi.FuncHTTP, nil)
	}}})
	set, _ := f.kernel.Set("shop")
	a, _ := set.App("post")
	entry, _ := a.Handler(abi.EntryEffect, "mail", "")
	send := func(_ context.Context, app *registry.App, r abi.HTTPRequest) (abi.HTTPResponse, error) {
		return abi.HTTPResponse{Status: 202, Body: append([]byte(app.ID+" "), r.Body...)}, nil
	}
	out, err := f.kernel.Outside(t.Context(), "shop", Handling{App: a, Entry: entry, Input: []byte("hi")}, time.Minute, send)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := abi.ParseHTTPResponse(out); err != nil || r.Status != 202 || string(r.Body) != "post hi" {
		t.Errorf("answered %+v, %v", r, err)
	}
	if got := reasonOf(f.as(identity.Local(), "post.inside", empty)); got != "denied outside" {
		t.Errorf("HTTP inside a transaction: %q", got)
	}
}

// TestQueue: in the order of due, one per id, passed over by app.
func TestQueue(t *testing.T) {
	t.Parallel()
	f := setup(t)
	w := func(app, id string, due int64) Waiting {
		return Waiting{Queue: Timers, App: app, Name: "n", ID: id, Due: due, Payload: []byte(id)}
	}
	f.do(func(tx *Tx) error {
		for _, one := range []Waiting{w("a", "1", 30), w("b", "1", 10), w("a", "2", 20), w("a", "1", 5), w("a", "3", -7)} {
			if err := tx.Enqueue(one); err != nil {
				return err
			}
		}
		return tx.Dequeue(w("a", "none", 0))
	})
	due := func(at int64, limit int, skip func(string) bool) (got []string) {
		f.do(func(tx *Tx) error {
			got = nil
			all, err := tx.Due(Timers, time.UnixMilli(at), limit, skip)
			for _, one := range all {
				got = append(got, one.App+one.ID)
			}
			return err
		})
		return got
	}
	for _, c := range []struct {
		name  string
		got   []string
		wants string
	}{
		{"all", due(100, 10, nil), "a3 a1 b1 a2"},
		{"due at the instant", due(10, 10, nil), "a3 a1 b1"},
		{"no more than asked", due(100, 2, nil), "a3 a1"},
		{"passed over", due(100, 10, func(app string) bool { return app == "a" }), "b1"},
	} {
		if got := strings.Join(c.got, " "); got != c.wants {
			t.Errorf("%s: %q, want %q", c.name, got, c.wants)
		}
	}
	f.do(func(tx *Tx) error {
		if n, err := tx.Erase("a", 100); err != nil || n != 3 {
			t.Errorf("erased %d of a, %v", n, err)
		}
		return nil
	})
	if got := f.keys('t'); len(got) != 2 {
		t.Errorf("left %q", got)
	}
}
