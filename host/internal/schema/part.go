package schema

import "slices"

// part is where a member of an object lies in the output, and of which
// property it is. It is empty if the member was null.
type part struct{ prop, start, end int }

func (p part) empty() bool { return p.start == p.end }

// parts are the members met of all objects that are open, innermost last. Work
// is in proportion to the members that are there, not to those that a schema
// allows.
type parts []part

// order is how far the members of one object have come.
type order struct {
	base int // of the object's parts
	next int // the property that comes next if members are in declared order
	high int // above all properties met
}

func (p parts) begin() order { return order{base: len(p)} }

// has says whether property i of the object was met already.
func (p parts) has(o *order, i int) bool {
	return i < o.high && slices.ContainsFunc(p[o.base:], func(q part) bool { return q.prop == i })
}

func (p *parts) add(o *order, q part) {
	*p = append(*p, q)
	o.next, o.high = q.prop+1, max(o.high, q.prop+1)
}

// arrange ends an object: its parts, which fill out from start on, come into
// declared order and are answered until the next begin. Members that arrive in
// that order cost nothing.
func (p *parts) arrange(o *order, out []byte, start int) []part {
	own := (*p)[o.base:]
	*p = (*p)[:o.base]
	byProperty := func(a, b part) int { return a.prop - b.prop }
	if slices.IsSortedFunc(own, byProperty) {
		return own
	}
	slices.SortFunc(own, byProperty)
	copied := slices.Clone(out[start:])
	out = out[:start]
	for _, q := range own {
		out = append(out, copied[q.start-start:q.end-start]...)
	}
	return own
}
