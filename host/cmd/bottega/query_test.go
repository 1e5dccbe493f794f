package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/internal/telemetry"
)

// apiDocument is what a host without apps says of its operations, as far as
// queries go.
type apiDocument struct {
	Paths map[string]map[string]struct {
		Parameters []struct{ Ref, In, Name string }
	}
	Components struct {
		Parameters map[string]struct{ In, Name string }
	}
}

func readDocument(t *testing.T) *apiDocument {
	t.Helper()
	dir := t.TempDir()
	h, err := host.New(t.Context(), host.Config{Dir: dir, Address: "127.0.0.1:0", Logger: telemetry.NewLogger(io.Discard, "error")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ran; err != nil {
			t.Error(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	token, err := os.ReadFile(filepath.Join(dir, host.OwnerToken))
	if err != nil {
		t.Fatal(err)
	}
	body, err := hostFlag{Host: "http://" + h.Address(), Token: strings.TrimSpace(string(token))}.client().get(t.Context(), "/v1/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	d := &apiDocument{}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(string(body), `"$ref"`, `"ref"`)), d); err != nil {
		t.Fatal(err)
	}
	return d
}

// takes says whether an operation is there, and which names its query may have.
func (d *apiDocument) takes(method, path string) (names []string, known bool) {
	for template, operations := range d.Paths {
		o, ok := operations[strings.ToLower(method)]
		if !ok || !fits(template, path) {
			continue
		}
		for _, p := range o.Parameters {
			if shared, ok := d.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]; ok {
				p.In, p.Name = shared.In, shared.Name
			}
			if p.In == "query" {
				names = append(names, p.Name)
			}
		}
		known = true
	}
	return names, known
}

// fits says whether a path is one of a template's.
func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, got, func(w, g string) bool { return w == g || strings.HasPrefix(w, "{") })
}

// TestQueries: a verb asks for nothing that the API does not have. What a host
// does not know is refused by some of its operations and passed over by others,
// and neither is what somebody asked for.
func TestQueries(t *testing.T) {
	t.Parallel()
	document := readDocument(t)
	f := newAppHost(t)
	var mu sync.Mutex
	asked := map[string]bool{}
	stop := func() {}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		names, known := document.takes(r.Method, r.URL.Path)
		if !known {
			t.Errorf("there is no %s %s", r.Method, r.URL.Path)
		}
		for name := range r.URL.Query() {
			asked[r.Method+" "+r.URL.Path+" "+name] = true
			if !slices.Contains(names, name) {
				t.Errorf("%s %s takes %v, and no %s", r.Method, r.URL.Path, names, name)
			}
		}
		f.serve(w, r)
		if r.Header.Get("Accept") == "text/event-stream" {
			stop() // nobody follows any longer
		}
	}))
	t.Cleanup(front.Close)
	at := hostFlag{Host: front.URL, Token: "btg_owner"}
	change := changeFlags{Yes: true, hostFlag: at}
	for name, run := range map[string]func(context.Context) error{
		"apps": appsVerb{hostFlag: at}.Run,
		"sets": func(ctx context.Context) error { _, err := list[setInfo](ctx, at.client(), "sets", nil); return err },
		"tokens": func(ctx context.Context) error {
			_, err := list[tokenInfo](ctx, at.client(), "tokens", nil)
			return err
		},
		"users":    func(ctx context.Context) error { _, err := list[userInfo](ctx, at.client(), "users", nil); return err },
		"jobs":     jobsVerb{App: "hello", Limit: 3, changeFlags: change}.Run,
		"remove":   removeVerb{ID: "hello", Cascade: true, changeFlags: change}.Run,
		"events":   eventsVerb{After: "1", Limit: 3, Type: "till.closed", hostFlag: at}.Run,
		"follow":   eventsVerb{After: "1", Type: "till.closed", Follow: true, hostFlag: at}.Run,
		"log":      logVerb{Level: "warn", hostFlag: at}.Run,
		"app's":    logVerb{App: "hello", Level: "warn", hostFlag: at}.Run,
		"settings": settingsVerb{ID: "hello", changeFlags: change}.Run,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		mu.Lock()
		stop = cancel
		mu.Unlock()
		if err := run(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
	for _, want := range []string{
		"GET /v1/host/apps limit", "GET /v1/host/jobs app", "GET /v1/host/jobs/J1 wait", "DELETE /v1/host/apps/hello confirm",
		"GET /v1/host/events types", "GET /v1/host/events/stream types", "GET /v1/host/logs level", "GET /v1/host/logs app",
	} {
		if !asked[want] {
			t.Errorf("nobody asked %s", want)
		}
	}
}
