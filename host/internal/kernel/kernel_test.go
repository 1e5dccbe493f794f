package kernel

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestFailedCalleeLeavesNothing: B writes, counts, emits, schedules and fails;
// A catches and commits.
func TestFailedCalleeLeavesNothing(t *testing.T) {
	t.Parallel()
	b := app{id: "b", commands: map[string]guest{"fail": func(call host, _ []byte) ([]byte, abi.Code) {
		for _, c := range []abi.Code{put(call, "1", "c1", "red"), add(call, 5, 0), emit(call, "b.happened"), schedule(call)} {
			if c != abi.OK {
				return fails(abi.Internal, "setup")
			}
		}
		return fails(abi.FailedPrecondition, "on_purpose")
	}}}
	a := app{id: "a", grants: []string{"b.fail"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		put(call, "mine", "", "")
		emit(call, "a.happened")
		if _, c := invoke(call, "b.fail"); c != abi.FailedPrecondition {
			return fails(abi.Internal, "b did not fail: "+c.String())
		}
		return empty, abi.OK
	}}}
	f := setup(t, a, b)
	f.must("a.try", "", empty)
	if got := fmt.Sprint(f.keys('d'), f.keys('i'), f.keys('t'), f.keys('c')); got != fmt.Sprint([]string{string(recordKey("a", "things", abi.AppendKeyText(nil, "mine")))}, []string{}, []string{}, []string{}) {
		t.Errorf("storage holds %q", got)
	}
	if got := fmt.Sprint(f.events()); got != "[a.happened]" {
		t.Errorf("log holds %s", got)
	}
}

// TestCaughtFailureKeepsItsReads: B fails on a balance that another operation
// raises meanwhile. A decided on that failure, so A must run again.
func TestCaughtFailureKeepsItsReads(t *testing.T) {
	t.Parallel()
	var attempts atomic.Int32
	raised := make(chan struct{})
	started := make(chan struct{})
	b := app{id: "b", commands: map[string]guest{
		"spend": func(call host, _ []byte) ([]byte, abi.Code) {
			if add(call, -10, 0) != abi.OK {
				return fails(abi.Exhausted, "poor")
			}
			return empty, abi.OK
		},
		"raise": func(call host, _ []byte) ([]byte, abi.Code) {
			add(call, 10, 0)
			return empty, abi.OK
		},
	}}
	a := app{id: "a", grants: []string{"b.spend"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		_, c := invoke(call, "b.spend")
		if attempts.Add(1) == 1 {
			close(started)
			<-raised
		}
		return text(nil, c.String()), abi.OK
	}}}
	f := setup(t, a, b)
	done := make(chan Result, 1)
	go func() { done <- f.must("a.try", "", empty) }()
	<-started
	f.must("b.raise", "", empty)
	close(raised)
	r := <-done
	if attempts.Load() != 2 || string(r.Output[1:]) != "ok" {
		t.Errorf("%d attempts, the answer is %q; want 2 and ok", attempts.Load(), r.Output[1:])
	}
}

// TestContention: many operations that all read and write one counter all
// finish, each with its own value.
func TestContention(t *testing.T) {
	t.Parallel()
	f := setup(t, app{id: "a", commands: map[string]guest{"next": func(call host, _ []byte) ([]byte, abi.Code) {
		n := balance(call)
		time.Sleep(100 * time.Microsecond) // long enough for others to come in between
		add(call, 1, 0)
		return abi.AppendInt(nil, n), abi.OK
	}}})
	const operations = 64
	var seen sync.Map
	var group sync.WaitGroup
	for range operations {
		group.Go(func() {
			r, err := f.run("a.next", "", empty)
			if _, twice := seen.LoadOrStore(string(r.Output), true); err != nil || twice {
				t.Errorf("answered %q a second time, or failed: %v", r.Output, err)
			}
		})
	}
	group.Wait()
}

