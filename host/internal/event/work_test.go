package event

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestJobs: a job goes on where it stopped after a crash, takes turns with others
// of its app, is put off when it fails, and its answer is kept.
func TestJobs(t *testing.T) {
	var broken atomic.Bool
	step := func(g call, in []byte) ([]byte, abi.Code) {
		s, err := abi.ParseStepIn(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		_, total := thing(s.Input)
		n := len(s.Cursor)
		if n == 3 && broken.Load() {
			return fails(abi.Unavailable, "broken")
		}
		g.count("steps of " + g.info().Key)
		out := abi.Step{Cursor: append(s.Cursor, 'x'), Done: uint64(n + 1), Total: 10}
		if want, _ := strconv.Atoi(total); n+1 == want {
			out.Finished, out.Output = true, []byte("answer of "+g.info().Key)
		}
		return out.Append(nil), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("long", "10"))
		w.run("c.do", record("short", "2"))
		synctest.Wait()
		w.crash()
		w.pass(time.Second)
		got := w.things("c")
		if got["steps of long"] != "10" || got["steps of short"] != "2" {
			t.Errorf("steps: %v", got)
		}
		work := map[string]Work{}
		list := func() {
			for _, x := range ask[listWorkOut](w, "host.work.list", listWorkIn{App: "c"}).Items {
				work[x.Key] = ask[Work](w, "host.work.get", workIn{x.ID})
			}
		}
		list()
		if x := work["long"]; x.State != "done" || x.Done != 10 || x.Steps != 10 || string(x.Output) != `"answer of long"` {
			t.Errorf("long is %+v", x)
		}
		broken.Store(true)
		w.run("c.do", record("bad", "5"))
		w.pass(time.Minute)
		if list(); work["bad"].State != "waiting" || work["bad"].Failure.Reason != "broken" || work["bad"].Done != 3 {
			t.Errorf("bad is %+v", work["bad"])
		}
		w.pass(time.Hour)
		if list(); work["bad"].State != "failed" {
			t.Errorf("bad is %+v", work["bad"])
		}
		broken.Store(false)
		ask[Work](w, "host.work.retry", workIn{work["bad"].ID})
		w.pass(time.Minute)
		if list(); work["bad"].State != "done" || w.things("c")["steps of bad"] != "5" {
			t.Errorf("bad is %+v after %s steps", work["bad"], w.things("c")["steps of bad"])
		}
		broken.Store(true)
		w.run("c.do", record("dropped", "5"))
		w.pass(time.Second)
		list()
		ask[Work](w, "host.work.cancel", workIn{work["dropped"].ID})
		broken.Store(false)
		w.pass(time.Hour)
		if list(); work["dropped"].State != "canceled" || w.things("c")["steps of dropped"] != "3" {
			t.Errorf("dropped is %+v", work["dropped"])
		}
		if got := w.refused("host.work.cancel", workIn{work["long"].ID}); got != "over" {
			t.Errorf("refused with %s", got)
		}
		w.close()
		w.pass(31 * 24 * time.Hour)
		w.start()
		if left := ask[listWorkOut](w, "host.work.list", listWorkIn{}).Items; len(left) > 0 {
			t.Errorf("%d are kept for ever", len(left))
		}
		w.do(func(tx *kernel.Tx) error {
			for _, area := range []string{areaWorkInput, areaWorkOutput} {
				if rows, err := tx.Page(area, "", "", 10, false); err != nil || len(rows) > 0 {
					t.Errorf("%d parts of %s are kept for ever, %v", len(rows), area, err)
				}
			}
			return nil
		})
	}, clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncBegin, "count", id, time.Time{}, in)
		return empty, abi.OK
	}, app{jobs: map[string]guest{"count": step}}))
}

// TestJobsTakeTurns: a long job does not keep back the others of its app.
func TestJobsTakeTurns(t *testing.T) {
	var mu sync.Mutex
	var order []string
	step := func(g call, in []byte) ([]byte, abi.Code) {
		s, err := abi.ParseStepIn(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		time.Sleep(20 * time.Millisecond)
		order = append(order, g.info().Key)
		out := abi.Step{Cursor: append(s.Cursor, 'x'), Finished: len(s.Cursor) == 11}
		return out.Append(nil), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("one", ""))
		w.run("c.do", record("two", ""))
		w.pass(time.Minute)
		if len(order) != 24 || count(order[:12], "one") != 6 || count(order[:6], "one") != 3 {
			t.Errorf("steps of %q", order)
		}
	}, clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncBegin, "count", id, time.Time{}, in)
		return empty, abi.OK
	}, app{jobs: map[string]guest{"count": locked(&mu, step)}}))
}

// effectWorld has an app whose effect "mail" does what fn says, outside.
func effectApp(fn guest) app {
	return clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncStart, "mail", id, time.Time{}, in)
		return empty, abi.OK
	}, app{effects: map[string]guest{"mail": fn}, done: map[string]guest{"mail": func(g call, in []byte) ([]byte, abi.Code) {
		end, err := abi.ParseEffectEnd(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		id, _ := thing(end.Input)
		g.count("done " + id)
		g.put("end "+id, end.Code.String()+" "+g.info().Key)
		return empty, abi.OK
	}}})
}

