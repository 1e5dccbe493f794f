package main

import (
	"fmt"
	"strconv"
)

// importedReceipt is till.Document as far as files have it.
type importedReceipt struct {
	External string         `json:"external"`
	Number   string         `json:"number"`
	Kind     string         `json:"kind,omitempty"`
	Store    string         `json:"store"`
	Till     string         `json:"till"`
	At       string         `json:"at"`
	Cashier  string         `json:"cashier,omitempty"`
	Channel  string         `json:"channel,omitempty"`
	Currency string         `json:"currency,omitempty"`
	Customer string         `json:"customer,omitempty"`
	Lines    []importedLine `json:"lines"`
}

type importedLine struct {
	SKU         string `json:"sku"`
	Description string `json:"description,omitempty"`
	Quantity    int64  `json:"quantity"`
	UnitPrice   string `json:"unit_price"`
	Amount      int64  `json:"amount"`
	VATRate     int64  `json:"vat_rate,omitempty"`

	price, exact decimal
}

// receipt gathers the lines of one document, wherever they stand in the file.
func (g *items) receipt(w row) error {
	t := g.table
	number, err := t.needed(w, "number")
	if err != nil {
		return err
	}
	line, err := g.receiptLine(w)
	if err != nil {
		return err
	}
	at, read, err := t.instant(w, "at")
	if err != nil {
		return err
	}
	i := g.byID[number]
	if i == nil {
		i = g.add(g.newReceipt(w, number, at))
	}
	d := i.body.(*importedReceipt)
	g.notes.receipt(t, w, i, &line)
	g.notes.instant(i, at, d.At, read)
	d.At = min(d.At, at) // a document is of its first line
	d.Lines = append(d.Lines, line)
	i.rows = append(i.rows, w)
	i.weight++
	i.exact = i.exact.plus(line.exact)
	i.total += line.Amount
	return nil
}

func (g *items) newReceipt(w row, number, at string) *item {
	t := g.table
	d := &importedReceipt{
		External: t.step.Prefix + number, Number: number, Kind: t.step.kind(number), Store: t.text(w, "store"), Till: t.text(w, "till"), At: at,
		Cashier: t.text(w, "cashier"), Channel: t.text(w, "channel"), Currency: t.text(w, "currency"), Customer: t.text(w, "customer"),
	}
	return &item{id: number, refers: d.Store, kind: d.Kind, body: d}
}

func (g *items) receiptLine(w row) (line importedLine, err error) {
	t := g.table
	if line.SKU, err = t.needed(w, "sku"); err != nil {
		return line, err
	}
	if line.Quantity, err = t.integer(w, "quantity"); err != nil {
		return line, err
	}
	if line.price, err = t.decimal(w, "unit_price"); err != nil {
		return line, err
	}
	line.exact = line.price.times(line.Quantity)
	if line.Amount, err = line.exact.minor(); err != nil {
		return line, fmt.Errorf("%w: %d × %s is too much", errRow, line.Quantity, line.price)
	}
	line.UnitPrice, line.Description = line.price.String(), t.text(w, "description")
	if rate := t.text(w, "vat_rate"); rate != "" {
		if line.VATRate, err = strconv.ParseInt(rate, 10, 64); err != nil {
			return line, fmt.Errorf("%w: vat_rate %q is no number of basis points", errRow, rate)
		}
	}
	return line, nil
}