// TestReentry: A → B → A is refused, by command and by query.
func TestReentry(t *testing.T) {
	t.Parallel()
	for _, inner := range []string{"a.read", "a.write"} {
		ok := func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }
		var got *abi.Error
		a := app{id: "a", grants: []string{"b.back"}, queries: map[string]guest{"read": ok}, commands: map[string]guest{"write": ok,
			"start": func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, "b.back") }}}
		b := app{id: "b", grants: []string{"a.read", "a.write"}, commands: map[string]guest{"back": func(call host, _ []byte) ([]byte, abi.Code) {
			out, _ := invoke(call, inner)
			got, _ = abi.ParseError(out)
			return empty, abi.OK
		}}}
		f := setup(t, a, b)
		f.must("a.start", "", empty)
		if got == nil || got.Code != abi.Denied || got.Reason != abi.ReasonReentrant {
			t.Errorf("a → b → %s ended with %v", inner, got)
		}
	}
}

// TestRefusals: each rule of a call, with its code and reason.
func TestRefusals(t *testing.T) {
	t.Parallel()
	nested := func(name string) guest {
		return func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, name) }
	}
	write := func(call host, _ []byte) ([]byte, abi.Code) {
		return call(abi.FuncPut, (&abi.Put{Collection: "things", Record: record("1", "", "", 0)}).Append(nil))
	}
	a := app{
		id: "a", grants: []string{"b.write", "b.read"},
		queries: map[string]guest{"writes": write, "emits": func(call host, _ []byte) ([]byte, abi.Code) {
			return call(abi.FuncEmit, (&abi.Emit{Name: "a.happened", Payload: empty}).Append(nil))
		}, "commands": nested("b.write")},
		commands: map[string]guest{
			"ungranted": nested("b.secret"), "unknown": nested("c.any"),
			"foreign": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncEmit, (&abi.Emit{Name: "b.happened", Payload: empty}).Append(nil))
			},
			"undeclared": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncGet, (&abi.Get{Collection: "others", Key: abi.AppendKeyInt(nil, 1)}).Append(nil))
			},
			"garbage": func(call host, _ []byte) ([]byte, abi.Code) { return call(abi.FuncGet, []byte{0xff}) },
			"keyless": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncPut, (&abi.Put{Collection: "things", Record: empty}).Append(nil))
			},
			"huge": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncPut, (&abi.Put{Collection: "things", Record: make([]byte, abi.MaxRecord+1)}).Append(nil))
			},
			"longkey": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncGet, (&abi.Get{Collection: "things", Key: abi.AppendKeyText(nil, string(make([]byte, 600)))}).Append(nil))
			},
			"longid": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncSchedule, (&abi.Schedule{Name: "alarm", ID: strings.Repeat("x", abi.MaxTimerID+1), At: 99}).Append(nil))
			},
			"longsubject": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncEmit, (&abi.Emit{Name: "a.happened", Key: strings.Repeat("x", abi.MaxTimerID+1), Payload: empty}).Append(nil))
			},
			"random": func(call host, _ []byte) ([]byte, abi.Code) {
				return call(abi.FuncRandom, abi.AppendUint(nil, abi.MaxRandom+1))
			},
			"storm": func(call host, _ []byte) ([]byte, abi.Code) {
				for range abi.MaxEvents {
					emit(call, "a.happened")
				}
				return call(abi.FuncEmit, (&abi.Emit{Name: "a.happened", Payload: empty}).Append(nil))
			},
		},
	}
	b := app{id: "b", commands: map[string]guest{"write": write, "secret": write}, queries: map[string]guest{"read": write}}
	f := setup(t, a, b)
	for _, c := range []struct {
		operation string
		code      abi.Code
		reason    string
	}{
		{"a.writes", abi.Denied, abi.ReasonReadOnly},
		{"a.emits", abi.Denied, abi.ReasonReadOnly},
		{"a.commands", abi.Denied, abi.ReasonReadOnly},
		{"b.read", abi.Denied, abi.ReasonReadOnly},
		{"a.ungranted", abi.Denied, abi.ReasonGrant},
		{"a.unknown", abi.NotFound, abi.ReasonOperation},
		{"a.foreign", abi.Denied, abi.ReasonEvent},
		{"a.undeclared", abi.Internal, abi.ReasonUndeclared},
		{"a.garbage", abi.Invalid, abi.ReasonFrame},
		{"a.keyless", abi.Invalid, abi.ReasonRecord},
		{"a.huge", abi.TooLarge, abi.ReasonRecord},
		{"a.longkey", abi.TooLarge, abi.ReasonKey},
		{"a.random", abi.TooLarge, abi.ReasonRandom},
		{"a.storm", abi.Exhausted, abi.ReasonQuota},
		{"c.any", abi.NotFound, abi.ReasonOperation},
	} {
		f.refuses(c.operation, "", empty, c.code, c.reason)
	}
	for operation, e := range map[string]*Error{
		"a.longid":      f.refuses("a.longid", "", empty, abi.Invalid, abi.ReasonKey),
		"a.longsubject": f.refuses("a.longsubject", "", empty, abi.TooLarge, abi.ReasonEvent),
	} {
		if want := fmt.Sprint(abi.MaxTimerID, " bytes"); !strings.Contains(e.Public.Message, want) {
			t.Errorf("%s says %q, and not %s", operation, e.Public.Message, want)
		}
	}
	if e := f.refuses("a.storm", "", empty, abi.Exhausted, abi.ReasonQuota); e.Public.App != "a@1.0.0" {
		t.Errorf("the error says it is of %q", e.Public.App)
	}
	if keys := f.keys('d'); len(keys) != 0 {
		t.Errorf("refused operations left %q", keys)
	}
}

