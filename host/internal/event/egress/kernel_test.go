package egress

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/occ"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// asker is a guest that sends what it is given and answers what comes back.
type asker struct{}

func (asker) Run(ctx context.Context, _ *sandbox.Module, c sandbox.Call, out []byte) ([]byte, abi.Code, error) {
	res, code, err := c.Host.HostCall(ctx, abi.FuncHTTP, c.Input, nil)
	return append(out, res...), code, err
}

// TestFromAnEffectHandler goes the whole way: a handler outside of any
// transaction, the kernel, this client and a server. What the handler sees of the
// secret is its name.
func TestFromAnEffectHandler(t *testing.T) {
	t.Parallel()
	w := setup(t, func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(rw, strings.ToLower(r.Header.Get("Authorization")))
	})
	m := &manifest.Manifest{ID: "courier", Version: "1.0.0", Provides: &manifest.Provides{Effects: []manifest.Effect{{Name: "ship"}}}, Grants: []manifest.Grant{
		{HTTP: "example.com:" + w.port, Secret: &manifest.GrantSecret{Setting: "key", Header: "Authorization"}},
	}}
	app, err := registry.NewApp(registry.Making{Manifest: m, Module: new(sandbox.Module), Descriptor: &abi.Descriptor{
		Version: abi.Version, App: "courier", Entries: []abi.Entry{{Kind: abi.EntryEffect, Name: "ship"}, {Kind: abi.EntryEffectDone, Name: "ship"}},
	}})
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
	defer func() { _ = engine.Close() }()
	k := kernel.New(kernel.Config{Runner: asker{}})
	if err = k.Open("shop", engine, set); err != nil {
		t.Fatal(err)
	}
	outside := func(r abi.HTTPRequest) ([]byte, error) {
		return k.Outside(t.Context(), "shop", kernel.Handling{App: app, Input: r.Append(nil)}, 10*time.Second, w.Send)
	}
	out, err := outside(abi.HTTPRequest{Method: "GET", URL: w.url("/"), Secret: "key"})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := abi.ParseHTTPResponse(out); err != nil || res.Status != 200 || string(res.Body) != "of shop and courier" {
		t.Errorf("answered %d %q, %v", res.Status, res.Body, err)
	}
	_, err = outside(get("https://evil.com/"))
	var e *kernel.Error
	if !errors.As(err, &e) || e.Public.Code != abi.Denied || e.Public.Reason != abi.ReasonEgress || len(w.denied) != 1 {
		t.Errorf("elsewhere: %v, reported %q", err, w.denied)
	}
}