// TestEffects: an effect is done outside and its app told once; it is tried again
// with the same key; after its last try the app is told of the error.
func TestEffects(t *testing.T) {
	var mu sync.Mutex
	var keys []string
	var healed atomic.Bool
	fn := func(g call, in []byte) ([]byte, abi.Code) {
		id, v := thing(in)
		i := g.info()
		keys = append(keys, id+" "+i.Key)
		if n, _ := strconv.Atoi(v); i.Attempt <= n && !healed.Load() {
			return fails(abi.Unavailable, "busy")
		}
		_, code := g(abi.FuncGet, (&abi.Get{Collection: "things", Key: abi.AppendKeyText(nil, "x")}).Append(nil))
		return record("code", code.String()), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("once", "0"))
		w.run("c.do", record("thrice", "2"))
		w.run("c.do", record("never", "100"))
		w.pass(3 * time.Second)
		w.crash()
		w.pass(time.Hour)
		got := w.things("c")
		for id, want := range map[string]string{"once": "ok", "thrice": "ok", "never": "unavailable"} {
			code, key, _ := strings.Cut(got["end "+id], " ")
			if got["done "+id] != "1" || code != want || !slices.Contains(keys, id+" "+key) {
				t.Errorf("%s: told %s times of %s", id, got["done "+id], got["end "+id])
			}
		}
		tried := map[string]int{}
		for _, k := range slices.Compact(slices.Sorted(slices.Values(keys))) {
			id, _, _ := strings.Cut(k, " ")
			tried[id]++
		}
		if tried["once"] != 1 || tried["thrice"] != 1 || tried["never"] != 1 {
			t.Errorf("keys change: %q", keys)
		}
		failed := ask[listWorkOut](w, "host.work.list", listWorkIn{State: "failed"}).Items
		if len(failed) != 1 || failed[0].Kind != "effect" || failed[0].Key != "never" || failed[0].Failure.Reason != "busy" {
			t.Fatalf("failed: %+v", failed)
		}
		healed.Store(true)
		ask[Work](w, "host.work.retry", workIn{failed[0].ID})
		w.pass(time.Minute)
		if got := w.things("c")["end never"]; !strings.HasPrefix(got, "ok ") {
			t.Errorf("after the retry: %s", got)
		}
	}, effectApp(locked(&mu, fn)))
}

// TestEffectGivesUp: an error that will not change ends an effect at once; a
// fault does not.
func TestEffectGivesUp(t *testing.T) {
	var tries atomic.Int64
	in(t, func(w *world) {
		w.run("c.do", record("wrong", ""))
		w.pass(time.Second)
		if got := w.things("c")["end wrong"]; tries.Load() != 1 || !strings.HasPrefix(got, "invalid ") {
			t.Errorf("%d tries, told %q", tries.Load(), got)
		}
		w.run("c.do", record("fault", ""))
		w.pass(10 * time.Second)
		if got := w.things("c")["end fault"]; tries.Load() != 3 || !strings.HasPrefix(got, "ok ") {
			t.Errorf("%d tries, told %q", tries.Load(), got)
		}
		failed := ask[listWorkOut](w, "host.work.list", listWorkIn{State: "failed"}).Items
		w.close()
		w.open()                              // and nothing is done
		w.run("c.do", record("wrong", "new")) // in place of what failed
		if got := w.refused("host.work.retry", workIn{failed[0].ID}); got != "not_failed" {
			t.Errorf("the older one was put in place of the newer: %q", got)
		}
	}, effectApp(func(_ call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		if n := tries.Add(1); id == "fault" && n == 2 {
			trap()
		}
		if id == "wrong" {
			return fails(abi.Invalid, "address")
		}
		return empty, abi.OK
	}))
}

// TestEffectKilledBetween: what was done outside and not yet told is done again,
// with the same key, and told once.
func TestEffectKilledBetween(t *testing.T) {
	var mu sync.Mutex
	var keys []string
	var w *world
	fn := func(g call, in []byte) ([]byte, abi.Code) {
		keys = append(keys, g.info().Key)
		if len(keys) == 1 {
			w.backend.Stop()
		}
		return empty, abi.OK
	}
	in(t, func(world *world) {
		mu.Lock()
		w = world
		mu.Unlock()
		w.run("c.do", record("mail", ""))
		w.pass(time.Second)
		w.crash()
		w.pass(time.Minute)
		if len(keys) != 2 || keys[0] != keys[1] || w.things("c")["done mail"] != "1" {
			t.Errorf("done with %q, told %s times", keys, w.things("c")["done mail"])
		}
	}, effectApp(locked(&mu, fn)))
}

