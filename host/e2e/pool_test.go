package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/hosttest"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// sdkStage is a kernel with the conformance suite's guests, which are made with
// the SDK and call each other in both directions.
func sdkStage(t *testing.T, box sandbox.Config, config kernel.Config) *stage {
	t.Helper()
	b := binaries(t)
	box.CacheDir = b.cache
	s := &stage{}
	var err error
	if s.box, err = sandbox.New(t.Context(), box); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.box.Close)
	for _, id := range []string{"alpha", "beta"} {
		g := loadGuest(t, s.box, filepath.Join(b.conformance, id))
		app, err := registry.NewApp(registry.Making{Manifest: g.manifest, Module: g.module, Descriptor: g.descriptor})
		if err != nil {
			t.Fatal(err)
		}
		s.apps = append(s.apps, app)
	}
	config.Runner = s.box
	s.kernel = kernel.New(config)
	s.open(t, "shop")
	return s
}

// shape is the schema of an operation's input.
func (s *stage) shape(t *testing.T, operation string) *schema.Schema {
	t.Helper()
	set, _ := s.kernel.Set("shop")
	op, ok := set.Operation(operation)
	if !ok {
		t.Fatalf("no operation %s", operation)
	}
	shape, err := schema.Compile(op.Info.Input, op.App.Manifest.Provides.Types)
	if err != nil {
		t.Fatal(err)
	}
	return shape
}

// wired is an input as MessagePack.
func wired(t *testing.T, shape *schema.Schema, in object) []byte {
	t.Helper()
	wire, err := shape.ToWire(in.json(t))
	if err != nil {
		t.Error(err)
	}
	return wire
}

// item is a record of the conformance guests.
func item(id string) object {
	return object{"id": id, "group": "", "rank": 0, "tags": []string{}, "flag": false, "body": ""}
}

func putItem(id string) object {
	return object{"catch": false, "put": object{"ranked": false, "insert": false, "items": []object{item(id)}}}
}

// TestOppositeCallOrders runs 1,280 operations over a pool of 4, half of them
// from alpha to beta and half from beta to alpha. If a nested call waited for an
// instance, each would hold what the other wants at once.
func TestOppositeCallOrders(t *testing.T) {
	t.Parallel()
	const clients, each = 64, 20
	s := sdkStage(t, sandbox.Config{}, kernel.Config{Running: 4})
	shapes := map[string]*schema.Schema{"alpha.do": s.shape(t, "alpha.do"), "beta.do": s.shape(t, "beta.do")}
	var all sync.WaitGroup
	var finished atomic.Int64
	for c := range clients {
		all.Go(func() {
			for i := range each {
				id := fmt.Sprintf("%d-%d", c, i)
				operation, steps := "alpha.do", []object{
					{"catch": false, "do": putItem(id)},
					{"catch": false, "beta": object{"steps": []object{{"catch": false, "do": putItem(id)}}}},
				}
				if c%2 == 1 {
					operation, steps = "beta.do", []object{{"catch": false, "do": putItem(id)}, {"catch": false, "back": object{"query": false}}}
				}
				in := object{"steps": steps}
				if operation == "alpha.do" {
					in["forge"] = false
				}
				_, err := s.kernel.Run(t.Context(), kernel.Call{Tenant: "shop", Operation: operation, Input: wired(t, shapes[operation], in), Principal: identity.Local()})
				if err != nil {
					t.Errorf("%s %s: %v", operation, id, err)
					continue
				}
				finished.Add(1)
			}
		})
	}
	finish(t, &all, 2*time.Minute)
	if n := finished.Load(); n != clients*each {
		t.Errorf("%d of %d operations finished", n, clients*each)
	}
	if st := s.box.Stats(); st.Instances > 8 {
		t.Errorf("%d instances of two apps for four operations at once", st.Instances)
	}
}

// TestPooledSDKGuestStaysFlat calls a guest made with the SDK 16,000 times, 45,000
// with BOTTEGA_LONG=1, through the kernel: its memory must not grow. A guest with
// derived values is replaced now and then, before it would collect garbage.
func TestPooledSDKGuestStaysFlat(t *testing.T) {
	t.Parallel()
	calls := 16_000
	if os.Getenv("BOTTEGA_LONG") != "" {
		calls = 45_000
	}
	s := sdkStage(t, sandbox.Config{InstanceCalls: 2 * calls, GrowthMark: 1 << 30}, kernel.Config{})
	item := object{"catch": false, "do": putItem("an item with a name that is as long as most are")}
	in := wired(t, s.shape(t, "beta.do"), object{"steps": slices.Repeat([]object{item}, 4)})
	var most [2]int64 // in the first half and in the second: an instance that is replaced begins small again
	for i := range calls {
		if _, err := s.kernel.Run(t.Context(), kernel.Call{Tenant: "shop", Operation: "beta.do", Input: in, Principal: identity.Local()}); err != nil {
			t.Fatalf("call %d: %v", i, err)
		}
		half := 2 * i / calls
		most[half] = max(most[half], s.box.Stats().Memory)
	}
	st := s.box.Stats()
	t.Logf("at most %d KiB in the first half of %d calls, %d KiB in the second", most[0]>>10, calls, most[1]>>10)
	if st.Started > int64(calls/500) {
		t.Errorf("%d instances were started for %d calls", st.Started, calls)
	}
	if most[1] > most[0]+1<<20 {
		t.Errorf("the memory grew from %d to %d bytes", most[0], most[1])
	}
}