// TestIdempotency: 64 equal requests at once have one effect and one answer.
func TestIdempotency(t *testing.T) {
	t.Parallel()
	var runs atomic.Int32
	a := app{id: "a", commands: map[string]guest{"count": func(call host, in []byte) ([]byte, abi.Code) {
		runs.Add(1)
		add(call, 1, 0)
		emit(call, "a.happened")
		id, _ := call(abi.FuncNewID, nil)
		return text(nil, string(id)), abi.OK
	}, "fail": func(call host, _ []byte) ([]byte, abi.Code) { runs.Add(1); return fails(abi.Exhausted, "poor") }}}
	f := setup(t, a)
	answers := make(chan Result, 64)
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for {
				r, err := f.run("a.count", "key", empty)
				var e *Error
				if errors.As(err, &e) && e.Public.Reason == "idempotency_in_progress" {
					continue
				}
				if err != nil {
					t.Error(err)
				}
				answers <- r
				return
			}
		})
	}
	group.Wait()
	close(answers)
	first := f.must("a.count", "key", empty)
	for r := range answers {
		if !bytes.Equal(r.Output, first.Output) || r.Position != first.Position || first.Position == 0 {
			t.Fatalf("answers differ: %q at %d and %q at %d", r.Output, r.Position, first.Output, first.Position)
		}
	}
	if n := len(f.events()); n != 1 || !first.Replayed {
		t.Errorf("%d events, replayed %v", n, first.Replayed)
	}
	f.refuses("a.count", "key", text([]byte{0x81}, "x"), abi.Invalid, "idempotency_key_reused")
	f.must("a.count", "other", empty)
	if n := len(f.events()); n != 2 {
		t.Errorf("%d events after another key", n)
	}
	before := runs.Load()
	f.refuses("a.fail", "failing", empty, abi.Exhausted, "poor")
	f.refuses("a.fail", "failing", empty, abi.Exhausted, "poor")
	if runs.Load() != before+2 {
		t.Error("a failure left nothing behind, yet it was not tried again")
	}
}

