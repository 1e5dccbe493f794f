package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// item is what the host takes or refuses as one: a product, a price, a line of
// a delivery, a receipt.
type item struct {
	id     string
	group  string // items of different groups go in different batches
	refers string // id of what must be on the host: a VAT class, a list, a place, a store
	kind   string // of a receipt
	skus   []string
	rows   []row
	body   any             // until it is sealed
	raw    json.RawMessage // body as it is sent
	weight int             // roughly, what the host writes or reads for it

	quantity int64 // of a line of a delivery

	exact decimal // of a receipt: Σ quantity × unit price, unrounded
	total int64   // of a receipt: Σ of its lines, each rounded to minor units
}

// sku is that of an item of one SKU.
func (it *item) sku() string {
	if len(it.skus) == 1 {
		return it.skus[0]
	}
	return ""
}

// badRow is a row that is rejected before anything is sent.
type badRow struct {
	row
	reason string
}

// items gathers the rows of a file into items, in the order in which each
// first appears.
type items struct {
	table *table
	all   []*item
	byID  map[string]*item
	bad   []badRow
	spoil map[string]string // receipt to what is wrong with one of its rows
	rows  int
	notes notes
}

// readItems reads the whole file. What is wrong with single rows is in bad,
// by line; the error is that the file cannot be read on.
func readItems(t *table) (*items, error) {
	g := &items{table: t, byID: map[string]*item{}, spoil: map[string]string{}, notes: newNotes(t)}
	take := map[string]func(row) error{"products": g.product, "prices": g.price, "deliveries": g.delivery, "receipts": g.receipt}[t.step.As]
	for {
		w, err := t.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			g.notes.row(t, w)
			err = take(w)
		}
		if err != nil && !errors.Is(err, errRow) {
			return nil, fmt.Errorf("the file cannot be read on after its %d rows: %w", g.rows, err)
		}
		g.rows++
		if err != nil {
			g.reject(w, err)
		}
	}
	g.dropSpoiled()
	return g, g.seal()
}

// reject remembers a bad row, and that the receipt it belongs to is not whole.
func (g *items) reject(w row, err error) {
	reason := errText(err)
	g.bad = append(g.bad, badRow{w, reason})
	if g.table.step.As == "receipts" {
		if number := g.table.text(w, "number"); number != "" && g.spoil[number] == "" {
			g.spoil[number] = fmt.Sprintf("the document is not whole: its row on line %d was rejected: %s", w.line, reason)
		}
	}
}

// errText is the reason of a bad row for people.
func errText(err error) string {
	text := err.Error()
	if len(text) > len("row: ") && text[:len("row: ")] == "row: " {
		return text[len("row: "):]
	}
	return text
}

// dropSpoiled takes out receipts of which a row is missing: in part they would
// have another total, and could not be completed later.
func (g *items) dropSpoiled() {
	if len(g.spoil) == 0 {
		return
	}
	g.all = slices.DeleteFunc(g.all, func(i *item) bool {
		reason, spoiled := g.spoil[i.id]
		if spoiled {
			for _, w := range i.rows {
				g.bad = append(g.bad, badRow{w, reason})
			}
		}
		return spoiled
	})
	slices.SortStableFunc(g.bad, func(a, b badRow) int { return cmp.Compare(a.line, b.line) })
}

// seal fixes what is sent of each item.
func (g *items) seal() error {
	for _, i := range g.all {
		raw, err := json.Marshal(i.body)
		if err != nil {
			return fmt.Errorf("write %s as JSON: %w", i.id, err)
		}
		i.raw, i.body = raw, nil
	}
	return nil
}

// add begins an item.
func (g *items) add(i *item) *item {
	g.byID[i.id] = i
	g.all = append(g.all, i)
	return i
}

// importedProduct is catalog.Product as far as files have it.
type importedProduct struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Kind     string            `json:"kind,omitempty"`
	Brand    string            `json:"brand,omitempty"`
	Line     string            `json:"line,omitempty"`
	Season   string            `json:"season,omitempty"`
	Supplier string            `json:"supplier,omitempty"`
	Category string            `json:"category,omitempty"`
	VAT      []object          `json:"vat"`
	Variants []importedVariant `json:"variants"`
}

type importedVariant struct {
	SKU      string   `json:"sku"`
	Size     string   `json:"size,omitempty"`
	Colour   string   `json:"colour,omitempty"`
	Barcodes []object `json:"barcodes,omitempty"`

	Attributes []importedAttribute `json:"attributes,omitempty"`
}

type importedAttribute struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// maxVariants are the variants of one put; a product with more comes in parts.
const maxVariants = 100

