package casefile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// expected is what a case of a cart comes to.
type expected struct {
	Lines         []outcome      `json:"lines"`
	Shipping      []outcome      `json:"shipping"`
	AddedLines    []cartLine     `json:"added_lines"`
	ItemsTotal    *int64         `json:"items_total"`
	ShippingTotal *int64         `json:"shipping_total"`
	DiscountTotal *int64         `json:"discount_total"`
	Total         *int64         `json:"total"`
	Applied       []string       `json:"applied"`
	NotApplied    []notApplied   `json:"not_applied"`
	RejectedCodes []RejectedCode `json:"rejected_codes"`
	TaxTotals     taxTotals      `json:"tax_totals"`
	PeerAsserts   []string       `json:"peer_asserts"`
	Derived       []string       `json:"derived"`
}

type taxTotals struct {
	Net   *int64 `json:"net"`
	Gross *int64 `json:"gross"`
	Tax   *int64 `json:"tax"`
}

type outcome struct {
	ID          string           `json:"id"`
	Gross       *int64           `json:"gross"`
	Discount    *int64           `json:"discount"`
	Total       *int64           `json:"total"`
	ByPromotion map[string]int64 `json:"by_promotion"`
}

type notApplied struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// diffs are differences, as people read them.
type diffs struct {
	all     []string
	derived []string
}

// want notes a difference of two values at a place that is not derived.
func (d *diffs) want(where string, want, got any, of ...string) {
	w, g := fmt.Sprint(want), fmt.Sprint(got)
	if w == g || slices.ContainsFunc(of, func(name string) bool { return slices.Contains(d.derived, name) }) {
		return
	}
	d.all = append(d.all, where+": want "+w+", got "+g)
}

// Compare says where an answer differs from what the case expects.
func (c *Case) Compare(a *Answer) (differences []string, err error) {
	d := &diffs{}
	switch c.Kind {
	case "cart":
		err = c.compareCart(a.Quote, d)
	case "proration":
		err = c.compareParts(a, d)
	case "price":
		err = c.comparePrice(a.Price, d)
	case "reference_price":
		var e struct {
			Price *int64 `json:"reference_price"`
			tail
		}
		if err = c.expect(&e, &e.tail, d); err == nil {
			d.want("reference price", amount(e.Price), amount(a.Prior), "reference_price")
		}
	case "usage":
		var e struct {
			Used int64 `json:"used"`
			tail
		}
		if err = c.expect(&e, &e.tail, d); err == nil {
			d.want("used", e.Used, amount(a.Spending), "used")
		}
	case "choice":
		var e struct {
			Chosen []string `json:"chosen"`
			tail
		}
		if err = c.expect(&e, &e.tail, d); err == nil {
			d.want("chosen", e.Chosen, a.Choice, "chosen")
		}
	}
	return d.all, err
}

// tail is what every expectation may have.
type tail struct {
	PeerAsserts []string `json:"peer_asserts"`
	Derived     []string `json:"derived"`
}

// expect reads what is expected, and what of it is derived.
func (c *Case) expect(into any, t *tail, d *diffs) error {
	if err := json.Unmarshal(c.Expected, into); err != nil {
		return &Missing{Option: "shape of expected: " + err.Error()}
	}
	d.derived = t.Derived
	return nil
}

// amount is an amount that may be absent, for people.
func amount(v *int64) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(*v)
}

func (c *Case) compareParts(a *Answer, d *diffs) error {
	var e struct {
		Parts         []int64 `json:"parts"`
		AnyOrder      bool    `json:"any_order"`
		Undistributed *int64  `json:"undistributed"`
		tail
	}
	if err := c.expect(&e, &e.tail, d); err != nil {
		return err
	}
	parts := slices.Clone(a.Parts)
	if parts == nil {
		parts = make([]int64, len(e.Parts))
	}
	var in Proration
	if err := json.Unmarshal(c.Input, &in); err != nil {
		return err
	}
	rest := in.Amount
	for _, p := range parts {
		rest -= p
	}
	if e.Undistributed != nil {
		d.want("undistributed", *e.Undistributed, rest, "undistributed")
	}
	if e.AnyOrder {
		slices.Sort(parts)
		slices.Sort(e.Parts)
	}
	d.want("parts", e.Parts, parts, "parts")
	return nil
}

