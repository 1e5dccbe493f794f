package together

import (
	"cmp"
	"math"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// maxParts bounds the work: a set looks at each combination of its parts.
const maxParts = 5

// unit is the equal units of a line, and what became of them.
type unit struct {
	line *pricing.DiscountLine
	free retail.Quantity // in no set yet
	off  int64           // percentages of the others, added up, in basis points
	fits parts           // of the set that is looked at
}

// parts is some parts of a set, a bit for each.
type parts uint

// units are those of a basket, dearest first by list price, so that sets are as
// good for the customer as they can be. Their order says nothing of that of the
// lines.
func units(lines []pricing.DiscountLine) []unit {
	all := make([]unit, len(lines))
	for i := range lines {
		all[i] = unit{line: &lines[i], free: lines[i].Quantity}
	}
	slices.SortFunc(all, func(a, b unit) int {
		return cmp.Or(
			cmp.Compare(int64(b.line.UnitPrice)*int64(a.line.Per), int64(a.line.UnitPrice)*int64(b.line.Per)),
			cmp.Compare(a.line.SKU, b.line.SKU),
			cmp.Compare(a.line.ID, b.line.ID),
		)
	})
	return all
}

// take makes as many sets as there can be of what is free. It says whether the basket
// has anything of the set at all.
func (s *Set) take(all []unit) (near bool) {
	for i := range all {
		all[i].fits = 0
		if all[i].free > 0 && s.Percent > 0 {
			all[i].fits = s.fits(all[i].line)
		}
		near = near || all[i].fits != 0
	}
	sets := s.count(all)
	if sets == 0 || !near {
		return near
	}
	var full places
	for i := range all {
		u := &all[i]
		n := s.room(u, sets, &full)
		u.free -= n
		u.off += int64(n) * int64(s.Percent)
	}
	return near
}

// fits are the parts that goods can stand for.
func (s *Set) fits(l *pricing.DiscountLine) (p parts) {
	for i := range s.Parts {
		if s.Parts[i].has(l) {
			p |= 1 << i
		}
	}
	return p
}

func (p *Part) has(l *pricing.DiscountLine) bool {
	tagged := func(tag string) bool { return slices.Contains(l.Product.Tags, tag) }
	return len(p.SKUs)+len(p.Tags)+len(p.Lines) > 0 &&
		(len(p.SKUs) == 0 || slices.Contains(p.SKUs, l.SKU)) &&
		(len(p.Tags) == 0 || slices.ContainsFunc(p.Tags, tagged)) &&
		(len(p.Lines) == 0 || l.Product.Line != "" && slices.Contains(p.Lines, l.Product.Line))
}

// need is how many units some parts of one set take.
func (s *Set) need(some parts) (n retail.Quantity) {
	for i := range s.Parts {
		if some>>i&1 == 1 {
			n += max(s.Parts[i].Quantity, 1)
		}
	}
	return n
}

// count is how many sets there are, also where goods fit several parts: for whichever
// of them, there must be enough units that fit any of those (Hall's theorem).
func (s *Set) count(all []unit) retail.Quantity {
	sets := retail.Quantity(s.Max)
	if sets == 0 {
		sets = math.MaxInt64
	}
	for some := parts(1); some < 1<<len(s.Parts); some++ {
		have := retail.Quantity(0)
		for i := range all {
			if all[i].fits&some != 0 {
				have += all[i].free
			}
		}
		sets = min(sets, have/s.need(some))
	}
	return sets
}

// places counts, for each choice of parts, the units in sets that fit nothing else.
type places [1 << maxParts]retail.Quantity

// room puts as many of some units into so many sets as go in beside those that are in
// already: units that fit nothing but some parts are no more than these take. Dearest
// first, that is the dearest choice there is, and it leaves no place empty.
func (s *Set) room(u *unit, sets retail.Quantity, full *places) retail.Quantity {
	if u.fits == 0 {
		return 0
	}
	n := u.free
	for some := u.fits; some < 1<<len(s.Parts); some++ {
		if some&u.fits == u.fits {
			n = min(n, sets*s.need(some)-full[some])
		}
	}
	for some := u.fits; some < 1<<len(s.Parts); some++ {
		if some&u.fits == u.fits {
			full[some] += n
		}
	}
	return n
}
