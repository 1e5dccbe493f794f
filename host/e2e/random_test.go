package e2e

import (
	"bytes"
	"context"
	"encoding/hex"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// urn draws from the source, each time in an instance that was restored from a
// snapshot.
type urn struct {
	t      *testing.T
	box    *sandbox.Sandbox
	kernel *kernel.Kernel

	mu      sync.Mutex
	answers [][]byte // of every run of the guest, also of attempts that were in vain
	between func()   // before the guest's next answer is given back, once
}

func newUrn(t *testing.T) *urn {
	t.Helper()
	b, troupe := guestHost(t)
	u := &urn{t: t}
	var err error
	if u.box, err = sandbox.New(t.Context(), sandbox.Config{CacheDir: b.cache, InstanceCalls: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.box.Close)
	g := loadGuest(t, u.box, filepath.Join(troupe.first, "source"))
	app, err := registry.NewApp(registry.Making{Manifest: g.manifest, Module: g.module, Descriptor: g.descriptor})
	if err != nil {
		t.Fatal(err)
	}
	set, err := registry.Compose([]*registry.App{app})
	if err != nil {
		t.Fatal(err)
	}
	engine, err := occ.Open(mem.New(), occ.Options{Watch: kernel.HeadKey()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	u.kernel = kernel.New(kernel.Config{Runner: u})
	if err := u.kernel.Open("shop", engine, set); err != nil {
		t.Fatal(err)
	}
	return u
}

// Run implements sandbox.Runner.
func (u *urn) Run(ctx context.Context, m *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	answer, code, err := u.box.Run(ctx, m, c, out)
	u.mu.Lock()
	u.answers = append(u.answers, bytes.Clone(answer))
	between := u.between
	u.between = nil
	u.mu.Unlock()
	if between != nil {
		between()
	}
	return answer, code, err
}

// draw draws numbers of 8 bytes and ids in one operation.
func (u *urn) draw(numbers, ids int) (bytes []byte, names []string, attempts int) {
	u.t.Helper()
	in := msgp.AppendMapHeader(nil, 2)
	in = msgp.AppendInt(msgp.AppendString(in, "numbers"), numbers)
	in = msgp.AppendInt(msgp.AppendString(in, "ids"), ids)
	r, err := u.kernel.Run(u.t.Context(), kernel.Call{Tenant: "shop", Operation: "source.numbers", Input: in, Principal: identity.Local()})
	if err != nil {
		u.t.Fatal(err)
	}
	bytes, names = u.drawn(r.Output)
	return bytes, names, r.Usage.Attempts
}

func (u *urn) drawn(answer []byte) (numbers []byte, ids []string) {
	u.t.Helper()
	m, _, err := msgp.ReadMapStrIntfBytes(answer, nil)
	if err != nil {
		u.t.Fatal(err)
	}
	numbers, _ = m["numbers"].([]byte)
	all, _ := m["ids"].([]any)
	for _, id := range all {
		text, _ := id.(string)
		ids = append(ids, text)
	}
	return numbers, ids
}

// TestRestoredInstancesDrawNothingTwice draws 1,000 numbers and some ids in each
// of 100 operations, every one in an instance of its own that was restored from
// the same snapshot.
func TestRestoredInstancesDrawNothingTwice(t *testing.T) {
	t.Parallel()
	const operations, numbers, ids = 100, 1000, 20
	u := newUrn(t)
	u.draw(1, 1) // the first instance may be the one of which the snapshot is
	before := u.box.Stats()
	seen := map[string]int{}
	for operation := range operations {
		drawn, names, _ := u.draw(numbers, ids)
		if len(drawn) != 8*numbers || len(names) != ids {
			t.Fatalf("%d bytes and %d ids", len(drawn), len(names))
		}
		for i := 0; i < len(drawn); i += 8 {
			names = append(names, hex.EncodeToString(drawn[i:i+8]))
		}
		for _, n := range names {
			if first, twice := seen[n]; twice {
				t.Fatalf("%s was drawn in operation %d and in %d", n, first, operation)
			}
			seen[n] = operation
		}
	}
	if len(seen) != operations*(numbers+ids) {
		t.Errorf("%d numbers and ids", len(seen))
	}
	after := u.box.Stats()
	if n := after.Restored - before.Restored; n < operations {
		t.Errorf("%d instances were restored for %d operations", n, operations)
	}
}

// TestRerunDrawsTheSame: what an attempt drew that was in vain, the next draws
// again, in another instance, and another operation does not.
func TestRerunDrawsTheSame(t *testing.T) {
	t.Parallel()
	u := newUrn(t)
	u.draw(1, 1)
	u.answers = nil
	u.between = func() { u.draw(100, 10) } // commits what the outer draw has read
	numbers, ids, attempts := u.draw(100, 10)
	if attempts != 2 || len(u.answers) != 3 {
		t.Fatalf("%d attempts, %d answers", attempts, len(u.answers))
	}
	firstNumbers, firstIDs := u.drawn(u.answers[0])
	if !bytes.Equal(numbers, firstNumbers) || len(numbers) != 800 {
		t.Errorf("the rerun drew other numbers")
	}
	for i, id := range ids {
		if firstIDs[i] != id {
			t.Errorf("id %d is %s and was %s", i, id, firstIDs[i])
		}
	}
	if other, _ := u.drawn(u.answers[1]); bytes.Equal(other, numbers) {
		t.Errorf("another operation drew the same")
	}
}
