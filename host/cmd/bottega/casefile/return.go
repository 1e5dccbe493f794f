package casefile

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Order is the input of till.try_return, as JSON names it.
type Order struct {
	Rules          ReturnRules `json:"rules"`
	Lines          []OrderLine `json:"lines"`
	OrderDiscount  int64       `json:"order_discount,omitempty"`
	Shipping       int64       `json:"shipping,omitempty"`
	RefundShipping bool        `json:"refund_shipping,omitempty"`
	ShippingBack   int64       `json:"shipping_back,omitempty"`
	Before         []Returned  `json:"before,omitempty"`
	Returned       []Returned  `json:"returned"`

	net     bool // prices are without VAT
	methods []string
}

// ReturnRules are the options of a case.
type ReturnRules struct {
	Proration string `json:"proration,omitempty"`
	ByUnits   bool   `json:"by_units,omitempty"`
	Rounding  string `json:"rounding,omitempty"`
	RoundAt   string `json:"round_at,omitempty"`
	Alone     bool   `json:"alone,omitempty"`
}

// OrderLine is goods of an order.
type OrderLine struct {
	ID         string `json:"id"`
	Quantity   int64  `json:"quantity"`
	UnitPrice  int64  `json:"unit_price,omitempty"`
	Discount   int64  `json:"discount,omitempty"`
	Total      *int64 `json:"total,omitempty"`
	VATOnTop   int64  `json:"vat_on_top,omitempty"`
	NoDiscount bool   `json:"no_discount,omitempty"`
}

// Returned is goods that come back.
type Returned struct {
	Line     string `json:"line"`
	Quantity int64  `json:"quantity,omitempty"`
	Amount   *int64 `json:"amount,omitempty"`
	Exchange bool   `json:"exchange,omitempty"`
	For      *int64 `json:"for,omitempty"`
}

// GaveBack is what this package reads of the output of till.try_return.
type GaveBack struct {
	Refund int64 `json:"refund"`
	Lines  []struct {
		Line   string `json:"line"`
		Refund int64  `json:"refund"`
	} `json:"lines"`
	Left int64 `json:"left"`
}

// returnMeanings is what values of semantics ask of till.try_return. Peers work each
// return out anew and round it: that is where cases start.
func returnMeanings() map[string]map[string]func(*Order) {
	usual := func(*Order) {}
	rules := func(set func(*ReturnRules)) func(*Order) { return func(o *Order) { set(&o.Rules) } }
	round := func(r string) func(*Order) { return rules(func(of *ReturnRules) { of.Rounding = r }) }
	level := func(l string) func(*Order) { return rules(func(of *ReturnRules) { of.RoundAt = l }) }
	prorations := joined(
		to(rules(func(r *ReturnRules) { r.Proration = "" }), "largest_remainder", "frozen", "frozen_shares", "frozen_unit_shares", "unit_shares", "unit_shares_larger_first"),
		to(usual, "by_line_total", "by_line_share", "line_share", "line_total", "line_total_share", "share_of_line_total", "proportional", "proportional_to_price",
			"proportional_to_line_total", "weighted_by_price", "weighted_by_line_total", "weighted", "by_price", "price_share", "by_amount", "by_value", "by_paid_value", "by_paid_amount", "paid_value", "paid_amount", "by_paid_price", "paid_share", "pro_rata", "prorata", "prorated",
			"per_unit", "per_unit_share", "unit_share", "unit_share_of_line", "equal_per_unit", "line_total_per_unit", "line_amount_over_quantity", "by_share_of_item_total",
			"share_of_item_total", "share_of_order_total", "share_of_subtotal", "by_item_total", "order_discount_by_line_share", "discount_by_line_share", "exact", "unrounded", "exact_share",
			"exact_fraction", "unrounded_share", "half_up", "round_each", "half_up_last_takes_rest", "exact_then_rounded", "proportional_unrounded", "proportional_share"),
		to(rules(func(r *ReturnRules) { r.ByUnits = true }), "by_quantity", "by_units", "by_unit_count", "equal_split", "equal_share_per_unit", "units"),
		to(level("unit"), "round_each_unit", "rounded_per_unit", "unit_price_rounded", "unit_rounded"),
	)
	usually := to(usual, "takes_rest", "takes_the_rest", "rest", "gets_rest", "gets_the_rest", "remainder", "takes_remainder", "takes_remaining", "remaining", "last_takes_rest", "last_unit_takes_rest",
		"exact_total", "sums_to_total", "sums_to_paid", "true")
	shipping := to(func(o *Order) { o.RefundShipping = true }, "includes_shipping", "with_shipping", "refunds_shipping", "takes_rest_and_shipping", "shipping_with_last", "shipping_refunded")
	alone := to(rules(func(r *ReturnRules) { r.Alone = true }), "rounded_alone", "alone", "each_alone", "each_rounded", "rounds_each", "round_each", "rounded_independently", "independent", "no_rest", "none", "false")
	all := map[string]map[string]func(*Order){
		"return_proration": prorations, "proration": prorations,
		"last_return":     joined(usually, shipping, alone),
		"shipping":        joined(shipping, to(usual, "not_refunded", "kept", "separate", "only_if_returned", "only_when_asked")),
		"refund_shipping": joined(shipping, to(func(o *Order) { o.RefundShipping = true }, "true", "last_return", "with_last_return"), to(usual, "false", "never")),
		"exchange":        to(usual, "no_refund", "refunds_nothing", "zero", "even", "same_worth"),
		"rounding": joined(to(round(""), "half_up", "round_half_up", "half_away_from_zero"), to(round("half_down"), "half_down"), to(round("half_even"), "half_even", "half_to_even", "bankers", "banker"),
			to(round("down"), "down", "floor", "truncate"), to(round("up"), "up", "ceil", "ceiling")),
		"rounding_level": joined(to(level(""), "line", "line_total", "per_line"), to(level("unit"), "unit", "per_unit", "each_unit"), to(level("return"), "order", "total", "return", "refund", "sum", "order_total")),
	}
	all["tax_rounding"] = all["rounding_level"]
	all["tie_break"] = to(usual, "first_line", "first", "line_order")
	return all
}

