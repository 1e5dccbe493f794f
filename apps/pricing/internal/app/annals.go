package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// annals are what the prices of some goods for consumers in general follow from over
// a time: lists and their prices, and promotions for everybody. The price of an
// instant is what somebody unknown pays who buys one piece and gives no code. Goods,
// stores and costs are as they are now; what plugins propose, and prices set by hand,
// are not in it.
type annals struct {
	r        sdk.Reader
	rules    pricing.Rules
	policy   price.Policy
	items    []catalog.Item
	from, to retail.Instant // what it reaches from and to, both included
	lists    []*chronicle
	runs     []run
	ruled    []price.Rule // of the runs
	costs    []*retail.Money
	named    namedGoods                 // what the runs tell apart
	courses  map[retail.StoreID]*course // of points of sale
	begins   map[moment]retail.Instant  // of the days before an instant, by zone
}

// chronicle is a list over the time.
type chronicle struct {
	kept
	versions []pricing.List // by Changed, rising
	prices   [][]dated      // per item, rising; nil if nobody has asked
}

// dated is a span and since when it counts.
type dated struct {
	since retail.Instant
	span  span
}

// annalsOf reads what there is of goods.
func annalsOf(r sdk.Reader, rules *pricing.Rules, items []catalog.Item, from, to retail.Instant) *annals {
	a := &annals{r: r, rules: *rules, policy: policyOf(rules), items: items, from: from, to: to}
	a.policy.Brief = true
	skus := make([]retail.SKU, len(items))
	for i := range items {
		skus[i] = items[i].SKU
	}
	a.costs = costs(r, skus)
	for l := range lists.Scan(r, sdk.Scan{}) {
		if c := a.chronicle(l); len(c.versions) > 0 && slices.ContainsFunc(c.versions, general) {
			a.lists = append(a.lists, c)
		}
	}
	a.readRuns()
	return a
}

// general says whether a list makes prices for everybody.
func general(l pricing.List) bool {
	return !l.Gated && len(l.Customers)+len(l.CustomerGroups) == 0
}

// chronicle reads the versions of a list that held within the time.
func (a *annals) chronicle(l kept) *chronicle {
	c := &chronicle{kept: l}
	if l.List.Changed <= a.from {
		c.versions = []pricing.List{l.List}
		return c
	}
	for v := range listVersions.Scan(a.r, sdk.Scan{Prefix: sdk.K(l.ID), To: sdk.KInt(int64(a.from) + 1), Reverse: true, Limit: 1}) {
		c.versions = append(c.versions, v.List)
	}
	for v := range listVersions.Scan(a.r, sdk.Scan{Prefix: sdk.K(l.ID), From: sdk.KInt(int64(a.from) + 1), To: sdk.KInt(int64(a.to) + 1)}) {
		c.versions = append(c.versions, v.List)
	}
	return c
}

// at is the version that held at an instant, nil if there was none.
func (c *chronicle) at(at retail.Instant) *pricing.List {
	for i := len(c.versions) - 1; i >= 0; i-- {
		if c.versions[i].Changed <= at {
			return &c.versions[i]
		}
	}
	return nil
}

// mostKeys is up to how many kinds of goods runs are looked for by each of them: for
// more goods all runs are read.
const mostKeys = 500

// readRuns reads the promotions that may have been live for the goods.
func (a *annals) readRuns() {
	scans, ended := []sdk.Scan{{Index: "by_until"}}, sdk.KInt(int64(a.from)+1)
	if keys := goodsKeys(a.items); len(keys) <= mostKeys {
		scans = scans[:0]
		for _, key := range keys {
			scans = append(scans, sdk.Scan{Index: "by_goods", Prefix: sdk.K(key)})
		}
	}
	seen := map[moment]bool{}
	for _, scan := range scans {
		scan.From = ended
		for r := range runs.Scan(a.r, scan) {
			if key := (moment{r.ID, r.From}); r.From <= a.to && !seen[key] {
				seen[key] = true
				a.runs = append(a.runs, r)
			}
		}
	}
	slices.SortFunc(a.runs, func(x, y run) int { return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.From, y.From)) })
	a.ruled = make([]price.Rule, len(a.runs))
	for i := range a.runs {
		a.ruled[i] = ruleOf(&a.runs[i].Promotion)
		a.named.add(&a.runs[i].Promotion)
	}
}

// read reads the prices of a list for all goods.
func (a *annals) read(c *chronicle) {
	skus := make([]retail.SKU, len(a.items))
	for i := range a.items {
		skus[i] = a.items[i].SKU
	}
	c.prices = make([][]dated, len(a.items))
	records, there := entries.GetMany(a.r, keysOf(c.ID, skus))
	clock := clockOf(a.r, c.ID, c.Epochs)
	for i := range records {
		if there[i] {
			c.prices[i] = a.dates(&records[i], clock)
		}
	}
}

