package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// item is what the host takes or refuses as one: a product, a price, a line of
// a delivery, a receipt.
type item struct {
	id     string
	group  string // items of different groups go in different batches
	rows   []row
	body   object
	weight int // roughly, lines

	exact decimal // of a receipt: Σ quantity × unit price, unrounded
	total int64   // of a receipt: Σ of its lines, each rounded to minor units
}

// items gathers the rows of a file into items, in the order in which each
// first appears. Rows that cannot be read are handed to bad.
type items struct {
	table *table
	all   []*item
	byID  map[string]*item
	rows  int
	notes notes
}

func readItems(t *table, bad func(row, string) error) (*items, error) {
	g := &items{table: t, byID: map[string]*item{}}
	take := map[string]func(row) error{"products": g.product, "prices": g.price, "deliveries": g.delivery, "receipts": g.receipt}[t.step.As]
	for {
		w, err := t.next()
		if errors.Is(err, io.EOF) {
			return g, nil
		}
		if err == nil {
			err = take(w)
		}
		g.rows++
		if errors.Is(err, errRow) {
			err = bad(w, err.Error())
		}
		if err != nil {
			return nil, err
		}
	}
}

// item finds the item of an id, or begins one.
func (g *items) item(id, group string, body func() object) *item {
	if i := g.byID[id]; i != nil {
		return i
	}
	i := &item{id: id, group: group, body: body()}
	g.byID[id] = i
	g.all = append(g.all, i)
	return i
}

// product makes one product per id, or per SKU where there is no id, and one
// variant per SKU. The first row that names a product says what it is.
func (g *items) product(w row) error {
	t := g.table
	sku, err := t.needed(w, "sku")
	if err != nil {
		return err
	}
	id := t.text(w, "id")
	if id == "" {
		id = sku
	}
	i := g.item(id, "", func() object {
		p := object{"id": id, "name": t.text(w, "name"), "vat": []object{{"class": t.text(w, "vat_class")}}, "variants": []object{}}
		for _, field := range []string{"kind", "brand", "line", "season", "supplier", "category"} {
			setText(p, field, t.text(w, field))
		}
		return p
	})
	i.rows = append(i.rows, w)
	g.notes.product(t.text(w, "name"), i)
	variants := i.body["variants"].([]object)
	if slices.ContainsFunc(variants, func(v object) bool { return v["sku"] == sku }) {
		return nil
	}
	v := object{"sku": sku}
	setText(v, "size", t.text(w, "size"))
	setText(v, "colour", t.text(w, "colour"))
	if gtin := t.text(w, "gtin"); gtin != "" {
		v["barcodes"] = []object{{"gtin": gtin}}
	}
	i.body["variants"] = append(variants, v)
	i.weight++
	return nil
}

func setText(o object, field, value string) {
	if value != "" {
		o[field] = value
	}
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
	if err != nil || d.scale > 2 {
		return fmt.Errorf("%w: amount %s is finer than a cent", errRow, d)
	}
	if g.byID[list+"\x00"+sku] != nil {
		return fmt.Errorf("%w: list %s has the SKU %s twice", errRow, list, sku)
	}
	i := g.item(list+"\x00"+sku, list, func() object { return object{"sku": sku, "amount": amount} })
	i.rows, i.weight = []row{w}, 1
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
	if g.byID[group+"\x00"+sku] != nil {
		return fmt.Errorf("%w: document %s brings the SKU %s to %s twice", errRow, document, sku, place)
	}
	i := g.item(group+"\x00"+sku, group, func() object { return object{"sku": sku, "quantity": quantity} })
	i.rows, i.weight = []row{w}, 1
	return nil
}

// receipt gathers the lines of one document, wherever they stand in the file.
func (g *items) receipt(w row) error {
	t := g.table
	number, err := t.needed(w, "number")
	if err != nil {
		return err
	}
	line, exact, err := g.receiptLine(w)
	if err != nil {
		return err
	}
	at, err := t.instant(w, "at")
	if err != nil {
		return err
	}
	i := g.item(t.step.Prefix+number, "", func() object {
		d := object{"external": t.step.Prefix + number, "number": number, "store": t.text(w, "store"), "till": t.text(w, "till"), "at": at, "lines": []object{}}
		setText(d, "kind", t.step.kind(number))
		for _, field := range []string{"customer", "currency", "cashier", "channel"} {
			setText(d, field, t.text(w, field))
		}
		return d
	})
	if at < i.body["at"].(string) {
		i.body["at"] = at // a document is of its first line
	}
	i.rows = append(i.rows, w)
	i.body["lines"] = append(i.body["lines"].([]object), line)
	i.weight++
	i.exact = i.exact.plus(exact)
	i.total += line["amount"].(int64)
	g.notes.receipt(t, w, number, line, exact)
	return nil
}

func (g *items) receiptLine(w row) (object, decimal, error) {
	t := g.table
	sku, err := t.needed(w, "sku")
	if err != nil {
		return nil, decimal{}, err
	}
	quantity, err := t.integer(w, "quantity")
	if err != nil {
		return nil, decimal{}, err
	}
	price, err := t.decimal(w, "unit_price")
	if err != nil {
		return nil, decimal{}, err
	}
	exact := price.times(quantity)
	amount, err := exact.minor()
	if err != nil {
		return nil, decimal{}, fmt.Errorf("%w: %d × %s is too much", errRow, quantity, price)
	}
	line := object{"sku": sku, "quantity": quantity, "unit_price": price.String(), "amount": amount}
	setText(line, "description", t.text(w, "description"))
	if rate := t.text(w, "vat_rate"); rate != "" {
		n, err := strconv.ParseInt(rate, 10, 64)
		if err != nil {
			return nil, exact, fmt.Errorf("%w: vat_rate %q is no number of basis points", errRow, rate)
		}
		line["vat_rate"] = n
	}
	return line, exact, nil
}
