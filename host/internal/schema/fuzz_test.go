package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// What ToWire takes is JSON for encoding/json too, comes back through ToJSON,
// and gives the same bytes again.
func FuzzToWire(f *testing.F) {
	s := compile(f, saleSchema, saleTypes)
	f.Add([]byte(`{"store":"A","lines":[{"sku":"x","quantity":1}]}`))
	f.Add([]byte(`{"lines":[{"quantity":3,"sku":"\u00e8","price":-1,"unit_shares":[1,2],"gift":true}],"store":"A","at":"2026-11-21T17:05:00.120Z","zone":"Europe/Rome","rate":400,"note":"AA==","channel":"web","first/~":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		wire, err := s.ToWire(body)
		if err != nil {
			var e *abi.Error
			if !errors.As(err, &e) || e.Code != abi.Invalid || e.Reason == "" {
				t.Fatalf("%s: %v", body, err)
			}
			return
		}
		if !json.Valid(body) {
			t.Fatalf("took %q, which is no JSON", body)
		}
		if !abi.ValidRecord(wire) {
			t.Fatalf("%s became %x, which is no record", body, wire)
		}
		back, err := s.ToJSON(wire)
		if err != nil {
			t.Fatalf("%s does not come back: %v", body, err)
		}
		again, err := s.ToWire(back)
		if err != nil || !bytes.Equal(again, wire) {
			t.Fatalf("%s came back as %s: %x, %v; want %x", body, back, again, err, wire)
		}
	})
}

// Whatever a guest answers is refused or becomes JSON.
func FuzzToJSON(f *testing.F) {
	s := compile(f, saleSchema, saleTypes)
	seed, err := s.ToWire([]byte(`{"store":"A","lines":[{"sku":"x","quantity":1,"gift":true,"unit_shares":[5]}],"at":"2026-11-21T17:05:00Z","note":"AA=="}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{0x81, 0xa5, 'l', 'i', 'n', 'e', 's', 0xdd, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, wire []byte) {
		out, err := s.ToJSON(wire)
		if err == nil && !json.Valid(out) {
			t.Fatalf("%x became %q", wire, out)
		}
		if len(out) > 64*(len(wire)+1) {
			t.Fatalf("%d bytes became %d", len(wire), len(out))
		}
	})
}

// A manifest may come from anywhere.
func FuzzCompile(f *testing.F) {
	f.Add([]byte(saleSchema), []byte(saleTypes["Line"]))
	f.Fuzz(func(t *testing.T, raw, line []byte) {
		types := map[string]json.RawMessage{"Line": line, "Channel": saleTypes["Channel"]}
		if s, err := Compile(raw, types); err == nil {
			_, _ = s.ToWire([]byte(`{"store":"A","lines":[{"sku":"x","quantity":1}]}`))
		}
	})
}

func FuzzFromQuery(f *testing.F) {
	s := compile(f, `{"type":"object","properties":{"s":{"type":"string"},"n":{"type":"integer"},"b":{"type":"boolean"},
		"at":{"type":"string","format":"date-time"},"bin":{"type":"string","contentEncoding":"base64"},"a":{"type":"array","items":{"type":"integer"}}}}`, nil)
	f.Add("s=x&n=-1&b=true&at=1970-01-01T00:00:00Z&bin=AA==&a=1&a=2")
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		wire, err := s.FromQuery(values)
		if err != nil {
			return
		}
		back, err := s.ToJSON(wire)
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		if again, err := s.ToWire(back); err != nil || !bytes.Equal(again, wire) {
			t.Fatalf("%q became %s: %x, %v; want %x", query, back, again, err, wire)
		}
	})
}
