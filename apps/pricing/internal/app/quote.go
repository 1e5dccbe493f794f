package app

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// basket is a quote in the making: all that it depends on but limits, which others
// use up meanwhile.
type basket struct {
	in         pricing.QuoteIn
	rules      pricing.Rules
	at         retail.Instant
	generation int64
	promised   promise // by the token; the zero value without one
	store      *catalog.Store
	scope      scope
	skus       []retail.SKU   // each once, in the order of the lines
	of         []int          // per line: its SKU's place in skus
	items      []catalog.Item // per SKU
	prices     []listed       // per SKU; empty where all lines have a price by hand
	place      price.Place
	lines      []price.Line
	given      []givenCode
	found      []*index.Entry[terms] // that may have a part in it
	cs         []price.Candidate     // of found, without those that only add goods that are gone
	promos     []*terms              // per candidate: what limits and coupons ask of it
	gifts      gifts
}

func quote(v *sdk.View, in pricing.QuoteIn) (pricing.QuoteOut, error) {
	b, err := prepare(v, in)
	if err != nil {
		return pricing.QuoteOut{}, err
	}
	return b.run(v, true)
}

// prepare finds everything that a basket's price depends on, but for what is left
// of limits.
func prepare(r sdk.Reader, in pricing.QuoteIn) (*basket, error) {
	if err := checkQuote(&in); err != nil {
		return nil, err
	}
	x := promotionIndex.Get(r)
	b := &basket{in: in, rules: settings.Get(r), at: cmp.Or(in.At, r.Now()), generation: x.Generation}
	if err := b.callIn(r); err != nil {
		return nil, err
	}
	if err := b.goods(r); err != nil {
		return nil, err
	}
	if err := b.price(r); err != nil {
		return nil, err
	}
	b.place = price.Place{
		Store: in.Store, Channel: b.scope.channel, Customer: in.Customer, Groups: in.CustomerGroups, Tier: in.Tier,
		PastOrders: in.PastOrders, At: b.at, Currency: b.store.Currency, Net: b.place.Net,
	}
	b.lines = b.priced()
	b.codes(r, x)
	b.candidates(x)
	return b, b.complete(r)
}

// codes looks at the codes of the basket.
func (b *basket) codes(r sdk.Reader, x *promotionsByGoods) {
	if len(b.in.Codes) == 0 {
		return
	}
	exact := b.exactCodes()
	b.given = codes(r, &b.in, codePlace{at: b.at, channel: b.scope.channel, exact: exact, gates: gates(r, &b.scope), shared: func(text string) bool {
		return slices.ContainsFunc(x.ByCode(code.Fold(text, false), b.generation), func(e *index.Entry[terms]) bool {
			return slices.ContainsFunc(e.About.Codes, func(c string) bool { return code.Fold(c, exact) == text })
		})
	}})
}

// exactCodes says whether the case of codes matters.
func (b *basket) exactCodes() bool { return b.rules.CodeCase == pricing.CaseExact }

// candidates finds the promotions that may have a part in the basket: those that
// codes bring, in their order, then the others by id.
func (b *basket) candidates(x *promotionsByGoods) {
	for i := range b.given {
		if g := &b.given[i]; g.reason == "" {
			b.brought(x, g)
		}
	}
	q := index.Query{Generation: b.generation, Place: &b.place, Lines: b.lines, Teasers: pricing.MaxMisses}
	if all := x.Candidates(&q); len(b.found) == 0 {
		b.found = all
	} else {
		byCode := b.found
		b.found = append(b.found, slices.DeleteFunc(all, func(e *index.Entry[terms]) bool { return slices.Contains(byCode, e) })...)
	}
	b.cs, b.promos = make([]price.Candidate, len(b.found)), make([]*terms, len(b.found))
	for i, e := range b.found {
		b.cs[i].Rule, b.promos[i] = e.Rule(), &e.About
	}
	bring(b.given, b.cs, b.promos, b.exactCodes())
}

// brought adds the promotions that one code brings.
func (b *basket) brought(x *promotionsByGoods, g *givenCode) {
	all := x.ByBatch(g.batch, b.generation)
	if g.shared {
		all = x.ByCode(code.Fold(g.text, false), b.generation)
	}
	if e := x.Find(g.promotion, b.generation); e != nil {
		all = append(all, e)
	}
	exact := b.exactCodes()
	for _, e := range all {
		if g.brings(e.ID, e.About.Codes, e.Batches, exact) && !slices.Contains(b.found, e) {
			b.found = append(b.found, e)
		}
	}
}

// complete adds what only some promotions ask for: the time of day, and what goods
// cost.
func (b *basket) complete(r sdk.Reader) error {
	hours, floors := false, false
	for i := range b.cs {
		hours = hours || len(b.cs[i].Rule.Hours) > 0
		floors = floors || b.cs[i].Rule.Floor != nil
	}
	if hours {
		local, err := b.store.Zone.Local(b.at)
		if err != nil {
			return err
		}
		b.place.Clock = &local
	}
	if floors {
		known := costs(r, b.skus)
		for i := range b.lines {
			b.lines[i].Cost = known[b.of[i]]
		}
	}
	return b.shelf(r)
}

// run prices what was prepared, with what is left of limits now. Exact reads how much
// that is; otherwise it only asks whether it suffices. It may run again.
func (b *basket) run(r sdk.Reader, exact bool) (out pricing.QuoteOut, err error) {
	policy := policyOf(&b.rules)
	policy.Brief = true
	cs := b.limited(r, exact)
	result, said, err := b.play(r, policy, cs)
	if err != nil {
		return out, err
	}
	out = b.answer(&result, said.notes)
	b.names(&out)
	out.Codes = rejected(b.given, cs, result.NotApplied)
	b.promise(r, &out, said.skipped)
	return out, nil
}

// limited are the candidates with what is left of their limits. Most have none, and
// there may be thousands: they are not copied for that.
func (b *basket) limited(r sdk.Reader, exact bool) []price.Candidate {
	for _, p := range b.promos {
		if p.special != ordinary {
			cs := slices.Clone(b.cs)
			limit(r, cs, b.promos, &b.in, exact)
			return cs
		}
	}
	return b.cs
}

// play lets promotions and fillers work on the basket.
func (b *basket) play(r sdk.Reader, policy price.Policy, cs []price.Candidate) (price.Result, said, error) {
	engine, err := b.engine(policy)
	if err != nil {
		return price.Result{}, said{}, err
	}
	engine.Shelf(b.gifts.lines)
	engine.Promote(cs)
	said, err := b.propose(r, engine)
	return engine.Result(), said, err
}

// engine is the basket before any promotion.
func (b *basket) engine(policy price.Policy) (*price.Basket, error) {
	engine, err := price.New(policy, b.place, b.lines, b.shipping())
	if errors.Is(err, price.ErrAmount) {
		return nil, sdk.Fail(sdk.CodeTooLarge, "amount", "The basket's total is beyond what a document can hold.")
	}
	return engine, err
}

func (b *basket) shipping() []price.Shipping {
	ways := make([]price.Shipping, len(b.in.Shipping))
	for i, s := range b.in.Shipping {
		ways[i] = price.Shipping{Method: s.Method, Amount: s.Amount, VAT: s.VATRate}
	}
	return ways
}
