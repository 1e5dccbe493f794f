package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/code"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// bygone is the promotions that were live in some time, by the generations in which
// they were: what quotes of then found.
type bygone struct {
	index *promotionsByGoods
	since []since // rising
	hours bool    // some ask for the time of day
}

// since is when a generation began.
type since struct {
	at         retail.Instant
	generation int64
}

// stretch is generations in which a version was live.
type stretch struct {
	id           string
	version      int64
	from, to     int64          // to 0: still
	since, until retail.Instant // until 0: still
}

// pastOf finds what was live between two instants, both included, but for one
// promotion. It reads the steps that were taken with promotions: they say to the
// instant which version was live.
func pastOf(r sdk.Reader, first, last retail.Instant, but string, exact bool) bygone {
	p := bygone{index: index.New[terms]()}
	var spans []stretch
	open := -1 // span of the promotion that is looked at
	for s := range steps.Scan(r, sdk.Scan{}) {
		if s.ID == but || s.Step.Generation == 0 {
			continue
		}
		p.since = append(p.since, since{s.Step.At, s.Step.Generation})
		if open >= 0 && spans[open].id == s.ID {
			spans[open].to, spans[open].until = s.Step.Generation, s.Step.At
		}
		if open = -1; s.Step.What == "published" || s.Step.What == "resumed" {
			open = len(spans)
			spans = append(spans, stretch{id: s.ID, version: s.Step.Version, from: s.Step.Generation, since: s.Step.At})
		}
	}
	slices.SortStableFunc(p.since, func(a, b since) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.generation, b.generation)) })
	spans = slices.DeleteFunc(spans, func(s stretch) bool { return s.since > last || s.until != 0 && s.until <= first })
	for part := range slices.Chunk(spans, manyVersions) {
		p.read(r, part, retail.Period{From: first, To: last + 1}, exact)
	}
	return p
}

// manyVersions is how many versions are read at once.
const manyVersions = 200

// read puts versions into the index if their period has to do with a time.
func (p *bygone) read(r sdk.Reader, spans []stretch, time retail.Period, exact bool) {
	keys := make([]sdk.Key, len(spans))
	for i := range spans {
		keys[i] = sdk.K(spans[i].id).Int(spans[i].version)
	}
	found, there := versions.GetMany(r, keys)
	for i := range found {
		if v := &found[i].Promotion; there[i] && v.Period.Overlaps(time) {
			rule := ruleOf(v)
			p.hours = p.hours || len(rule.Hours) > 0
			p.index.Put(index.Entry[terms]{
				Key: index.Key{ID: spans[i].id, From: spans[i].from}, To: spans[i].to, Codes: keysOfCodes(v.Codes, exact), Batches: v.Batches,
				About: termsOf(v),
			}, &rule)
		}
	}
}

// bounded says whether a promotion may have been used up.
func bounded(l *pricing.Limits) bool {
	return l.Uses > 0 || l.UsesPerCustomer > 0 || l.Budget > 0 || l.BudgetPerStore > 0
}

// keysOfCodes is what codes are known by in past sales.
func keysOfCodes(codes []string, exact bool) (keys []string) {
	for _, c := range codes {
		keys = append(keys, code.Key(code.Fold(c, exact)))
	}
	return keys
}

// generation is the one of an instant.
func (p *bygone) generation(at retail.Instant) int64 {
	i, _ := slices.BinarySearchFunc(p.since, at, func(s since, at retail.Instant) int {
		if s.at <= at {
			return -1
		}
		return 1
	})
	if i == 0 {
		return 0
	}
	return p.since[i-1].generation
}

// candidates are the promotions that may have had a part in a receipt, as a quote of
// then named them: those of its codes, then the others by id.
func (p *bygone) candidates(k *receipt, batchOf map[string]string) (cs []price.Candidate, found []*index.Entry[terms]) {
	g := p.generation(k.place.At)
	take := func(e *index.Entry[terms], codeKey string) {
		if slices.Contains(found, e) {
			return
		}
		c := price.Candidate{Rule: e.Rule(), Code: codeKey}
		if bounded(&e.About.Limits) && !slices.ContainsFunc(k.sale.Applied, func(a pricing.Applied) bool { return a.Promotion == e.ID }) {
			c.Blocked = price.UsageLimit
		}
		cs, found = append(cs, c), append(found, e)
	}
	for _, key := range k.sale.Codes {
		for _, e := range p.index.ByCode(key, g) {
			take(e, key)
		}
		if batch := batchOf[key]; batch != "" {
			for _, e := range p.index.ByBatch(batch, g) {
				take(e, key)
			}
		}
	}
	for _, e := range p.index.Candidates(&index.Query{Generation: g, Place: &k.place, Lines: k.lines}) {
		take(e, "")
	}
	return cs, found
}
