package admin

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"encoding/base64"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

// policy is the Content-Security-Policy of every page. Scripts are the host's own
// files and nothing else, and no text becomes markup: of the policies for trusted
// types only "default" exists, and it takes no text with a "<" in it. Styles are
// files, or elements that carry the nonce of this very page: the components
// write their media queries into style elements.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-NONCE'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"

// nonceMark stands in index.html where the nonce goes.
const nonceMark = "__NONCE__"

const prefix = "/admin"

// Handler serves the admin below /admin to anybody: it is the same for all and
// holds nothing of a tenant. Without the build tag "admin" it says how to build it.
func Handler() http.Handler {
	return &files{root: built()}
}

// files serves a built admin: index.html, and below assets/ files whose names
// change with what is in them, each as it is or compressed with ".gz" behind.
type files struct{ root fs.FS }

// ServeHTTP answers one request.
func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This address answers GET and HEAD.", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean(r.URL.Path), prefix)
	if name, asset := strings.CutPrefix(name, "/assets/"); asset {
		f.asset(w, r, "assets/"+name)
		return
	}
	f.index(w, r)
}

// index is every address that is no file: the page itself reads the address.
func (f *files) index(w http.ResponseWriter, r *http.Request) {
	page, err := fs.ReadFile(f.root, "index.html")
	if err != nil {
		http.Error(w, "The admin is damaged: build the host again.", http.StatusInternalServerError)
		return
	}
	nonce := newNonce()
	h := headers(w, "text/html; charset=utf-8", "no-cache")
	h.Set("Content-Security-Policy", strings.ReplaceAll(policy, "NONCE", nonce))
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	page = bytes.ReplaceAll(page, []byte(nonceMark), []byte(nonce))
	if r.Method != http.MethodHead {
		_, _ = w.Write(page)
	}
}

func newNonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return base64.StdEncoding.EncodeToString(b[:])
}

func headers(w http.ResponseWriter, kind, cache string) http.Header {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", cache)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	return h
}

// asset answers one file, for ever: another content has another name.
func (f *files) asset(w http.ResponseWriter, r *http.Request, name string) {
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" || !fs.ValidPath(name) {
		http.NotFound(w, r)
		return
	}
	content, packed, err := f.open(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer func() { _ = content.Close() }() // read only
	h := headers(w, kind, "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	var body io.Reader = content
	switch {
	case packed && accepts(r, "gzip"):
		h.Set("Content-Encoding", "gzip")
	case packed:
		if body, err = gzip.NewReader(content); err != nil {
			http.Error(w, "The admin is damaged: build the host again.", http.StatusInternalServerError)
			return
		}
	}
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, body)
	}
}

// open finds a file, compressed if that is how it was built.
func (f *files) open(name string) (content fs.File, packed bool, err error) {
	if content, err = f.root.Open(name + ".gz"); err == nil {
		return content, true, nil
	}
	if content, err = f.root.Open(name); err != nil {
		return nil, false, err
	}
	info, err := content.Stat()
	if err != nil || info.IsDir() {
		_ = content.Close()
		return nil, false, fs.ErrNotExist
	}
	return content, false, nil
}

func accepts(r *http.Request, encoding string) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(name, encoding) && strings.ReplaceAll(weight, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
