package app

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// quoteChanged refuses to hold at another total than the customer was told, and says
// what it would be.
func quoteChanged(told retail.Money, q *pricing.QuoteOut) error {
	return &sdk.Error{
		Code: sdk.CodeConflict, Reason: "quote_changed", Pointer: "/expect",
		Message: "The total has changed since the quote.",
		Fields:  []sdk.Field{sdk.Int("expected", told), sdk.Int("total", q.Total), sdk.Text("quote", quoteText(q))},
	}
}

// quoteText is what is new in a quote as JSON, in the names of the contract. Errors
// carry numbers and texts only, and a guest that wrote any value as JSON would be half
// a megabyte larger.
func quoteText(q *pricing.QuoteOut) string {
	w := &jsonText{}
	w.object(func() {
		w.text("currency", string(q.Currency))
		w.number("list", int64(q.List))
		w.number("discount", int64(q.Discount))
		w.number("total", int64(q.Total))
		jsonList(w, "lines", q.Lines, w.line)
		jsonList(w, "added", q.Added, w.line)
		jsonList(w, "applied", q.Applied, w.applied)
		jsonList(w, "not_applied", q.NotApplied, func(n pricing.NotApplied) {
			w.text("promotion", n.Promotion)
			w.text("filler", n.Filler)
			w.text("reason", string(n.Reason))
		})
		jsonList(w, "codes", q.Codes, func(c pricing.RejectedCode) {
			w.text("code", c.Code)
			w.text("reason", c.Reason)
		})
		w.text("token", q.Token)
	})
	return w.String()
}

// jsonText writes JSON.
type jsonText struct {
	strings.Builder
	next bool // something stands before, in the same object or list
}

func (w *jsonText) line(l pricing.PricedLine) {
	w.text("id", l.ID)
	w.text("sku", string(l.SKU))
	w.number("quantity", int64(l.Quantity))
	w.number("list", int64(l.List))
	w.number("discount", int64(l.Discount))
	w.number("total", int64(l.Total))
}

func (w *jsonText) applied(a pricing.Applied) {
	w.text("promotion", a.Promotion)
	w.number("version", a.Version)
	w.text("filler", a.Filler)
	w.text("code", a.Code)
	w.number("amount", int64(a.Amount))
}

// object writes an object with what fields writes.
func (w *jsonText) object(fields func()) {
	w.comma()
	w.WriteByte('{')
	w.next = false
	fields()
	w.WriteByte('}')
	w.next = true
}

// jsonList writes a list of objects, if there are any.
func jsonList[T any](w *jsonText, name string, all []T, fields func(T)) {
	if len(all) == 0 {
		return
	}
	w.name(name)
	w.WriteByte('[')
	w.next = false
	for _, v := range all {
		w.object(func() { fields(v) })
	}
	w.WriteByte(']')
	w.next = true
}

// text writes a field, if it is not empty.
func (w *jsonText) text(name, value string) {
	if value != "" {
		w.name(name)
		w.quote(value)
	}
}

func (w *jsonText) number(name string, value int64) {
	w.name(name)
	w.WriteString(strconv.FormatInt(value, 10))
}

func (w *jsonText) name(name string) {
	w.comma()
	w.quote(name)
	w.WriteByte(':')
}

func (w *jsonText) comma() {
	if w.next {
		w.WriteByte(',')
	}
	w.next = true
}

func (w *jsonText) quote(s string) {
	w.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.WriteByte('\\')
			w.WriteRune(r)
		case r < ' ':
			const digits = "0123456789abcdef"
			w.WriteString(`\u00`)
			w.WriteByte(digits[r>>4])
			w.WriteByte(digits[r&15])
		default: // what is no UTF-8 has become utf8.RuneError
			w.WriteRune(r)
		}
	}
	w.WriteByte('"')
}

// masked is how a coupon's code stands in what is kept: enough to find the paper, too
// little to use it.
func masked(code string) string {
	const shown = 4
	runes := utf8.RuneCountInString(code)
	for i := range code {
		if runes == shown {
			return "…" + code[i:]
		}
		runes--
	}
	return "…"
}

// mask hides the codes of coupons in what others keep. Codes that everybody may use
// stay as they are.
func (b *basket) mask(q *pricing.QuoteOut) {
	hide := func(all []pricing.Applied) {
		for i := range all {
			for _, g := range b.given {
				if all[i].Code == g.code && !g.shared && g.code != "" {
					all[i].Code = masked(g.code)
				}
			}
		}
	}
	hide(q.Applied)
	for i := range q.Lines {
		hide(q.Lines[i].Applied)
	}
	for i := range q.Added {
		hide(q.Added[i].Applied)
	}
	for i := range q.Shipping {
		hide(q.Shipping[i].Applied)
	}
}
