package casefile

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// context is where, when and for whom a cart is.
type context struct {
	Channel         string           `json:"channel"`
	Store           string           `json:"store"`
	Customer        string           `json:"customer"`
	CustomerGroups  []string         `json:"customer_groups"`
	Codes           []string         `json:"codes"`
	At              string           `json:"at"`
	IncludesTax     *bool            `json:"prices_include_tax"`
	PastOrders      *int64           `json:"past_orders"`
	CancelledOrders int64            `json:"cancelled_orders"`
	Usage           map[string]usage `json:"usage"`
	// AtCompletion and IdentifiedAfterCode say when a peer looks; we look every time.
	AtCompletion        json.RawMessage `json:"at_completion"`
	IdentifiedAfterCode json.RawMessage `json:"identified_after_code"`

	others map[string]scalars // attributes of the customer or the order that have no field
}

// usage is what was used of a promotion before.
type usage struct {
	Total       int64            `json:"total"`
	Cancelled   int64            `json:"cancelled"`
	ByCustomer  map[string]int64 `json:"by_customer"`
	CancelledBy map[string]int64 `json:"cancelled_by_customer"`
}

// UnmarshalJSON keeps what has no field as an attribute.
func (c *context) UnmarshalJSON(raw []byte) error {
	type plain context
	if err := json.Unmarshal(raw, (*plain)(c)); err != nil {
		return err
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		return err
	}
	c.others = map[string]scalars{}
	for name, value := range all {
		var s scalars
		if !slices.Contains(contextFields(), name) && json.Unmarshal(value, &s) == nil {
			c.others[name] = s
		}
	}
	return nil
}

// contextFields are those of a context that are no attributes.
func contextFields() []string {
	return []string{"channel", "store", "customer", "customer_groups", "codes", "at", "prices_include_tax", "past_orders",
		"cancelled_orders", "usage", "at_completion", "identified_after_code"}
}

// cart is goods and delivery.
type cart struct {
	Lines    []cartLine     `json:"lines"`
	Shipping []cartShipping `json:"shipping"`
}

type cartLine struct {
	ID         string             `json:"id"`
	SKU        string             `json:"sku"`
	Quantity   int64              `json:"quantity"`
	UnitPrice  int64              `json:"unit_price"`
	Attributes map[string]scalars `json:"attributes"`
	Tags       []string           `json:"tags"`
	TaxRate    float64            `json:"tax_rate"`
	MinPrice   int64              `json:"min_price"`
	Kind       string             `json:"kind"`
}

type cartShipping struct {
	ID         string             `json:"id"`
	Amount     int64              `json:"amount"`
	Attributes map[string]scalars `json:"attributes"`
	TaxRate    *float64           `json:"tax_rate"` // absent: that of the goods, if these have one
}

// Question is what to ask of pricing.try to find out what we do in a case.
// Errors: *Missing if the case holds under an option that we do not have.
func (c *Case) Question() (*Question, error) {
	if len(c.strange) > 0 {
		return nil, &Missing{Option: "field=" + c.strange[0]}
	}
	p, err := c.plan()
	if err != nil {
		return nil, err
	}
	switch c.Kind {
	case "cart":
		return c.cart(p)
	case "proration":
		return c.proration(p)
	case "price":
		return c.price(p)
	case "reference_price":
		return c.prior(p)
	case "usage":
		return c.spending(p)
	case "choice":
		return c.choice(p)
	}
	return nil, missing("kind", scalar(c.Kind))
}

func (c *Case) cart(p *plan) (*Question, error) {
	at, err := instant(c.Context.At, false)
	if err != nil {
		return nil, err
	}
	b := &Basket{
		Channel: c.Context.Channel, Store: c.Context.Store, Customer: c.Context.Customer, CustomerGroups: c.groups(),
		PastOrders: c.pastOrders(p), Codes: distinct(c.Context.Codes), At: at, Currency: c.Currency,
		Net: c.Context.IncludesTax != nil && !*c.Context.IncludesTax, Lines: []Line{},
	}
	if err := c.lines(b); err != nil {
		return nil, err
	}
	m := mapper{c: c, plan: p, basket: b, many: c.many()}
	if err := m.promotions(); err != nil {
		return nil, err
	}
	return &Question{Rules: p.rules, Basket: b}, nil
}

// pastOrders are those of the customer. Who is not known has none.
func (c *Case) pastOrders(p *plan) *int64 {
	known := c.Context.PastOrders
	if known == nil && c.Context.Customer == "" {
		known = new(int64)
	}
	if known == nil || p.keepUses {
		return known
	}
	counted := *known - c.Context.CancelledOrders
	return &counted
}

