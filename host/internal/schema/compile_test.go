package schema

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	types := map[string]json.RawMessage{
		"Self":  json.RawMessage(`{"type":"object","properties":{"s":{"type":"array","items":{"$ref":"#/types/Self"}}}}`),
		"Ping":  json.RawMessage(`{"type":"array","items":{"$ref":"#/types/Pong"}}`),
		"Pong":  json.RawMessage(`{"type":"array","items":{"$ref":"#/types/Ping"}}`),
		"Plain": json.RawMessage(`{"type":"string"}`),
	}
	for _, c := range []struct{ name, schema, want string }{
		{"no JSON", `{`, "unexpected EOF"},
		{"no type", `{}`, `type ""`},
		{"float", `{"type":"number"}`, `type "number"`},
		{"several types", `{"type":["string","null"]}`, "schema"},
		{"pattern", `{"type":"string","pattern":"(a+)+$"}`, "pattern"},
		{"union", `{"oneOf":[]}`, "oneOf"},
		{"maps", `{"type":"object","additionalProperties":{"type":"string"}}`, "additionalProperties"},
		{"remote", `{"$ref":"https://example.com/x"}`, "$ref"},
		{"unknown type", `{"$ref":"#/types/None"}`, "$ref"},
		{"itself", `{"$ref":"#/types/Self"}`, "contains itself"},
		{"itself by another", `{"$ref":"#/types/Ping"}`, "contains itself"},
		{"no items", `{"type":"array"}`, "items"},
		{"required unknown", `{"type":"object","required":["x"]}`, "required x"},
		{"property twice", `{"type":"object","properties":{"x":{"type":"string"},"x":{"type":"string"}}}`, "declared twice"},
		{"encoding", `{"type":"string","contentEncoding":"base32"}`, "contentEncoding"},
		{"enum of another type", `{"type":"string","enum":[1]}`, "enum"},
		{"bound with decimals", `{"type":"integer","minimum":0.5}`, "minimum"},
		{"too deep", strings.Repeat(`{"type":"array","items":`, 70) + `{"type":"string"}` + strings.Repeat("}", 70), "deeper"},
		{"too big", `{"type":"string","description":"` + strings.Repeat("x", maxBytes) + `"}`, "larger"},
		{"where it is", `{"type":"object","properties":{"lines":{"type":"array","items":{"type":"nil"}}}}`, "property lines: items: type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Compile(json.RawMessage(c.schema), types)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something about %s", err, c.want)
			}
		})
	}
}

func TestCompileOfNothingHasNoProperties(t *testing.T) {
	t.Parallel()
	s := compile(t, ``, nil)
	if wire, err := s.ToWire([]byte(`{}`)); string(wire) != "\x80" || err != nil {
		t.Errorf("got %x, %v", wire, err)
	}
	if _, err := s.ToWire([]byte(`{"x":1}`)); err == nil {
		t.Error("an unknown field was taken")
	}
}

// Types that refer to the next one twice double at each step; each is compiled
// once, and their depth is still counted.
func TestCompileSharesTypes(t *testing.T) {
	t.Parallel()
	types := map[string]json.RawMessage{}
	for i := range 80 {
		ref := fmt.Sprintf(`{"$ref":"#/types/T%d"}`, i+1)
		types[fmt.Sprintf("T%d", i)] = json.RawMessage(`{"type":"object","properties":{"a":` + ref + `,"b":` + ref + `}}`)
	}
	types["T80"] = json.RawMessage(`{"type":"string"}`)
	if _, err := Compile(json.RawMessage(`{"$ref":"#/types/T20"}`), types); err != nil {
		t.Errorf("60 levels: %v", err)
	}
	if _, err := Compile(json.RawMessage(`{"$ref":"#/types/T0"}`), types); err == nil {
		t.Error("80 levels were taken")
	}
	// The shared type is met first near the root and then deeper than fits.
	deep := strings.Repeat(`{"type":"array","items":`, 10) + `{"$ref":"#/types/T20"}` + strings.Repeat("}", 10)
	if _, err := Compile(json.RawMessage(`{"type":"object","properties":{"a":{"$ref":"#/types/T20"},"b":`+deep+`}}`), types); err == nil {
		t.Error("a shared type was taken deeper than the limit")
	}
}
