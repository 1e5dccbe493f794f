package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

// tenOff publishes 10 % off socks, 0.70, with limits and perhaps codes.
func tenOff(t *testing.T, p *process, id string, more object) {
	t.Helper()
	in := object{
		"id": id, "name": id, "period": object{}, "for": object{}, "not": object{}, "goods": object{"skus": []string{"SOCKS"}}, "except": object{},
		"effects": []object{{"percent": 1000}}, "stacking": object{}, "limits": object{},
	}
	for k, v := range more {
		in[k] = v
	}
	p.must(t, "pricing.put_promotion", "put-"+id, in)
	p.must(t, "pricing.publish", "publish-"+id, object{"id": id, "accept": []string{"overlap", "collision", "unreachable", "unfunded", "no_cost", "below_floor"}})
}

// quotesAt waits until quotes see a promotion.
func quotesAt(t *testing.T, p *process, codes []string, want int) {
	t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for range 2_000 {
		var q struct{ Total int }
		out := p.must(t, "pricing.quote", "", object{"store": "S1", "codes": codes, "lines": []object{{"sku": "SOCKS", "quantity": 1}}})
		if err := json.Unmarshal(out, &q); err != nil {
			t.Fatal(err)
		}
		if q.Total == want {
			return
		}
		<-again.C
	}
	t.Fatalf("no quote of %d", want)
}

// usedOf is what a promotion has used.
func usedOf(t *testing.T, p *process, id string) (used struct{ Uses, Spent int }) {
	t.Helper()
	if err := json.Unmarshal(p.must(t, "pricing.budget", "", object{"id": id}), &used); err != nil {
		t.Fatal(err)
	}
	return used
}

// TestLastUse has 64 tills sell at once what only one of them can: the last use of a
// promotion, of a coupon, and the last cents of budgets. One sells; 63 sell nothing and
// are told the new price.
func TestLastUse(t *testing.T) {
	b := binaries(t)
	p, err := start(b, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	stock(t, p)
	p.must(t, "pricing.put_batch", "batch", object{"id": "b", "name": "B", "period": object{}})
	var drawn struct{ Codes []string }
	if err := json.Unmarshal(p.must(t, "pricing.draw", "draw", object{"batch": "b", "count": 1}), &drawn); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		id     string
		codes  []string
		more   object
		told   int // the price with the promotion; without it socks are 6.99
		amount int
	}{
		{"use", []string{"USE"}, object{"codes": []string{"USE"}, "limits": object{"uses": 1}}, 629, 70},
		{"coupon", drawn.Codes, object{"batches": []string{"b"}}, 629, 70},
		{"budget", []string{"BUDGET"}, object{"codes": []string{"BUDGET"}, "limits": object{"budget": 139}}, 629, 70},
		{"cent", []string{"CENT"}, object{"codes": []string{"CENT"}, "limits": object{"budget": 1, "overrun": "partial"}}, 698, 1},
		{"store", []string{"STORE"}, object{"codes": []string{"STORE"}, "limits": object{"budget_per_store": 100}}, 629, 70},
	} {
		t.Run(tt.id, func(t *testing.T) {
			tenOff(t, p, tt.id, tt.more)
			quotesAt(t, p, tt.codes, tt.told)
			var all sync.WaitGroup
			var won, lost atomic.Int64
			for till := range 64 {
				all.Go(func() {
					key := fmt.Sprintf("%s-%d", tt.id, till)
					_, err := post(t.Context(), p.base, "till.close", key, object{
						"store": "S1", "till": key, "cashier": "c", "codes": tt.codes, "expected_total": tt.told,
						"lines": []object{{"sku": "SOCKS", "quantity": 1}}, "tenders": []object{{"type": "card", "amount": tt.told}},
					}.json(t))
					refusal, ok := errors.AsType[*problem](err)
					switch {
					case err == nil:
						won.Add(1)
					case ok && refusal.Reason == "quote_changed":
						lost.Add(1)
					default:
						t.Errorf("%s: %v", key, err)
					}
				})
			}
			finish(t, &all, 2*time.Minute)
			if used := usedOf(t, p, tt.id); won.Load() != 1 || lost.Load() != 63 || used.Uses != 1 || used.Spent != tt.amount {
				t.Errorf("%d won, %d lost, used %+v", won.Load(), lost.Load(), used)
			}
		})
	}
}

