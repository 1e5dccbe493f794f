package casefile

import (
	"encoding/json"
	"slices"
)

// Tenders is the input of vouchers.try, as JSON names it.
type Tenders struct {
	Currency string   `json:"currency"`
	Total    int64    `json:"total"`
	Paid     int64    `json:"paid,omitempty"`
	Exact    bool     `json:"exact,omitempty"`
	Order    string   `json:"order,omitempty"`
	At       Instant  `json:"at,omitempty"`
	Tenders  []Tender `json:"tenders"`
}

// Tender is stored value with what is on it.
type Tender struct {
	ID       string  `json:"id"`
	Type     string  `json:"type"`
	Balance  int64   `json:"balance"`
	Priority *int64  `json:"priority,omitempty"`
	Currency string  `json:"currency,omitempty"`
	Limit    *int64  `json:"limit,omitempty"`
	Amount   *int64  `json:"amount,omitempty"`
	Ended    bool    `json:"ended,omitempty"`
	Expires  Instant `json:"expires,omitempty"`
	Open     bool    `json:"open,omitempty"`
}

// Paid is what this package reads of the output of vouchers.try.
type Paid struct {
	Used []struct {
		ID     string `json:"id"`
		Amount int64  `json:"amount"`
		Left   int64  `json:"left"`
	} `json:"used"`
	Remaining int64 `json:"remaining"`
	Refused   []struct {
		ID     string `json:"id"`
		Reason string `json:"reason"`
	} `json:"refused"`
	Error string `json:"error"`
}

// tenderMeanings is what values of semantics ask of vouchers.try.
func tenderMeanings() map[string]map[string]func(*Tenders) {
	order := func(o string) func(*Tenders) { return func(t *Tenders) { t.Order = o } }
	turns := map[string]func(*Tenders){}
	for _, of := range []map[string]func(*Tenders){
		to(order(""), "priority", "priority_asc", "lowest_priority_first", "ascending_priority", "priority_then_entry"),
		to(order("priority_desc"), "priority_desc", "highest_priority_first", "larger_priority_first"),
		to(order("given"), "submission", "entry", "entry_order", "as_entered", "as_submitted", "given", "list_order", "first_entered_first"),
		to(order("smallest"), "smallest_first", "smallest_balance_first", "value_asc", "balance_asc"),
		to(order("largest"), "value_desc", "largest_first", "largest_balance_first", "balance_desc", "highest_value_first"),
		to(order("expiring"), "expiring_first", "soonest_expiry_first", "earliest_expiry_first", "expiry", "expiry_asc"),
		to(order("shared"), "proportional", "pro_rata", "in_proportion", "by_balance"),
	} {
		for value, set := range of {
			turns[value] = set
		}
	}
	usual := func(*Tenders) {}
	exact := func(t *Tenders) { t.Exact = true }
	return map[string]map[string]func(*Tenders){
		"order": turns, "tender_order": turns, "priority": turns, "tender_proration": turns,
		"tender_base":  to(usual, "after_promotions", "total_after_promotions", "after_discounts", "discounted_total"),
		"gift_card":    to(usual, "payment", "payment_not_discount", "tender"),
		"insufficient": joined(to(exact, "refuse", "refused", "error"), to(usual, "remaining", "partial", "rest_remains")),
	}
}

// joined is two tables as one.
func joined[T any](tables ...map[string]func(*T)) map[string]func(*T) {
	all := map[string]func(*T){}
	for _, t := range tables {
		for value, set := range t {
			all[value] = set
		}
	}
	return all
}

// pay asks what promotions take off, then who pays how much of what is left.
func (c *Case) pay(ask Ask) ([]string, error) {
	q := &Tenders{Currency: c.Currency, Tenders: []Tender{}}
	if err := options(c, tenderMeanings(), q, meanings()); err != nil {
		return nil, err
	}
	var err error
	in := objectOf("input", c.Input, "", &err)
	sale := c.sale(in)
	sale.into(q, in)
	want := c.wanted(&err)
	if want.failure != "" {
		q.Exact = true // a peer that refuses what it cannot fund; see SCHEMA.md, error
	}
	if err != nil {
		return nil, err
	}
	discount, err := sale.price(ask, q)
	if err != nil {
		return nil, err
	}
	var answer Paid
	if err := ask(payIt, q, &answer); err != nil {
		return nil, err
	}
	return want.compare(q, &answer, discount), nil
}

// sale is what is to be paid: a total, or goods with promotions.
type sale struct {
	priced *Case // nil if there is a total
	total  *int64
	names  []string // as promotions and tenders were entered
}

