// Package sourcing decides which shops and warehouses serve what a customer wants, by
// rules in the order of the retailer. It knows quantities and distances, and neither
// who keeps them nor what goods are.
package sourcing

import (
	"cmp"
	"slices"
)

// Use is which sites a rule is about.
type Use string

// The uses.
const (
	Own       Use = "own_store"     // the store that asks
	SameCity  Use = "same_city"     // shops of its city
	Nearby    Use = "stores_within" // shops within so many kilometres
	Shop      Use = "store"         // one shop or warehouse, by name
	Warehouse Use = "warehouse"     // all warehouses
	Anywhere  Use = "any"           // everything else that has goods
	Exclude   Use = "exclude"       // one shop or warehouse never serves others
)

// Rule is one of them. Rules are tried in order; a site is served from by the first that
// it fits.
type Rule struct {
	Use        Use
	Site       string // of Shop and Exclude
	Kilometres int64  // of Nearby, and of SameCity if above zero
	Keep       int64  // of each SKU, that stays at the site
	Days       int64  // until the goods are where the customer wants them
	Whole      bool   // only from one site that has everything that is still missing
}

// Site is a shop or a warehouse.
type Site struct {
	ID        string
	Warehouse bool
	City      string
	Metres    int64 // from the store that asks; below zero is unknown
}

// Line is how much of a SKU is wanted.
type Line struct {
	SKU      string
	Quantity int64
}

// Take is what a site serves, by which rule (its index).
type Take struct {
	Site     string
	SKU      string
	Quantity int64
	Rule     int
}

// Plan serves lines, each SKU of which stands once, from sites. available is what a site
// may promise of a SKU. What nobody can serve is left.
//
// Within a rule a site that has everything that is still missing is preferred, since one
// parcel is better than two; then the nearest, then by id. Of sites at unknown
// distances the ids decide, behind all others.
func Plan(rules []Rule, own Site, sites []Site, lines []Line, available func(site, sku string) int64) (takes []Take, left []Line) {
	p := plan{left: slices.Clone(lines), available: available, used: map[string]bool{}}
	for i := range rules {
		if rules[i].Use == Exclude && rules[i].Site != own.ID {
			p.used[rules[i].Site] = true
		}
	}
	sites = slices.Clone(sites)
	slices.SortFunc(sites, func(a, b Site) int {
		return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a.ID, b.ID))
	})
	for i := range rules {
		p.serve(i, &rules[i], own, sites)
	}
	return p.takes, slices.DeleteFunc(p.left, func(l Line) bool { return l.Quantity == 0 })
}

// Of is the index of the rule by which a site serves a store, below zero if none does.
func Of(rules []Rule, own, site Site) int {
	for i := range rules {
		if rules[i].Use == Exclude && rules[i].Site == site.ID && site.ID != own.ID {
			return -1
		}
	}
	return slices.IndexFunc(rules, func(r Rule) bool { return r.fits(own, site) })
}

// far sorts unknown distances last.
func far(s Site) uint64 { return uint64(s.Metres) } //nolint:gosec // below zero is unknown, and becomes the largest

type plan struct {
	left      []Line
	takes     []Take
	used      map[string]bool // sites that an earlier rule has asked, or that are excluded
	available func(site, sku string) int64
}

func (p *plan) serve(i int, r *Rule, own Site, sites []Site) {
	var fit []Site
	for _, s := range sites {
		if !p.used[s.ID] && r.fits(own, s) {
			fit = append(fit, s)
		}
	}
	for _, s := range fit {
		p.used[s.ID] = true
	}
	for _, s := range fit {
		if p.whole(r, s) {
			p.take(i, r, s)
			return
		}
	}
	for _, s := range fit {
		if !r.Whole {
			p.take(i, r, s)
		}
	}
}

// whole says whether a site has all that is still missing.
func (p *plan) whole(r *Rule, s Site) bool {
	for _, l := range p.left {
		if p.spare(r, s, l.SKU) < l.Quantity {
			return false
		}
	}
	return true
}

func (p *plan) spare(r *Rule, s Site, sku string) int64 { return max(0, p.available(s.ID, sku)-r.Keep) }

func (p *plan) take(i int, r *Rule, s Site) {
	for n := range p.left {
		l := &p.left[n]
		if l.Quantity == 0 {
			continue
		}
		if q := min(l.Quantity, p.spare(r, s, l.SKU)); q > 0 {
			p.takes = append(p.takes, Take{s.ID, l.SKU, q, i})
			l.Quantity -= q
		}
	}
}

// fits says whether a rule is about a site.
func (r *Rule) fits(own, s Site) bool {
	within := r.Kilometres == 0 || s.Metres >= 0 && s.Metres <= r.Kilometres*1000
	switch r.Use {
	case Own:
		return s.ID == own.ID
	case SameCity:
		return !s.Warehouse && s.ID != own.ID && s.City != "" && s.City == own.City && within
	case Nearby:
		return !s.Warehouse && s.ID != own.ID && s.Metres >= 0 && within
	case Shop:
		return s.ID == r.Site
	case Warehouse:
		return s.Warehouse && within
	case Anywhere:
		return within
	}
	return false
}
