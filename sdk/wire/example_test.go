package wire_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk/wire"
)

// line is a struct that crosses, with the methods that `bottega build` would
// generate for it.
type line struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
	Note     string `json:"note,omitempty"`
}

func (z *line) WriteWire(w *wire.Writer) {
	m := w.Begin(2)
	w.Text("\xa3sku", z.SKU)
	w.Int("\xa8quantity", z.Quantity)
	w.OptText("\xa4note", z.Note)
	w.End(m)
}

func (z *line) ReadWire(r *wire.Reader) {
	for m := r.Begin(); r.More(m); {
		r.Text("sku", &z.SKU)
		r.Number("quantity", &z.Quantity)
		r.Text("note", &z.Note)
	}
}

var _ wire.Record = (*line)(nil)

func Example() {
	w := wire.NewWriter(nil)
	(&line{SKU: "P0123-M", Quantity: 2}).WriteWire(&w)
	fmt.Printf("%q\n", w.Written())

	var l line
	r := wire.NewReader(string(w.Written()))
	l.ReadWire(&r)
	fmt.Println(l.SKU, l.Quantity, r.Done())
	// Output:
	// "\x82\xa3sku\xa7P0123-M\xa8quantity\x02"
	// P0123-M 2 <nil>
}
