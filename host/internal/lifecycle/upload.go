package lifecycle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Module is a package that can be installed.
type Module struct {
	ID       string        `json:"id"`
	Version  string        `json:"version"`
	Kind     manifest.Kind `json:"kind"`
	Name     manifest.Text `json:"name"`
	Summary  manifest.Text `json:"summary"`
	Vendor   string        `json:"vendor"`
	Category string        `json:"category"`
	Icon     string        `json:"icon,omitempty"`
	Contract string        `json:"contract,omitempty"`
	Digest   string        `json:"digest" jsonschema:"of manifest and module together"`
	Size     int64         `json:"size"`
	Source   string        `json:"source" jsonschema:"upload or catalogue"`
}

// Modules is a page of modules.
type Modules struct {
	Items []Module `json:"items"`
	Next  string   `json:"next,omitempty"`
}

// Offer asks for modules.
type Offer struct {
	Listing
	ID string `json:"id,omitempty"`
}

func (r *Room) moduleOperations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.modules.list", Method: http.MethodGet, Path: "/modules", Summary: "List the modules that can be installed", Doc: "Errors: invalid (cursor_invalid: begin anew).", Right: Right}, r.listModules),
		{
			About: platform.About{
				Name: "host.modules.upload", Method: http.MethodPost, Path: "/modules", Summary: "Bring a module", Right: Right, NoKey: true, Status: http.StatusCreated,
				Doc: "multipart/form-data with exactly the parts manifest (JSON, at most 1 MiB) and module (WebAssembly, at most 16 MiB). Errors: invalid with the reason why it is refused; too_large; conflict, version_exists.",
			},
			Accepts: "multipart/form-data",
			Input:   uploadSchema,
			Output:  moduleSchema,
			Raw:     r.upload,
		},
	}
}

// uploadSchema is the form that an upload is.
var uploadSchema = &jsonschema.Schema{
	Type: "object", Required: []string{"manifest", "module"},
	Properties: map[string]*jsonschema.Schema{
		"manifest": {Type: "string", Description: "the manifest as built, JSON"},
		"module":   {Type: "string", Format: "binary", Description: "the module, WebAssembly"},
	},
}

var moduleSchema = func() *jsonschema.Schema {
	s, err := jsonschema.For[Module](nil)
	if err != nil {
		panic("lifecycle: " + err.Error()) // a mistake in Module
	}
	return s
}()

func (e *entry) view() Module {
	m := e.manifest
	return Module{
		ID: m.ID, Version: m.Version, Kind: m.Kind, Name: m.Name, Summary: m.Summary, Vendor: m.Vendor, Category: m.Category,
		Icon: m.Icon, Contract: m.Provides.Contract, Digest: e.digest, Size: m.Size, Source: string(e.origin),
	}
}

func (r *Room) listModules(_ *kernel.Tx, in Offer) (Modules, error) {
	out := Modules{Items: []Module{}}
	entries, err := r.store.entries()
	if err != nil {
		return out, err
	}
	entries = slices.DeleteFunc(entries, func(e *entry) bool { return in.ID != "" && e.manifest.ID != in.ID })
	from := 0
	if in.After != "" {
		if from = slices.IndexFunc(entries, func(e *entry) bool { return e.digest == in.After }) + 1; from == 0 {
			return out, &abi.Error{Code: abi.Invalid, Reason: "cursor_invalid", Pointer: "/after", Message: "The module that the page before ended with is gone; begin without."}
		}
	}
	for _, e := range entries[from:] {
		if len(out.Items) == in.limit() {
			break
		}
		out.Items = append(out.Items, e.view())
		out.Next = e.digest
	}
	if from+len(out.Items) == len(entries) {
		out.Next = ""
	}
	return out, nil
}

// upload takes a package, checks all of it, and keeps it. Nothing remains of one
// that is refused.
func (r *Room) upload(w http.ResponseWriter, req *http.Request, _ identity.Principal, _ string) error {
	req.Body = http.MaxBytesReader(w, req.Body, maxManifest+maxModule+64<<10)
	kind, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return refused(abi.ReasonMalformed, "", "Send multipart/form-data with the parts manifest and module.")
	}
	p, err := r.receive(multipart.NewReader(req.Body, params["boundary"]))
	if p != nil {
		defer p.discard()
	}
	if err != nil {
		return err
	}
	e, err := r.accept(req, p)
	if err != nil {
		return err
	}
	return writeModule(w, e)
}

