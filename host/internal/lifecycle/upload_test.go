package lifecycle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// part is one part of an upload.
type part struct {
	name string
	body []byte
}

// upload sends parts and answers what REST would make of it.
func (f *fixture) upload(parts ...part) (*httptest.ResponseRecorder, error) {
	f.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		pw, err := w.CreateFormFile(p.name, p.name)
		if err != nil {
			f.t.Fatal(err)
		}
		if _, err := pw.Write(p.body); err != nil {
			f.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		f.t.Fatal(err)
	}
	return f.send(w.FormDataContentType(), body.Bytes())
}

func (f *fixture) send(contentType string, body []byte) (*httptest.ResponseRecorder, error) {
	f.t.Helper()
	req := httptest.NewRequest("POST", "/v1/host/modules", bytes.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	answer := httptest.NewRecorder()
	for _, o := range f.ops {
		if o.Name == "host.modules.upload" {
			return answer, o.Raw(answer, req, identity.Local(), "req")
		}
	}
	f.t.Fatal("no upload")
	return nil, nil
}

// clean checks that nothing of a refused package remains.
func (f *fixture) clean(name string, files int) {
	f.t.Helper()
	staged, err := os.ReadDir(filepath.Join(f.dir, "modules", "staging"))
	if err != nil {
		f.t.Fatal(err)
	}
	kept, err := filepath.Glob(filepath.Join(f.dir, "modules", "*.*"))
	if err != nil {
		f.t.Fatal(err)
	}
	if len(staged) != 0 || len(kept) != files {
		f.t.Errorf("%s: %d files in staging, %q kept", name, len(staged), kept)
	}
}

func reasonOf(err error) string {
	e, ok := errors.AsType[*abi.Error](err)
	if !ok {
		return "no reason"
	}
	return e.Reason
}

func TestUpload(t *testing.T) {
	t.Parallel()
	f := setup(t)
	p := app("base", "1.0.0").query("ask", says("b"))
	f.machine.add(p)
	answer, err := f.upload(part{"module", p.wasm()}, part{"manifest", p.text()})
	if err != nil {
		t.Fatal(err)
	}
	var m Module
	if err := json.Unmarshal(answer.Body.Bytes(), &m); err != nil || answer.Code != 201 || m.ID != "base" || m.Source != "upload" || len(m.Digest) != 64 {
		t.Errorf("%d %s %v", answer.Code, answer.Body, err)
	}
	if f.machine.living() != 0 {
		t.Error("the module stays loaded")
	}
	f.clean("base", 2)
	if _, err := f.upload(part{"module", p.wasm()}, part{"manifest", p.text()}); err != nil {
		t.Errorf("the same again: %v", err)
	}
	f.install("base")
	if _, err := f.run("base.ask", []byte{0x80}); err != nil {
		t.Error(err)
	}
}

// Whatever is wrong with a package is said with a reason, and nothing of it stays.
func TestRefusedUploadsLeaveNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	good := app("good", "1.0.0").query("ask", says("b"))
	f.machine.add(good)
	if _, err := f.upload(part{"module", good.wasm()}, part{"manifest", good.text()}); err != nil {
		t.Fatal(err)
	}
	n := 0
	broken := func(change func(p *program)) []part {
		n++ // each is another module
		p := app("other", fmt.Sprintf("1.0.%d", n)).query("ask", says("b"))
		change(p)
		f.machine.add(p)
		return []part{{"manifest", p.text()}, {"module", p.wasm()}}
	}
	same := app("good", "1.0.0").query("ask", says("b")).query("more", says("m"))
	f.machine.add(same)
	for name, c := range map[string]struct {
		parts  []part
		reason string
	}{
		"a part is missing":      {[]part{{"manifest", good.text()}}, "package_parts"},
		"a part is there twice":  {[]part{{"manifest", good.text()}, {"manifest", good.text()}}, "package_parts"},
		"a part too many":        {[]part{{"manifest", good.text()}, {"module", good.wasm()}, {"icon", nil}}, "package_parts"},
		"another module":         {[]part{{"manifest", good.text()}, {"module", []byte("other")}}, "digest_mismatch"},
		"manifest too long":      {[]part{{"manifest", bytes.Repeat([]byte(" "), maxManifest+1)}, {"module", nil}}, "manifest_size"},
		"module too long":        {[]part{{"module", make([]byte, maxModule+1)}}, "module_size"},
		"no manifest":            {[]part{{"manifest", []byte("{")}, {"module", good.wasm()}}, "manifest_invalid"},
		"a source's manifest":    {[]part{{"manifest", bytes.ReplaceAll(good.text(), []byte(`"digest"`), []byte(`"digest_"`))}, {"module", good.wasm()}}, "manifest_invalid"},
		"a version that exists":  {[]part{{"manifest", same.text()}, {"module", same.wasm()}}, "version_exists"},
		"an id of the host":      {broken(func(p *program) { p.manifest.ID = "admin" }), "id_invalid"},
		"refused by the sandbox": {broken(func(p *program) { p.reject = &sandbox.Rejected{Reason: "feature", Detail: "simd"} }), "feature"},
		"does not describe":      {broken(func(p *program) { p.reject = &sandbox.Fault{Kind: sandbox.FaultTrap} }), "export_contract"},
		"more than it says": {broken(func(p *program) {
			p.twist = func(d *abi.Descriptor) {
				d.Entries = append(d.Entries, abi.Entry{Kind: abi.EntryTimer, Name: "secret"})
			}
		}), "manifest_mismatch"},
		"derives in secret":  {broken(func(p *program) { p.twist = func(d *abi.Descriptor) { d.Derived = []string{"x"} } }), "manifest_mismatch"},
		"other data":         {broken(func(p *program) { p.twist = func(d *abi.Descriptor) { d.DataVersion = 3 } }), "manifest_mismatch"},
		"settings in secret": {broken(func(p *program) { p.twist = func(d *abi.Descriptor) { d.Settings = true } }), "manifest_mismatch"},
		"another size":       {[]part{{"manifest", bytes.Replace(good.text(), []byte(`"size": `), []byte(`"size": 1`), 1)}, {"module", good.wasm()}}, "digest_mismatch"},
		"a secret that is none": {broken(func(p *program) {
			p.settings(`{"type":"object","properties":{"key":{"type":"string"}}}`)
			p.grant(manifest.Grant{HTTP: "api.example.com", Secret: &manifest.GrantSecret{Setting: "key", Header: "Authorization"}})
		}), "capability_invalid"},
		"http without asking": {broken(func(p *program) { p.imports = []string{"now", "http"} }), "capability_missing"},
	} {
		_, err := f.upload(c.parts...)
		if got := reasonOf(err); got != c.reason {
			t.Errorf("%s: %s (%v)", name, got, err)
		}
		f.clean(name, 2)
	}
	for kind, body := range map[string]string{"application/json": "{}", "multipart/form-data": "", "multipart/form-data; boundary=x": "--x\r\nbroken"} {
		if _, err := f.send(kind, []byte(body)); reasonOf(err) != abi.ReasonMalformed {
			t.Errorf("%s: %v", kind, err)
		}
		f.clean(kind, 2)
	}
	if f.machine.living() != 0 {
		t.Errorf("%d modules stay loaded", f.machine.living())
	}
}

