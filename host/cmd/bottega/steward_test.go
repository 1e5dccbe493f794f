package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// appHost answers as a host would that has one app, and writes down what it is
// asked. Its jobs take two looks to end.
type appHost struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	asked    []string // method, path and body
	app      *appInfo
	asksMore bool
	refuse   bool
	fail     bool
	waits    bool // jobs ask for consent once more
	jobs     int
	values   string
}

func newAppHost(t *testing.T) *appHost {
	f := &appHost{t: t, values: `{"percent":1000,"key":{"set":true}}`}
	f.Server = httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(f.Close)
	return f
}

func (f *appHost) serve(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		body = []byte("(module)")
	}
	f.asked = append(f.asked, strings.TrimSpace(r.Method+" "+strings.TrimPrefix(r.URL.RequestURI(), "/v1/host/")+" "+string(body)))
	switch {
	case r.Header.Get("Authorization") != "Bearer btg_owner":
		f.problem(w, 401, "denied", "unauthenticated")
	case r.Method != http.MethodGet && r.Header.Get("Idempotency-Key") == "":
		f.problem(w, 400, "invalid", "idempotency_key")
	default:
		f.answer(w, r)
	}
}

func (f *appHost) problem(w http.ResponseWriter, status int, code, reason string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"status":%d,"code":%q,"reason":%q,"detail":"So it is.","request":"req-1"}`, status, code, reason)
}

func (f *appHost) answer(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimPrefix(r.URL.Path, "/v1/host/"); {
	case path == "apps/plan" || strings.HasSuffix(path, "/plan"):
		f.json(w, f.plan())
	case path == "modules":
		w.WriteHeader(http.StatusCreated)
	case path == "apps/hello/settings" && r.Method == http.MethodGet:
		w.Header().Set("ETag", `"3"`)
		_, _ = fmt.Fprintf(w, `{"values":%s,"schema":{"properties":{"percent":{"type":"integer","title":"Discount"},"line":{"type":"string"},"key":{"type":"string"}}}}`, f.values)
	case path == "apps/hello/settings" && r.Header.Get("If-Match") != `"3"`:
		f.problem(w, 412, "conflict", "version")
	case strings.HasPrefix(path, "jobs/") && strings.HasSuffix(path, "/consent"):
		f.waits = false
		f.json(w, f.job("running"))
	case strings.HasPrefix(path, "jobs/"):
		f.json(w, f.job(f.end()))
	case path == "apps/hello" && r.Method == http.MethodGet:
		if f.app == nil {
			f.problem(w, 404, "not_found", "app")
			return
		}
		f.json(w, f.app)
	default:
		f.json(w, f.job("running"))
	}
}

func (f *appHost) end() string {
	f.jobs++
	switch {
	case f.waits:
		return "waiting_consent"
	case f.jobs < 2:
		return "running"
	case f.fail:
		return "failed"
	}
	f.app = &appInfo{ID: "hello", Version: "0.1.0", State: "enabled"}
	return "done"
}

func (f *appHost) job(state string) any {
	j := object{"id": "J1", "kind": "install", "subject": "hello", "state": state, "revision": f.jobs, "steps": []object{{"name": "verify", "state": "done"}, {"name": "load", "state": "running"}}}
	if state == "failed" {
		j["error"] = object{"code": "failed_precondition", "reason": "needed", "message": "Others need it."}
	}
	if state == "waiting_consent" {
		j["plan"] = f.plan()
	}
	return j
}

func (f *appHost) plan() any {
	p := object{
		"possible": !f.refuse, "asks_more": f.asksMore, "consent": "digest",
		"words": object{"it": []string{"Hello viene installata."}, "en": []string{"Hello is installed."}},
		"apps":  []object{{"id": "hello", "telling": []object{{"level": "high", "text": object{"it": "Attenzione!", "en": "Mind this!"}}}}},
	}
	if f.refuse {
		p["problems"] = []object{{"reason": "dependency_missing", "text": object{"it": "Manca pricing.", "en": "pricing is missing."}, "modules": []object{{"id": "pricing", "version": "0.1.0"}}}}
	}
	return p
}

func (f *appHost) json(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		f.t.Error(err)
	}
}

// had says whether the host was asked something that begins so.
func (f *appHost) had(prefix string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.asked, func(s string) bool { return strings.HasPrefix(s, prefix) })
}

func (f *appHost) steward(answers string) (*steward, *bytes.Buffer) {
	var out bytes.Buffer
	c := hostFlag{Host: f.URL + "/", Token: "btg_owner"}.client()
	return &steward{client: c, language: "en", in: bufio.NewReader(strings.NewReader(answers)), out: &out}, &out
}

func (s *steward) install(t *testing.T) error {
	t.Helper()
	return s.carry(t.Context(), wish{Action: "install", ID: "hello"}, func(consent string) (string, string, any) {
		return http.MethodPost, "apps/hello/install", object{"consent": consent}
	})
}

func TestInstallAsks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answers string
		host          func(*appHost)
		sent          bool
		err           string
		says          []string
	}{
		{"yes", "y\n", func(*appHost) {}, true, "", []string{"Hello is installed.", "! Mind this!", "Go on? [y/N]", "1/2 load"}},
		{"sì", "Sì\n", func(*appHost) {}, true, "", nil},
		{"no", "n\n", func(*appHost) {}, false, "nothing was changed", nil},
		{"nobody there", "", func(*appHost) {}, false, "nothing was changed", nil},
		{"not possible", "y\n", func(f *appHost) { f.refuse = true }, false, "not possible", []string{"✗ pricing is missing. (dependency_missing)", "bottega install pricing"}},
		{"a job that fails", "y\n", func(f *appHost) { f.fail = true }, true, "failed_precondition (needed): Others need it.", nil},
		{"consent on the way", "y\ny\n", func(f *appHost) { f.waits = true }, true, "", nil},
		{"no consent on the way", "y\nn\n", func(f *appHost) { f.waits = true }, true, "waits for consent", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newAppHost(t)
			tt.host(f)
			s, out := f.steward(tt.answers)
			err := s.install(t)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got %v", err)
			}
			if sent := f.had(`POST apps/hello/install {"consent":"digest"}`); sent != tt.sent {
				t.Errorf("sent: %v; %q", sent, f.asked)
			}
			for _, want := range tt.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
		})
	}
}

func TestStranger(t *testing.T) {
	t.Parallel()
	f := newAppHost(t)
	s, _ := f.steward("y\n")
	s.token = "btg_nobody"
	if err := s.install(t); err == nil || !strings.Contains(err.Error(), "bottega login NAME --url "+f.URL) {
		t.Errorf("got %v", err)
	}
}

func TestSettingsChange(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		args    []string
		replace bool
		want    string
	}{
		{"one of them", []string{"percent=2000"}, false, `{"percent":2000}`},
		{"a text", []string{"line=basic"}, false, `{"line":"basic","percent":1000}`},
		{"a text of digits", []string{"line=2000"}, false, `{"line":"2000","percent":1000}`},
		{"an object", []string{`{"line":"luxe","key":"s3cret"}`}, false, `{"key":"s3cret","line":"luxe","percent":1000}`},
		{"all anew", []string{"line=basic"}, true, `{"line":"basic"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newAppHost(t)
			v := settingsVerb{ID: "hello", Values: tt.args, Replace: tt.replace, changeFlags: changeFlags{hostFlag: hostFlag{Host: f.URL, Token: "btg_owner"}}}
			if err := v.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if !f.had(`PUT apps/hello/settings {"values":` + tt.want + `}`) {
				t.Errorf("the host was asked %q", f.asked)
			}
		})
	}
}