// parcel is a package in staging.
type parcel struct {
	manifest []byte
	module   string // path
}

func (p *parcel) discard() {
	if p.module != "" {
		_ = os.Remove(p.module) // gone if it was kept
	}
}

// receive reads exactly the two parts, the module into staging.
func (r *Room) receive(parts *multipart.Reader) (*parcel, error) {
	p := &parcel{}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p, unreadable(err)
		}
		switch {
		case part.FormName() == "manifest" && p.manifest == nil:
			if p.manifest, err = io.ReadAll(io.LimitReader(part, maxManifest+1)); err == nil && len(p.manifest) > maxManifest {
				err = tooLarge("manifest", "1 MiB")
			}
		case part.FormName() == "module" && p.module == "":
			err = r.stage(p, part)
		default:
			err = refused("package_parts", "", fmt.Sprintf("The part %q does not belong here, or is there twice.", part.FormName()))
		}
		if err != nil {
			return p, unreadable(err)
		}
	}
	if p.manifest == nil || p.module == "" {
		return p, refused("package_parts", "", "Both parts are needed: manifest and module.")
	}
	return p, nil
}

// unreadable is the answer to a body that ends early or is too long.
func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge("package", "17 MiB")
	}
	if _, ok := errors.AsType[*abi.Error](err); ok {
		return err
	}
	return refused(abi.ReasonMalformed, "", "The parts cannot be read: "+err.Error()+".")
}

func tooLarge(part, most string) error {
	return &abi.Error{Code: abi.TooLarge, Reason: part + "_size", Message: "The " + part + " is longer than " + most + "."}
}

func (r *Room) stage(p *parcel, part io.Reader) error {
	f, err := os.CreateTemp(r.store.staging(), "upload-*")
	if err != nil {
		return err
	}
	p.module = f.Name()
	n, err := io.Copy(f, io.LimitReader(part, maxModule+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if n > maxModule {
		return tooLarge("module", "16 MiB")
	}
	return nil
}

// accept checks a package as an install would, and keeps it.
func (r *Room) accept(req *http.Request, p *parcel) (*entry, error) {
	e, err := newEntry(p.manifest)
	if err != nil {
		return nil, manifestRefused(err)
	}
	wasm, err := os.ReadFile(p.module)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(e.matches(wasm), r.store.taken(e)); err != nil {
		return nil, err
	}
	if err := r.examine(req.Context(), e, wasm); err != nil {
		return nil, err
	}
	e.origin, e.wasm = fromUpload, r.store.module(e.manifest.Digest)
	r.adding.Lock() // or two modules could take one version at the same moment
	defer r.adding.Unlock()
	if err := r.store.taken(e); err != nil {
		return nil, err
	}
	return e, r.store.take(e, wasm)
}

// examine compiles and describes a module, a few at a time: each may keep a
// processor busy for seconds, and who may upload may do so often.
func (r *Room) examine(ctx context.Context, e *entry, wasm []byte) error {
	select {
	case r.examining <- struct{}{}:
		defer func() { <-r.examining }()
	case <-ctx.Done():
		return ctx.Err()
	}
	l, _, err := r.inspect(ctx, e.manifest, wasm)
	if err == nil {
		l.Close()
	}
	return err
}

// manifestRefused turns the first problem of a manifest into an answer, with the
// line that it stands on.
func manifestRefused(err error) error {
	problems, ok := errors.AsType[manifest.Problems](err)
	if !ok || len(problems) == 0 {
		return err
	}
	p := problems[0]
	e := refused(p.Reason, p.Pointer, fmt.Sprintf("Line %d of the manifest: %s.", p.Line, strings.TrimSuffix(p.Text, ".")))
	e.Fields = []abi.Field{{Name: "line", Int: int64(p.Line), IsInt: true}, {Name: "problems", Int: int64(len(problems)), IsInt: true}}
	return e
}

func writeModule(w http.ResponseWriter, e *entry) error {
	b, err := json.Marshal(e.view())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_, err = w.Write(b)
	return err
}
