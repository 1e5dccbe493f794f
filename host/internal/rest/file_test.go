package rest

import (
	"context"
	"strings"
	"testing"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// printed is the answer of an operation whose output is a file.
func printed(name, kind, content string) kernel.Result {
	b := msgp.AppendMapHeader(nil, 3)
	b = msgp.AppendString(msgp.AppendString(b, "name"), name)
	b = msgp.AppendString(msgp.AppendString(b, "type"), kind)
	return kernel.Result{Output: msgp.AppendBytes(msgp.AppendString(b, "content"), []byte(content))}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	answers := func(r kernel.Result) func(context.Context, kernel.Call) (kernel.Result, error) {
		return func(context.Context, kernel.Call) (kernel.Result, error) { return r, nil }
	}
	pdf := answers(printed("MI-01-3-417.pdf", "application/pdf", "%PDF-1.4\x00\xff"))
	asJSON := `{"name":"MI-01-3-417.pdf","type":"application/pdf","content":"JVBERi0xLjQA/w=="}`
	safe := map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Vary": "Accept"}
	saved := map[string]string{
		"Content-Type": "application/pdf", "Content-Disposition": `attachment; filename=MI-01-3-417.pdf`, "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox", "Vary": "Accept", "Cache-Control": "no-store",
	}
	for accept, file := range map[string]bool{
		"":                                  false,
		"*/*":                               false,
		"application/json, application/pdf": false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": false, // a browser that follows a link
		"text/html":           false, // nothing that is there: JSON
		"application/pdf;q=0": false,
		"application/pdf;q=0.5, application/json;q=0.6": false,
		"application/pdf": true,
		"APPLICATION/PDF, application/problem+json":                               true,
		"application/*;q=0.5, application/json;q=0.4":                             true,
		"application/pdf;q=0.7, */*;q=0.6":                                        true,
		"*/*, application/json;q=0.9":                                             true, // whatever it is, but rather not JSON
		"nonsense;;, application/pdf":                                             true,
		strings.Repeat("a/b, ", maxRanges) + "application/pdf":                    false,
		"application/pdf;q=2":                                                     true,
		"application/json;q=0.001, application/pdf;q=0.002":                       true,
		"application/pdf;q=0.5, application/json;q=0.4, application/json;q=0.999": true, // the first that names it
	} {
		sc := scenario{name: accept, method: "GET", url: "/v1/shop/paper?format=pdf", header: map[string]string{"Accept": accept}, status: 200, run: pdf, has: []string{asJSON}, answers: safe}
		if file {
			sc.has, sc.answers = []string{"%PDF-1.4\x00\xff"}, saved
		}
		t.Run(sc.name, sc.test)
	}
	wants := func(kind string) map[string]string { return map[string]string{"Accept": kind} }
	for _, sc := range []scenario{
		{name: "an error is a problem still", method: "GET", url: "/v1/shop/paper?format=doc", header: wants("application/pdf"), status: 400, has: []string{`"reason":"enum"`},
			answers: map[string]string{"Content-Type": "application/problem+json", "Content-Disposition": ""}},
		{name: "a page is saved, not shown", url: "/v1/shop/paper", header: wants("text/html"), body: `{}`, status: 200,
			run: answers(printed("<b>è\r\n/../x.html", "Text/HTML; charset=UTF-8", "<script>")), has: []string{"<script>"},
			answers: map[string]string{"Content-Type": "text/html; charset=UTF-8", "Content-Disposition": "attachment; filename*=utf-8''%3Cb%3E%C3%A8---..-x.html", "X-Content-Type-Options": "nosniff"}},
		{name: "a type that is none", url: "/v1/shop/paper", header: wants("application/octet-stream"), body: `{}`, status: 200,
			run: answers(printed("", "text/html\r\nSet-Cookie: a=b", "x")), has: []string{"x"},
			answers: map[string]string{"Content-Type": "application/octet-stream", "Content-Disposition": "attachment", "Set-Cookie": ""}},
		{name: "a range is no type", url: "/v1/shop/paper", header: wants("application/octet-stream"), body: `{}`, status: 200,
			run: answers(printed("..x", "*/*", "x")), answers: map[string]string{"Content-Type": "application/octet-stream", "Content-Disposition": "attachment; filename=x"}},
		{name: "an answer that is no file", url: "/v1/shop/paper", header: wants("application/pdf"), body: `{}`, status: 502, runs: 1,
			run: answers(kernel.Result{Output: []byte("\x81\xa7content\xa1x"), App: "shop@1.0.0"}), has: []string{`"reason":"app_fault"`}, answers: map[string]string{"Content-Disposition": ""}},
		{name: "an answer that is no object", url: "/v1/shop/paper", header: wants("application/pdf"), body: `{}`, status: 502, runs: 1,
			run: answers(kernel.Result{Output: []byte{0x07}, App: "shop@1.0.0"}), has: []string{`"reason":"app_fault"`}},
		{name: "other answers do not vary", method: "GET", url: "/v1/shop/price?sku=1", header: wants("application/pdf"), status: 200,
			run: answers(price(5)), has: []string{`{"price":5}`}, answers: map[string]string{"Vary": ""}},
	} {
		t.Run(sc.name, sc.test)
	}
}

// Whatever an app says that a file is, and whatever a client asks for, the headers that go
// out are well-formed.
func FuzzFileHeaders(f *testing.F) {
	f.Add("a.pdf", "application/pdf", "application/pdf;q=0.5, */*")
	f.Add("a\r\nb", "text/html; x=\"\r\n\"", ",;q=")
	f.Fuzz(func(t *testing.T, name, kind, accept string) {
		for _, v := range []string{disposition(name), mediaType(kind)} {
			if v == "" || len(v) > 1024 || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%q", v)
			}
		}
		if rather([]string{accept}, mediaType(kind)) && strings.TrimSpace(accept) == "" {
			t.Error("who asks for nothing gets JSON")
		}
	})
}
