package app

import (
	"hash/fnv"
	"strconv"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
)

// moveStock sells what a historic document sold and takes back what came back,
// in movements of at most stock.MaxLines lines: a second one of a document
// carries its number.
func moveStock(tx *sdk.Tx, r *till.Receipt) error {
	var out []stock.Line
	var in []stock.ReturnLine
	for _, l := range r.Lines {
		if l.Quantity > 0 {
			out = append(out, stock.Line{SKU: l.SKU, Quantity: l.Quantity})
		} else if l.Quantity < 0 {
			in = append(in, stock.ReturnLine{SKU: l.SKU, Quantity: -l.Quantity})
		}
	}
	for n := 1; len(out) > 0; n++ {
		part := out[:min(len(out), stock.MaxLines)]
		if _, err := stock.Sell.Call(tx, stock.SellIn{Store: r.Store, Document: numbered(r.ID, n), Lines: part, At: r.At}); err != nil {
			return err
		}
		out = out[len(part):]
	}
	for n := 1; len(in) > 0; n++ {
		part := in[:min(len(in), stock.MaxLines)]
		if _, err := stock.TakeBack.Call(tx, stock.TakeBackIn{Store: r.Store, Document: numbered(r.ID, n), Lines: part, At: r.At}); err != nil {
			return err
		}
		in = in[len(part):]
	}
	return nil
}

func numbered(id string, n int) string {
	if n == 1 {
		return id
	}
	return id + "#" + strconv.Itoa(n)
}

// digest tells two documents under one external id apart. It guards against
// mistakes of a source, not against an attacker.
func digest(d *till.Document) string {
	h := fnv.New128a()
	text := func(all ...string) {
		for _, s := range all {
			h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
		}
	}
	number := func(v int64) { text(strconv.FormatInt(v, 10)) }
	text(d.External, d.Number, d.Kind, string(d.Store), d.Till, d.Cashier, string(d.Channel), string(d.Currency), string(d.Customer), d.Original, d.Reason)
	number(int64(d.At))
	text(d.Flags...)
	for _, t := range d.Tenders {
		text(t.Type, t.Reference, t.Terminal)
		number(int64(t.Amount))
	}
	for _, l := range d.Lines {
		text(string(l.SKU), l.Description, l.UnitPrice)
		number(int64(l.Quantity))
		number(int64(l.Amount))
		number(int64(l.VATRate))
	}
	return hexadecimal(h.Sum(nil))
}

// hexadecimal is what encoding/hex does, without what comes with it: fmt, os and
// reflect, 0.7 MB of a guest.
func hexadecimal(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}
