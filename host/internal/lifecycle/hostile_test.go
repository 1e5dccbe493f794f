package lifecycle

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestMain lets the test binary be its own compile child.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "compile" {
		os.Exit(sandbox.CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// withSandbox is a host with the real sandbox.
func withSandbox(t *testing.T) *fixture {
	t.Helper()
	f := setup(t)
	box, err := sandbox.New(context.Background(), sandbox.Config{CacheDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(box.Close)
	f.close()
	f.box = Box{box}
	f.open()
	return f
}

var wasmHost = wasmtest.Sig{
	Params:  []wasmtest.Type{wasmtest.I32, wasmtest.I32, wasmtest.I32, wasmtest.I32},
	Results: []wasmtest.Type{wasmtest.I64},
}

// describing completes m to a guest that keeps the ABI and describes itself as d.
func describing(m wasmtest.Module, d *abi.Descriptor) []byte {
	i32, i64 := wasmtest.I32, wasmtest.I64
	text := d.Append(nil)
	if m.Memories == nil {
		m.Memories = []wasmtest.Limits{wasmtest.Min(1)}
	}
	m.Funcs = append(m.Funcs,
		wasmtest.Func{Export: abi.ExportCall, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32, i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(0)},
		wasmtest.Func{Export: abi.ExportBuffer, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(1024)},
		wasmtest.Func{Export: abi.ExportDescribe, Sig: wasmtest.Sig{Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(int64(len(text)))})
	m.Exports = append(m.Exports, wasmtest.Export{Name: abi.ExportMemory, Kind: wasmtest.KindMemory})
	m.Datas = append(m.Datas, wasmtest.Data{Bytes: text})
	return m.Bytes()
}

// packed is a manifest with a module that is not a program of these tests.
func packed(p *program, wasm []byte) []part {
	m := *p.manifest
	m.Digest, m.Size = fmt.Sprintf("%x", sha256.Sum256(wasm)), int64(len(wasm))
	text, err := json.Marshal(&m)
	if err != nil {
		panic(err)
	}
	return []part{{"manifest", text}, {"module", wasm}}
}

func plug() *program {
	p := app("plug", "1.0.0")
	p.manifest.Kind, p.manifest.Provides.Contract = manifest.Plugin, ""
	return p
}

func importing(names ...string) wasmtest.Module {
	var m wasmtest.Module
	for _, n := range names {
		m.Imports = append(m.Imports, wasmtest.Import{Module: abi.Module, Name: n, Sig: wasmHost})
	}
	return m
}

// refusedPackages uploads packages that must be refused with their reason, and
// checks that nothing of them stays.
func refusedPackages(t *testing.T, reason string, all map[string]wasmtest.Module) {
	t.Helper()
	f := withSandbox(t)
	d := &abi.Descriptor{Version: abi.Version, App: "plug"}
	for name, m := range all {
		_, err := f.upload(packed(plug(), describing(m, d))...)
		if got := reasonOf(err); got != reason {
			t.Errorf("%s: %s (%v), want %s", name, got, err, reason)
		}
		f.clean(name, 0)
	}
}

func TestG11UnknownImports(t *testing.T) {
	t.Parallel()
	refusedPackages(t, "import_unknown", map[string]wasmtest.Module{
		"a stranger's":      {Imports: []wasmtest.Import{{Module: "env", Name: "steal"}}},
		"another signature": {Imports: []wasmtest.Import{{Module: abi.Module, Name: "get"}}},
		"an unknown one":    importing("get_all"),
		"the meter's":       {Imports: []wasmtest.Import{{Module: "bottega_meter", Name: "tick"}}},
	})
}

func TestG12MissingCapability(t *testing.T) {
	t.Parallel()
	all := map[string]wasmtest.Module{}
	for _, fn := range []abi.Func{
		abi.FuncHTTP, abi.FuncCall, abi.FuncGet, abi.FuncPut, abi.FuncAdd, abi.FuncEmit, abi.FuncEach, abi.FuncOne,
		abi.FuncSchedule, abi.FuncStart, abi.FuncBegin, abi.FuncPublish, abi.FuncSettings,
	} {
		all[fn.String()] = importing(fn.String())
	}
	refusedPackages(t, "capability_missing", all)
}

// What a manifest asks for may be imported, and what touches nobody's data always.
func TestG12GrantedCapability(t *testing.T) {
	t.Parallel()
	f := withSandbox(t)
	p := plug().grant(manifest.Grant{HTTP: "api.example.com"}).grant(manifest.Grant{Call: "catalog.products"})
	names := []string{"http", "call", "fetch", "random", "new_id", "info", "zone", "log", "sign"}
	m := importing(names...)
	if _, err := f.upload(packed(p, describing(m, &abi.Descriptor{Version: abi.Version, App: "plug"}))...); err != nil {
		t.Error(err)
	}
	for _, fn := range abi.Funcs() { // every function is either free or asked for
		_, asked := capabilities[fn.String()]
		free := slices.Contains([]abi.Func{abi.FuncFetch, abi.FuncNow, abi.FuncRandom, abi.FuncNewID, abi.FuncInfo, abi.FuncZone, abi.FuncLog, abi.FuncSign}, fn)
		if asked == free {
			t.Errorf("%s: asked for %v, free %v", fn, asked, free)
		}
	}
}

func TestG13Exports(t *testing.T) {
	t.Parallel()
	many := wasmtest.Module{Funcs: []wasmtest.Func{{}}}
	for i := range 10_000 {
		many.Exports = append(many.Exports, wasmtest.Export{Name: fmt.Sprint("f", i)})
	}
	refusedPackages(t, "export_contract", map[string]wasmtest.Module{"ten thousand": many})
	f := withSandbox(t)
	wrong := wasmtest.Module{Memories: []wasmtest.Limits{wasmtest.Min(1)}, Funcs: []wasmtest.Func{{Export: abi.ExportCall}, {Export: abi.ExportBuffer}, {Export: abi.ExportDescribe}}}
	for name, wasm := range map[string][]byte{
		"none at all":   wasmtest.Module{}.Bytes(),
		"wrong types":   wrong.Bytes(),
		"a lie":         describing(wasmtest.Module{}, &abi.Descriptor{Version: abi.Version, App: strings.Repeat("x", 2000)}),
		"another guest": describing(wasmtest.Module{}, &abi.Descriptor{Version: abi.Version, App: "other"}),
	} {
		_, err := f.upload(packed(plug(), wasm)...)
		if got := reasonOf(err); got != "export_contract" && (name != "another guest" || got != "manifest_mismatch") {
			t.Errorf("%s: %s (%v)", name, got, err)
		}
		f.clean(name, 0)
	}
}

func TestG14Features(t *testing.T) {
	t.Parallel()
	body := func(code ...byte) wasmtest.Module {
		return wasmtest.Module{Funcs: []wasmtest.Func{{Code: code}}}
	}
	refusedPackages(t, "feature", map[string]wasmtest.Module{
		"shared memory":      {Memories: []wasmtest.Limits{{Min: 1, Max: 1, HasMax: true, Flags: 2}}},
		"64-bit memory":      {Memories: []wasmtest.Limits{{Min: 1, Flags: 4}}},
		"several memories":   {Memories: []wasmtest.Limits{wasmtest.Min(1), wasmtest.Min(1)}},
		"a tail call":        body(0x12, 0x00),
		"an exception":       body(0x08, 0x00),
		"SIMD":               body(0xfd, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a),
		"atomics":            body(0xfe, 0x03, 0x00),
		"garbage collection": body(0xfb, 0x00, 0x00),
	})
}
