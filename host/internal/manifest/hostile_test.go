package manifest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// The names of these tests are the rows of the list of hostile manifests.

const whole = `{
  "id": "hello",
  "version": "1.0.0",
  "kind": "app",
  "name": {"it": "Ciao", "en": "Hello"},
  "summary": {"it": "Saluta.", "en": "Greets."},
  "vendor": "Somebody",
  "category": "fun",
  "needs": [],
  "grants": [],
  "provides": {"contract": "hello", "operations": [], "settings": {"type": "object"}, "types": {}}
}
`

// first is the first problem of a manifest in which something was replaced.
func first(t *testing.T, old, now string) Problem {
	t.Helper()
	text := strings.Replace(whole, old, now, 1)
	if text == whole {
		t.Fatalf("%s is not there", old)
	}
	_, err := Parse([]byte(text))
	p, ok := errors.AsType[Problems](err)
	if !ok || len(p) == 0 {
		t.Errorf("%s is taken: %v", clip(now), err)
		return Problem{}
	}
	return p[0]
}

func clip(s string) string { return s[:min(len(s), 60)] }

// refusals replace one part of a sound manifest; every one must be refused with
// the reason, on the line.
type refusals struct {
	old    string
	reason string
	line   int
	now    map[string]string
}

func (r refusals) check(t *testing.T) {
	t.Helper()
	for name, now := range r.now {
		p := first(t, r.old, now)
		if p.Reason != r.reason || r.line != 0 && p.Line != r.line {
			t.Errorf("%s: line %d, %s, %s: %s; want %s on line %d", name, p.Line, p.Pointer, p.Reason, p.Text, r.reason, r.line)
		}
	}
}

func TestWholeIsSound(t *testing.T) {
	t.Parallel()
	if _, err := Parse([]byte(whole)); err != nil {
		t.Fatal(err)
	}
}

func TestH34Strict(t *testing.T) {
	t.Parallel()
	refusals{`"vendor": "Somebody",`, ReasonManifest, 7, map[string]string{
		"twice":      `"vendor": "Somebody", "vendor": "Else",`,
		"wrong case": `"Vendor": "Somebody",`,
		"unknown":    `"vendor": "Somebody", "vendors": [],`,
		"no text":    `"vendor": 7,`,
	}}.check(t)
	refusals{`"grants": []`, ReasonManifest, 10, map[string]string{
		"unknown inside": `"grants": [{"call": "a1.b", "why": {"it": "x", "en": "y"}, "Bounds": {}}]`,
		"twice inside":   `"grants": [{"call": "a1.b", "call": "a1.c", "why": {"it": "x", "en": "y"}}]`,
		"no reason":      `"grants": [{"call": "a1.b", "why": {"it": " ", "en": " "}}]`,
	}}.check(t)
	refusals{`"category": "fun"`, ReasonManifest, 8, map[string]string{"two documents": `"category": "fun"} {"x": 1`}}.check(t)
	if p := first(t, `"Somebody"`, `"`+strings.Repeat("x", MaxSize)+`"`); p.Reason != ReasonSize {
		t.Errorf("too long: %+v", p)
	}
}

func TestH35IDs(t *testing.T) {
	t.Parallel()
	r := refusals{`"id": "hello"`, ReasonID, 2, map[string]string{}}
	for _, id := range []string{"../x", "a/b", "admin", "host", "user", "token", "api", "v1", "Hello", "h", "1hello", "hello_", "hеllo", "hello\\u0000", strings.Repeat("h", 200), "", "hello ", "-hello", "hello\\u202e"} {
		r.now[clip(id)] = `"id": "` + id + `"`
	}
	r.check(t)
}

