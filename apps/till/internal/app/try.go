package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// tryReturn works out a return with the arithmetic of takeBack.
func tryReturn(_ *sdk.View, in till.TryReturnIn) (till.TryReturnOut, error) {
	out := till.TryReturnOut{Lines: make([]till.TryReturnedLine, 0, len(in.Returned))}
	t, err := tried(&in)
	if err != nil {
		return out, err
	}
	for i, r := range in.Before {
		if _, err := t.back(r, "/before/"+line(i)[len("/lines/"):]); err != nil {
			return out, err
		}
	}
	gone := t.complete()
	for i, r := range in.Returned {
		amount, err := t.back(r, "/returned/"+line(i)[len("/lines/"):])
		if err != nil {
			return out, err
		}
		if r.Exchange {
			amount = 0
		}
		out.Refund += amount
		out.Lines = append(out.Lines, till.TryReturnedLine{Line: r.Line, Refund: amount})
	}
	if in.RefundShipping && !gone && t.complete() {
		out.Refund += in.Shipping
	}
	for i := range in.Lines {
		out.Left += t.units(i, t.came[i], in.Lines[i].Quantity).Worth()
	}
	if in.RefundShipping && !t.complete() {
		out.Left += in.Shipping
	}
	return out, nil
}

// trying is an order, and how much of each line came back.
type trying struct {
	lines  []till.TryLine
	totals []retail.Money
	came   []retail.Quantity
}

func tried(in *till.TryReturnIn) (t trying, err error) {
	if len(in.Lines) == 0 || len(in.Lines) > till.MaxLines {
		return t, sdk.Invalid("/lines", "lines", "An order has 1 to 400 lines.")
	}
	order := receipt.Order{Discount: in.OrderDiscount}
	for i, l := range in.Lines {
		total := l.UnitPrice*retail.Money(l.Quantity) - l.Discount
		if l.Total != nil {
			total = *l.Total
		}
		switch {
		case l.ID == "" || slices.ContainsFunc(in.Lines[:i], func(o till.TryLine) bool { return o.ID == l.ID }):
			return t, sdk.Invalid(line(i)+"/id", "lines", "Each line has an id of its own.")
		case l.Quantity <= 0 || l.Quantity > maxTried:
			return t, sdk.Invalid(line(i)+"/quantity", "quantity", "A quantity is above zero.")
		case l.UnitPrice < 0 || l.UnitPrice > maxTried || total < 0 || total > maxCash:
			return t, sdk.Invalid(line(i)+"/total", "amount", "A line costs no less than nothing.")
		}
		order.Totals = append(order.Totals, total)
	}
	t = trying{lines: in.Lines, totals: order.Shares(), came: make([]retail.Quantity, len(in.Lines))}
	if in.OrderDiscount < 0 || t.totals == nil {
		return t, sdk.Invalid("/order_discount", "order_discount", "A discount is no more than the lines cost.")
	}
	return t, nil
}

// maxTried bounds a price and a quantity, so that their product cannot overflow.
const maxTried = 1 << 26

func (t *trying) units(i int, from, to retail.Quantity) receipt.Units {
	return receipt.Units{Sold: t.lines[i].Quantity, From: from, To: to, Total: t.totals[i]}
}

// back takes units back and says what they were worth.
func (t *trying) back(r till.TryReturned, at string) (retail.Money, error) {
	i := slices.IndexFunc(t.lines, func(l till.TryLine) bool { return l.ID == r.Line })
	switch {
	case i < 0:
		return 0, &sdk.Error{Code: sdk.CodeNotFound, Reason: "line", Message: "The order has no such line.", Pointer: at + "/line"}
	case r.Quantity <= 0:
		return 0, sdk.Invalid(at+"/quantity", "quantity", "A quantity is above zero.")
	case r.Quantity > t.lines[i].Quantity-t.came[i]:
		return 0, &sdk.Error{Code: sdk.CodeExhausted, Reason: "returned", Message: "Fewer units than that may still come back.", Pointer: at + "/quantity"}
	}
	from := t.came[i]
	t.came[i] += r.Quantity
	return t.units(i, from, t.came[i]).Worth(), nil
}

func (t *trying) complete() bool {
	for i, l := range t.lines {
		if t.came[i] < l.Quantity {
			return false
		}
	}
	return true
}
