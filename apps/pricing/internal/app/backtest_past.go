package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// bygone is the promotions that were live in the time of a run, as far as receipts
// were about what they ask for. It lies in the guest's memory from one step to the
// next and is only a copy: where it is gone, or of another time, it is read anew.
//
// Its index counts generations in milliseconds: a version is live in all instants of
// its stretch.
type bygone struct {
	run        string
	from       retail.Instant // what ended by then is not here
	until      retail.Instant // what began after it is not here
	generation int64          // that promotions were at when it was read
	exact      bool           // whether the case of codes mattered then
	asked      map[string]bool
	index      *promotionsByGoods
	goods      map[retail.SKU]good // that were asked for
}

// good is goods as they are in the time of a run.
type good struct {
	item *catalog.Item // nil: the catalog does not know it any more
	cost *retail.Money
	asks []string // that promotions may ask for
}

// mostBygone is how many versions, and how many goods, it may hold: more are let go and
// read again when they are asked for. They take a tenth of a guest's memory.
const mostBygone = 20_000

// manyVersions is how many versions are read at once.
const manyVersions = 200

// ready makes it fit for receipts of a run from an instant on.
func (p *bygone) ready(r sdk.Reader, b *backTest, from retail.Instant, exact bool) error {
	now := generation(r)
	if p.run == b.ID && p.from <= from && p.generation == now && p.exact == exact && p.index.Len() < mostBygone && len(p.goods) < mostBygone {
		return nil
	}
	until, err := retail.Zone("UTC").Start(b.Run.Last, "00:00")
	*p = bygone{
		run: b.ID, from: from, until: until + 3*aDay, generation: now, exact: exact, // wherever the store is
		asked: map[string]bool{}, index: index.New[terms](), goods: map[retail.SKU]good{},
	}
	return err
}

// learn reads what was live and asks for one of these, but for one promotion. It
// answers how many versions it has read.
func (p *bygone) learn(r sdk.Reader, wanted []string, but string) (read int) {
	var fresh []string
	for _, w := range wanted {
		if !p.asked[w] {
			p.asked[w] = true
			fresh = append(fresh, w)
		}
	}
	if len(fresh) == 0 {
		return 0
	}
	known, there := asks.GetMany(r, keysOfAsks(fresh))
	var found []stretch
	for i := range known {
		if !there[i] {
			continue
		}
		for s := range stretches.Scan(r, sdk.Scan{Index: "by_ask", Prefix: sdk.K(known[i].Ask), From: sdk.KInt(int64(p.from) + 1)}) {
			if s.ID != but && s.From <= p.until {
				found = append(found, s)
			}
		}
	}
	for part := range slices.Chunk(found, manyVersions) {
		p.read(r, part)
	}
	return len(found)
}

// read puts versions into the index if their period has to do with the time.
func (p *bygone) read(r sdk.Reader, part []stretch) {
	keys := make([]sdk.Key, len(part))
	for i := range part {
		keys[i] = sdk.K(part[i].ID).Int(part[i].Version)
	}
	found, there := versions.GetMany(r, keys)
	known := shared{}
	for i := range found {
		v, s := &found[i].Promotion, &part[i]
		if !there[i] || !v.Period.Overlaps(retail.Period{From: p.from, To: p.until}) {
			continue
		}
		known.promotion(v)
		e := index.Entry[terms]{
			Key: index.Key{ID: v.ID, From: int64(s.From)}, Codes: keysOfCodes(v.Codes, p.exact), Batches: v.Batches, About: termsOf(v),
		}
		if s.Until != forever {
			e.To = int64(s.Until)
		}
		rule := ruleOf(v)
		p.index.Put(e, &rule)
	}
}

// bounded says whether a promotion may have been used up.
func bounded(l *pricing.Limits) bool {
	return l.Uses > 0 || l.UsesPerCustomer > 0 || l.Budget > 0 || l.BudgetPerStore > 0
}

// keysOfCodes is what codes are known by in past sales.
func keysOfCodes(codes []string, exact bool) (keys []string) {
	for _, c := range codes {
		keys = append(keys, key.Coupon(code.Fold(c, exact)))
	}
	return keys
}

// candidates are the promotions that may have had a part in a receipt, as a quote of
// then named them: those of its codes, then the others by id.
func (p *bygone) candidates(k *receipt, batchOf map[string]string) (cs []price.Candidate, found []*index.Entry[terms]) {
	at := int64(k.place.At)
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
		for _, e := range p.index.ByCode(key, at) {
			take(e, key)
		}
		if batch := batchOf[key]; batch != "" {
			for _, e := range p.index.ByBatch(batch, at) {
				take(e, key)
			}
		}
	}
	for _, e := range p.index.Candidates(&index.Query{Generation: at, Place: &k.place, Lines: k.lines}) {
		take(e, "")
	}
	return cs, found
}