// A manifest that is refused says on which line.
func TestH34UploadNamesTheLine(t *testing.T) {
	t.Parallel()
	f := setup(t)
	text := strings.Replace(string(app("base", "1.0.0").text()), `"vendor"`, `"Vendor"`, 1)
	_, err := f.upload(part{"manifest", []byte(text)}, part{"module", []byte("x")})
	e, _ := errors.AsType[*abi.Error](err)
	if e == nil || e.Reason != "manifest_invalid" || e.Fields[0].Name != "line" {
		t.Fatalf("%v", err)
	}
}

// The catalogue may change while the host runs. In development a version may come
// with other code; else it is refused.
func TestCatalogueChangesWhileRunning(t *testing.T) {
	t.Parallel()
	for _, development := range []bool{false, true} {
		f := setup(t, app("base", "1.0.0").query("ask", says("one")))
		f.close()
		f.config.Development = development
		f.open()
		f.install("base")
		f.offer(app("base", "1.0.0").query("ask", says("two")).query("more", says("two")))
		if !development {
			f.refuses("host.apps.upgrade", Upgrade{ID: "base"}, abi.Conflict, "version_exists")
			continue
		}
		f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "base"}))
		if out, err := f.run("base.ask", []byte{0x80}); err != nil || abi.FieldText(out, "v") != "two" {
			t.Errorf("%q, %v", out, err)
		}
		f.close() // what is enabled does not need the catalogue any more
		if err := os.RemoveAll(f.catalogue); err != nil {
			t.Fatal(err)
		}
		f.open()
		if out, err := f.run("base.ask", []byte{0x80}); err != nil || abi.FieldText(out, "v") != "two" {
			t.Errorf("without the catalogue: %q, %v", out, err)
		}
	}
}

// Of two modules that claim one version at the same moment one is taken.
func TestH36OneVersionOneModule(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var all sync.WaitGroup
	var took atomic.Int32
	for i := range 8 {
		p := app("base", "1.0.0")
		for n := range i + 1 {
			p.query(fmt.Sprintf("ask%d", n), says("b"))
		}
		f.machine.add(p)
		all.Go(func() {
			_, err := f.upload(part{"manifest", p.text()}, part{"module", p.wasm()})
			switch reasonOf(err) {
			case "no reason":
				took.Add(1)
			case "version_exists":
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := took.Load(); n != 1 {
		t.Errorf("%d were taken", n)
	}
	f.clean("base", 2)
}

// A page begins behind the module that the one before ended with; if that is gone,
// the list does not silently begin again.
func TestModulesInPages(t *testing.T) {
	t.Parallel()
	f := setup(t, app("base", "1.0.0"), app("base", "1.1.0"), app("other", "1.0.0"))
	var got []string
	in := Offer{Listing: Listing{Limit: 1}}
	for range 3 {
		p := must[Modules](f, "host.modules.list", in)
		if in.After = p.Next; len(p.Items) != 1 {
			t.Fatalf("%d modules on a page of one", len(p.Items))
		}
		got = append(got, p.Items[0].ID+"@"+p.Items[0].Version)
	}
	if strings.Join(got, " ") != "base@1.1.0 base@1.0.0 other@1.0.0" || in.After != "" {
		t.Errorf("%q, then %q", got, in.After)
	}
	f.refuses("host.modules.list", Offer{Listing: Listing{After: "gone"}}, abi.Invalid, "cursor_invalid")
}