// dates are the spans of an entry, those of the past that the time needs included.
func (a *annals) dates(e *entry, clock *clock) (all []dated) {
	for i := range e.Spans {
		if since, ok := clock.since(&e.Spans[i]); ok {
			all = append(all, dated{since, e.Spans[i]})
		}
	}
	slices.SortStableFunc(all, func(x, y dated) int { return cmp.Compare(x.since, y.since) })
	if !e.Past || len(all) > 0 && all[0].since <= a.from {
		return all
	}
	var before []dated
	for p := range pastEntries.Scan(a.r, sdk.Scan{Prefix: sdk.K(e.List).Text(string(e.SKU)), From: sdk.KInt(int64(a.from) + 1)}) {
		for _, s := range p.Spans {
			before = append(before, dated{s.From, s})
		}
	}
	return append(before, all...)
}

// scene is the shelf of one item at one instant.
type scene struct {
	*annals
	item int
	at   retail.Instant
}

var _ shelf = (*scene)(nil)

// spans is that of the item; a pick asks for no other.
func (s *scene) spans(l *kept, _ []retail.SKU) []*span {
	c := s.list(l.ID)
	if c == nil {
		return make([]*span, 1)
	}
	if c.prices == nil {
		s.read(c)
	}
	all := c.prices[s.item]
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].since <= s.at {
			if all[i].span.Ends {
				break
			}
			return []*span{&all[i].span}
		}
	}
	return make([]*span, 1)
}

func (s *scene) parent(id string) (kept, bool) {
	c := s.list(id)
	if c == nil {
		return kept{}, false
	}
	l := c.kept
	was := c.at(s.at)
	if was == nil {
		return kept{}, false
	}
	l.List = *was
	return l, true
}

// list is the chronicle of a list, also of one that is behind others only.
func (s *scene) list(id string) *chronicle {
	for _, c := range s.lists {
		if c.ID == id {
			return c
		}
	}
	l, ok := lists.Get(s.r, sdk.K(id))
	if !ok {
		return nil
	}
	c := s.chronicle(l)
	s.lists = append(s.lists, c)
	return c
}

// told is the price for everybody at an instant; the zero value is: not on sale.
type told struct {
	amount, original *retail.Money // with VAT
	list, why        string        // why is the promotion that made it, or the list
}

func (t *told) same(o *told) bool {
	equal := func(a, b *retail.Money) bool { return a == b || a != nil && b != nil && *a == *b }
	return equal(t.amount, o.amount) && equal(t.original, o.original)
}

// moment is an instant of a zone or a promotion.
type moment struct {
	of string
	at retail.Instant
}

// begin is when the days before an instant begin.
func (a *annals) begin(store *catalog.Store, at retail.Instant) (retail.Instant, error) {
	key := moment{string(store.Zone), at}
	if since, known := a.begins[key]; known {
		return since, nil
	}
	since, err := store.Zone.AddDays(at, -int(priorDays(&a.rules)))
	if a.begins == nil {
		a.begins = map[moment]retail.Instant{}
	}
	a.begins[key] = since
	return since, err
}

// found is the list price of an item at a stage, with VAT; the zero value is: none.
func (a *annals) found(set *stage, item int, at retail.Instant) told {
	g := &a.items[item]
	p := pick{
		want: []wanted{{sku: g.SKU, quantity: g.Unit.Per(), rate: g.VATRate}}, lists: set.lists, by: listChoice(a.rules.List),
		shelf: &scene{annals: a, item: item, at: at},
	}
	all, missing := p.all()
	if missing >= 0 {
		return told{}
	}
	found := all[0]
	if found.net {
		found.amount = with(found.amount, g.VATRate)
		if found.original != nil {
			original := with(*found.original, g.VATRate)
			found.original = &original
		}
	}
	return told{amount: &found.amount, original: found.original, list: found.list, why: found.list}
}

// cut is what promotions make of a list price; the zero value is: nothing.
type cut struct {
	cut   bool
	total retail.Money
	why   string // the first promotion
}

// cut lets promotions work on the list price of one piece.
func (a *annals) cut(place *price.Place, item int, amount retail.Money, cs []price.Candidate) (c cut, err error) {
	g := &a.items[item]
	line := lineOf(g, g.Unit.Per(), amount)
	line.Cost = a.costs[item]
	b, err := price.New(a.policy, *place, []price.Line{line}, nil)
	if err != nil {
		return c, err
	}
	b.Promote(cs)
	if priced := b.Result().Lines[0]; priced.Discount > 0 {
		c = cut{cut: true, total: priced.Total}
		if len(priced.Applied) > 0 {
			c.why = priced.Applied[0].Promotion
		}
	}
	return c, nil
}

// by is the price that a cut makes of a list price.
func (t told) by(c cut) told {
	if !c.cut {
		return t
	}
	if t.original == nil {
		t.original = t.amount
	}
	t.amount = &c.total
	if c.why != "" {
		t.why = c.why
	}
	return t
}