// giveBack asks what a return refunds.
func (c *Case) giveBack(ask Ask) ([]string, error) {
	var err error
	q := c.order(&err)
	if err == nil {
		err = options(c, returnMeanings(), q)
	}
	if err != nil {
		return nil, err
	}
	if q.Rules.Proration == "" {
		q.Rules.Rounding, q.Rules.RoundAt, q.Rules.Alone = "", "", false // shares are frozen in whole minor units
	}
	var answer GaveBack
	refused := ask(returnIt, q, &answer)
	return c.gaveBack(&answer, refused)
}

// order reads the input.
func (c *Case) order(err *error) *Order {
	in := objectOf("input", c.Input, "", err)
	raw, _ := in.has("order")
	o := objectOf("input.order", raw, "", err)
	q := &Order{Rules: ReturnRules{Proration: "exact"}, Lines: []OrderLine{}, Returned: []Returned{}}
	q.net = c.Context.IncludesTax != nil && !*c.Context.IncludesTax
	for _, of := range []*object{in, o} {
		if included := of.flag("prices_include_tax"); included != nil {
			q.net = !*included
		}
	}
	rate := o.number("tax_rate")
	for i, l := range o.objects("id", "lines", "items") {
		q.line(l, i, rate)
	}
	q.OrderDiscount = max(o.amount("order_discount", "discount", "discount_total"), -o.amount("adjustment", "adjustments"))
	for _, s := range o.objects("amount", "shipping", "shipping_total") {
		q.Shipping += s.amount("amount", "price", "total") - s.amount("discount")
		q.methods = append(q.methods, s.text("id"))
		s.done("attributes")
	}
	o.done("id", "total", "items_total", "currency", "paid")
	for _, r := range in.objects("line", "before", "already_returned", "returned_before", "earlier_returns", "previous_returns", "previously_returned") {
		q.Before = q.takes(q.Before, r)
	}
	for _, r := range in.objects("line", "returned", "returns") {
		q.Returned = q.takes(q.Returned, r)
	}
	q.RefundShipping = in.is("refund_shipping", "include_shipping") || q.RefundShipping
	in.done("reason")
	return q
}

