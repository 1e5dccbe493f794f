package develop

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// House are the limits that a module has that asks for none.
var House = manifest.Limits{MemoryBytes: 32 << 20, Units: 200_000_000, SlotUnits: 10_000_000, TimeMillis: 2000, StorageBytes: 1 << 30}

// Bench runs built modules as a host would, and answers their host calls from
// recordings. Randomness is the same in every run, so that fuel is too.
type Bench struct {
	box *sandbox.Sandbox
	now func() time.Time
}

// NewBench makes a bench that keeps compiled modules in a private folder.
func NewBench(ctx context.Context, cache string, now func() time.Time) (*Bench, error) {
	box, err := sandbox.New(ctx, sandbox.Config{CacheDir: cache, Now: now, Random: rand.NewChaCha8([32]byte{})})
	if err != nil {
		return nil, err
	}
	return &Bench{box: box, now: now}, nil
}

// Close lets go of everything.
func (b *Bench) Close() { b.box.Close() }

// Describe asks a module what it registers, by running it as a host would.
func (b *Bench) Describe(ctx context.Context, wasm []byte) (*abi.Descriptor, error) {
	m, err := b.box.Load(ctx, wasm, sandbox.ModuleLimits{})
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return describe(ctx, m)
}

func describe(ctx context.Context, m *sandbox.Module) (*abi.Descriptor, error) {
	raw, err := m.Describe(ctx)
	if err != nil {
		return nil, err
	}
	return abi.ParseDescriptor(raw)
}

// Module is one built module on the bench.
type Module struct {
	Manifest   *manifest.Manifest
	Descriptor *abi.Descriptor
	Imports    []string // host functions

	bench  *Bench
	module *sandbox.Module
	runs   int
}

// Load makes a module ready. The error is a *sandbox.Rejected if a host would
// refuse it.
func (b *Bench) Load(ctx context.Context, man *manifest.Manifest, wasm []byte) (*Module, error) {
	const page = 64 << 10
	pages := uint32((cmp.Or(man.Limits.MemoryBytes, House.MemoryBytes) + page - 1) / page)
	m, err := b.box.Load(ctx, wasm, sandbox.ModuleLimits{MemoryPages: pages, Output: 4 * abi.MaxOutput})
	if err != nil {
		return nil, err
	}
	d, err := describe(ctx, m)
	if err != nil {
		return nil, fmt.Errorf("ask %s what it provides: %w", man.ID, err)
	}
	return &Module{Manifest: man, Descriptor: d, Imports: m.Imports(), bench: b, module: m}, nil
}

// Usage is what one call took.
type Usage struct {
	Units  int64 // of fuel; the same in every run
	Memory int64 // bytes of linear memory when it ended
	Time   time.Duration
	Calls  int // of the host
}

// Budget is how many units the manifest allows for a call of the entry.
func (m *Module) Budget(kind abi.EntryKind) int64 {
	l := m.Manifest.Limits
	if kind == abi.EntryQueryFill {
		return cmp.Or(l.SlotUnits, House.SlotUnits)
	}
	return cmp.Or(l.Units, House.Units)
}

// Mismatch is a module that does not do what its source did in the test.
type Mismatch struct {
	Recording *Recording
	What      string
	Want, Got string // "" if What says it all
}

func (e *Mismatch) Error() string {
	s := e.Recording.Test + "  " + e.Recording.Entry() + " " + e.What
	if e.Want != e.Got {
		s += "\n    in the test   " + e.Want + "\n    in the module " + e.Got
	}
	return s
}

// Play runs a recorded call in an instance of its own. The error is a *Mismatch
// if the module asks or answers otherwise, or does not answer.
func (m *Module) Play(ctx context.Context, r *Recording) (Usage, error) {
	entry := slices.IndexFunc(m.Descriptor.Entries, func(e abi.Entry) bool { return e.Kind == r.Kind && e.Name == r.Name && e.Key == r.Key })
	if entry < 0 {
		return Usage{}, &Mismatch{Recording: r, What: "is not in the module: build it again"}
	}
	m.runs++
	owner := fmt.Sprintf("%s %d", m.Manifest.ID, m.runs)
	defer m.bench.box.Retire(owner)
	begun, before := m.bench.now(), m.bench.box.Stats().Memory
	budget := m.Budget(r.Kind)
	limit := time.Duration(cmp.Or(m.Manifest.Limits.TimeMillis, House.TimeMillis)) * time.Millisecond
	meter := &sandbox.Meter{Units: budget, Deadline: begun.Add(limit), HostCalls: abi.MaxHostCalls, LogBytes: abi.MaxLogBytes}
	host := &player{recording: r}
	out, code, err := m.bench.box.Run(ctx, m.module, sandbox.Call{
		Owner: owner, Entry: uint32(entry), Input: r.Input, Meter: meter, Host: host, Now: time.UnixMilli(r.Now),
	}, nil)
	u := Usage{Units: budget - meter.Units, Memory: m.bench.box.Stats().Memory - before, Time: m.bench.now().Sub(begun), Calls: abi.MaxHostCalls - meter.HostCalls}
	if err != nil {
		return u, host.ended(err)
	}
	return u, host.compare(code, out)
}

