package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/trial"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// tryReturn works out a return with the arithmetic of takeBack, or by the rules of others.
func tryReturn(_ *sdk.View, in till.TryReturnIn) (till.TryReturnOut, error) {
	out := till.TryReturnOut{Lines: make([]till.TryReturnedLine, 0, len(in.Returned))}
	t, err := tried(&in)
	if err != nil {
		return out, err
	}
	for i := range in.Before {
		if _, err := t.back(in.Before[i:i+1], "/before/", i); err != nil {
			return out, err
		}
	}
	gone := t.order.Complete()
	amounts, err := t.back(in.Returned, "/returned/", 0)
	if err != nil {
		return out, err
	}
	for i, r := range in.Returned {
		out.Refund += amounts[i]
		out.Lines = append(out.Lines, till.TryReturnedLine{Line: r.Line, Refund: amounts[i]})
	}
	shipping := in.Shipping - in.ShippingBack
	if out.Refund += in.ShippingBack; in.RefundShipping && !gone && t.order.Complete() {
		out.Refund += shipping
	}
	if in.RefundShipping && !t.order.Complete() {
		out.Left = shipping
	}
	out.Left += t.rest()
	return out, nil
}

// trying is an order, and what was refunded of each line's price without its goods.
type trying struct {
	ids     []string
	order   trial.Order
	reduced []retail.Money
}

// maxTried bounds a price and a quantity, so that their product cannot overflow.
const maxTried = 1 << 26

func tried(in *till.TryReturnIn) (t trying, err error) {
	if len(in.Lines) == 0 || len(in.Lines) > till.MaxLines {
		return t, sdk.Invalid("/lines", "lines", "An order has 1 to 400 lines.")
	}
	rules := trial.Terms{
		Exact: in.Rules.Proration == till.TryExact, ByUnits: in.Rules.ByUnits, Alone: in.Rules.Alone,
		Rounding: trial.Rounding(in.Rules.Rounding), Level: trial.Level(in.Rules.RoundAt),
	}
	t = trying{order: trial.Order{Discount: in.OrderDiscount, Terms: rules}, reduced: make([]retail.Money, len(in.Lines))}
	var sum retail.Money
	for i, l := range in.Lines {
		one, err := triedLine(l, line(i))
		if err != nil {
			return t, err
		}
		if l.ID == "" || slices.Contains(t.ids, l.ID) {
			return t, sdk.Invalid(line(i)+"/id", "lines", "Each line has an id of its own.")
		}
		if sum += one.Total; sum > trial.MaxExact {
			return t, sdk.Invalid(line(i)+"/total", "amount", "An order costs no more than ten thousand million.")
		}
		t.ids, t.order.Lines = append(t.ids, l.ID), append(t.order.Lines, one)
	}
	switch {
	case in.OrderDiscount < 0 || !t.order.Settle():
		return t, sdk.Invalid("/order_discount", "order_discount", "A discount is no more than the lines cost.")
	case in.Shipping < 0 || in.Shipping > maxCash || in.ShippingBack < 0 || in.ShippingBack > in.Shipping:
		return t, sdk.Invalid("/shipping_back", "amount", "No more of the delivery comes back than was paid for it.")
	}
	return t, triedRules(in.Rules)
}

func triedRules(r till.TryRules) error {
	switch {
	case r.Proration != till.TryFrozen && r.Proration != till.TryExact:
		return sdk.Invalid("/rules/proration", "rules", "The only other proration is exact.")
	case !trial.Rounding(r.Rounding).Known():
		return sdk.Invalid("/rules/rounding", "rules", "Roundings are half_down, half_even, down and up.")
	case r.RoundAt != till.TryByLine && r.RoundAt != till.TryByUnit && r.RoundAt != till.TryByReturn:
		return sdk.Invalid("/rules/round_at", "rules", "Levels are unit and return.")
	}
	return nil
}