func TestH35Confusable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"stock", "st0ck", true}, {"till", "ti11", true}, {"till", "tiil", true}, {"modern", "modem", true}, {"happyhour", "happy-hour", true},
		{"pricing", "pricng", true}, {"pricing", "prciing", true}, {"catalog", "catalogs", true}, {"stock", "stick", true},
		{"stock", "stock2", true}, {"stock2", "stick2", true}, {"tree-b", "tree-bb", true}, {"treeb", "treec", true}, {"shop-till", "shop-tell", true},
		{"tree-o", "tree-0", true}, {"tree-l", "tree-1", true}, {"tree-i", "tree-l", true}, {"stock5", "stocks", true}, {"tree-b", "tree-8", true},
		{"tree-b", "tree-c", false}, {"tree-b", "tree-2", false}, {"stock2", "stock3", false}, {"pos2go", "pos4go", false},
		{"stock", "stock", false}, {"till", "tool", false}, {"till", "bill", false}, {"catalog", "customers", false}, {"pricing", "parking", false},
	} {
		if Confusable(c.a, c.b) != c.want || Confusable(c.b, c.a) != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, !c.want)
		}
	}
	for vendor, want := range map[string]bool{"Bottega": false, "B0ttega": true, "Воttega": true, "Bottega\u200b": true, "bottega": true, "Bottega Srl": false, "Another": false} {
		if ConfusableVendor("Bottega", vendor) != want {
			t.Errorf("%q: %v", vendor, !want)
		}
	}
}

func TestH36Versions(t *testing.T) {
	t.Parallel()
	r := refusals{`"version": "1.0.0"`, ReasonVersion, 3, map[string]string{}}
	for _, v := range []string{"1.0", "v1", "v1.0.0", "1", "", "999999999999999999999.0.0", "4294967296.0.0", "1.0.0+build", "1.0.0-a+b", "01.0.0", "1.0.0-", "1.0.0 ", "latest", "../1.0.0"} {
		r.now[v] = `"version": "` + v + `"`
	}
	r.check(t)
	for _, v := range []string{"0.1.0", "1.0.0-dev.3", "2.10.4"} {
		if _, err := Parse([]byte(strings.Replace(whole, `"1.0.0"`, `"`+v+`"`, 1))); err != nil {
			t.Errorf("%s: %v", v, err)
		}
	}
}

func TestH37Needs(t *testing.T) {
	t.Parallel()
	many := make([]string, 10_000)
	for i := range many {
		many[i] = fmt.Sprintf(`{"contract": "dep%d"}`, i)
	}
	begun := time.Now()
	refusals{`"needs": []`, ReasonDependency, 9, map[string]string{
		"itself":       `"needs": [{"contract": "hello"}]`,
		"twice":        `"needs": [{"contract": "base"}, {"contract": "base", "range": "^1"}]`,
		"no range":     `"needs": [{"contract": "base", "range": "not much"}]`,
		"no contract":  `"needs": [{"contract": "../base"}]`,
		"ten thousand": `"needs": [` + strings.Join(many, ",") + `]`,
	}}.check(t)
	t.Logf("%s", time.Since(begun)) // the row asks for 100 ms each
}

func TestH38Routes(t *testing.T) {
	t.Parallel()
	operation := func(name string) string {
		return `"operations": [{"name": "` + name + `", "kind": "query", "input": {"type": "object"}, "output": {"type": "object"}}]`
	}
	refusals{`"operations": []`, ReasonRoute, 11, map[string]string{
		"another's":  operation("stock.move"),
		"the host's": operation("host.apps"),
		"everything": operation("hello.*"),
		"a path":     operation("hello.a/b"),
		"a param":    operation("hello.{id}"),
		"twice":      strings.Replace(operation("hello.ask"), `"}}]`, `"}}, {"name": "hello.ask", "kind": "command", "input": {"type": "object"}, "output": {"type": "object"}}]`, 1),
	}}.check(t)
	refusals{`"contract": "hello"`, ReasonRoute, 11, map[string]string{"host": `"contract": "host"`, "v1": `"contract": "v1"`, "a path": `"contract": "a/b"`}}.check(t)
}

