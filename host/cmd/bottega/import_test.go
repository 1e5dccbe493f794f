package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeHost takes documents as a till does, remembers answers by key, and can
// be told to fail.
type fakeHost struct {
	mu      sync.Mutex
	t       *testing.T
	answers map[string][]byte          // by key
	bodies  map[string]string          // by key
	there   map[string]json.RawMessage // documents by external id
	calls   int
	fail    func(call int, ids []string) (status int, problem string) // status 0: do not; lost: do it, and lose the answer
}

func newFakeHost(t *testing.T) (*fakeHost, string) {
	h := &fakeHost{t: t, answers: map[string][]byte{}, bodies: map[string]string{}, there: map[string]json.RawMessage{}}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return h, s.URL
}

// lost is the status of an answer that never arrives.
const lost = -1

// forget makes the host whole, and if all is set, another one.
func (h *fakeHost) forget(all bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fail = nil
	if all {
		h.answers, h.there = map[string][]byte{}, map[string]json.RawMessage{}
	}
}

func (h *fakeHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.Method == http.MethodGet {
		_, _ = fmt.Fprint(w, `{"status":"ready"}`)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	key := r.Header.Get("Idempotency-Key")
	if old, there := h.answers[key]; there {
		if h.bodies[key] != string(body) {
			h.t.Errorf("key %s stands for two requests", key)
		}
		w.Header().Set("Idempotent-Replayed", "true")
		_, _ = w.Write(old)
		return
	}
	h.take(w, key, body)
}

func (h *fakeHost) take(w http.ResponseWriter, key string, body []byte) {
	var in struct {
		Documents []json.RawMessage
		DryRun    bool `json:"dry_run"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		h.t.Error(err)
	}
	ids := make([]string, len(in.Documents))
	for i, raw := range in.Documents {
		ids[i] = document(h.t, raw).External
	}
	h.calls++
	status, problem := 0, ""
	if h.fail != nil {
		if status, problem = h.fail(h.calls, ids); status > 0 {
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, problem)
			return
		}
	}
	var results []object
	for i, raw := range in.Documents {
		results = append(results, h.result(ids[i], raw, in.DryRun))
	}
	answer, err := json.Marshal(object{"results": results})
	if err != nil {
		h.t.Error(err)
	}
	h.answers[key], h.bodies[key] = answer, string(body)
	if status == lost {
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(answer)
}

func (h *fakeHost) result(id string, raw json.RawMessage, dry bool) object {
	d := document(h.t, raw)
	total := int64(0)
	for _, l := range d.Lines {
		total += l.Amount
	}
	old, there := h.there[id]
	switch {
	case d.Customer == "nobody":
		return object{"outcome": "refused", "code": "invalid", "reason": "customer", "pointer": "/lines/1/sku", "message": "Nobody."}
	case there && !bytes.Equal(old, raw):
		return object{"outcome": "refused", "code": "conflict", "reason": "differs", "message": "Another document."}
	case there:
		return object{"outcome": "known", "total": total}
	case !dry:
		h.there[id] = raw
	}
	return object{"outcome": "created", "total": total}
}

func document(t *testing.T, raw []byte) (d importedReceipt) {
	t.Helper()
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Error(err)
	}
	return d
}

const fakeProfile = `{"steps":[{"as":"receipts","prefix":"x:","columns":{"number":{"column":"No"},"sku":{"column":"SKU"},"quantity":{"column":"Qty"},
  "unit_price":{"column":"Price"},"customer":{"column":"Who"}},"constants":{"store":"S","till":"1","at":"2026-01-02T03:04:05Z"}}]}`

// newImport writes a file of documents and the verb that imports it.
func newImport(t *testing.T, url, text string) (importVerb, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	v := importVerb{File: filepath.Join(dir, "f.csv"), Profile: filepath.Join(dir, "p.json"), hostFlag: hostFlag{Host: url}}
	for path, text := range map[string]string{v.File: text, v.Profile: fakeProfile} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return v, &bytes.Buffer{}
}

// do runs an import as the verb does, with its output in out.
func (v importVerb) do(ctx context.Context, t *testing.T, out *bytes.Buffer, run string) error {
	t.Helper()
	j, err := v.job()
	if err != nil {
		t.Fatal(err)
	}
	j.out, j.newID = out, func() string { return run }
	j.progress = func(string, int, int) progress { return &tenths{out: io.Discard, total: 1 << 30} }
	if j.state.Run != "" && len(j.state.Run) > 10 { // begun with an id of the machine
		j.state.Run = run
	}
	return v.finish(ctx, j)
}

// manyDocuments are n documents of two lines; the second line of every tenth is
// of nobody, whom the host refuses.
func manyDocuments(n int) string {
	text := "No,SKU,Qty,Price,Who\n"
	for i := range n {
		who := "c"
		if i%10 == 3 {
			who = "nobody"
		}
		text += fmt.Sprintf("%d,A,1,2.50,%s\n%d,\"B, b\",-2,0.125,%s\n", i, who, i, who)
	}
	return text
}

func rejected(t *testing.T, v importVerb) []string {
	t.Helper()
	text, err := os.ReadFile(v.File + ".rejected.csv")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestImport(t *testing.T) {
	t.Parallel()
	h, url := newFakeHost(t)
	v, out := newImport(t, url, manyDocuments(250)+"7,A,x,1,c\n,A,1,1,c\n9,A\n")
	err := v.do(t.Context(), t, out, "run")
	if err == nil || !strings.Contains(err.Error(), "57 rows were not taken") {
		t.Errorf("%v\n%s", err, out)
	}
	// Document 7 has a row that is no number, and 9 one that is short: each
	// stays out whole, with the three rows that cannot be read.
	for _, want := range []string{
		"receipts: 503 rows read = 446 taken + 0 known already + 57 rejected\n",
		"  248 documents: 223 created, 25 refused\n",
		"  refused because: invalid (customer) 25\n",
		"  7 rows were rejected before anything was sent\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	lines := rejected(t, v)
	for _, want := range []string{
		"line,reason,No,SKU,Qty,Price,Who",
		`502,"quantity ""x"" is no whole number",7,A,x,1,c`,
		"503,number is empty,,A,1,1,c",
		`504,"5 cells, the header has 5",9,A`,
		`8,invalid (customer) on line 9 at sku: Nobody.,3,A,1,2.50,nobody`,
		`9,invalid (customer) on line 9 at sku: Nobody.,3,"B, b",-2,0.125,nobody`,
	} {
		want = strings.Replace(want, "5 cells", "2 cells", 1)
		if !strings.Contains(strings.Join(lines, "\n")+"\n", want+"\n") {
			t.Errorf("no %q in\n%s", want, strings.Join(lines[:12], "\n"))
		}
	}
	if len(lines) != 58 || len(h.there) != 223 {
		t.Errorf("%d lines, %d documents", len(lines), len(h.there))
	}
	if _, err := os.Stat(v.File + ".import.json"); err == nil {
		t.Error("the state outlives the import")
	}
}

// A second run is told what the host has, and changes nothing.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	h, url := newFakeHost(t)
	v, out := newImport(t, url, manyDocuments(120))
	if err := v.do(t.Context(), t, out, "one"); err == nil {
		t.Error("nothing was rejected")
	}
	first := rejected(t, v)
	out.Reset()
	if err := v.do(t.Context(), t, out, "two"); err == nil {
		t.Error("nothing was rejected")
	}
	if !strings.Contains(out.String(), "240 rows read = 0 taken + 216 known already + 24 rejected") || len(h.there) != 108 {
		t.Errorf("%d documents\n%s", len(h.there), out)
	}
	if again := rejected(t, v); strings.Join(again, "\n") != strings.Join(first, "\n") {
		t.Errorf("rejected rows differ: %d and %d", len(first), len(again))
	}
}

// An import that ends in the middle goes on there, and the file of rejected
// rows in the end is that of a run that was not disturbed.
func TestImportResumes(t *testing.T) {
	t.Parallel()
	_, calm := newFakeHost(t)
	v, out := newImport(t, calm, manyDocuments(450)+"8,A,x,1,c\n")
	if err := v.do(t.Context(), t, out, "run"); err == nil {
		t.Error("nothing was rejected")
	}
	want, report := rejected(t, v), out.String()

	for _, when := range []int{1, 2, 3, 5} {
		h, url := newFakeHost(t)
		ctx, stop := context.WithCancel(t.Context())
		h.fail = func(call int, _ []string) (int, string) {
			if call == when {
				stop()
				return lost, ""
			}
			return 0, ""
		}
		v, out := newImport(t, url, manyDocuments(450)+"8,A,x,1,c\n")
		if err := v.do(ctx, t, out, "run"); err == nil {
			t.Fatalf("call %d: not stopped", when)
		}
		h.forget(false)
		out.Reset()
		if err := v.do(t.Context(), t, out, "other"); err == nil || !strings.Contains(err.Error(), "rows were not taken") {
			t.Errorf("call %d: %v", when, err)
		}
		if got := rejected(t, v); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("call %d: %d rejected lines, want %d", when, len(got), len(want))
		}
		_, rest, _ := strings.Cut(out.String(), "receipts: 901")
		if !strings.HasSuffix(report, rest) || rest == "" {
			t.Errorf("call %d: the report is\n%s\nwant\n%s", when, out, report)
		}
	}
}

// A host at the same address that has forgotten what it was sent, because it is
// another or was restored, is sent everything.
func TestImportDistrustsTheHost(t *testing.T) {
	t.Parallel()
	h, url := newFakeHost(t)
	v, out := newImport(t, url, manyDocuments(450))
	ctx, stop := context.WithCancel(t.Context())
	h.fail = func(call int, _ []string) (int, string) {
		if call == 4 {
			stop()
			return lost, ""
		}
		return 0, ""
	}
	if err := v.do(ctx, t, out, "run"); err == nil {
		t.Fatal("not stopped")
	}
	h.forget(true)
	out.Reset()
	_ = v.do(t.Context(), t, out, "other") // nobody's rows are rejected
	if len(h.there) != 405 || !strings.Contains(out.String(), "beginning anew: the host does not have what was sent to it") {
		t.Errorf("%d documents\n%s", len(h.there), out)
	}
	if n := len(rejected(t, v)); n != 91 {
		t.Errorf("%d rejected lines", n)
	}
}

// Another file, profile or host, or a file of rejected rows that is gone: the
// state of the earlier run is not of this one.
func TestImportState(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	made := importState{path: path, File: "f", Profile: "p", Host: "h", Rejected: "r", Run: "run", Steps: []stepState{{Batches: 3, Created: 7}}}
	if err := made.write(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		s    importState
		want bool
	}{
		"same":          {importState{path: path, File: "f", Profile: "p", Host: "h", Rejected: "r", Steps: make([]stepState, 1)}, true},
		"other file":    {importState{path: path, File: "g", Profile: "p", Host: "h", Rejected: "r", Steps: make([]stepState, 1)}, false},
		"other profile": {importState{path: path, File: "f", Profile: "q", Host: "h", Rejected: "r", Steps: make([]stepState, 1)}, false},
		"other host":    {importState{path: path, File: "f", Profile: "p", Host: "i", Rejected: "r", Steps: make([]stepState, 1)}, false},
		"other rejects": {importState{path: path, File: "f", Profile: "p", Host: "h", Rejected: "s", Steps: make([]stepState, 1)}, false},
		"other steps":   {importState{path: path, File: "f", Profile: "p", Host: "h", Rejected: "r", Steps: make([]stepState, 2)}, false},
		"none":          {importState{path: path + "-none", File: "f", Profile: "p", Host: "h", Rejected: "r", Steps: make([]stepState, 1)}, false},
		"nowhere":       {importState{File: "f", Profile: "p", Host: "h", Rejected: "r", Steps: make([]stepState, 1)}, false},
	} {
		there, err := c.s.resume()
		if there != c.want || err != nil || c.s.Steps[0].Batches != map[bool]int{true: 3}[c.want] {
			t.Errorf("%s: %v, %v, %+v", name, there, err, c.s)
		}
	}
	if err := os.WriteFile(path, []byte(`{"file":"f","prof`), 0o600); err != nil { // a power cut
		t.Fatal(err)
	}
	s := importState{path: path, Steps: make([]stepState, 1)}
	if there, err := s.resume(); there || err != nil {
		t.Errorf("half a state: %v, %v", there, err)
	}
	r := rejects{path: path + "-gone"}
	if there, err := r.resume(10); there || err != nil {
		t.Errorf("rejected rows that are gone: %v, %v", there, err)
	}
}

// One item that the host cannot take does not keep a batch out, whether the
// host says which it is or not.
func TestImportIsolates(t *testing.T) {
	t.Parallel()
	for name, problem := range map[string]string{
		"with a pointer":  `{"status":400,"code":"invalid","detail":"No.","pointer":"/documents/%d/lines/0/sku"}`,
		"without":         `{"status":500,"code":"internal","reason":"app_fault","detail":"No."}`,
		"the batch is it": `{"status":413,"code":"too_large","reason":"input","detail":"No."}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, url := newFakeHost(t)
			h.fail = func(_ int, ids []string) (int, string) {
				for i, id := range ids {
					if id == "x:41" {
						return 400, strings.Replace(problem, "%d", fmt.Sprint(i), 1)
					}
				}
				return 0, ""
			}
			v, out := newImport(t, url, strings.ReplaceAll(manyDocuments(60), "nobody", "c"))
			err := v.do(t.Context(), t, out, "run")
			if err == nil || !strings.Contains(err.Error(), "2 rows were not taken") || len(h.there) != 59 {
				t.Errorf("%v, %d documents\n%s", err, len(h.there), out)
			}
			if lines := rejected(t, v); len(lines) != 3 || !strings.HasSuffix(lines[1], ",41,A,1,2.50,c") {
				t.Errorf("%q", lines)
			}
		})
	}
}

func TestImportRefusesItsOwnFile(t *testing.T) {
	t.Parallel()
	v, _ := newImport(t, "http://127.0.0.1:1", manyDocuments(1))
	v.Rejected = v.File
	if _, err := v.job(); err == nil || !strings.Contains(err.Error(), "would be overwritten") {
		t.Error(err)
	}
}

// A dry run writes nothing, here and there, but the file of rejected rows.
func TestImportDryRun(t *testing.T) {
	t.Parallel()
	h, url := newFakeHost(t)
	v, out := newImport(t, url, manyDocuments(20))
	v.DryRun = true
	_ = v.do(t.Context(), t, out, "run") // two documents are refused
	if !strings.Contains(out.String(), "40 rows read = 36 would be taken + 0 known already + 4 rejected") || len(h.there) != 0 {
		t.Errorf("%d documents\n%s", len(h.there), out)
	}
	if _, err := os.Stat(v.File + ".import.json"); err == nil {
		t.Error("a dry run leaves a state")
	}
	if n := len(rejected(t, v)); n != 5 {
		t.Errorf("%d rejected lines", n)
	}
}