// TestSameSeedInEveryAttempt: ids and random bytes of a rerun are the same.
func TestSameSeedInEveryAttempt(t *testing.T) {
	t.Parallel()
	var seen []string
	var f *fixture
	a := app{id: "a", commands: map[string]guest{
		"draw": func(call host, _ []byte) ([]byte, abi.Code) {
			b := balance(call)
			id, _ := call(abi.FuncNewID, nil)
			r, _ := call(abi.FuncRandom, abi.AppendUint(nil, 16))
			seen = append(seen, fmt.Sprintf("%s %x", id, r))
			if b == 0 { // somebody moves what was read, once
				f.must("a.move", "", empty)
			}
			add(call, 1, 0)
			return empty, abi.OK
		},
		"move": func(call host, _ []byte) ([]byte, abi.Code) { add(call, 1, 0); return empty, abi.OK },
	}}
	f = setup(t, a)
	f.must("a.draw", "", empty)
	if len(seen) != 2 || seen[0] != seen[1] {
		t.Errorf("attempts drew %q", seen)
	}
}

// TestSign: what an app signs is its own, whoever calls it, and a host without a
// key says so.
func TestSign(t *testing.T) {
	t.Parallel()
	sign := func(call host, _ []byte) ([]byte, abi.Code) {
		mac, code := call(abi.FuncSign, []byte("x"))
		if code != abi.OK {
			return mac, code
		}
		return text(nil, string(mac)), abi.OK
	}
	ask := func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, "b.sign") }
	long := func(call host, _ []byte) ([]byte, abi.Code) {
		return call(abi.FuncSign, make([]byte, abi.MaxSign+1))
	}
	a := app{id: "a", grants: []string{"b.sign"}, queries: map[string]guest{"sign": sign, "ask": ask, "long": long}, commands: map[string]guest{"signs": sign}}
	f := setup(t, a, app{id: "b", queries: map[string]guest{"sign": sign}})
	f.refuses("a.sign", "", empty, abi.FailedPrecondition, abi.ReasonSign)
	f.kernel.config.Sign = func(tenant, app string, data []byte) []byte {
		return []byte(tenant + "/" + app + "/" + string(data))
	}
	for operation, by := range map[string]string{"a.sign": "a", "a.signs": "a", "b.sign": "b", "a.ask": "b"} {
		want := text(nil, "shop/"+by+"/x")
		if got := f.must(operation, "", empty).Output; !bytes.Equal(got, want) {
			t.Errorf("%s signs %q, want %q", operation, got, want)
		}
	}
	f.refuses("a.long", "", empty, abi.TooLarge, abi.ReasonSign)
}

// TestFaultsAndBreaker: a callee's trap can be caught, spent fuel cannot, and
// an app that only faults is left alone until it may be tried again.
func TestFaultsAndBreaker(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(1_000_000)
	a := app{id: "a", grants: []string{"b.do"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		_, c := invoke(call, "b.do")
		return text(nil, c.String()), abi.OK
	}}}
	b := app{id: "b", commands: map[string]guest{"do": func(call host, _ []byte) ([]byte, abi.Code) { return empty, abi.OK }}}
	f := setup(t, a, b)
	f.kernel.config.Now = func() time.Time { return time.UnixMilli(now.Load()) }
	for range faultsToDegrade {
		f.runner.fault.Store(&sandbox.Fault{Kind: sandbox.FaultTrap, Detail: "secret"})
		e := f.refuses("b.do", "", empty, abi.Internal, abi.ReasonAppFault)
		if bytes.Contains([]byte(e.Public.Error()), []byte("secret")) {
			t.Fatal("the fault's detail is public")
		}
	}
	f.runner.fault.Store(nil)
	f.refuses("b.do", "", empty, abi.Unavailable, "degraded")
	if r := f.must("a.try", "", empty); string(r.Output[1:]) != "unavailable" {
		t.Errorf("the caller of a degraded app got %q", r.Output)
	}
	now.Add(retryAfter.Milliseconds())
	f.must("b.do", "", empty)
	f.must("b.do", "", empty)
	if d := f.kernel.Degraded(); len(d) != 0 {
		t.Errorf("still degraded: %v", d)
	}
}

