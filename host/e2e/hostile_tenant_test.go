package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tinylib/msgp/msgp"
	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// stage is a kernel with a sandbox of its own, for what no setting of a host
// reaches: many tenants, few places, little memory.
type stage struct {
	box    *sandbox.Sandbox
	apps   []*registry.App
	kernel *kernel.Kernel
}

func newStage(t *testing.T, rogues []rogue, box sandbox.Config, config kernel.Config, tenants ...string) *stage {
	t.Helper()
	if box.CacheDir == "" {
		box.CacheDir = t.TempDir()
	}
	s := &stage{}
	var err error
	if s.box, err = sandbox.New(t.Context(), box); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.box.Close)
	dir := writeModules(t, rogues)
	for i := range rogues {
		g := loadGuest(t, s.box, filepath.Join(dir, rogues[i].id))
		app, err := registry.NewApp(registry.Making{Manifest: g.manifest, Module: g.module, Descriptor: g.descriptor})
		if err != nil {
			t.Fatal(err)
		}
		s.apps = append(s.apps, app)
	}
	config.Runner = s.box
	s.kernel = kernel.New(config)
	for _, name := range tenants {
		s.open(t, name)
	}
	return s
}

// open adds a tenant with all apps and an empty storage.
func (s *stage) open(t *testing.T, tenant string) {
	t.Helper()
	set, err := registry.Compose(s.apps)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := occ.Open(mem.New(), occ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.kernel.Open(tenant, engine, set); err != nil {
		t.Fatal(err)
	}
}

// run runs an operation of a marionette.
func (s *stage) run(t *testing.T, tenant, operation string, steps ...step) ([]result, kernel.Usage, *abi.Error) {
	t.Helper()
	r, err := s.kernel.Run(t.Context(), kernel.Call{
		Tenant: tenant, Operation: operation, Input: program(steps...), Principal: identity.Local(), Request: "req_stage",
	})
	if e, ok := errors.AsType[*kernel.Error](err); ok {
		return nil, r.Usage, &e.Public
	}
	if err != nil {
		t.Errorf("%s: %v", operation, err)
		return nil, r.Usage, &abi.Error{Code: abi.Internal}
	}
	return ofWire(t, r.Output), r.Usage, nil
}

// TestG29 plants a marker in the memory of each tenant's instances and looks
// for it in all the others, 10,000 times.
func TestG29NoTenantSeesAnother(t *testing.T) {
	t.Parallel()
	apps := []string{"left", "right"}
	var rogues []rogue
	for _, id := range apps {
		rogues = append(rogues, rogue{id: id, collections: []abi.Collection{things}})
	}
	tenants := []string{"rossi", "rossi2", "rossi\x00left"}
	s := newStage(t, rogues, sandbox.Config{}, kernel.Config{}, tenants...)
	const at = outAt + 1<<20
	marker := func(tenant, app string) []byte {
		b := msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 2), "id"), "marker")
		return msgp.AppendString(msgp.AppendString(b, "body"), "secret of "+tenant+"/"+app)
	}
	for _, tenant := range tenants {
		for _, app := range apps {
			if _, _, e := s.run(t, tenant, app+".run", hostCall(abi.FuncPut, putFrame(marker(tenant, app)))); e != nil {
				t.Fatal(e)
			}
		}
	}
	frame := getFrame(textKey("marker"))
	peek := step{do: doBurn, at: &span4{inPtr: 1, outPtr: at}}
	read := step{do: uint32(abi.FuncGet), frame: frame}
	probe := program(peek, read)
	where := bytes.Index(probe, frame)
	read.at = &span4{inPtr: uint32(where), inLen: uint32(len(frame)), outPtr: at, outCap: 1 << 10}
	var again atomic.Int64
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(worker), 29))
			for range 2500 {
				tenant, app := tenants[r.IntN(len(tenants))], apps[r.IntN(len(apps))]
				own := marker(tenant, app)
				got, _, e := s.run(t, tenant, app+".look", peek, read)
				if e != nil {
					t.Error(e)
					return
				}
				left, found := got[0].answer[:len(own)], got[1].answer[:len(own)]
				if bytes.Equal(left, own) {
					again.Add(1)
				} else if bytes.Contains(got[0].answer, []byte("secret")) {
					t.Errorf("%s/%s sees %q", tenant, app, left)
				}
				if !bytes.Equal(found, own) {
					t.Errorf("%s/%s reads %q", tenant, app, found)
				}
			}
		})
	}
	all.Wait()
	if again.Load() < 5000 {
		t.Errorf("only %d of 10,000 calls met an instance again: nothing was tested", again.Load())
	}
}

// neighbours are apps whose names are beginnings of each other.
var neighbours = []string{"aa", "aab", "aa-", "aa-b"}

// TestG22 lets apps with confusable names write, read and scan under keys that
// look like each other's, and compares each answer with a model that knows no
// prefixes.
func TestG22NoKeyReachesAnotherApp(t *testing.T) {
	t.Parallel()
	var rogues []rogue
	for _, id := range neighbours {
		rogues = append(rogues, rogue{id: id, collections: []abi.Collection{things, {Name: "thing", Key: []string{"id"}}}, counters: []string{"things", "b"}})
	}
	s := newStage(t, rogues, sandbox.Config{}, kernel.Config{})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		tenant := fmt.Sprintf("tenant %d", round)
		s.open(t, tenant)
		n := &neighbourhood{t: t, rt: rt, stage: s, tenant: tenant, records: map[string]map[string]string{}, counters: map[string]int64{}}
		for range rapid.IntRange(5, 25).Draw(rt, "operations") {
			n.operate()
		}
	})
}

