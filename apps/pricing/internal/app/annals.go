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
	stages   map[moment]*stage
	begins   map[moment]retail.Instant // of the days before an instant, by zone
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

// stage is what the prices of all goods have in common at an instant at one point of
// sale.
type stage struct {
	lists  []kept // eligible, the best first
	place  price.Place
	clock  retail.Local
	others []price.Candidate // that run
}

// moment is an instant of a store, a zone or a promotion.
type moment struct {
	of string
	at retail.Instant
}

// mostStages is how many are kept for the next item.
const mostStages = 1_000

func (a *annals) stage(store *catalog.Store, at retail.Instant) (*stage, error) {
	key := moment{string(store.ID), at}
	if s := a.stages[key]; s != nil {
		return s, nil
	}
	channel := channelOf("", store)
	s := scope{store: store.ID, channel: channel, currency: store.Currency, at: at, choice: listChoice(a.rules.List)}
	set := &stage{place: price.Place{Store: store.ID, Channel: channel, Currency: store.Currency, At: at}}
	for _, c := range a.lists {
		if l := c.at(at); l != nil && s.admits(l) {
			k := c.kept
			k.List = *l
			set.lists = append(set.lists, k)
		}
	}
	sortLists(set.lists, s.choice)
	for i := range a.runs {
		if r := &a.runs[i]; r.From <= at && at < r.Until {
			set.others = append(set.others, price.Candidate{Rule: &a.ruled[i]})
		}
	}
	var err error
	set.clock, err = store.Zone.Local(at)
	set.place.Clock = &set.clock
	if len(a.stages) >= mostStages || a.stages == nil {
		a.stages = map[moment]*stage{}
	}
	a.stages[key] = set
	return set, err
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

// price is what one piece of an item costs at a point of sale. Beside what ran there
// may be one more promotion, in place of what ran of it.
func (a *annals) price(store *catalog.Store, item int, at retail.Instant, more *price.Rule) (told, error) {
	set, err := a.stage(store, at)
	if err != nil {
		return told{}, err
	}
	g := &a.items[item]
	p := pick{
		want: []wanted{{sku: g.SKU, quantity: g.Unit.Per(), rate: g.VATRate}}, lists: set.lists, by: listChoice(a.rules.List),
		shelf: &scene{annals: a, item: item, at: at},
	}
	found, missing := p.all()
	if missing >= 0 {
		return told{}, nil
	}
	return a.reduced(set, item, found[0], more)
}

// reduced lets the promotions work on a list price.
func (a *annals) reduced(set *stage, item int, found listed, more *price.Rule) (told, error) {
	g := &a.items[item]
	if found.net {
		found.amount = with(found.amount, g.VATRate)
		if found.original != nil {
			original := with(*found.original, g.VATRate)
			found.original = &original
		}
	}
	t := told{amount: &found.amount, original: found.original, list: found.list, why: found.list}
	cs := set.others
	if more != nil {
		cs = slices.DeleteFunc(slices.Clone(cs), func(c price.Candidate) bool { return c.Rule.ID == more.ID })
		cs = append(cs, price.Candidate{Rule: more})
	}
	if len(cs) == 0 {
		return t, nil
	}
	line := lineOf(g, g.Unit.Per(), found.amount)
	line.Cost = a.costs[item]
	b, err := price.New(a.policy, set.place, []price.Line{line}, nil)
	if err != nil {
		return told{}, err
	}
	b.Promote(cs)
	if priced := b.Result().Lines[0]; priced.Discount > 0 {
		t.amount = &priced.Total
		if t.original == nil {
			t.original = &found.amount
		}
		if len(priced.Applied) > 0 {
			t.why = priced.Applied[0].Promotion
		}
	}
	return t, nil
}