func (c *Case) comparePrice(p *TriedPrice, d *diffs) error {
	var e struct {
		Amount   *int64          `json:"amount"`
		Original json.RawMessage `json:"original_amount"`
		FromList json.RawMessage `json:"from_list"`
		tail
	}
	if err := c.expect(&e, &e.tail, d); err != nil {
		return err
	}
	if p == nil {
		p = &TriedPrice{}
	}
	d.want("amount", amount(e.Amount), amount(p.Amount), "amount")
	if len(e.Original) > 0 {
		var original *int64
		if err := json.Unmarshal(e.Original, &original); err != nil {
			return err
		}
		d.want("original amount", amount(original), amount(p.Original), "original_amount")
	}
	if len(e.FromList) > 0 {
		var list string
		if err := json.Unmarshal(e.FromList, &list); err != nil {
			return err
		}
		d.want("from list", cmp.Or(list, "none"), cmp.Or(p.List, "none"), "from_list")
	}
	return nil
}

func (c *Case) compareCart(q *Quote, d *diffs) error {
	var e expected
	if err := json.Unmarshal(c.Expected, &e); err != nil {
		return &Missing{Option: "shape of expected: " + err.Error()}
	}
	d.derived = e.Derived
	if q == nil {
		d.all = append(d.all, "no quote")
		return nil
	}
	q = e.named(q)
	items := append(slices.Clone(q.Lines), q.Added...)
	d.outcomes("line", "lines", e.Lines, items)
	d.outcomes("shipping", "shipping", e.Shipping, q.Shipping)
	d.added(&e, q)
	d.sums(&e, items, q)
	d.reasons(c, &e, q)
	d.taxes(&e, q)
	return nil
}

// named gives goods that promotions added the ids that the case has for them. Where
// the peer adds a line at no price, rather than at its price and a discount, so do
// we.
func (e *expected) named(q *Quote) *Quote {
	out := *q
	out.Added = slices.Clone(q.Added)
	for i := range out.Added {
		a := &out.Added[i]
		a.ID = a.SKU
		for _, w := range e.AddedLines {
			if cmp.Or(w.SKU, w.ID) != a.SKU {
				continue
			}
			if a.ID = w.ID; w.Kind == "free" {
				out.Discount, out.List = out.Discount-a.Discount, out.List-a.Discount
				a.List, a.Discount, a.UnitPrice = a.Total, 0, w.UnitPrice
			}
		}
	}
	return &out
}

// outcomes compares lines, or ways of delivery. What is not there came to nothing.
func (d *diffs) outcomes(what, field string, want []outcome, got []PricedLine) {
	for _, w := range want {
		i := slices.IndexFunc(got, func(l PricedLine) bool { return l.ID == w.ID })
		l := PricedLine{}
		if i >= 0 {
			l = got[i]
		}
		where := what + " " + w.ID
		d.number(where+" gross", w.Gross, l.List, field, w.ID, "gross")
		d.number(where+" discount", w.Discount, l.Discount, field, w.ID, "discount")
		d.number(where+" total", w.Total, l.Total, field, w.ID)
		if w.ByPromotion != nil {
			d.want(where+" by promotion", shares(w.ByPromotion), shares(by(l.Applied)), field, w.ID, "by_promotion")
		}
	}
}

// number compares an amount that is expected, if it is.
func (d *diffs) number(where string, want *int64, got int64, of ...string) {
	if want != nil {
		d.want(where, *want, got, of...)
	}
}

// by adds up what promotions took off.
func by(all []Applied) map[string]int64 {
	sums := map[string]int64{}
	for _, a := range all {
		sums[a.Promotion] += a.Amount
	}
	return sums
}

