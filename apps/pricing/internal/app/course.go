package app

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// course is what all prices of one point of sale follow from, over the time of the
// annals. It is worked out once, and what promotions make of a price once for all
// goods that are alike.
type course struct {
	stages []*stage // rising; the first begins with the annals
	place  price.Place
	kinds  map[string]*kind
}

// stage is a part of the time in which no list and no promotion comes, goes or changes.
type stage struct {
	at    retail.Instant
	lists []kept        // eligible, the best first
	shelf int           // stages of the same number have the same lists
	clock *retail.Local // nil if nobody has asked
}

// kind is goods that no promotion tells apart.
type kind struct {
	sets []set // per stage
	cuts map[cutOf]cut
	// beside is with the further promotion and without it, in the last stage.
	beside map[cutOf][2]cut
}

// set is the promotions that may work on goods of a kind at a stage.
type set struct {
	number int // sets of the same number are the same
	place  price.Place
	rules  []price.Candidate
}

// further is a promotion that does not run yet.
type further struct {
	rule  price.Rule
	names bool // goods one by one or by an attribute, so that it may tell goods of a kind apart
}

func furtherOf(p *pricing.Promotion) *further {
	var n namedGoods
	n.add(p)
	f := &further{rule: ruleOf(p), names: len(n.skus)+len(n.products)+len(n.attributes) > 0}
	f.rule.Hours = nil // what is true for an hour is announced
	return f
}

// cutOf is what a cut depends on, beside the kind.
type cutOf struct {
	set          int
	amount, cost retail.Money // a cost of -1 is none
}

// namedGoods is the goods that promotions tell from others like them.
type namedGoods struct {
	skus       map[retail.SKU]bool
	products   map[string]bool
	attributes []string // further ones, by their names, sorted
}

func (n *namedGoods) add(p *pricing.Promotion) {
	if n.skus == nil {
		n.skus, n.products = map[retail.SKU]bool{}, map[string]bool{}
	}
	for s := range selections(p) {
		for _, sku := range s.SKUs {
			n.skus[sku] = true
		}
		for _, id := range s.Products {
			n.products[id] = true
		}
		for _, a := range s.Attributes {
			if at, there := slices.BinarySearch(n.attributes, a.Name); !there {
				n.attributes = slices.Insert(n.attributes, at, a.Name)
			}
		}
	}
	for i := range p.Effects {
		if g := p.Effects[i].Gift; g != nil {
			n.skus[g.SKU] = true
		}
	}
}

// selections are all that a promotion says of goods.
func selections(p *pricing.Promotion) iter.Seq[*pricing.Selection] {
	all := []*pricing.Selection{&p.Goods, &p.Except}
	for i := range p.If {
		all = append(all, p.If[i].Goods)
	}
	for i := range p.Effects {
		e := &p.Effects[i]
		all = append(all, e.Goods, e.Except)
		if e.BuyGet != nil {
			all = append(all, e.BuyGet.Buy, e.BuyGet.Get)
		}
		if e.Bundle != nil {
			for n := range e.Bundle.Parts {
				all = append(all, &e.Bundle.Parts[n].Goods)
			}
		}
		if e.Tiers != nil {
			all = append(all, e.Tiers.Goods)
		}
	}
	return slices.Values(slices.DeleteFunc(all, func(s *pricing.Selection) bool { return s == nil }))
}

// course is the one of a point of sale.
func (a *annals) course(store *catalog.Store) (*course, error) {
	if c := a.courses[store.ID]; c != nil {
		return c, nil
	}
	instants, err := a.instants(store)
	if err != nil {
		return nil, err
	}
	s := scope{store: store.ID, channel: channelOf("", store), currency: store.Currency, choice: listChoice(a.rules.List)}
	c := &course{kinds: map[string]*kind{}, place: price.Place{Store: s.store, Channel: s.channel, Currency: s.currency}}
	for i, at := range instants {
		s.at = at
		next := &stage{at: at, lists: a.eligible(&s)}
		if i > 0 {
			before := c.stages[i-1]
			if next.shelf = before.shelf; !slices.EqualFunc(before.lists, next.lists, sameVersion) {
				next.shelf++
			}
		}
		c.stages = append(c.stages, next)
	}
	if a.courses == nil {
		a.courses = map[retail.StoreID]*course{}
	}
	a.courses[store.ID] = c
	return c, nil
}

func sameVersion(x, y kept) bool { return x.ID == y.ID && x.List.Changed == y.List.Changed }

// eligible lists the price lists of a scope as they were then, the best first.
func (a *annals) eligible(s *scope) (found []kept) {
	for _, c := range a.lists {
		if l := c.at(s.at); l != nil && s.admits(l) {
			k := c.kept
			k.List = *l
			found = append(found, k)
		}
	}
	sortLists(found, s.choice)
	return found
}