// player answers host calls as the test's host did.
type player struct {
	recording *Recording
	next      int
}

// HostCall implements sandbox.Host. Zones come from this machine, natively
// without a host call; lines of the log have no answer and may be lost.
func (p *player) HostCall(_ context.Context, fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
	switch fn {
	case abi.FuncZone:
		return zone(in, out)
	case abi.FuncLog:
		return out, abi.OK, nil
	}
	calls := p.recording.Calls
	for p.next < len(calls) && (calls[p.next].Func == abi.FuncLog || calls[p.next].Func == abi.FuncZone) {
		p.next++
	}
	asked := fmt.Sprintf("%s %q", fn, in)
	if p.next == len(calls) {
		return out, 0, p.mismatch("asks more of the host than in the test", "(nothing more)", asked)
	}
	c := calls[p.next]
	if c.Func != fn || !bytes.Equal(c.Input, in) {
		return out, 0, p.mismatch("asks something else of the host than in the test", fmt.Sprintf("%s %q", c.Func, c.Input), asked)
	}
	p.next++
	return append(out, c.Output...), c.Code, nil
}

func (p *player) mismatch(what, want, got string) *Mismatch {
	return &Mismatch{Recording: p.recording, What: what, Want: want, Got: got}
}

// ended is why a call did not come to an answer.
func (p *player) ended(err error) error {
	if m, ok := errors.AsType[*Mismatch](err); ok {
		return m
	}
	return p.mismatch("does not answer: "+err.Error(), "", "")
}

// compare holds the answer against the recorded one.
func (p *player) compare(code abi.Code, out []byte) error {
	r := p.recording
	for p.next < len(r.Calls) && (r.Calls[p.next].Func == abi.FuncLog || r.Calls[p.next].Func == abi.FuncZone) {
		p.next++
	}
	switch {
	case code != r.Code || !bytes.Equal(out, r.Output):
		return p.mismatch("answers otherwise than in the test", readable(r.Code, r.Output), readable(code, out))
	case p.next < len(r.Calls):
		c := r.Calls[p.next]
		return p.mismatch("asks less of the host than in the test", fmt.Sprintf("%s %q", c.Func, c.Input), "(nothing more)")
	}
	return nil
}

// readable is an answer for people.
func readable(code abi.Code, out []byte) string {
	if code != abi.OK {
		if e, err := abi.ParseError(out); err == nil {
			return e.Error()
		}
		return code.String()
	}
	var text bytes.Buffer
	if _, err := msgp.UnmarshalAsJSON(&text, out); err != nil {
		return fmt.Sprintf("%x", out)
	}
	return text.String()
}

// zone answers abi.FuncZone as the host does.
func zone(in, out []byte) ([]byte, abi.Code, error) {
	z, err := abi.ParseZoneAt(in)
	if err != nil {
		return out, abi.Invalid, nil
	}
	loc, err := time.LoadLocation(z.Zone)
	if err != nil || z.Zone == "" || z.Zone == "Local" {
		e := abi.Error{Code: abi.NotFound, Reason: abi.ReasonZone, Message: "unknown zone " + z.Zone}
		return e.Append(out), abi.NotFound, nil
	}
	at := time.UnixMilli(z.At).In(loc)
	name, offset := at.Zone()
	start, end := at.ZoneBounds()
	span := abi.ZoneSpan{Offset: offset, Name: name}
	if !start.IsZero() {
		span.Start = start.UnixMilli()
	}
	if !end.IsZero() {
		span.End = end.UnixMilli()
	}
	return span.Append(out), abi.OK, nil
}

var _ sandbox.Host = (*player)(nil)