// TestEffectsAtOnce: a slow address holds no more than four of an app's effects,
// and none of another's.
func TestEffectsAtOnce(t *testing.T) {
	var now, most atomic.Int64
	fn := func(call, []byte) ([]byte, abi.Code) {
		most.Store(max(most.Load(), now.Add(1)))
		time.Sleep(10 * time.Second)
		now.Add(-1)
		return empty, abi.OK
	}
	in(t, func(w *world) {
		for i := range 10 {
			w.run("c.do", record(strconv.Itoa(i), ""))
		}
		w.pass(time.Minute)
		if got := len(w.things("c")); got != 20 || most.Load() > effectMost || most.Load() < 2 {
			t.Errorf("%d records, %d at once", got, most.Load())
		}
	}, effectApp(fn))
}

// TestQueueOfAnother: however much of one app is due before it, what is due of
// another has its turn: here a second try, before which places of the first app
// become free and are taken again.
func TestQueueOfAnother(t *testing.T) {
	slow := effectApp(func(_ call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		n, _ := strconv.Atoi(id)
		time.Sleep(10*time.Second + time.Duration(n%effectMost)*50*time.Millisecond) // one by one
		return empty, abi.OK
	})
	other := effectApp(func(g call, _ []byte) ([]byte, abi.Code) {
		if g.info().Attempt > 1 {
			return empty, abi.OK
		}
		time.Sleep(9500 * time.Millisecond)
		return fails(abi.Unavailable, "again")
	})
	other.id = "d"
	in(t, func(w *world) {
		for i := range 2 * deskLook {
			w.run("c.do", record(strconv.Itoa(i), ""))
		}
		w.run("d.do", record("mail", ""))
		w.pass(12 * time.Second)
		if got := w.things("d")["done mail"]; got != "1" {
			t.Errorf("done %q times", got)
		}
	}, slow, other)
}

// TestDerive: what was published is built, and built again if that fails.
func TestDerive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, app{id: "c", derives: true}, app{id: "old"})
		tries := 0
		w.derive = func(_ context.Context, tenant string, a *registry.App) error {
			if tries++; tries < 3 {
				return errors.New("not yet")
			}
			_, err := w.kernel.Do(context.Background(), kernel.Task{Tenant: tenant, Name: "derive", Do: func(tx *kernel.Tx) error {
				return tx.Dequeue(kernel.Waiting{Queue: kernel.Publishing, App: a.ID, Name: "derive", ID: "1"})
			}})
			return err
		}
		w.start()
		defer w.close()
		w.do(func(tx *kernel.Tx) error {
			row := kernel.Waiting{Queue: kernel.Publishing, App: "c", Name: "derive", ID: "1", Due: tx.Now().UnixMilli()}
			other := row
			other.App = "old" // its new version derives nothing
			return errors.Join(tx.Enqueue(row), tx.Enqueue(other))
		})
		w.pass(time.Minute)
		w.do(func(tx *kernel.Tx) error {
			left, err := tx.Due(kernel.Publishing, tx.Now(), 10, nil)
			if err != nil || len(left) > 0 || tries != 3 {
				t.Errorf("built %d times, %d are left, %v", tries, len(left), err)
			}
			return nil
		})
	})
}

// TestJobBegunAnewByItsStep: a step that begins its own job again makes what it
// began the next, from its beginning, whether it was the last step or not.
func TestJobBegunAnewByItsStep(t *testing.T) {
	step := func(g call, in []byte) ([]byte, abi.Code) {
		s, err := abi.ParseStepIn(in)
		if err != nil {
			return fails(abi.Invalid, "frame")
		}
		id, v := thing(s.Input)
		g.count(v + " of " + id + " at " + string(s.Cursor))
		out := abi.Step{Cursor: append(s.Cursor, 'x'), Done: uint64(len(s.Cursor) + 1), Total: 2, Finished: v == "new" && len(s.Cursor) == 1}
		if v == "old" {
			g.later(abi.FuncBegin, "count", g.info().Key, time.Time{}, record(id, "new"))
			out.Finished = id == "last"
		}
		return out.Append(nil), abi.OK
	}
	in(t, func(w *world) {
		w.run("c.do", record("first", "old"))
		w.run("c.do", record("last", "old"))
		w.pass(time.Minute)
		got := w.things("c")
		for _, id := range []string{"first", "last"} {
			for _, want := range []string{"old of " + id + " at ", "new of " + id + " at ", "new of " + id + " at x"} {
				if got[want] != "1" {
					t.Errorf("%q: %q times; all: %q", want, got[want], got)
				}
			}
		}
		for _, x := range ask[listWorkOut](w, "host.work.list", listWorkIn{App: "c"}).Items {
			if x.State != workDone || x.Steps != 2 {
				t.Errorf("%s is %+v", x.Key, x)
			}
		}
	}, clock(func(g call, in []byte) ([]byte, abi.Code) {
		id, _ := thing(in)
		g.later(abi.FuncBegin, "count", id, time.Time{}, in)
		return empty, abi.OK
	}, app{jobs: map[string]guest{"count": step}}))
}