// shares are amounts by promotion, for people, but those of nothing.
func shares(of map[string]int64) string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(of)) {
		if of[id] != 0 {
			all = append(all, fmt.Sprintf("%s %d", id, of[id]))
		}
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// added compares goods that promotions add.
func (d *diffs) added(e *expected, q *Quote) {
	for _, w := range e.AddedLines {
		i := slices.IndexFunc(q.Added, func(l PricedLine) bool { return l.ID == w.ID })
		got := "none"
		if i >= 0 {
			got = fmt.Sprintf("%d at %d", q.Added[i].Quantity, q.Added[i].UnitPrice)
		}
		d.want("added "+w.ID, fmt.Sprintf("%d at %d", w.Quantity, w.UnitPrice), got, "added_lines", w.ID)
	}
	if e.AddedLines != nil {
		d.want("added lines", len(e.AddedLines), len(q.Added), "added_lines")
	}
}

// sums compares totals.
func (d *diffs) sums(e *expected, items []PricedLine, q *Quote) {
	var goods, delivery int64
	for _, l := range items {
		goods += l.Total
	}
	for _, l := range q.Shipping {
		delivery += l.Total
	}
	d.number("items total", e.ItemsTotal, goods, "items_total", "totals")
	d.number("shipping total", e.ShippingTotal, delivery, "shipping_total", "totals")
	d.number("discount total", e.DiscountTotal, q.Discount, "discount_total", "totals", "discount")
	d.number("total", e.Total, q.Total, "total", "totals")
	if q.Total != goods+delivery {
		d.all = append(d.all, fmt.Sprintf("the total %d is not what lines and delivery sum to, %d", q.Total, goods+delivery))
	}
}

// taxes compares what VAT comes to.
func (d *diffs) taxes(e *expected, q *Quote) {
	var sum VATShare
	for _, v := range q.VAT {
		sum.Net, sum.Gross, sum.VAT = sum.Net+v.Net, sum.Gross+v.Gross, sum.VAT+v.VAT
	}
	d.number("VAT net", e.TaxTotals.Net, sum.Net, "tax_totals")
	d.number("VAT gross", e.TaxTotals.Gross, sum.Gross, "tax_totals")
	d.number("VAT tax", e.TaxTotals.Tax, sum.VAT, "tax_totals")
}

// reasons compares who applied, and why others did not.
func (d *diffs) reasons(c *Case, e *expected, q *Quote) {
	var ids []string
	for _, a := range append(slices.Clone(q.Applied), q.Grants...) {
		ids = append(ids, a.Promotion)
	}
	for _, l := range q.Added {
		for _, a := range l.Applied {
			ids = append(ids, a.Promotion)
		}
	}
	if e.Applied != nil {
		d.want("applied", sorted(e.Applied), sorted(ids), "applied")
	}
	for _, w := range e.NotApplied {
		i := slices.IndexFunc(q.NotApplied, func(n NotApplied) bool { return n.Promotion == w.ID })
		switch {
		case slices.Contains(ids, w.ID):
			d.want(w.ID, "not applied ("+w.Reason+")", "applied", "not_applied", "applied")
		case i < 0:
			d.want(w.ID, "not applied ("+w.Reason+")", "no reason", "not_applied")
		case !Accepts(w.Reason, q.NotApplied[i].Reason):
			d.want(w.ID, "not applied ("+w.Reason+")", "not applied ("+q.NotApplied[i].Reason+")", "not_applied")
		}
	}
	for _, w := range e.RejectedCodes {
		if got := q.rejected(c, w); got != "" {
			d.want("code "+w.Code, "rejected ("+w.Reason+")", got, "rejected_codes")
		}
	}
}

// sorted is a list without repetitions in alphabetical order.
func sorted(ids []string) []string {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// rejected says what became of a code instead of being rejected for a reason; "" if
// it was. The reason is the code's, or that of a promotion that it brings.
func (q *Quote) rejected(c *Case, want RejectedCode) string {
	got := "not rejected"
	for _, r := range q.Codes {
		if strings.EqualFold(r.Code, want.Code) {
			if Accepts(want.Reason, r.Reason) {
				return ""
			}
			got = "rejected (" + r.Reason + ")"
		}
	}
	for _, p := range c.Promotions {
		if !slices.ContainsFunc(p.Codes, func(code string) bool { return strings.EqualFold(code, want.Code) }) {
			continue
		}
		for _, n := range q.NotApplied {
			if n.Promotion == p.ID && Accepts(want.Reason, n.Reason) {
				return ""
			}
		}
	}
	return got
}