// kind is that of an item.
func (a *annals) kind(store *catalog.Store, c *course, item int) (*kind, error) {
	g := &a.items[item]
	sku, product := retail.SKU(""), ""
	if a.named.skus[g.SKU] {
		sku = g.SKU
	}
	if a.named.products[g.Product] {
		product = g.Product
	}
	sign := strings.Join([]string{
		string(sku), product, g.Brand, g.Line, g.Season, g.Supplier, g.Category, string(g.Kind), string(g.Unit),
		strconv.FormatInt(int64(g.VATRate), 10), strings.Join(g.Tags, "\x01"), a.named.asked(g),
	}, "\x00")
	if k := c.kinds[sign]; k != nil {
		return k, nil
	}
	k := &kind{cuts: map[cutOf]cut{}, beside: map[cutOf][2]cut{}}
	c.kinds[sign] = k
	touching := a.touching(&c.place, item)
	for i, st := range c.stages {
		next, err := a.set(store, c, st, touching)
		if err != nil {
			return nil, err
		}
		if next.number = i; i > 0 && next.place.Clock == nil && slices.Equal(k.sets[i-1].rules, next.rules) {
			next.number = k.sets[i-1].number
		}
		k.sets = append(k.sets, next)
	}
	return k, nil
}

// set is those of some runs that may work at a stage. Its place has a clock if one of
// them has hours.
func (a *annals) set(store *catalog.Store, c *course, st *stage, of []int) (s set, err error) {
	timed := false
	s.place = c.place
	s.place.At = st.at
	for _, n := range of {
		if r := &a.runs[n]; r.From <= st.at && st.at < r.Until && r.Promotion.Period.Contains(st.at) {
			s.rules = append(s.rules, price.Candidate{Rule: &a.ruled[n]})
			timed = timed || len(r.Promotion.Hours) > 0
		}
	}
	if timed && st.clock == nil {
		clock, err := store.Zone.Local(st.at)
		if err != nil {
			return s, err
		}
		st.clock = &clock
	}
	if timed {
		s.place.Clock = st.clock
	}
	return s, nil
}

// touching are the numbers of the runs that may work on an item at a place.
func (a *annals) touching(place *price.Place, item int) (all []int) {
	keys := map[string]bool{}
	for _, key := range goodsKeys(a.items[item : item+1]) {
		keys[key] = true
	}
	for i := range a.runs {
		r := &a.runs[i]
		on, not := &r.Promotion.For, &r.Promotion.Not
		if (len(on.Stores) == 0 || slices.Contains(on.Stores, place.Store)) && !slices.Contains(not.Stores, place.Store) &&
			(len(on.Channels) == 0 || slices.Contains(on.Channels, place.Channel)) && !slices.Contains(not.Channels, place.Channel) &&
			slices.ContainsFunc(r.Goods, func(key string) bool { return keys[key] }) {
			all = append(all, i)
		}
	}
	return all
}

// price is what the promotions of a stage make of the list price of an item.
func (a *annals) price(k *kind, stage, item int, list told) (told, error) {
	s := &k.sets[stage]
	if list.amount == nil || len(s.rules) == 0 {
		return list, nil
	}
	key := cutOf{set: s.number, amount: *list.amount, cost: a.cost(item)}
	c, known := k.cuts[key]
	if !known {
		var err error
		if c, err = a.cut(s.at(s.place.At), item, *list.amount, s.rules); err != nil {
			return told{}, err
		}
		k.cuts[key] = c
	}
	return list.by(c), nil
}

// cost is what an item costs, -1 if nobody has said it.
func (a *annals) cost(item int) retail.Money {
	if a.costs[item] == nil {
		return -1
	}
	return *a.costs[item]
}

// at is the place at an instant of the stage.
func (s *set) at(at retail.Instant) *price.Place {
	place := s.place
	place.At = at
	return &place
}

// beside is what a further promotion makes of the list price of an item at an instant of
// the last stage, in place of what ran of it, beside the others; and what these make of
// it alone.
func (a *annals) beside(k *kind, item int, list told, at retail.Instant, more *further) (with, without told, err error) {
	s := &k.sets[len(k.sets)-1]
	key := cutOf{set: s.number, amount: *list.amount, cost: a.cost(item)}
	if both, known := k.beside[key]; known && !more.names {
		return list.by(both[0]), list.by(both[1]), nil
	}
	others := slices.DeleteFunc(slices.Clone(s.rules), func(c price.Candidate) bool { return c.Rule.ID == more.rule.ID })
	var both [2]cut
	if both[1], err = a.cut(s.at(at), item, *list.amount, others); err != nil {
		return with, without, err
	}
	if both[0], err = a.cut(s.at(at), item, *list.amount, append(others, price.Candidate{Rule: &more.rule})); err != nil {
		return with, without, err
	}
	k.beside[key] = both
	return list.by(both[0]), list.by(both[1]), nil
}
