package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// guestsDir holds the guests of these tests: source and three sinks, and front
// and back in two versions.
const guestsDir = "./host/e2e/testdata/guests"

// troupe is where those guests lie once they are built: the first version of
// each, and the second of front and back.
type troupe struct{ first, second string }

var buildTroupe = sync.OnceValues(func() (troupe, error) {
	m, err := bench()
	if err != nil {
		return troupe{}, err
	}
	first, err := m.Modules("guests1", "--check", "--manifests", guestsDir+"/manifests/v1", guestsDir+"/source/...", guestsDir+"/sink/...", guestsDir+"/front/v1", guestsDir+"/back/v1")
	if err != nil {
		return troupe{}, err
	}
	second, err := m.Modules("guests2", "--check", "--manifests", guestsDir+"/manifests/v2", guestsDir+"/front/v2", guestsDir+"/back/v2")
	return troupe{first: first, second: second}, err
})

// guestHost is the binary with the guests as its catalogue.
func guestHost(t *testing.T) (built, troupe) {
	t.Helper()
	tr, err := buildTroupe()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := bare()
	b.modules = tr.first
	return b, tr
}

// hostCalls numbers the keys of requests to the host itself.
var hostCalls atomic.Int64

// askHost sends a request below /v1/host as the owner and decodes the answer. The
// error is a *problem if the host answered.
func askHost(ctx context.Context, base, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if in == nil {
		body = nil
	}
	return sendHost(ctx, base, method, path, "application/json", body, nil, out)
}

func sendHost(ctx context.Context, base, method, path, kind string, body []byte, header map[string]string, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, base+"/v1/host"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", fmt.Sprint("host-", hostCalls.Add(1)))
	if len(body) > 0 {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := web.Do(asOwner(req))
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		p := &problem{Status: res.StatusCode}
		if err := json.Unmarshal(answer, p); err != nil {
			return fmt.Errorf("%s: %s", res.Status, answer)
		}
		return fmt.Errorf("%s %s: %w", method, path, p)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// desk asks one host and fails the test if it refuses.
type desk struct {
	t    testing.TB
	base string
	lost *bool // set when an answer does not come; nil if that fails the test too
}

func (d desk) get(path string, out any) {
	d.t.Helper()
	d.do(http.MethodGet, path, nil, out)
}

func (d desk) do(method, path string, in, out any) {
	d.t.Helper()
	d.answered(askHost(d.t.Context(), d.base, method, path, in, out))
}

// answered fails the test after a refusal.
func (d desk) answered(err error) {
	d.t.Helper()
	if err != nil && d.lost != nil && !errors.As(err, new(*problem)) {
		*d.lost = true
	} else if err != nil {
		d.t.Fatal(err)
	}
}

// kill ends a host as a power cut would, and waits.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended already
	<-p.exited
}

// job is a change of the composition.
type job struct {
	ID, State string
	Revision  int
	Steps     []struct{ Name, State string }
	Error     json.RawMessage
}

// done waits until a job has ended well.
func (d desk) done(j job) job {
	d.t.Helper()
	for j.State == "running" {
		d.get(fmt.Sprintf("/jobs/%s?wait=5&since=%d", j.ID, j.Revision), &j)
	}
	if j.State != "done" {
		d.t.Fatalf("job %s: %s", j.State, j.Error)
	}
	return j
}

// agreed begins a change after saying yes to its plan.
func (d desk) agreed(action, app string, more object) (j job) {
	d.t.Helper()
	var plan struct{ Consent string }
	d.do(http.MethodPost, "/apps/plan", object{"action": action, "id": app}, &plan)
	in := object{"consent": plan.Consent}
	for name, value := range more {
		in[name] = value
	}
	d.do(http.MethodPost, "/apps/"+app+"/"+action, in, &j)
	return j
}

// fill begins to change an app's settings.
func (d desk) fill(app string, values object) (j job) {
	d.t.Helper()
	var now struct{ Etag string }
	d.get("/apps/"+app+"/settings", &now)
	body := object{"values": values}
	text, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	header := map[string]string{"If-Match": strconv.Quote(now.Etag)}
	d.answered(sendHost(d.t.Context(), d.base, http.MethodPut, "/apps/"+app+"/settings", "application/json", text, header, &j))
	return j
}

// upload brings a module from a folder.
func (d desk) upload(dir, app string) {
	d.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for part, suffix := range map[string]string{"manifest": ".json", "module": ".wasm"} {
		text, err := os.ReadFile(filepath.Join(dir, app+suffix))
		if err != nil {
			d.t.Fatal(err)
		}
		w, err := form.CreateFormFile(part, app+suffix)
		if err == nil {
			_, err = w.Write(text)
		}
		if err != nil {
			d.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		d.t.Fatal(err)
	}
	if err := sendHost(d.t.Context(), d.base, http.MethodPost, "/modules", form.FormDataContentType(), body.Bytes(), nil, nil); err != nil {
		d.t.Fatal(err)
	}
}

// page reads a whole list.
func (d desk) page(path string) (all []json.RawMessage, err error) {
	for after := ""; ; {
		var page struct {
			Items []json.RawMessage
			Next  string
		}
		if err = askHost(d.t.Context(), d.base, http.MethodGet, path+"?limit=200&after="+url.QueryEscape(after), nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// records are all that an app keeps in a collection, each as JSON.
func (d desk) records(app, collection string) []json.RawMessage {
	d.t.Helper()
	all, err := d.page("/data/" + app + "/" + collection)
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// waitingLine is what GET /parked shows of a line.
type waitingLine struct {
	ID, App, Key, State string
	Waiting             uint64
	Attempts            int
	Failure             struct{ Code, Reason, Message string }
}

func (d desk) lines() (all []waitingLine, err error) {
	rows, err := d.page("/parked")
	for _, raw := range rows {
		var l waitingLine
		err = errors.Join(err, json.Unmarshal(raw, &l))
		all = append(all, l)
	}
	return all, err
}

// until polls a host for what it has no other way to tell.
func (d desk) until(what string, ready func() bool) {
	d.t.Helper()
	for limit := time.Now().Add(time.Minute); !ready(); {
		if time.Now().After(limit) {
			d.t.Fatalf("still not: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