// TestDevBrings: what was allowed already is not asked again, and the module
// goes in under a version of its own.
func TestDevBrings(t *testing.T) {
	t.Parallel()
	m := &moduleFile{manifest: &manifest.Manifest{ID: "hello", Version: "0.1.0-dev.1"}, paper: []byte("{}"), wasm: []byte("\x00asm")}
	for _, tt := range []struct {
		name  string
		host  func(*appHost)
		asked []string
	}{
		{"new", func(*appHost) {}, []string{"POST modules (module)", `POST apps/hello/install {"consent":"digest","version":"0.1.0-dev.1"}`}},
		{"another version", func(f *appHost) { f.app = &appInfo{ID: "hello", Version: "0.1.0", State: "enabled"} },
			[]string{"POST modules (module)", `POST apps/hello/upgrade {"consent":"digest","version":"0.1.0-dev.1"}`}},
		{"disabled", func(f *appHost) { f.app = &appInfo{ID: "hello", Version: "0.1.0-dev.0", State: "disabled"} },
			[]string{`POST apps/hello/upgrade {"consent":"digest","version":"0.1.0-dev.1"}`, `POST apps/hello/enable {"consent":"digest"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newAppHost(t)
			tt.host(f)
			s, out := f.steward("")
			d := &developing{steward: s, out: out}
			if err := d.bring(t.Context(), m); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range tt.asked {
				if !f.had(want) {
					t.Errorf("not asked: %s; but %q", want, f.asked)
				}
			}
			if strings.Contains(out.String(), "[y/N]") {
				t.Errorf("asks:\n%s", out)
			}
		})
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	var got []message
	err := messages(strings.NewReader(": hello\n\nid: 1\nevent: log\ndata: {\"a\":\ndata: 1}\n\ndata:x\n\nid: 3\n"), func(m message) error {
		got = append(got, m)
		return nil
	})
	if want := []message{{"1", "log", "{\"a\":\n1}"}, {"", "", "x"}}; !errors.Is(err, io.EOF) || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]string{
		`{"time":"2026-11-21T17:05:00.25Z","level":"info","module":"kernel","message":"Ciao","app":"hello@0.1.0","n":3}`: "17:05:00.250 INFO hello@0.1.0 Ciao n=3",
		"no JSON": "no JSON",
	} {
		if got := readLogLine(data).String(); got != want {
			t.Errorf("%q", got)
		}
	}
}

// TestLogins does not run beside others: the environment is the process's.
func TestLogins(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Chdir(dir)
	if err := os.MkdirAll(".bottega/demo", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(".bottega/demo/owner.token", []byte("btg_demo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("hello/wasm", 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(dir, "hello", "wasm"))
	if err := keepLogin("https://shop.example", "session:abc"); err != nil {
		t.Fatal(err)
	}
	for base, want := range map[string]string{
		"http://127.0.0.1:8080": "btg_demo", "http://localhost:1": "btg_demo", "https://shop.example": "session:abc", "https://other.example": "",
	} {
		if got := knownToken(base); got != want {
			t.Errorf("%s: %q", base, got)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "bottega", "logins.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := keepLogin("https://shop.example", ""); err != nil || knownToken("https://shop.example") != "" {
		t.Errorf("not forgotten: %v", err)
	}
}
