package event

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// emitting is an app whose event has a version.
func emitting(version, declared int) app {
	return app{id: "a", version: fmt.Sprintf("%d.0.0", max(version, 1)), emits: declared, commands: map[string]guest{"emit": func(g call, in []byte) ([]byte, abi.Code) {
		key, v := thing(in)
		answer, code := g(abi.FuncEmit, (&abi.Emit{Name: "a.happened", Key: key, Payload: record(key, v), Version: version}).Append(nil))
		return answer, code
	}}}
}

// hearing is a subscriber that knows a version, and writes down in which one it
// is told each thing.
func hearing(knows int) app {
	return app{id: "h", version: fmt.Sprintf("%d.0.0", max(knows, 1)), knows: knows, past: true, events: map[string]guest{"a.happened": func(g call, in []byte) ([]byte, abi.Code) {
		_, v := thing(in)
		g.put(v, fmt.Sprint("version ", g.info().Version))
		return empty, abi.OK
	}}}
}

// TestVersions: an event in a version that its subscriber does not know is parked
// at once, holds up no other key, and is handled when it was upgraded. The log
// keeps what each event was emitted in.
func TestVersions(t *testing.T) {
	in(t, func(w *world) {
		w.pass(time.Second)
		w.emit("k", "old")
		w.enable(2, emitting(3, 3), hearing(0))
		w.emit("k", "new")
		w.emit("other", "new too")
		w.pass(time.Second) // no attempt but the first
		if got := w.things("h"); len(got) != 1 || got["old"] != "version 0" {
			t.Errorf("heard %v", got)
		}
		parked := ask[listParkedOut](w, "host.parked.list", listParkedIn{}).Items
		if len(parked) != 2 || parked[0].State != "parked" || parked[0].Attempts != 1 || parked[0].Failure.Reason != abi.ReasonEventVersion {
			t.Fatalf("parked %+v", parked)
		}
		if m := parked[0].Failure.Message; !strings.Contains(m, "version 3") || !strings.Contains(m, "h@1.0.0 was built for version 1") {
			t.Errorf("the failure says %q", m)
		}
		w.enable(3, emitting(3, 3), hearing(3))
		ask[platform.None](w, "host.parked.replay", map[string]any{"app": "h"})
		w.pass(time.Minute)
		if got := w.things("h"); got["old"] != "version 0" || got["new"] != "version 3" || got["new too"] != "version 3" {
			t.Errorf("heard %v", got)
		}
		events := ask[listEventsOut](w, "host.events.list", listEventsIn{Types: "a.happened"}).Items
		if len(events) != 3 || events[0].Version != 0 || events[2].Version != 3 {
			t.Errorf("the log shows %+v", events)
		}
	}, emitting(0, 0), hearing(0))
}

// TestVersionOfTheManifest: an app emits in the version that its manifest says.
func TestVersionOfTheManifest(t *testing.T) {
	for _, versions := range [][2]int{{0, 2}, {2, 0}, {3, 2}} {
		t.Run(fmt.Sprint(versions), func(t *testing.T) {
			in(t, func(w *world) {
				_, err := w.kernel.Run(context.Background(), kernel.Call{Tenant: shop, Operation: "a.emit", Input: record("k", "v"), Principal: identity.Local()})
				var e *kernel.Error
				if !errors.As(err, &e) || e.Public.Reason != abi.ReasonEvent || len(w.logged()) != 0 {
					t.Errorf("emitting in version %d, and the manifest says %d: %v", versions[0], versions[1], err)
				}
			}, emitting(versions[0], versions[1]))
		})
	}
}

// TestReplayOfVersions: a replay hands out each event with its version.
func TestReplayOfVersions(t *testing.T) {
	in(t, func(w *world) {
		w.emit("k", "old")
		w.enable(2, emitting(2, 2))
		w.emit("k", "new")
		until := w.do(func(*kernel.Tx) error { return nil })
		late, _ := w.compose(emitting(2, 2), hearing(2)).App("h")
		if err := w.room.Replay(context.Background(), shop, late, until, nil); err != nil {
			t.Fatal(err)
		}
		if got := w.things("h"); got["old"] != "version 0" || got["new"] != "version 2" {
			t.Errorf("heard %v", got)
		}
	}, emitting(0, 0))
}