func triedLine(l till.TryLine, at string) (one trial.OrderLine, err error) {
	total := l.UnitPrice*retail.Money(l.Quantity) - l.Discount
	if l.Total != nil {
		total = *l.Total
	}
	switch {
	case l.Quantity <= 0 || l.Quantity > maxTried:
		return one, sdk.Invalid(at+"/quantity", "quantity", "A quantity is above zero.")
	case l.UnitPrice < 0 || l.UnitPrice > maxTried || total < 0 || total > trial.MaxExact || l.VATOnTop < 0 || l.VATOnTop > 10_000:
		return one, sdk.Invalid(at+"/total", "amount", "A line costs no less than nothing.")
	}
	return trial.OrderLine{Quantity: l.Quantity, Total: total, Rate: l.VATOnTop, Full: l.NoDiscount}, nil
}

// back takes parts of an order back, as one return, and says what each refunds.
func (t *trying) back(parts []till.TryReturned, at string, from int) ([]retail.Money, error) {
	taken := make([]trial.Part, 0, len(parts))
	for i, r := range parts {
		pointer := at + line(from + i)[len("/lines/"):]
		p := trial.Part{Line: slices.Index(t.ids, r.Line), Quantity: r.Quantity}
		switch {
		case p.Line < 0:
			return nil, &sdk.Error{Code: sdk.CodeNotFound, Reason: "line", Message: "The order has no such line.", Pointer: pointer + "/line"}
		case r.Quantity < 0 || r.Quantity == 0 && r.Amount == nil:
			return nil, sdk.Invalid(pointer+"/quantity", "quantity", "A quantity is above zero.")
		case r.For != nil && (*r.For < 0 || *r.For > trial.MaxExact):
			return nil, sdk.Invalid(pointer+"/for", "amount", "Goods cost no less than nothing.")
		}
		left := t.order.Left(p.Line)
		for _, o := range taken {
			if o.Line == p.Line {
				left -= o.Quantity
			}
		}
		if r.Quantity > left {
			return nil, &sdk.Error{Code: sdk.CodeExhausted, Reason: "returned", Message: "Fewer units than that may still come back.", Pointer: pointer + "/quantity"}
		}
		taken = append(taken, p)
	}
	amounts := t.order.Take(taken)
	for i, r := range parts {
		if err := t.settle(&r, taken[i].Line, &amounts[i], at+line(from + i)[len("/lines/"):]); err != nil {
			return nil, err
		}
	}
	return amounts, nil
}

// settle makes what is refunded of what units are worth: less what their price was reduced
// by before, or only so much, or what is over for goods in exchange.
func (t *trying) settle(r *till.TryReturned, i int, amount *retail.Money, at string) error {
	worth := *amount - t.reduced[i]
	t.reduced[i] = max(-worth, 0)
	worth = max(worth, 0)
	switch {
	case r.Exchange && r.For == nil:
		worth = 0
	case r.Exchange:
		worth -= *r.For
	case r.Amount != nil:
		if r.Quantity == 0 {
			t.reduced[i] += *r.Amount
			worth = *r.Amount
		}
		if *r.Amount <= 0 || *r.Amount > worth || t.reduced[i] > t.restOf(i) {
			return &sdk.Error{Code: sdk.CodeExhausted, Reason: "amount", Message: "The goods are worth less than that.", Pointer: at + "/amount"}
		}
		worth = *r.Amount
	}
	*amount = worth
	return nil
}

// restOf is what the units of a line that did not come back are worth.
func (t *trying) restOf(i int) retail.Money {
	if t.order.Left(i) == 0 {
		return 0
	}
	copied := t.copied()
	return copied.Take([]trial.Part{{Line: i, Quantity: copied.Left(i)}})[0]
}

// rest is what all of them would refund together.
func (t *trying) rest() (sum retail.Money) {
	copied := t.copied()
	var parts []trial.Part
	for i := range copied.Lines {
		if left := copied.Left(i); left > 0 {
			parts = append(parts, trial.Part{Line: i, Quantity: left})
		}
	}
	for _, amount := range copied.Take(parts) {
		sum += amount
	}
	for _, less := range t.reduced {
		sum -= less
	}
	return sum
}

func (t *trying) copied() trial.Order {
	order := t.order
	order.Lines = slices.Clone(order.Lines)
	return order
}