// TestOneKeyOneEffect sends one command 64 times at once under one key: it
// takes effect once, and everybody gets the same bytes.
func TestOneKeyOneEffect(t *testing.T) {
	t.Parallel()
	a := newArena(t, rogue{id: "puppet", events: []string{"puppet.happened"}, collections: []abi.Collection{things}, counters: []string{"sum"}})
	body := asJSON(t, program(
		hostCall(abi.FuncNewID, nil), hostCall(abi.FuncRandom, abi.AppendUint(nil, 32)),
		hostCall(abi.FuncPut, putFrame(thing("once", 10))),
		hostCall(abi.FuncAdd, (&abi.Add{Counter: "sum", Key: textKey("k"), Delta: 1, Max: 1 << 40}).Append(nil)),
		hostCall(abi.FuncEmit, emitFrame("puppet.happened", thing("once", 0)))))
	var all sync.WaitGroup
	answers := make([]*hosttest.Answer, 64)
	for i := range answers {
		all.Go(func() {
			again := time.NewTicker(time.Millisecond)
			defer again.Stop()
			for ; answers[i] == nil; <-again.C {
				answer, err := a.host.Send(t.Context(), "puppet.run", "one-key", body)
				if p, ok := errors.AsType[*hosttest.Problem](err); ok && p.Status == http.StatusConflict && p.Reason == "idempotency_in_progress" {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				answers[i] = answer
			}
		})
	}
	finish(t, &all, time.Minute)
	replayed := 0
	for _, answer := range answers {
		if answer == nil || !bytes.Equal(answer.Body, answers[0].Body) || answer.Position != answers[0].Position {
			t.Fatalf("%+v and %+v", answer, answers[0])
		}
		if answer.Replayed {
			replayed++
		}
	}
	data := a.dump(t)
	events := 0
	for key, value := range data {
		if strings.HasPrefix(key, "log ") && strings.Contains(value, "puppet.") {
			events++
		}
	}
	if sum := data["cpuppet\x00sum\x00"+string(textKey("k"))]; replayed != 63 || events != 1 || sum != "1" {
		t.Errorf("%d answers were replayed, %d events, the counter shows %s; want 63, 1, 1", replayed, events, sum)
	}
	if _, err := a.host.Send(t.Context(), "puppet.run", "one-key", asJSON(t, program())); err == nil || !strings.Contains(err.Error(), "idempotency_key_reused") {
		t.Errorf("another body under the same key: %v", err)
	}
}

// TestDrain stops the real host under load: every request that it has begun to
// answer is answered, everything acknowledged is there afterwards, and it ends
// well and soon.
func TestDrain(t *testing.T) {
	b := binaries(t)
	dir := t.TempDir()
	p, err := start(b, dir)
	if err != nil {
		t.Fatal(err)
	}
	stock(t, p)
	p.stop()
	var sold sync.Map // key to answer
	for round := range 3 {
		if p, err = start(b, dir); err != nil {
			t.Fatal(err)
		}
		drained(t, p, round, &sold)
	}
	if p, err = start(b, dir); err != nil {
		t.Fatal(err)
	}
	defer p.stop()
	n := 0
	sold.Range(func(key, answer any) bool {
		n++
		again, err := post(t.Context(), p.base, "till.close", key.(string), sale(t, key.(string)))
		if err != nil || !bytes.Equal(again, answer.([]byte)) {
			t.Errorf("%s was answered %s, now %s %v", key, answer, again, err)
		}
		return !t.Failed()
	})
	t.Logf("%d sales acknowledged in three rounds", n)
	if n < 100 {
		t.Errorf("only %d sales: there was no load", n)
	}
}

// sale is the body of the sale with a key.
func sale(t *testing.T, key string) []byte {
	t.Helper()
	return object{
		"store": "S1", "till": key, "cashier": "c", "lines": []object{{"sku": "SOCKS", "quantity": 1}},
		"tenders": []object{{"type": "cash", "amount": 10_000}},
	}.json(t)
}

// drained sells at 16 tills, stops the host in the middle and lets the tills
// end.
func drained(t *testing.T, p *process, round int, sold *sync.Map) {
	t.Helper()
	client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	var tills sync.WaitGroup
	var count atomic.Int64
	busy := make(chan struct{})
	for till := range 16 {
		tills.Go(func() {
			for n := 0; ; n++ {
				key := fmt.Sprintf("drain-%d-%d-%d", round, till, n)
				status, answer, err := sell(client, p.base, key, sale(t, key))
				if errors.Is(err, syscall.ECONNREFUSED) || status == http.StatusServiceUnavailable && bytes.Contains(answer, []byte(`"stopping"`)) {
					return // it does not take new work
				}
				if err != nil || status != http.StatusOK {
					t.Errorf("round %d: %s failed: %d %s %v", round, key, status, answer, err)
					return
				}
				sold.Store(key, answer)
				if count.Add(1) == 40 {
					close(busy)
				}
			}
		})
	}
	<-busy
	begun := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	finish(t, &tills, time.Minute)
	client.CloseIdleConnections()
	<-p.exited
	if took := time.Since(begun); took > 15*time.Second || p.cmd.ProcessState.ExitCode() != 0 {
		t.Errorf("round %d: it ended with %d after %s\n%s", round, p.cmd.ProcessState.ExitCode(), took, p.stderr)
	}
}

// sell posts a sale and answers whatever came.
func sell(client *http.Client, base, key string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(http.MethodPost, base+"/v1/till/close", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	res, err := client.Do(asOwner(req))
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && !json.Valid(answer) {
		err = errors.New("half an answer")
	}
	return res.StatusCode, answer, err
}