// TestHoldsSurviveKills kills the host while tills hold, confirm and release, and asks
// afterwards what became of every document: counters are what is held or sold, so that
// nothing was given back twice and nothing is lost.
func TestHoldsSurviveKills(t *testing.T) {
	b := binaries(t)
	dir := t.TempDir()
	p, err := start(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	stock(t, p)
	tenOff(t, p, "p", object{"limits": object{"uses": 1_000_000, "budget": 1_000_000_000}})
	quotesAt(t, p, nil, 629)
	const rounds, tills, each = 3, 8, 40
	for round := range rounds {
		var all sync.WaitGroup
		var done atomic.Int64
		enough := make(chan struct{})
		for till := range tills {
			all.Go(func() {
				for n := range each {
					holdOne(t, p, fmt.Sprintf("%d-%d-%d", round, till, n), n)
					if done.Add(1) == tills*each/4 {
						close(enough)
					}
				}
			})
		}
		<-enough
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		finish(t, &all, time.Minute)
		<-p.exited
		if p, err = start(b, dir); err != nil {
			t.Fatal(err)
		}
		used, states := usedOf(t, p, "p"), map[string]int{}
		for r := range round + 1 {
			for till := range tills {
				for n := range each {
					states[stateOf(t, p, fmt.Sprintf("%d-%d-%d", r, till, n))]++
				}
			}
		}
		if want := states["held"] + states["confirmed"]; used.Uses != want || used.Spent != 70*want || want == 0 || states["released"] == 0 {
			t.Errorf("round %d: used %+v, documents %v", round, used, states)
		}
	}
	p.stop()
}

// holdOne holds a document and confirms it, gives it back, or leaves it. The host may
// be killed at any moment.
func holdOne(t *testing.T, p *process, id string, n int) {
	do := func(operation string, in object) bool {
		_, err := post(t.Context(), p.base, operation, operation+id, in.json(t))
		if refusal, ok := errors.AsType[*problem](err); ok && refusal.Status < 500 {
			t.Errorf("%s of %s: %v", operation, id, err)
		}
		return err == nil
	}
	if !do("pricing.hold", object{"id": id, "basket": object{"store": "S1", "lines": []object{{"sku": "SOCKS", "quantity": 1}}}}) {
		return
	}
	switch n % 4 {
	case 0:
		do("pricing.confirm", object{"id": id})
	case 1:
		do("pricing.release", object{"id": id})
	case 2:
		if do("pricing.confirm", object{"id": id}) {
			do("pricing.release", object{"id": id})
		}
	}
}

// stateOf is what became of a document, "" if nothing is known of it.
func stateOf(t *testing.T, p *process, id string) string {
	t.Helper()
	out, err := post(t.Context(), p.base, "pricing.get_hold", "", object{"id": id}.json(t))
	if refusal, ok := errors.AsType[*problem](err); ok && refusal.Reason == "hold" {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	var h struct{ State string }
	if err := json.Unmarshal(out, &h); err != nil {
		t.Fatal(err)
	}
	return h.State
}

// TestHoldExpiresAfterKill kills the host while something is held: another one gives it
// back when its minute is over, once. It takes that minute.
func TestHoldExpiresAfterKill(t *testing.T) {
	if os.Getenv("BOTTEGA_LONG") == "" {
		t.Skip("a hold lasts a minute at least: BOTTEGA_LONG=1")
	}
	b := binaries(t)
	dir := t.TempDir()
	p, err := start(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	stock(t, p)
	tenOff(t, p, "p", object{"limits": object{"uses": 1}})
	quotesAt(t, p, nil, 629)
	p.must(t, "pricing.hold", "hold", object{"id": "A", "minutes": 1, "basket": object{"store": "S1", "lines": []object{{"sku": "SOCKS", "quantity": 1}}}})
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.exited
	if p, err = start(b, dir); err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	if used, state := usedOf(t, p, "p"), stateOf(t, p, "A"); used.Uses != 1 || state != "held" {
		t.Fatalf("after the kill: %s, used %+v", state, used)
	}
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for range 90 {
		if stateOf(t, p, "A") == "released" {
			break
		}
		<-again.C
	}
	p.must(t, "pricing.release", "release", object{"id": "A"})
	if used, state := usedOf(t, p, "p"), stateOf(t, p, "A"); used.Uses != 0 || used.Spent != 0 || state != "released" {
		t.Errorf("after a minute: %s, used %+v", state, used)
	}
}

// TestDrawnCodes draws coupons in instances of every age: those that serve call after
// call, those that begin anew with each, and copies of one snapshot. None is drawn
// twice: 20,000 in all, a million with BOTTEGA_LONG=1.
func TestDrawnCodes(t *testing.T) {
	t.Parallel()
	const draw = 500
	draws := 20_000 / draw / 3
	if os.Getenv("BOTTEGA_LONG") != "" {
		draws = 1_000_000/draw/3 + 1
	}
	seen := make(map[string]bool, 3*draws*draw)
	for _, config := range []sandbox.Config{{}, {InstanceCalls: 1, NoSnapshots: true}, {InstanceCalls: 1}} {
		s := pricingStage(t, config)
		s.answer(t, "pricing.put_batch", object{"id": "b", "name": "B", "period": object{}})
		for range draws {
			out := s.answer(t, "pricing.draw", object{"batch": "b", "count": draw})
			for _, c := range codesIn(t, out) {
				if seen[c] {
					t.Fatalf("%s is drawn twice", c)
				}
				seen[c] = true
			}
		}
	}
	if want := 3 * draws * draw; len(seen) != want {
		t.Errorf("%d codes, want %d", len(seen), want)
	}
}

// pricingStage is a kernel with pricing and the catalog.
func pricingStage(t *testing.T, box sandbox.Config) *stage {
	t.Helper()
	b := binaries(t)
	box.CacheDir = filepath.Join(filepath.Dir(b.binary), "cache")
	s := &stage{}
	var err error
	if s.box, err = sandbox.New(t.Context(), box); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.box.Close)
	for _, id := range []string{"catalog", "pricing"} {
		g := loadGuest(t, s.box, filepath.Join(b.modules, id))
		app, err := registry.NewApp(registry.Making{Manifest: g.manifest, Module: g.module, Descriptor: g.descriptor})
		if err != nil {
			t.Fatal(err)
		}
		s.apps = append(s.apps, app)
	}
	s.kernel = kernel.New(kernel.Config{Runner: s.box})
	s.open(t, "shop")
	return s
}

// answer runs an operation and answers its output as it came.
func (s *stage) answer(t *testing.T, operation string, in object) []byte {
	t.Helper()
	r, err := s.kernel.Run(t.Context(), kernel.Call{Tenant: "shop", Operation: operation, Input: wired(t, s.shape(t, operation), in), Principal: identity.Local()})
	if err != nil {
		t.Fatal(err)
	}
	return r.Output
}

// codesIn are the codes that a draw answers.
func codesIn(t *testing.T, out []byte) (codes []string) {
	t.Helper()
	m, _, err := msgp.ReadMapStrIntfBytes(out, nil)
	if err != nil {
		t.Fatal(err)
	}
	all, _ := m["codes"].([]any)
	for _, c := range all {
		text, _ := c.(string)
		if len(strings.ReplaceAll(text, "-", "")) != 16 {
			t.Fatalf("%q is no code", text)
		}
		codes = append(codes, text)
	}
	return codes
}