// neighbourhood is the model of one tenant: records by app and collection,
// counters by app, name and key.
type neighbourhood struct {
	t        *testing.T
	rt       *rapid.T
	stage    *stage
	tenant   string
	records  map[string]map[string]string
	counters map[string]int64
}

// crafted draws a text that looks like a part of another app's keys.
func (n *neighbourhood) crafted() string {
	parts := []string{"", "a", "aa", "aab", "aa-", "b", "-", "things", "thing", "\x00", "\x00\xff", "d", "i", "c", "u", "\xff", "\x01", "\x02", "id"}
	return string(bytes.Join(rapid.SliceOfN(rapid.Map(rapid.SampledFrom(parts), func(s string) []byte { return []byte(s) }), 1, 4).Draw(n.rt, "key"), nil))
}

func (n *neighbourhood) operate() {
	app := rapid.SampledFrom(neighbours).Draw(n.rt, "app")
	collection := rapid.SampledFrom([]string{"things", "thing"}).Draw(n.rt, "collection")
	space, id := app+" "+collection, n.crafted()
	own := n.records[space]
	if own == nil {
		own = map[string]string{}
		n.records[space] = own
	}
	record := thing(id, 0)
	record = append(record[:len(record)-2], msgp.AppendString(nil, app+"/"+collection)...)
	switch rapid.SampledFrom([]string{"put", "put", "get", "raw", "delete", "scan", "count"}).Draw(n.rt, "what") {
	case "put":
		got := n.run(app, abi.FuncPut, (&abi.Put{Collection: collection, Record: record}).Append(nil))
		if got.code() == abi.OK {
			own[id] = string(record)
		} else if id != "" {
			n.rt.Fatalf("put %q: %s (%s)", id, got.code(), got.reason())
		}
	case "get":
		n.expect(own[id], n.run(app, abi.FuncGet, (&abi.Get{Collection: collection, Key: textKey(id)}).Append(nil)))
	case "raw":
		key := append([]byte{rapid.Byte().Draw(n.rt, "tag")}, id...)
		got := n.run(app, abi.FuncGet, (&abi.Get{Collection: collection, Key: key}).Append(nil))
		if got.code() == abi.OK && !bytes.Contains(got.answer, []byte(app+"/"+collection)) {
			n.rt.Fatalf("%s reads %q with the key %q", app, got.answer, key)
		}
	case "delete":
		n.run(app, abi.FuncDelete, (&abi.Get{Collection: collection, Key: textKey(id)}).Append(nil))
		delete(own, id)
	case "scan":
		n.scan(app, collection, own)
	case "count":
		n.count(app, id)
	}
}

func (n *neighbourhood) run(app string, fn abi.Func, frame []byte) result {
	got, _, e := n.stage.run(n.t, n.tenant, app+".run", hostCall(fn, frame))
	if e != nil {
		n.rt.Fatal(e)
	}
	return got[0]
}

func (n *neighbourhood) expect(want string, got result) {
	switch {
	case want == "" && got.code() != abi.NotFound && got.code() != abi.Invalid:
		n.rt.Fatalf("read %s %q, where nothing is", got.code(), got.answer)
	case want != "" && string(got.answer[:len(want)]) != want:
		n.rt.Fatalf("read %s %q, want %q", got.code(), got.answer[:len(want)], want)
	}
}

// scan reads pages of one record until the end.
func (n *neighbourhood) scan(app, collection string, own map[string]string) {
	found := 0
	for after := []byte(nil); ; {
		got := n.run(app, abi.FuncScan, (&abi.Scan{Collection: collection, Limit: 1, After: after}).Append(nil))
		_, length := abi.Unpack(got.packed)
		page, err := abi.ParsePage(got.answer[:min(length, len(got.answer))])
		if err != nil || got.code() != abi.OK {
			n.rt.Fatalf("scan of %s: %s %q, %v", collection, got.code(), got.answer, err)
		}
		for _, r := range page.Records {
			if !bytes.HasSuffix(r, []byte(app+"/"+collection)) {
				n.rt.Fatalf("%s finds %q", app, r)
			}
			found++
		}
		if after = page.Cursor; len(after) == 0 {
			break
		}
	}
	if found != len(own) {
		n.rt.Fatalf("%s finds %d records in %s, want %d", app, found, collection, len(own))
	}
}

func (n *neighbourhood) count(app, key string) {
	name := rapid.SampledFrom([]string{"things", "b"}).Draw(n.rt, "counter")
	n.run(app, abi.FuncAdd, (&abi.Add{Counter: name, Key: textKey(key), Delta: 1, Max: 1 << 40}).Append(nil))
	n.counters[app+" "+name+" "+key]++
	got := n.run(app, abi.FuncCounter, (&abi.Get{Collection: name, Key: textKey(key)}).Append(nil))
	if d := abi.NewDecoder(got.answer); d.Int() != n.counters[app+" "+name+" "+key] {
		n.rt.Fatalf("%s counts otherwise under %q", app, key)
	}
}