func TestH39Grants(t *testing.T) {
	t.Parallel()
	r := refusals{`"grants": []`, ReasonCapability, 10, map[string]string{}}
	for _, call := range []string{"*", "catalog.*", "catalog", "*.products", "catalog.products.all", "Catalog.products", ""} {
		r.now["call "+call] = `"grants": [{"call": "` + call + `", "why": {"it": "x", "en": "y"}}]`
	}
	for _, host := range []string{"*", "*.example.com", "10.0.0.0/8", "10.0.0.1", "127.0.0.1", "0x7f.1", "[::1]", "::1", "localhost", "a.localhost", "example.com:0", "example.com:99999", "example.com:443", "https://example.com", "example.com/x", "EXAMPLE.com", "user@example.com", "2130706433", "169.254.169.254"} {
		r.now["host "+host] = `"grants": [{"http": "` + host + `", "why": {"it": "x", "en": "y"}}]`
	}
	r.now["both"] = `"grants": [{"call": "a1.b", "http": "example.com", "why": {"it": "x", "en": "y"}}]`
	r.now["neither"] = `"grants": [{"why": {"it": "x", "en": "y"}}]`
	r.now["twice"] = `"grants": [{"call": "a1.b", "why": {"it": "x", "en": "y"}}, {"call": "a1.b", "why": {"it": "x", "en": "y"}}]`
	r.now["bounds of a host"] = `"grants": [{"http": "example.com", "bounds": {"slot": "a1.b"}, "why": {"it": "x", "en": "y"}}]`
	r.now["secret of a call"] = `"grants": [{"call": "a1.b", "secret": {"setting": "s", "header": "X"}, "why": {"it": "x", "en": "y"}}]`
	r.check(t)
	if p := first(t, `"grants": []`, r.now["host example.com:443"]); p.Pointer != "/grants/0/http" || !strings.Contains(p.Text, "leave the port out") {
		t.Errorf("the port that no port means: %+v", p)
	}
	for _, host := range []string{"api.example.com", "example.com:8443", "1.example.com"} {
		if _, err := Parse([]byte(strings.Replace(whole, `"grants": []`, `"grants": [{"http": "`+host+`", "why": {"it": "x", "en": "y"}}]`, 1))); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestH40SettingsSchema(t *testing.T) {
	t.Parallel()
	const old = `"settings": {"type": "object"}, "types": {}`
	settings := func(s, types string) string { return `"settings": ` + s + `, "types": {` + types + `}` }
	field := func(s string) string { return settings(`{"type": "object", "properties": {"a": `+s+`}}`, "") }
	refusals{old, ReasonSchemaRef, 11, map[string]string{
		"remote":         field(`{"$ref": "https://example.com/schema.json"}`),
		"a file":         field(`{"$ref": "file:///etc/passwd"}`),
		"unknown":        field(`{"$ref": "#/types/Nobody"}`),
		"recursive":      settings(`{"$ref": "#/types/A"}`, `"A": {"type": "object", "properties": {"a": {"$ref": "#/types/A"}}}`),
		"in two steps":   settings(`{"$ref": "#/types/A"}`, `"A": {"type": "array", "items": {"$ref": "#/types/B"}}, "B": {"type": "object", "properties": {"a": {"$ref": "#/types/A"}}}`),
		"outside itself": field(`{"$ref": "#/provides/settings"}`),
	}}.check(t)
	big := `{"type": "string", "description": "` + strings.Repeat("x", 70_000) + `"}`
	doubling := `"T0": {"type": "string", "description": "` + strings.Repeat("x", 600) + `"}`
	for i := 1; i < 30; i++ {
		doubling += fmt.Sprintf(`, "T%d": {"type": "object", "properties": {"a": {"$ref": "#/types/T%d"}, "b": {"$ref": "#/types/T%d"}}}`, i, i-1, i-1)
	}
	refusals{old, ReasonSchemaSize, 11, map[string]string{"long": field(big), "that doubles": settings(`{"$ref": "#/types/T29"}`, doubling)}}.check(t)
	refusals{old, ReasonSchema, 11, map[string]string{
		"a pattern":       field(`{"type": "string", "pattern": "^(a+)+$"}`),
		"any of":          field(`{"anyOf": [{"type": "string"}]}`),
		"a number":        field(`{"type": "number"}`),
		"a nested secret": field(`{"type": "object", "properties": {"b": {"type": "string", "format": "secret"}}}`),
		"a secret list":   field(`{"type": "array", "items": {"type": "string", "format": "secret"}}`),
		"a secret number": field(`{"type": "integer", "format": "secret"}`),
	}}.check(t)
}
