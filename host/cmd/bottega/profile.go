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
	Count     []counting        `json:"count,omitempty"`     // rows that the report counts

	mapped map[string]bool // of the last step: the columns that some step takes
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
	Split      string `json:"split,omitempty"`   // of attributes: what stands between several values
}

type documentKind struct {
	Prefix string `json:"prefix"`
	Kind   string `json:"kind"`
}

// counting names rows worth a line in the report. It changes nothing else.
type counting struct {
	Column string `json:"column"`
	Prefix string `json:"prefix"` // of the cell
	Text   string `json:"text"`   // what such rows are
}

// stepFields are the fields that each kind of step needs and may have.
var stepFields = map[string]struct{ needs, may []string }{
	"products":   {[]string{"sku", "name", "vat_class"}, []string{"id", "brand", "line", "season", "supplier", "category", "size", "colour", "gtin", "kind"}},
	"prices":     {[]string{"list", "sku", "amount"}, nil},
	"deliveries": {[]string{"place", "document", "sku", "quantity"}, nil},
	"receipts":   {[]string{"number", "store", "till", "at", "sku", "quantity", "unit_price"}, []string{"description", "customer", "currency", "cashier", "channel", "vat_rate"}},
}

// attributePrefix begins the fields of products that are further attributes:
// attribute.material.
const attributePrefix = "attribute."

// readProfile reads a profile from a file, or one that comes with the binary.
func readProfile(name string) (*profile, error) {
	text, err := profiles.ReadFile("profiles/" + name + ".json")
	if err != nil {
		text, err = os.ReadFile(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("profile %s: there is no such file, and none of that name comes with bottega; there are %s", name, builtinProfiles())
	}
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	p, err := parseProfile(text)
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	return p, nil
}

// builtinProfiles lists the profiles that come with the binary.
func builtinProfiles() string {
	entries, err := profiles.ReadDir("profiles")
	if err != nil {
		return "none"
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	return strings.Join(names, ", ")
}

// parseProfile reads a profile strictly: every name known, one document.
func parseProfile(text []byte) (*profile, error) {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	d.DisallowUnknownFields()
	p := &profile{}
	if err := d.Decode(p); err != nil {
		return nil, inLine(text, err)
	}
	if d.More() {
		return nil, errors.New("there is more after the profile's closing brace")
	}
	sum := sha256.Sum256(text)
	p.digest = hex.EncodeToString(sum[:])
	if err := p.check(); err != nil {
		return nil, err
	}
	mapped := map[string]bool{}
	for _, s := range p.Steps {
		for _, c := range s.Columns {
			mapped[c.Column] = true
		}
	}
	p.Steps[len(p.Steps)-1].mapped = mapped
	return p, nil
}

// inLine says on which line of a text JSON could not be read, where that is
// known.
func inLine(text []byte, err error) error {
	offset := int64(-1)
	if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
		offset = e.Offset
	}
	if e := (*json.UnmarshalTypeError)(nil); errors.As(err, &e) {
		offset = e.Offset
	}
	if offset < 0 {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:min(int(offset), len(text))], []byte("\n")), err)
}

func (p *profile) check() error {
	if len(p.Steps) == 0 {
		return errors.New(`a profile has at least one step: "steps":[{"as":"products",…}]`)
	}
	for i, c := range p.Before {
		if contract, name, ok := strings.Cut(c.Operation, "."); !ok || contract == "" || name == "" {
			return fmt.Errorf("before %d: %q is no operation: write contract.operation, for example catalog.put_store", i+1, c.Operation)
		}
	}
	for i := range p.Steps {
		if err := p.Steps[i].check(); err != nil {
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
	known := slices.Concat(fields.needs, fields.may)
	for _, f := range fields.needs {
		if _, column := s.Columns[f]; !column && s.Constants[f] == "" {
			return fmt.Errorf("%s need the field %q: give it a column or a constant", s.As, f)
		}
	}
	for f := range s.Constants {
		if err := s.checkField(f, known); err != nil {
			return err
		}
		if _, twice := s.Columns[f]; twice {
			return fmt.Errorf("field %q has a column and a constant: one of them is too many; an empty cell takes the column's default", f)
		}
	}
	for f, c := range s.Columns {
		if err := errors.Join(s.checkField(f, known), c.check()); err != nil {
			return fmt.Errorf("field %q: %w", f, err)
		}
	}
	return s.checkRest()
}

func (s *step) checkField(f string, known []string) error {
	name, attribute := strings.CutPrefix(f, attributePrefix)
	if attribute = attribute && s.As == "products" && name != ""; attribute || slices.Contains(known, f) {
		if s.Columns[f].Split != "" && !attribute {
			return errors.New("split is for attributes: only these have several values")
		}
		return nil
	}
	return fmt.Errorf("%s have no field %q; they have %s", s.As, f, strings.Join(known, ", "))
}

// checkRest checks what is not a field.
func (s *step) checkRest() error {
	comma, _ := utf8.DecodeRuneInString(s.Comma)
	if s.Comma != "" && (utf8.RuneCountInString(s.Comma) != 1 || strings.ContainsRune("\"\r\n\ufffd", comma)) {
		return fmt.Errorf(`comma %q: write one character that is no quote and no line break, for example ";" or "\t"`, s.Comma)
	}
	for _, k := range s.Kinds {
		if k.Prefix == "" || k.Kind == "" {
			return errors.New("kinds: each has a prefix and a kind")
		}
	}
	for _, c := range s.Count {
		if c.Column == "" || c.Prefix == "" || c.Text == "" {
			return errors.New("count: each has a column, a prefix and a text")
		}
	}
	if s.As == "receipts" && (s.Prefix == "" || strings.Contains(s.Prefix, "/")) {
		return errors.New(`receipts need a prefix without a slash, for example "old:", so that their numbers are unique among all sources`)
	}
	return nil
}

func (c column) check() error {
	if c.Column == "" {
		return errors.New(`"column" is missing: the name in the header`)
	}
	if c.Decimal != "" && c.Decimal != "." && c.Decimal != "," {
		return fmt.Errorf(`decimal %q: write "." or ","`, c.Decimal)
	}
	if c.Zone == "Local" {
		return errors.New("zone Local would depend on this machine: write its name, for example Europe/Rome")
	}
	if _, err := time.LoadLocation(c.Zone); err != nil {
		return fmt.Errorf("zone %q is not known: write a name such as Europe/Rome", c.Zone)
	}
	if c.Layout != "" && time.Unix(0, 0).UTC().Format(c.Layout) == time.Unix(1<<30, 0).UTC().Format(c.Layout) {
		return fmt.Errorf("layout %q has no date in it: write the instant 2006-01-02 15:04:05 as the file would", c.Layout)
	}
	return nil
}

// ownZone says whether instants of this layout name their zone.
func (c column) ownZone() bool {
	layout := c.Layout
	return layout == "" || strings.Contains(layout, "07") || strings.Contains(layout, "MST")
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
