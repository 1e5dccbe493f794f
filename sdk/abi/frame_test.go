package abi_test

import (
	"encoding/hex"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// frame is one kind of frame: how to make any, encode it and decode it.
type frame struct {
	name  string
	make  func(t *rapid.T) any
	write func(v any) []byte
	read  func(b []byte) (any, error)
}

// kind makes a frame of a type with value semantics.
func kind[T any](name string, write func(*T, []byte) []byte, read func([]byte) (T, error)) frame {
	return frame{
		name:  name,
		make:  func(t *rapid.T) any { return rapid.Make[T]().Draw(t, name) },
		write: func(v any) []byte { x := v.(T); return write(&x, nil) },
		read:  func(b []byte) (any, error) { v, err := read(b); return v, err },
	}
}

// lists adapts the frames that are a plain slice.
func list[T any](name string, write func([]byte, []T) []byte, read func([]byte) ([]T, error)) frame {
	return kind(name, func(v *[]T, b []byte) []byte { return write(b, *v) }, read)
}

func pointer[T any](read func([]byte) (*T, error)) func([]byte) (T, error) {
	return func(b []byte) (T, error) { v, err := read(b); return *v, err }
}

func frames() []frame {
	return []frame{
		kind("get", (*abi.Get).Append, abi.ParseGet),
		kind("get_many", (*abi.GetMany).Append, abi.ParseGetMany),
		kind("scan", (*abi.Scan).Append, abi.ParseScan),
		kind("page", (*abi.Page).Append, abi.ParsePage),
		kind("put", (*abi.Put).Append, abi.ParsePut),
		kind("add", (*abi.Add).Append, abi.ParseAdd),
		kind("invoke", (*abi.Invoke).Append, abi.ParseInvoke),
		kind("emit", (*abi.Emit).Append, abi.ParseEmit),
		kind("schedule", (*abi.Schedule).Append, abi.ParseSchedule),
		kind("info", (*abi.Info).Append, abi.ParseInfo),
		kind("zone_at", (*abi.ZoneAt).Append, abi.ParseZoneAt),
		kind("zone_span", (*abi.ZoneSpan).Append, abi.ParseZoneSpan),
		kind("log", (*abi.Log).Append, abi.ParseLog),
		list("ints", abi.AppendInts, abi.ParseInts),
		kind("error", (*abi.Error).Append, pointer(abi.ParseError)),
		kind("descriptor", (*abi.Descriptor).Append, pointer(abi.ParseDescriptor)),
		kind("http_request", (*abi.HTTPRequest).Append, abi.ParseHTTPRequest),
		kind("http_response", (*abi.HTTPResponse).Append, abi.ParseHTTPResponse),
		kind("effect_end", (*abi.EffectEnd).Append, abi.ParseEffectEnd),
		kind("step_in", (*abi.StepIn).Append, abi.ParseStepIn),
		kind("step", (*abi.Step).Append, abi.ParseStep),
		list("changes", abi.AppendChanges, abi.ParseChanges),
		list("records", abi.AppendRecords, abi.ParseRecords),
		list("answers", abi.AppendAnswers, abi.ParseAnswers),
		list("strings", abi.AppendStrings, abi.ParseStrings),
	}
}

// canonical is what a frame can carry of a value: a number of a field or its
// text, a limit within its bounds, no difference between nothing and empty.
func canonical(v any) any {
	switch x := v.(type) {
	case abi.Scan:
		x.Limit = min(max(x.Limit, 0), abi.MaxPage)
		v = x
	case abi.Error:
		if x.Code == abi.OK || x.Code > abi.Internal {
			x.Code = abi.Internal
		}
		x.Fields = fields(x.Fields)
		v = x
	case abi.Log:
		x.Level, x.Fields = min(x.Level, abi.LogError), fields(x.Fields)
		v = x
	case abi.Info:
		x.Attempt &= 0xffff
		x.Version = version(x.Version)
		v = x
	case abi.Emit:
		x.Version = version(x.Version)
		v = x
	case abi.HTTPResponse:
		x.Status = min(max(x.Status, 0), 999)
		v = x
	case abi.Descriptor:
		x.Version &= 0xffff
		x.DataVersion &= 0xffff
		x.Entries = slices.Clone(x.Entries)
		for i := range x.Entries {
			e := &x.Entries[i]
			e.Kind %= abi.EntryDerive + 1
			if e.Version = version(e.Version); e.Kind != abi.EntryEvent {
				e.Version = 0
			}
		}
		v = x
	}
	return v
}

// version is one that can be, the first as 0.
func version(v int) int {
	if v &= 0x3ff; v == 1 || v > abi.MaxEventVersion {
		return 0
	}
	return v
}

// first is v as it was before there were versions.
func first(v any) any {
	switch x := v.(type) {
	case abi.Emit:
		x.Version = 0
		return x
	case abi.Info:
		x.Version = 0
		return x
	case abi.Descriptor:
		x.Entries = slices.Clone(x.Entries)
		for i := range x.Entries {
			x.Entries[i].Version = 0
		}
		return x
	}
	return v
}

func fields(in []abi.Field) []abi.Field {
	out := slices.Clone(in)
	for i := range out {
		if out[i].IsInt {
			out[i].Text = ""
		} else {
			out[i].Int = 0
		}
	}
	return out
}

// alike is equality without a difference between nil and empty.
func alike(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}

func TestFramesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, f := range frames() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				in := canonical(f.make(t))
				b := f.write(in)
				out, err := f.read(b)
				if err != nil || !alike(reflect.ValueOf(in), reflect.ValueOf(out)) {
					t.Fatalf("%x decodes to %+v, %v; want %+v", b, out, err, in)
				}
				if _, err = f.read(append(slices.Clone(b), 0)); err == nil {
					t.Fatal("a byte too many is not noticed")
				}
				if len(b) > 0 {
					cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
					if out, err = f.read(b[:cut]); err == nil && !alike(reflect.ValueOf(out), reflect.ValueOf(first(in))) {
						t.Fatalf("a cut of %x is not noticed", b)
					}
				}
			})
		})
	}
}

