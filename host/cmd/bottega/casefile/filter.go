package casefile

import (
	"slices"
	"strconv"
)

// filter asks for goods or ways of delivery: an attribute that has one of the
// values, or lies between them.
type filter struct {
	Attribute string  `json:"attribute"`
	Op        string  `json:"op"`
	Values    scalars `json:"values"`
}

// nobody is a value that nothing has: what is asked for it matches nothing.
const nobody = "(nobody)"

// filter says which goods a promotion speaks of. Ways of delivery are named by its
// effects.
func (m *mapper) filter(p *promotion, out *Promotion) (err error) {
	if p.Type == "multi" || ofShipping(p.Target) {
		return nil
	}
	out.Goods, out.Except, err = m.selection(p.Filter)
	return err
}

// some is a selection of what filters ask for; none of them is everything.
func (m *mapper) some(filters []filter) (*Selection, error) {
	goods, except, err := m.selection(filters)
	if err == nil && !except.empty() {
		err = missing("op", "not_in of goods that are bought")
	}
	return &goods, err
}

// selection is what filters ask for and what they leave out.
func (m *mapper) selection(filters []filter) (goods, except Selection, err error) {
	for _, f := range filters {
		to := &goods
		switch f.Op {
		case "not_in", "ne", "neq", "not_eq":
			to = &except
			if f.Op = "in"; to.names(f.Attribute) {
				return goods, except, missing("filter", "two exclusions of "+scalar(f.Attribute))
			}
		}
		if err := m.ask(to, f); err != nil {
			return goods, except, err
		}
	}
	return goods, except, nil
}

// empty says whether a selection asks for nothing.
func (s *Selection) empty() bool {
	return len(s.SKUs)+len(s.Products)+len(s.Brands)+len(s.Lines)+len(s.Seasons)+len(s.Suppliers)+len(s.Categories)+len(s.Tags)+len(s.Attributes) == 0 &&
		s.Price == nil && s.Reduced == nil
}

// names says whether a selection asks for an attribute.
func (s *Selection) names(attribute string) bool {
	if at := s.field(attribute); at != nil && len(*at) > 0 {
		return true
	}
	return slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return a.Name == attribute })
}

// field is where a selection keeps an attribute; nil if it has none for it.
func (s *Selection) field(name string) *[]string {
	switch name {
	case "sku", "variant", "line_id":
		return &s.SKUs
	case "product":
		return &s.Products
	case "brand":
		return &s.Brands
	case "line":
		return &s.Lines
	case "season":
		return &s.Seasons
	case "supplier":
		return &s.Suppliers
	case "category":
		return &s.Categories
	case "tag", "tags":
		return &s.Tags
	}
	return nil
}

// ask adds one filter to a selection.
func (m *mapper) ask(s *Selection, f filter) error {
	switch f.Attribute {
	case "unit_price", "list_price", "price":
		r, err := f.span()
		s.Price = r.within(s.Price)
		return err
	case "already_discounted":
		reduced := len(f.Values) > 0 && f.Values[0] == "true"
		s.Reduced = &reduced
		return nil
	}
	if f.Op != "in" && f.Op != "eq" {
		return missing("filter", scalar(f.Attribute+" "+f.Op))
	}
	if at := s.field(f.Attribute); at != nil && !m.many[f.Attribute] && !m.described(f.Attribute) {
		*at = both(*at, f.Values.texts())
		return nil
	}
	return s.attribute(f.Attribute, f.Values.texts())
}

// described says whether goods have a tag or a number of their own as a further
// attribute: "variant" may be one.
func (m *mapper) described(name string) bool {
	if name != "variant" && name != "line_id" {
		return false
	}
	return slices.ContainsFunc(m.c.Cart.Lines, func(l cartLine) bool { return len(l.Attributes[name]) > 0 })
}

// attribute asks for a further attribute.
func (s *Selection) attribute(name string, values []string) error {
	for _, a := range s.Attributes {
		if a.Name == name {
			return missing("filter", "two of "+scalar(name))
		}
	}
	s.Attributes = append(s.Attributes, Attribute{Name: name, Values: both(nil, values)})
	return nil
}

// both are the values that two lists have in common; an absent list asks for
// nothing. None in common is nobody.
func both(a, b []string) []string {
	common := slices.Clone(b)
	if a != nil {
		common = slices.DeleteFunc(common, func(v string) bool { return !slices.Contains(a, v) })
	}
	if len(common) == 0 {
		return []string{nobody}
	}
	return common
}

// numbers are the values as whole numbers.
func (f *filter) numbers() (all []int64, err error) {
	for _, v := range f.Values {
		n, err := strconv.ParseFloat(string(v), 64)
		if err != nil {
			return nil, missing("value", v)
		}
		whole, err := minor(n)
		if err != nil {
			return nil, err
		}
		all = append(all, whole)
	}
	if len(all) == 0 {
		err = missing("value", "none of "+scalar(f.Attribute))
	}
	return all, err
}

// span is the numbers that a filter or condition allows.
func (f *filter) span() (*Range, error) {
	n, err := f.numbers()
	if err != nil {
		return nil, err
	}
	low, high := slices.Min(n), slices.Max(n)
	switch {
	case f.Op == "eq" && len(n) == 1, f.Op == "in" && len(n) == 1, f.Op == "between" && len(n) == 2:
		return &Range{Min: &low, Max: &high}, nil
	case f.Op == "gt":
		low++
		return &Range{Min: &low}, nil
	case f.Op == "gte":
		return &Range{Min: &low}, nil
	case f.Op == "lt":
		high--
		return &Range{Max: &high}, nil
	case f.Op == "lte":
		return &Range{Max: &high}, nil
	}
	return nil, missing("op", scalar(f.Attribute+" "+f.Op))
}

// within is what lies in both ranges; nil is open.
func (r *Range) within(other *Range) *Range {
	if r == nil || other == nil {
		return r
	}
	all := *r
	if other.Min != nil && (all.Min == nil || *other.Min > *all.Min) {
		all.Min = other.Min
	}
	if other.Max != nil && (all.Max == nil || *other.Max < *all.Max) {
		all.Max = other.Max
	}
	return &all
}

// shift moves a range by a number.
func (r *Range) shift(by int64) *Range {
	moved := Range{}
	if r.Min != nil {
		low := *r.Min + by
		moved.Min = &low
	}
	if r.Max != nil {
		high := *r.Max + by
		moved.Max = &high
	}
	return &moved
}

// methods are the ways of delivery that filters ask for; none is all.
func methods(filters []filter) (all []string, err error) {
	for _, f := range filters {
		if f.Attribute != "shipping_option" && f.Attribute != "shipping_method" || f.Op != "in" && f.Op != "eq" {
			return nil, missing("shipping filter", scalar(f.Attribute+" "+f.Op))
		}
		all = both(all, f.Values.texts())
	}
	return all, nil
}