func (q *Order) line(o *object, i int, rate *float64) {
	l := OrderLine{ID: o.text("id", "line", "sku"), Quantity: 1, UnitPrice: o.amount("unit_price", "price"), Total: o.money("total", "line_total")}
	if l.ID == "" {
		l.ID = fmt.Sprint(i)
	}
	if n := o.money("quantity"); n != nil {
		l.Quantity = *n
	}
	if off := o.amount("discount", "discount_total", "line_discount"); off < 0 {
		l.Discount = -off
	} else {
		l.Discount = off
	}
	if own := o.number("tax_rate", "vat_rate"); own != nil {
		rate = own
	}
	if q.net && rate != nil {
		l.VATOnTop = int64(math.Round(*rate * 100))
	}
	discountable := o.flag("discountable", "allow_discounts", "takes_discount")
	l.NoDiscount = o.is("no_discount", "excluded") || discountable != nil && !*discountable
	q.Lines = append(q.Lines, l)
	o.done("sku", "attributes", "tags")
}

// takes adds what comes back; a way of delivery gives back what it cost.
func (q *Order) takes(to []Returned, o *object) []Returned {
	r := Returned{Line: o.text("line", "id", "line_id"), Amount: o.money("amount", "refund_amount")}
	if n := o.money("quantity"); n != nil {
		r.Quantity = *n
	} else if r.Amount == nil {
		r.Quantity = 1
	}
	if raw, ok := o.has("exchange"); ok {
		r.Exchange = string(raw) != "false"
		if strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
			for_ := objectOf("exchange", raw, "", o.err)
			price, n := for_.amount("total", "unit_price", "price", "amount"), max(1, for_.amount("quantity"))
			if _, ok := for_.fields["total"]; !ok {
				price *= n
			}
			r.For = &price
		}
	}
	shipping := o.is("shipping") || r.Line == "shipping" || r.Line == "shipment"
	for _, m := range q.methods {
		shipping = shipping || m != "" && m == r.Line
	}
	o.done("reason", "sku")
	if shipping {
		if q.ShippingBack = q.Shipping; r.Amount != nil {
			q.ShippingBack = *r.Amount
		}
		return to
	}
	return append(to, r)
}

// gaveBack says where the answer differs.
func (c *Case) gaveBack(a *GaveBack, refused error) (differences []string, err error) {
	o := objectOf("expected", c.Expected, "refund", &err)
	d := &diffs{derived: o.texts("derived")}
	failure := o.text("error", "refused")
	if r := (*Refusal)(nil); refused != nil {
		if !asRefusal(refused, &r) || failure == "" {
			return nil, refused
		}
		return d.all, err
	}
	if failure != "" && failure != "false" {
		d.refusedAs(failure, "")
	}
	c.refunds(o, a, d)
	for i, w := range o.objects("refund", "refunds", "lines") {
		if i < len(a.Lines) {
			d.number("refund of "+a.Lines[i].Line, w.money("refund", "amount"), a.Lines[i].Refund, "refunds", "lines")
		}
		w.done("line", "quantity", "id")
	}
	d.number("left", o.money("left", "remaining", "remaining_refundable"), a.Left, "left", "remaining")
	o.done()
	return d.all, err
}

// refunds compares the amount. A peer that does not round, or not to the minor unit, says
// what it comes to exactly, or that its amount is not exact.
func (c *Case) refunds(o *object, a *GaveBack, d *diffs) {
	want, raw := o.number("refund", "amount"), o.fields["exact"]
	loose := string(raw) == "false"
	if len(raw) > 0 && raw[0] != 't' && raw[0] != 'f' {
		if exact := o.number("exact"); exact != nil && want == nil {
			want = exact
		}
	}
	_, _ = o.has("exact")
	if want == nil {
		return
	}
	if off := math.Abs(*want - float64(a.Refund)); off != 0 && (whole(*want) && !loose || off >= 1 && !loose || off > 1) {
		d.want("refund", number(*want), a.Refund, "refund")
	}
}

func number(n float64) string {
	text, err := json.Marshal(n)
	if err != nil {
		return fmt.Sprint(n)
	}
	return string(text)
}
