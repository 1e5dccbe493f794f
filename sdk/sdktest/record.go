package sdktest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// RecordVariable names the environment variable that asks for recordings: a
// folder. `bottega test` sets it and plays the recordings to the built module.
const RecordVariable = "BOTTEGA_RECORD"

// Recording is one call into an app as a test made it: what it was asked, what
// it asked of the host, and what it answered. A handler has no other effect, so
// a module that is given the same answers must ask and answer the same.
type Recording struct {
	Test   string        `json:"test"`
	App    string        `json:"app"`
	Kind   abi.EntryKind `json:"kind"`
	Name   string        `json:"name"`
	Key    string        `json:"key,omitempty"`
	Now    int64         `json:"now"` // milliseconds since 1970 UTC
	Input  []byte        `json:"input"`
	Calls  []HostCall    `json:"calls,omitempty"`
	Code   abi.Code      `json:"code"`
	Output []byte        `json:"output"`
}

// HostCall is one call of the host with its answer.
type HostCall struct {
	Func   abi.Func `json:"func"`
	Input  []byte   `json:"input"`
	Code   abi.Code `json:"code"`
	Output []byte   `json:"output"`
}

// recorded is m, or a copy of it whose handlers write down what they do. Each
// line is written at once: tests and packages record side by side.
func (e *Env) recorded(m *hostcall.Module) *hostcall.Module {
	dir := os.Getenv(RecordVariable)
	if dir == "" || e.t == nil {
		return m
	}
	file := filepath.Join(dir, fmt.Sprintf("%d.jsonl", os.Getpid()))
	c := *m
	c.Handlers = make([]hostcall.Handler, len(m.Handlers))
	for i, handler := range m.Handlers {
		entry := m.Descriptor.Entries[i]
		c.Handlers[i] = func(port hostcall.Port, in, out []byte) ([]byte, abi.Code) {
			r := Recording{Test: e.t.Name(), App: m.Descriptor.App, Kind: entry.Kind, Name: entry.Name, Key: entry.Key, Now: port.Now(), Input: slices.Clone(in)}
			out, r.Code = handler(&recorder{port, &r}, in, out)
			r.Output = out
			e.write(file, r)
			return out, r.Code
		}
	}
	return &c
}

func (e *Env) write(file string, r Recording) {
	line, err := json.Marshal(r)
	if err != nil {
		e.fatal("sdktest: record %s: %v", r.Name, err)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		e.fatal("sdktest: record %s: %v", r.Name, err)
		return
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		e.fatal("sdktest: record %s: %v", r.Name, err)
	}
	if err := f.Close(); err != nil {
		e.fatal("sdktest: record %s: %v", r.Name, err)
	}
}

// recorder is a Port that writes down what passes it.
type recorder struct {
	hostcall.Port
	to *Recording
}

func (r *recorder) Call(fn abi.Func, in []byte) ([]byte, abi.Code) {
	out, code := r.Port.Call(fn, in)
	r.to.Calls = append(r.to.Calls, HostCall{Func: fn, Input: slices.Clone(in), Code: code, Output: slices.Clone(out)})
	return out, code
}