// product makes one product per id, or per SKU where there is no id, and one
// variant per SKU. The first row that names a product says what it is, but for
// an empty name, which a later row may fill in.
func (g *items) product(w row) error {
	t := g.table
	sku, err := t.needed(w, "sku")
	if err != nil {
		return err
	}
	id, name := cmp.Or(t.text(w, "id"), sku), t.text(w, "name")
	i := g.byID[id]
	if i == nil {
		i = g.add(g.newProduct(w, id, name))
	}
	p := i.body.(*importedProduct)
	if p.Name == t.step.Columns["name"].Default {
		p.Name = name
	}
	i.rows = append(i.rows, w)
	g.notes.product(t, w, id)
	if slices.ContainsFunc(p.Variants, func(v importedVariant) bool { return v.SKU == sku }) {
		return nil
	}
	if len(p.Variants) == maxVariants {
		i.rows = i.rows[:len(i.rows)-1]
		i = g.add(g.newProduct(w, id, p.Name))
		i.rows, p = []row{w}, i.body.(*importedProduct)
	}
	p.Variants, i.skus = append(p.Variants, g.variant(w, sku)), append(i.skus, sku)
	i.weight++
	return nil
}

func (g *items) newProduct(w row, id, name string) *item {
	t := g.table
	class := t.text(w, "vat_class")
	return &item{id: id, refers: class, weight: 3, body: &importedProduct{
		ID: id, Name: name, Kind: t.text(w, "kind"), Brand: t.text(w, "brand"), Line: t.text(w, "line"), Season: t.text(w, "season"),
		Supplier: t.text(w, "supplier"), Category: t.text(w, "category"), VAT: []object{{"class": class}},
	}}
}

func (g *items) variant(w row, sku string) importedVariant {
	t := g.table
	v := importedVariant{SKU: sku, Size: t.text(w, "size"), Colour: t.text(w, "colour")}
	if gtin := t.text(w, "gtin"); gtin != "" {
		v.Barcodes = []object{{"gtin": gtin}}
	}
	v.Attributes = t.attributes(w)
	return v
}

// attributes are the further attributes of a row's SKU, by name. An empty cell is none.
func (t *table) attributes(w row) (all []importedAttribute) {
	for _, field := range t.step.attributes() {
		text := t.text(w, field)
		if text == "" {
			continue
		}
		a := importedAttribute{Name: strings.TrimPrefix(field, attributePrefix), Values: []string{text}}
		if split := t.step.Columns[field].Split; split != "" {
			a.Values = slices.DeleteFunc(splitCell(text, split), func(v string) bool { return v == "" })
		}
		all = append(all, a)
	}
	return all
}

// splitCell takes the values of a cell apart, without outer spaces.
func splitCell(text, at string) []string {
	values := strings.Split(text, at)
	for i, v := range values {
		values[i] = strings.TrimSpace(v)
	}
	return values
}

// attributes are the fields of the step that are further attributes, in order.
func (s *step) attributes() (fields []string) {
	for _, field := range slices.Concat(slices.Collect(maps.Keys(s.Columns)), slices.Collect(maps.Keys(s.Constants))) {
		if strings.HasPrefix(field, attributePrefix) {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return fields
}

func (g *items) price(w row) error {
	t := g.table
	list, err := t.needed(w, "list")
	if err != nil {
		return err
	}
	sku, err := t.needed(w, "sku")
	if err != nil {
		return err
	}
	d, err := t.decimal(w, "amount")
	if err != nil {
		return err
	}
	amount, err := d.minor()
	if err != nil || !d.whole() {
		return fmt.Errorf("%w: amount %s is finer than a cent", errRow, d)
	}
	id := list + "\x00" + sku
	if first := g.byID[id]; first != nil {
		return fmt.Errorf("%w: list %s has the SKU %s on line %d already", errRow, list, sku, first.rows[0].line)
	}
	g.add(&item{id: id, group: list, refers: list, skus: []string{sku}, rows: []row{w}, weight: 1, body: object{"sku": sku, "amount": amount}})
	return nil
}

func (g *items) delivery(w row) error {
	t := g.table
	place, err := t.needed(w, "place")
	if err != nil {
		return err
	}
	document, err := t.needed(w, "document")
	if err != nil {
		return err
	}
	sku, err := t.needed(w, "sku")
	if err != nil {
		return err
	}
	quantity, err := t.integer(w, "quantity")
	if err != nil {
		return err
	}
	group := place + "\x00" + document
	id := group + "\x00" + sku
	if first := g.byID[id]; first != nil {
		return fmt.Errorf("%w: document %s brings the SKU %s to %s on line %d already", errRow, document, sku, place, first.rows[0].line)
	}
	g.add(&item{id: id, group: group, refers: place, skus: []string{sku}, rows: []row{w}, weight: 1, quantity: quantity, body: object{"sku": sku, "quantity": quantity}})
	return nil
}
