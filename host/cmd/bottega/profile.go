package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed profiles/*.json
var profiles embed.FS

// profile says how the columns of a CSV file become products, prices,
// deliveries and receipts.
type profile struct {
	Name   string        `json:"name,omitempty"`
	Before []profileCall `json:"before,omitempty"` // what must be there first
	Steps  []step        `json:"steps"`

	digest string
}

// profileCall is an operation that may be repeated.
type profileCall struct {
	Operation string `json:"operation"`
	Input     object `json:"input"`
}

// step turns rows into records of one kind.
type step struct {
	As        string            `json:"as"` // products, prices, deliveries or receipts
	Comma     string            `json:"comma,omitempty"`
	Columns   map[string]column `json:"columns"`             // field to where it comes from
	Constants map[string]string `json:"constants,omitempty"` // fields that are the same in every row
	Prefix    string            `json:"prefix,omitempty"`    // of the external id of a receipt, unique to the source
	Kinds     []documentKind    `json:"kinds,omitempty"`     // of receipts, by the beginning of their number
}

// column is where a field comes from and how it is read. Outer spaces are
// always cut off.
type column struct {
	Column     string `json:"column"`
	TrimSuffix string `json:"trim_suffix,omitempty"`
	Decimal    string `json:"decimal,omitempty"` // of amounts: "." or ","
	Layout     string `json:"layout,omitempty"`  // of instants, as Go's time package writes it
	Zone       string `json:"zone,omitempty"`    // of instants without one
	Default    string `json:"default,omitempty"` // of an empty cell
}

type documentKind struct {
	Prefix string `json:"prefix"`
	Kind   string `json:"kind"`
}

// stepFields are the fields that each kind of step needs and may have.
var stepFields = map[string]struct{ needs, may []string }{
	"products":   {[]string{"sku", "name", "vat_class"}, []string{"id", "brand", "line", "season", "supplier", "category", "size", "colour", "gtin", "kind"}},
	"prices":     {[]string{"list", "sku", "amount"}, nil},
	"deliveries": {[]string{"place", "document", "sku", "quantity"}, nil},
	"receipts":   {[]string{"number", "store", "till", "at", "sku", "quantity", "unit_price"}, []string{"description", "customer", "currency", "cashier", "channel", "vat_rate"}},
}

// readProfile reads a profile from a file, or one that comes with the binary.
func readProfile(name string) (*profile, error) {
	text, err := profiles.ReadFile("profiles/" + name + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	p := &profile{}
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	sum := sha256.Sum256(text)
	p.digest = hex.EncodeToString(sum[:])
	return p, p.check()
}

func (p *profile) check() error {
	if len(p.Steps) == 0 {
		return errors.New("a profile has at least one step")
	}
	for i, s := range p.Steps {
		if err := s.check(); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func (s *step) check() error {
	fields, ok := stepFields[s.As]
	if !ok {
		return fmt.Errorf("as %q: write products, prices, deliveries or receipts", s.As)
	}
	for _, f := range fields.needs {
		if _, column := s.Columns[f]; !column && s.Constants[f] == "" {
			return fmt.Errorf("%s need the field %q: give it a column or a constant", s.As, f)
		}
	}
	for f, c := range s.Columns {
		if !slices.Contains(fields.needs, f) && !slices.Contains(fields.may, f) {
			return fmt.Errorf("%s have no field %q: %s", s.As, f, strings.Join(append(fields.needs, fields.may...), ", "))
		}
		if _, err := time.LoadLocation(c.Zone); err != nil {
			return fmt.Errorf("field %q: %w", f, err)
		}
	}
	if utf8.RuneCountInString(s.Comma) > 1 {
		return fmt.Errorf("comma %q is more than one character", s.Comma)
	}
	if s.As == "receipts" && s.Prefix == "" {
		return errors.New("receipts need a prefix, so that their numbers are unique among all sources")
	}
	return nil
}

// kind is the kind of a document by its number.
func (s *step) kind(number string) string {
	for _, k := range s.Kinds {
		if strings.HasPrefix(number, k.Prefix) {
			return k.Kind
		}
	}
	return ""
}
