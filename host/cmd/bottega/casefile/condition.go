package casefile

import "slices"

// condition is one thing that must hold.
type condition struct {
	Attribute string   `json:"attribute"`
	Op        string   `json:"op"`
	Values    scalars  `json:"values"`
	Filter    []filter `json:"filter"`
}

// conditions are those of a promotion.
func (m *mapper) conditions(p *promotion, out *Promotion) error {
	for _, c := range p.Conditions {
		if err := m.condition(c, out); err != nil {
			return err
		}
	}
	return nil
}

// span is the numbers that a condition allows.
func (c *condition) span() (*Range, error) {
	f := filter{Attribute: c.Attribute, Op: c.Op, Values: c.Values}
	return f.span()
}

// condition adds one to a promotion: to whom it is for, or to what must be bought.
func (m *mapper) condition(c condition, out *Promotion) error {
	switch c.Attribute {
	case "order_contains", "quantity_of", "subtotal_of":
		return m.set(c, out)
	case "nth_order", "past_orders", "order_count":
		r, err := c.span()
		if err == nil && c.Attribute == "nth_order" {
			r = r.shift(-1)
		}
		out.If = append(out.If, Condition{PastOrders: r})
		return err
	}
	if made, err := m.measure(c); err != nil || made != nil {
		if err == nil {
			out.If = append(out.If, *made)
		}
		return err
	}
	return m.audience(c, out)
}

// measure is a condition on amounts and quantities of the whole cart, nil if it is
// none.
func (m *mapper) measure(c condition) (*Condition, error) {
	made := &Condition{Goods: &Selection{}}
	var at **Range
	switch c.Attribute {
	case "order_subtotal", "order_total":
		at = &made.Amount
	case "order_subtotal_gross":
		at, made.VAT = &made.Amount, "gross"
	case "order_subtotal_net":
		at, made.VAT = &made.Amount, "net"
	case "order_subtotal_after_prior":
		at, made.Base = &made.Amount, "before_this"
	case "order_subtotal_net_after_prior":
		at, made.VAT, made.Base = &made.Amount, "net", "before_this"
	case "order_subtotal_gross_after_prior":
		at, made.VAT, made.Base = &made.Amount, "gross", "before_this"
	case "line_subtotal":
		at = &made.LineAmount
	case "order_quantity":
		at = &made.Quantity
	case "max_line_quantity":
		at = &made.LineQuantity
	default:
		return nil, nil
	}
	r, err := c.span()
	*at = r
	return made, err
}

// set is a condition on goods of its own.
func (m *mapper) set(c condition, out *Promotion) error {
	filters := c.Filter
	if len(filters) == 0 && c.Attribute == "order_contains" {
		filters = []filter{{Attribute: "sku", Op: "in", Values: c.Values}}
	}
	goods, err := m.some(filters)
	if err != nil {
		return err
	}
	made := Condition{Goods: goods, PerLine: m.plan.perLine}
	one := int64(1)
	switch c.Attribute {
	case "quantity_of":
		made.Quantity, err = c.span()
	case "subtotal_of":
		made.Amount, err = c.span()
	default:
		made.Quantity = &Range{Min: &one}
		if len(c.Values) == 1 && c.Values[0] == "false" {
			zero := int64(0)
			made.Quantity = &Range{Max: &zero}
		}
	}
	out.If = append(out.If, made)
	return err
}

// audience limits a promotion to places and people. An attribute of the customer or
// the order that has no field is a group of customers.
func (m *mapper) audience(c condition, out *Promotion) error {
	to, values := &out.For, c.Values.texts()
	switch c.Op {
	case "in", "eq":
	case "not_in", "ne", "neq":
		to = &out.Not
	default:
		return missing("condition", scalar(c.Attribute+" "+c.Op))
	}
	var at *[]string
	switch c.Attribute {
	case "channel":
		at = &to.Channels
	case "store":
		at = &to.Stores
	case "customer":
		at = &to.Customers
	case "customer_group":
		at = &to.CustomerGroups
	case "shipping_option", "shipping_method":
		return m.delivery(values, to == &out.For, out)
	default:
		for i, v := range values {
			values[i] = fact(c.Attribute, v)
		}
		at = &to.CustomerGroups
	}
	if to == &out.Not {
		*at = append(*at, values...)
		return nil
	}
	if at == &to.CustomerGroups && *at != nil {
		return m.second(c, values, out)
	}
	*at = both(*at, values)
	return nil
}

// second is a second demand on groups. It is kept where tiers are, if nobody can
// fulfil it; both at once is more than a promotion can ask.
func (m *mapper) second(c condition, values []string, out *Promotion) error {
	if slices.ContainsFunc(values, func(v string) bool { return slices.Contains(m.basket.CustomerGroups, v) }) {
		return missing("condition", "two on groups, "+scalar(c.Attribute))
	}
	out.For.Tiers = []string{nobody}
	return nil
}

// delivery asks for a way of delivery.
func (m *mapper) delivery(values []string, in bool, out *Promotion) error {
	if !in {
		return missing("condition", "shipping_option not_in")
	}
	out.If = append(out.If, Condition{Shipping: both(nil, values)})
	return nil
}
