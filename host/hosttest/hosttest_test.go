package hosttest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/hosttest"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func TestMain(m *testing.M) { hosttest.Main(m) }

// greeting is the answer and the input of the module under test.
type greeting struct {
	Text string `json:"text"`
}

// Example shows a test of a built app. The types are those of its contract.
func Example() {
	var t *testing.T // of the test
	h := hosttest.Start(t, hosttest.Options{Modules: "../../.build/modules"})
	out, err := hosttest.Call[greeting](h, "hello.greet", "", greeting{Text: "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if out.Text != "Ciao, Ada" {
		t.Errorf("greeted with %q", out.Text)
	}
}

// modules writes a module that answers each call with its input.
func modules(t *testing.T) string {
	t.Helper()
	shape := json.RawMessage(`{"type":"object","properties":{"text":{"type":"string"}},"required":["text"],"additionalProperties":false}`)
	text := manifest.Text{IT: "Eco", EN: "Echo"}
	m := manifest.Manifest{
		ID: "echo", Version: "1.0.0", Kind: manifest.App, Name: text, Summary: text, Vendor: "test", Category: "test",
		Provides: &manifest.Provides{Contract: "echo", Operations: []manifest.Operation{
			{Name: "echo.say", Kind: "query", Input: shape, Output: shape},
			{Name: "echo.keep", Kind: "command", Input: shape, Output: shape},
		}},
	}
	d := abi.Descriptor{Version: abi.Version, App: "echo", Entries: []abi.Entry{
		{Kind: abi.EntryQuery, Name: "echo.say"}, {Kind: abi.EntryCommand, Name: "echo.keep"},
	}}
	i32, i64 := wasmtest.I32, wasmtest.I64
	described := d.Append(nil)
	wasm := wasmtest.Module{
		Memories: []wasmtest.Limits{wasmtest.Min(1)},
		Datas:    []wasmtest.Data{{Bytes: described}},
		Exports:  []wasmtest.Export{{Name: abi.ExportMemory, Kind: wasmtest.KindMemory}},
		Funcs: []wasmtest.Func{
			{Export: abi.ExportCall, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32, i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.Seq(wasmtest.LocalGet(1), wasmtest.Op(0xad))}, // i64.extend_i32_u
			{Export: abi.ExportBuffer, Sig: wasmtest.Sig{Params: []wasmtest.Type{i32}, Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(4096)},
			{Export: abi.ExportDescribe, Sig: wasmtest.Sig{Results: []wasmtest.Type{i64}}, Code: wasmtest.I64Const(int64(len(described)))},
		},
	}
	dir := t.TempDir()
	sum := sha256.Sum256(wasm.Bytes())
	m.Digest, m.Size = hex.EncodeToString(sum[:]), int64(len(wasm.Bytes()))
	paper, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"echo.json": paper, "echo.wasm": wasm.Bytes()} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestHostAnswersAndRemembers(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Modules: modules(t)})
	if got, err := hosttest.Call[greeting](h, "echo.say", "", greeting{"ciao"}); err != nil || got.Text != "ciao" {
		t.Errorf("%+v, %v", got, err)
	}
	first, err := h.Send(t.Context(), "echo.keep", "k", []byte(`{"text":"once"}`))
	if err != nil || first.Replayed || first.Request == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	before := h.URL
	if err := h.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := h.Send(t.Context(), "echo.keep", "k", []byte(`{"text":"once"}`))
	if err != nil || !again.Replayed || string(again.Body) != string(first.Body) || h.URL == before {
		t.Errorf("after a restart: %+v, %v", again, err)
	}
}

func TestProblemsAndWatching(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Modules: modules(t)})
	_, err := hosttest.Call[greeting](h, "echo.nothing", "", greeting{})
	var p *hosttest.Problem
	if !errors.As(err, &p) || p.Status != 404 || p.Reason != "operation" || p.Request == "" {
		t.Errorf("%v", err)
	}
	if health, err := h.Health(); err != nil || health.Status != "ready" || health.Storage != "ok" {
		t.Errorf("%+v, %v", health, err)
	}
	if _, err := hosttest.Call[greeting](h, "echo.say", "", greeting{"ciao"}); err != nil {
		t.Error(err)
	}
	if n, err := h.Metric("bottega_guest_instances"); err != nil || n != 1 {
		t.Errorf("%v instances, %v; want one", n, err)
	}
	if _, err := h.Metric("bottega_nothing"); err == nil {
		t.Error("a metric that there is not was read")
	}
}

// TestDamageIsFound: the check at the end of every test can fail.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Modules: modules(t)})
	if _, err := h.Send(t.Context(), "echo.keep", "k", []byte(`{"text":"planted"}`)); err != nil {
		t.Fatal(err)
	}
	if err := h.Check(); err != nil {
		t.Errorf("a sound host: %v", err)
	}
	dir := t.TempDir()
	path, err := h.Copy(dir)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := strings.ReplaceAll(string(data), "planted", "plantee")
	if bad == string(data) {
		t.Fatal("the record is not in the file")
	}
	if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := hosttest.CheckFile(path); err == nil {
		t.Error("a flipped bit was not found")
	}
}