// TestDegradedIsEnabled: an app that was upgraded away is not what keeps a host
// degraded.
func TestDegradedIsEnabled(t *testing.T) {
	t.Parallel()
	f := setup(t, says("1.0.0", ok))
	f.runner.fault.Store(&sandbox.Fault{Kind: sandbox.FaultTrap})
	for range faultsToDegrade {
		f.refuses("shop.version", "", empty, abi.Internal, abi.ReasonAppFault)
	}
	if got := f.kernel.Degraded(); !slices.Equal(got, []string{"shop@1.0.0"}) {
		t.Errorf("degraded: %q", got)
	}
	f.runner.fault.Store(nil)
	f.switchTo(f.compose(says("1.0.1", ok)))
	if got := f.kernel.Degraded(); len(got) != 0 {
		t.Errorf("after the upgrade: %q", got)
	}
}

// TestFillersSpendTheirOwn: a query slot's filler that computes or asks the
// host without end fails alone, and whoever asked it goes on.
func TestFillersSpendTheirOwn(t *testing.T) {
	t.Parallel()
	var called int
	fill := func(id string, slot int64, g guest) app {
		return app{id: id, slot: slot, fills: map[string]guest{"a.offer": g}}
	}
	f := setup(t, app{
		id: "a", slots: []manifest.Slot{{Name: "a.offer", Kind: "query"}},
		commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
			out, code := call(abi.FuncEach, (&abi.Invoke{Name: "a.offer", Input: empty}).Append(nil))
			answers, err := abi.ParseAnswers(out)
			if code != abi.OK || err != nil {
				return fails(abi.Internal, "each")
			}
			var codes []byte
			for _, answer := range answers {
				codes = text(codes, answer.Filler+" "+answer.Code.String())
			}
			return codes, put(call, "id", "code", "tag")
		}},
	},
		fill("burner", 50, func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }),
		fill("caller", 0, func(call host, _ []byte) ([]byte, abi.Code) {
			for {
				call(abi.FuncSettings, nil)
				called++
			}
		}),
		fill("honest", 0, func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }),
	)
	want := text(text(text(nil, "burner deadline"), "caller exhausted"), "honest ok")
	if r := f.must("a.try", "", empty); !bytes.Equal(r.Output, want) || called != slotHostCalls {
		t.Errorf("%q after %d calls, want %q", r.Output, called, want)
	}
}

// TestSpentFuelEndsTheOperation: what is spent together cannot be caught.
func TestSpentFuelEndsTheOperation(t *testing.T) {
	t.Parallel()
	deep := app{id: "b", commands: map[string]guest{"do": func(host, []byte) ([]byte, abi.Code) { return empty, abi.OK }}}
	a := app{id: "a", units: 150, grants: []string{"b.do"}, commands: map[string]guest{"try": func(call host, _ []byte) ([]byte, abi.Code) {
		invoke(call, "b.do")
		return empty, abi.OK
	}}}
	f := setup(t, a, deep)
	f.refuses("a.try", "", empty, abi.Deadline, "fuel")
}

// TestOppositeOrders: 1,280 operations that call two apps in opposite orders
// all finish over four places.
func TestOppositeOrders(t *testing.T) {
	t.Parallel()
	leaf := func(call host, _ []byte) ([]byte, abi.Code) { add(call, 1, 0); return empty, abi.OK }
	via := func(name string) guest {
		return func(call host, _ []byte) ([]byte, abi.Code) { return invoke(call, name) }
	}
	f := setup(t,
		app{id: "a", grants: []string{"b.leaf"}, commands: map[string]guest{"leaf": leaf, "start": via("b.leaf")}},
		app{id: "b", grants: []string{"a.leaf"}, commands: map[string]guest{"leaf": leaf, "start": via("a.leaf")}},
	)
	f.kernel.admission = newAdmission(4, 2000)
	var group sync.WaitGroup
	for i := range 1280 {
		group.Go(func() { f.must([]string{"a.start", "b.start"}[i%2], "", empty) })
	}
	group.Wait()
}
