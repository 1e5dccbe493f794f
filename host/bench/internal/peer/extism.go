package peer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	extism "github.com/extism/go-sdk"
)

// Extism is one instance of an Extism plugin with an export echo.
type Extism struct{ plugin *extism.Plugin }

// OpenExtism loads a plugin. A timeout above zero arms the peer's own way to
// stop a guest; in whole milliseconds.
func OpenExtism(ctx context.Context, file string, timeout time.Duration) (*Extism, error) {
	wasm, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	m := extism.Manifest{Wasm: []extism.Wasm{extism.WasmData{Data: wasm}}, Timeout: uint64(timeout.Milliseconds())}
	p, err := extism.NewPlugin(ctx, m, extism.PluginConfig{EnableWasi: true}, nil)
	if err != nil {
		return nil, fmt.Errorf("load %s into extism: %w", file, err)
	}
	return &Extism{p}, nil
}

// Echo calls the plugin.
func (e *Extism) Echo(in []byte) ([]byte, error) {
	code, out, err := e.plugin.Call("echo", in)
	if err == nil && code != 0 {
		err = errors.New("extism: the plugin failed")
	}
	return out, err
}

// Close frees the plugin.
func (e *Extism) Close(ctx context.Context) error { return e.plugin.Close(ctx) }