// TestDescriptorBytes holds a descriptor to the bytes that built modules have.
func TestDescriptorBytes(t *testing.T) {
	t.Parallel()
	d := abi.Descriptor{
		Version: 1, App: "till",
		Entries: []abi.Entry{
			{Kind: abi.EntryQuery, Name: "till.day"}, {Kind: abi.EntryCommand, Name: "till.close"}, {Kind: abi.EntryQueryFill, Name: "pricing.discount"},
			{Kind: abi.EntryFill, Name: "till.tender", Key: "cash"}, {Kind: abi.EntryEvent, Name: "stock.moved", Flags: abi.FlagReplayable | abi.FlagReplayed}, {Kind: abi.EntryTimer, Name: "close"},
		},
		Collections: []abi.Collection{{
			Name: "receipts", Key: []string{"till", "number"}, Expires: "until", Subject: "customer",
			Indexes: []abi.Index{{Name: "day", Fields: []string{"day"}}, {Name: "code", Fields: []string{"code"}, Unique: true}},
		}},
		Counters: []string{"numbers"}, Settings: true, Derived: []string{"index"}, DataVersion: 3,
	}
	const want = "010474696c6c06000874696c6c2e6461790000010a74696c6c2e636c6f73650000021070726963696e672e6469" +
		"73636f756e740000030b74696c6c2e74656e646572046361736800040b73746f636b2e6d6f7665640003050563" +
		"6c6f7365000001087265636569707473020474696c6c066e756d626572020364617901036461790004636f6465" +
		"0104636f64650105756e74696c08637573746f6d657201076e756d62657273010105696e64657803"
	if got := hex.EncodeToString(d.Append(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d.Entries[4].Version = 300 // of stock.moved
	if got := hex.EncodeToString(d.Append(nil)); got != want+"00000000ac0200" {
		t.Errorf("with a version: got  %s\nwant %s and the versions behind it", got, want)
	}
}

// TestFramesBeforeVersions: what was built before events had versions speaks of
// the first one, and there is one way to write it.
func TestFramesBeforeVersions(t *testing.T) {
	t.Parallel()
	for _, f := range frames() {
		var v any
		switch f.name {
		case "emit":
			v = abi.Emit{Name: "stock.moved", Payload: []byte{0x80}}
		case "info":
			v = abi.Info{Event: "e"}
		case "descriptor":
			v = abi.Descriptor{Version: 1, App: "x", Entries: []abi.Entry{{Kind: abi.EntryEvent, Name: "stock.moved"}}}
		default:
			continue
		}
		b := f.write(v)
		if out, err := f.read(b); err != nil || !alike(reflect.ValueOf(out), reflect.ValueOf(v)) {
			t.Errorf("%s: %+v, %v; want %+v", f.name, out, err, v)
		}
		for _, tail := range [][]byte{{0}, {1}, {0xe9, 7}, {2, 0}} {
			if out, err := f.read(append(slices.Clone(b), tail...)); err == nil {
				t.Errorf("%s with %x behind it decodes to %+v", f.name, tail, out)
			}
		}
		if out, err := f.read(append(slices.Clone(b), 2)); err != nil || alike(reflect.ValueOf(out), reflect.ValueOf(v)) {
			t.Errorf("%s with version 2: %+v, %v", f.name, out, err)
		}
	}
}

func TestCodesAndFuncsHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for c := abi.OK; c <= abi.Internal; c++ {
		back, ok := abi.ParseCode(c.String())
		if !ok || back != c || seen[c.String()] {
			t.Errorf("code %d is %q, which is code %d", c, c, back)
		}
		seen[c.String()] = true
	}
	for _, f := range abi.Funcs() {
		if f.String() == "unknown" || seen[f.String()] && f != abi.FuncFetch {
			t.Errorf("function %d is called %q", f, f)
		}
		seen[f.String()] = true
	}
	if _, ok := abi.ParseCode("nonsense"); ok || abi.Code(200).String() != "internal" || abi.Func(200).String() != "unknown" {
		t.Error("what does not exist has a name")
	}
	for _, c := range []abi.Code{abi.OK, abi.Conflict, abi.Internal} {
		for _, n := range []int{0, 1, 1<<31 - 1} {
			if code, length := abi.Unpack(abi.Pack(c, n)); code != c || length != n {
				t.Errorf("Pack(%v, %d) is (%v, %d)", c, n, code, length)
			}
		}
	}
}

// FuzzFrames: whatever a guest sends, nothing panics, and what decodes encodes
// to a frame that decodes to the same.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{1, 'a', 0, 0})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, k := range frames() {
			v, err := k.read(b)
			if err != nil {
				continue
			}
			again, err := k.read(k.write(v))
			if err != nil || !alike(reflect.ValueOf(v), reflect.ValueOf(again)) {
				t.Errorf("%s: %x decodes to %+v, then to %+v, %v", k.name, b, v, again, err)
			}
		}
	})
}