// groups are those of the customer, and the attributes of the context that have no
// field: being of a kind is being in a group.
func (c *Case) groups() []string {
	groups := slices.Clone(c.Context.CustomerGroups)
	for _, name := range slices.Sorted(maps.Keys(c.Context.others)) {
		for _, v := range c.Context.others[name] {
			groups = append(groups, fact(name, string(v)))
		}
	}
	return groups
}

// fact is an attribute of a customer or an order as a group.
func fact(name, value string) string { return name + "=" + value }

// lines puts goods and delivery into the basket. A line of no units is none.
func (c *Case) lines(b *Basket) error {
	many := c.many()
	for _, l := range c.Cart.Lines {
		byHand := l.Kind == "free" || l.Kind == "manual_discount"
		if l.Kind != "" && !byHand {
			return missing("line kind", scalar(l.Kind))
		}
		if l.Quantity == 0 {
			continue
		}
		rate, err := points(l.TaxRate)
		if err != nil {
			return err
		}
		line := Line{ID: l.ID, SKU: cmp.Or(l.SKU, l.ID), Quantity: l.Quantity, UnitPrice: l.UnitPrice, Floor: l.MinPrice, VATRate: rate, Tags: l.Tags, Manual: byHand}
		line.describe(l.Attributes, many)
		b.Lines = append(b.Lines, line)
	}
	for _, s := range c.Cart.Shipping {
		of := c.Cart.rate()
		if s.TaxRate != nil {
			of = *s.TaxRate
		}
		rate, err := points(of)
		if err != nil {
			return err
		}
		b.Shipping = append(b.Shipping, Shipping{ID: s.ID, Method: s.method(), Amount: s.Amount, VATRate: rate})
	}
	return nil
}

// rate is the tax rate of all goods, 0 if they have several.
func (c *cart) rate() float64 {
	if len(c.Lines) == 0 || slices.ContainsFunc(c.Lines, func(l cartLine) bool { return l.TaxRate != c.Lines[0].TaxRate }) {
		return 0
	}
	return c.Lines[0].TaxRate
}

// method is what conditions and filters know a way of delivery by.
func (s *cartShipping) method() string {
	if of := s.Attributes["shipping_option"]; len(of) == 1 {
		return string(of[0])
	}
	return s.ID
}

// many are the attributes that some goods have several values of: no field holds
// these.
func (c *Case) many() map[string]bool {
	many := map[string]bool{}
	for _, l := range c.Cart.Lines {
		for name, values := range l.Attributes {
			if len(values) != 1 {
				many[name] = true
			}
		}
	}
	return many
}

// field is where a line keeps an attribute; nil if it has none for it.
func (l *Line) field(name string) *string {
	switch name {
	case "product":
		return &l.Product
	case "brand":
		return &l.Brand
	case "line":
		return &l.Line
	case "season":
		return &l.Season
	case "supplier":
		return &l.Supplier
	case "category":
		return &l.Category
	}
	return nil
}

// describe gives a line its attributes.
func (l *Line) describe(attributes map[string]scalars, many map[string]bool) {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		values := attributes[name].texts()
		if at := l.field(name); at != nil && !many[name] {
			*at = values[0]
		} else if name == "tag" || name == "tags" {
			l.Tags = append(l.Tags, values...)
		} else if len(values) > 0 {
			l.Attributes = append(l.Attributes, Attribute{Name: name, Values: values})
		}
	}
}

// distinct leaves out what comes a second time.
func distinct(values []string) (once []string) {
	for _, v := range values {
		if !slices.Contains(once, v) {
			once = append(once, v)
		}
	}
	return once
}

// points are basis points of a percentage.
func points(percent float64) (int64, error) {
	p := math.Round(percent * 100)
	if math.Abs(p-percent*100) > 1e-6 {
		return 0, missing("percent", scalar(strconv.FormatFloat(percent, 'g', -1, 64)))
	}
	return int64(p), nil
}

// minor is an amount of whole minor units.
func minor(amount float64) (int64, error) {
	if amount != math.Trunc(amount) {
		return 0, missing("amount", scalar(strconv.FormatFloat(amount, 'g', -1, 64)))
	}
	return int64(amount), nil
}

// instant reads a time or a date; a time without a zone is UTC, a date is its
// first instant or, at its end, the first one after it. "" is 0.
func instant(text string, end bool) (Instant, error) {
	if text == "" {
		return 0, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		if end {
			day = day.AddDate(0, 0, 1)
		}
		return Instant(day.UnixMilli()), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", time.DateTime} {
		if at, err := time.Parse(layout, strings.ToUpper(text)); err == nil {
			return Instant(at.UnixMilli()), nil
		}
	}
	return 0, missing("time", scalar(text))
}