// sale reads what is to be paid.
func (c *Case) sale(in *object) *sale {
	s := &sale{total: in.money("total", "order_total", "amount_due", "due"), names: in.texts("entry_order", "entered")}
	items, shipping := in.money("items_total", "subtotal"), in.amount("shipping_total", "shipping")
	priced := *c
	priced.Kind = "cart"
	if raw, ok := in.has("promotions"); ok && json.Unmarshal(raw, &priced.Promotions) != nil {
		in.fail("shape of input.promotions")
	}
	if raw, ok := in.has("lines", "items"); ok && json.Unmarshal(raw, &priced.Cart.Lines) != nil {
		in.fail("shape of input.lines")
	}
	priced.Context.Codes = append(slices.Clone(priced.Context.Codes), in.texts("codes")...)
	switch {
	case len(priced.Cart.Lines) > 0:
	case items != nil:
		priced.Cart.Lines = []cartLine{{ID: "items", SKU: "items", Quantity: 1, UnitPrice: *items}}
	case s.total != nil && len(priced.Promotions) > 0:
		priced.Cart.Lines = []cartLine{{ID: "items", SKU: "items", Quantity: 1, UnitPrice: *s.total}}
	case s.total == nil:
		in.fail("field=input.total")
	}
	if shipping > 0 && len(priced.Cart.Shipping) == 0 && len(priced.Cart.Lines) > 0 {
		priced.Cart.Shipping = []cartShipping{{ID: "delivery", Amount: shipping}}
	}
	if len(priced.Cart.Lines) > 0 && (s.total == nil || len(priced.Promotions) > 0) {
		s.priced = &priced
	}
	return s
}

// into reads the rest of the input.
func (s *sale) into(q *Tenders, in *object) {
	q.Paid = in.amount("already_paid", "paid", "amount_paid", "paid_total")
	at, err := instant(in.text("at", "date", "now"), false)
	if err != nil {
		in.fail(err.Error())
	}
	q.At = at
	if currency := in.text("currency"); currency != "" {
		q.Currency = currency
	}
	for _, t := range in.objects("balance", "tenders") {
		q.Tenders = append(q.Tenders, s.tender(t))
	}
	in.done()
	if len(s.names) > 0 {
		slices.SortStableFunc(q.Tenders, func(a, b Tender) int { return s.place(a.ID) - s.place(b.ID) })
	}
}

// place is when a tender was entered; what was not comes last.
func (s *sale) place(id string) int {
	if i := slices.Index(s.names, id); i >= 0 {
		return i
	}
	return len(s.names)
}

func (s *sale) tender(o *object) Tender {
	t := Tender{ID: o.text("id", "code"), Type: o.text("type", "kind"), Priority: o.money("priority"), Currency: o.text("currency")}
	t.Limit = o.money("limit", "max_amount", "at_most", "max")
	t.Amount = o.money("amount", "requested", "requested_amount", "asked")
	balance := o.money("balance", "amount_remaining", "current_balance", "value", "credit")
	if balance == nil {
		t.Open = true // a bank card, of which nobody knows what is on it
	} else {
		t.Balance = max(0, *balance-o.amount("amount_authorized", "authorized", "held")-o.amount("amount_used"))
	}
	at, err := instant(o.text("expires", "expires_at", "expiry", "expiry_date", "expiration_date", "valid_until"), true)
	if err != nil {
		o.fail(err.Error())
	}
	active, status := o.flag("active", "is_active", "enabled"), o.text("status", "state")
	t.Expires = at
	t.Ended = o.is("expired", "is_expired", "blocked", "disabled", "is_disabled", "invalidated", "ended") || active != nil && !*active ||
		status != "" && !slices.Contains([]string{"active", "enabled", "valid", "open"}, status)
	o.done("initial_balance", "customer", "owner", "entered")
	return t
}

// price asks what promotions leave, and answers what they take off.
func (s *sale) price(ask Ask, q *Tenders) (discount int64, err error) {
	if s.priced == nil {
		q.Total = *s.total
		return 0, nil
	}
	s.priced.Semantics = known(s.priced.Semantics, meanings())
	for _, p := range s.priced.Promotions {
		s.priced.Context.Codes = append(s.priced.Context.Codes, p.Codes...)
	}
	question, err := s.priced.Question()
	if err != nil {
		return 0, err
	}
	var answer Answer
	if err := ask(priceIt, question, &answer); err != nil {
		return 0, err
	}
	if answer.Quote == nil {
		return 0, &Refusal{Operation: priceIt, Text: "no quote"}
	}
	q.Total = answer.Quote.Total
	return answer.Quote.Discount, nil
}

// known is the semantics that a table knows.
func known(of map[string]scalar, table map[string]map[string]option) map[string]scalar {
	all := map[string]scalar{}
	for key, value := range of {
		if _, ok := table[key][string(value)]; ok {
			all[key] = value
		}
	}
	return all
}
