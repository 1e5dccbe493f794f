package app

import (
	"maps"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/backtest"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// replay is all that pricing the receipts of one step needs.
type replay struct {
	b       *backTest
	policy  price.Policy
	rule    price.Rule
	asks    *promotionsByGoods // the rule alone: which receipts it concerns
	codes   []string           // that bring it, as sales keep them
	past    *bygone
	learned int // versions that were read into it in this step
	stores  map[retail.StoreID]*catalog.Store
	batchOf map[string]string // of coupons that were given
	uses    map[string]*backTestUse
	shelf   map[retail.StoreID][]price.Line // goods that the rule adds
}

// receipt is a past sale as the engine wants it.
type receipt struct {
	sale     *pricing.Sale
	place    price.Place
	lines    []price.Line
	shipping []price.Shipping
	back     *returned // once somebody asked
}

// replay reads what receipts need.
func (b *backTest) replay(tx *sdk.Tx, past *bygone, receipts []*pricing.Sale) (*replay, error) {
	rules := settings.Get(tx)
	exact := rules.CodeCase == pricing.CaseExact
	p := &replay{
		b: b, policy: policyOf(&rules), rule: ruleOf(&b.Run.Promotion), asks: index.New[terms](),
		codes: keysOfCodes(b.Run.Promotion.Codes, exact), past: past,
	}
	if len(receipts) == 0 {
		return p, nil
	}
	first := receipts[0].At
	for _, s := range receipts {
		first = min(first, s.At)
	}
	if err := past.ready(tx, b, first, exact); err != nil {
		return nil, err
	}
	p.policy.Brief = true
	if b.Run.Shift {
		p.rule.From, p.rule.To = 0, 0
	}
	open := p.rule
	open.NeedsCode = false
	p.asks.Put(index.Entry[terms]{Key: index.Key{ID: p.rule.ID, From: 1}, About: terms{special: ordinary}}, &open)
	if err := p.known(tx, receipts); err != nil {
		return nil, err
	}
	p.coupons(tx, receipts)
	p.customers(tx, receipts)
	return p, p.added(tx)
}

// known asks for goods and stores.
func (p *replay) known(tx *sdk.Tx, receipts []*pricing.Sale) error {
	p.stores = map[retail.StoreID]*catalog.Store{}
	skus := p.rule.Adds()
	for _, s := range receipts {
		if _, there := p.stores[s.Store]; !there {
			out, err := catalog.Products.Call(tx, catalog.ProductsIn{Store: s.Store})
			if err != nil {
				return err
			}
			if p.stores[s.Store] = out.Store; out.Store == nil {
				return noStore()
			}
		}
		for _, l := range s.Lines {
			skus = append(skus, l.SKU)
		}
	}
	skus = slices.DeleteFunc(skus, func(sku retail.SKU) bool {
		_, known := p.past.goods[sku]
		return known
	})
	slices.Sort(skus)
	for part := range slices.Chunk(slices.Compact(skus), catalog.MaxSKUs) {
		if err := p.describe(tx, part); err != nil {
			return err
		}
	}
	return nil
}

// describe asks what goods are and what they cost. Those that the catalog does not
// know any more have no attributes.
func (p *replay) describe(tx *sdk.Tx, skus []retail.SKU) error {
	for i, amount := range costs(tx, skus) {
		p.past.goods[skus[i]] = good{cost: amount, asks: []string{"u" + string(skus[i])}}
	}
	for left := slices.Clone(skus); len(left) > 0; {
		out, err := catalog.Products.Call(tx, catalog.ProductsIn{SKUs: left})
		if err == nil {
			for i := range out.Items {
				g := p.past.goods[left[i]]
				g.item, g.asks = &out.Items[i], goodsKeys(out.Items[i:i+1])
				p.past.goods[left[i]] = g
			}
			return nil
		}
		at := unknownAt(err)
		if at < 0 || at >= len(left) {
			return err
		}
		left = slices.Delete(left, at, at+1)
	}
	return nil
}

// coupons finds the batches of the coupons that were given.
func (p *replay) coupons(tx *sdk.Tx, receipts []*pricing.Sale) {
	var keys []sdk.Key
	for _, s := range receipts {
		for _, c := range s.Codes {
			keys = append(keys, sdk.K(c))
		}
	}
	p.batchOf = map[string]string{}
	found, there := coupons.GetMany(tx, keys)
	for i := range found {
		if there[i] {
			p.batchOf[found[i].Key] = found[i].Batch
		}
	}
}

// added finds goods that the promotion may add, at the prices of now: those of then
// are nowhere if nobody bought them.
func (p *replay) added(tx *sdk.Tx) error {
	p.shelf = map[retail.StoreID][]price.Line{}
	if len(p.rule.Adds()) == 0 {
		return nil
	}
	rules := settings.Get(tx)
	for _, id := range slices.Sorted(maps.Keys(p.stores)) {
		b := basket{in: pricing.QuoteIn{Store: id}, at: tx.Now(), store: p.stores[id], rules: rules, cs: []price.Candidate{{Rule: &p.rule}}}
		b.scope = scopeOf(&b.in, b.store, b.at, &rules)
		if err := b.shelf(tx); err != nil {
			return err
		}
		p.shelf[id] = b.gifts.lines
	}
	return nil
}

// receipt is a sale as the engine wants it.
func (p *replay) receipt(s *pricing.Sale) (*receipt, error) {
	store := p.stores[s.Store]
	k := &receipt{sale: s, lines: make([]price.Line, len(s.Lines)), shipping: make([]price.Shipping, len(s.Shipping))}
	k.place = price.Place{
		Store: s.Store, Channel: channelOf(s.Channel, store), Customer: s.Customer, Groups: s.CustomerGroups, Tier: s.Tier,
		PastOrders: s.PastOrders, At: s.At, Currency: store.Currency, Net: s.Net,
	}
	local, err := store.Zone.Local(s.At)
	if err != nil {
		return nil, err
	}
	k.place.Clock = &local
	for i, w := range s.Shipping {
		k.shipping[i] = price.Shipping{Method: w.Method, Amount: w.Amount, VAT: w.VATRate}
	}
	for i := range s.Lines {
		k.lines[i] = p.line(&s.Lines[i])
	}
	return k, nil
}

// line is goods that were sold. What was given away is nobody's to reduce.
func (p *replay) line(l *pricing.SaleLine) price.Line {
	g := p.past.goods[l.SKU]
	is := price.Line{SKU: l.SKU, Quantity: l.Quantity, Unit: l.UnitPrice, Per: max(l.Per, 1), Manual: l.Manual, Cost: g.cost}
	if g.item != nil {
		whole := lineOf(g.item, l.Quantity, l.UnitPrice)
		is.Goods, is.VAT, is.Stored = whole.Goods, whole.VAT, whole.Stored
	}
	if l.Total == 0 {
		is.Unit, is.Manual = 0, true
	}
	return is
}

// mostLearned is how many versions one step reads before it leaves the rest to the
// next: an operation may read some 80,000 records, and has other things to do.
const mostLearned = 4_000

// look prices one receipt twice, if the promotion concerns it. It answers full, and has
// done nothing, if the step has read enough.
func (p *replay) look(tx *sdk.Tx, s *pricing.Sale) (full bool, err error) {
	if p.learned >= mostLearned {
		return true, nil
	}
	k, err := p.receipt(s)
	if err != nil {
		return false, err
	}
	code, brought := p.brings(s)
	concerned := brought && len(p.asks.Candidates(&index.Query{Generation: 1, Place: &k.place, Lines: k.lines})) > 0
	really, ran := took(s.Applied, p.rule.ID)
	if ran && p.cameBack(tx, k).void {
		p.b.Run.LeftOut++
		return false, nil
	}
	if concerned {
		p.learned += p.past.learn(tx, p.asksFor(k), p.rule.ID)
		if !p.test(tx, k, code) {
			p.b.Run.LeftOut++
			return false, nil
		}
	}
	p.b.Run.Receipts++
	if ran {
		given, _ := took(k.back.applied, p.rule.ID)
		p.b.noteTruth(really+given, s.At)
	}
	return false, nil
}

// noteTruth counts a receipt on which the promotion really ran.
func (b *backTest) noteTruth(amount retail.Money, at retail.Instant) {
	if b.Run.Truth == nil {
		b.Run.Truth = &pricing.BackTestTruth{Same: true}
	}
	t := b.Run.Truth
	t.Receipts, t.Cost, t.Until = t.Receipts+1, t.Cost+amount, at
}

// took is what a promotion really took off.
func took(all []pricing.Applied, promotion string) (amount retail.Money, did bool) {
	for _, a := range all {
		if a.Promotion == promotion {
			amount, did = amount+a.Amount, true
		}
	}
	return amount, did
}

// brings says whether the promotion needs no code, or one was given that brings it.
func (p *replay) brings(s *pricing.Sale) (codeKey string, ok bool) {
	for _, key := range s.Codes {
		if slices.Contains(p.codes, key) || p.batchOf[key] != "" && slices.Contains(p.b.Run.Promotion.Batches, p.batchOf[key]) {
			return key, true
		}
	}
	if p.rule.NeedsCode && p.b.Run.WithCode {
		return "*", true
	}
	return "", !p.rule.NeedsCode
}

// test prices a receipt with the promotion and without it, and adds up the
// difference. It answers false if the receipt is void or cannot be priced.
func (p *replay) test(tx *sdk.Tx, k *receipt, codeKey string) bool {
	cs, found := p.past.candidates(k, p.batchOf)
	own := p.limited(k)
	own.Rule, own.Code = &p.rule, codeKey
	after, ok := p.price(k, append(slices.Clip(cs), own))
	if !ok || p.cameBack(tx, k).void {
		return false
	}
	amount := takenBy(&after, p.rule.ID)
	if amount == 0 && !slices.ContainsFunc(after.Grants, func(g price.Grant) bool { return g.Promotion == p.rule.ID }) {
		return true
	}
	before, ok := p.price(k, cs)
	if ok {
		p.use(k, amount)
		p.compare(k, &before, &after, p.funding(found))
	}
	return ok
}

// compare adds a receipt up as it was priced without the promotion and with it, but for
// what came back.
func (p *replay) compare(k *receipt, before, after *price.Result, funding func(string) []pricing.Funder) {
	r := backtest.Receipt{
		Document: k.sale.Document, Paid: k.sale.Total - k.back.refunded, Before: k.side(before, funding), After: k.side(after, funding),
		Differs: bought(before) != k.sale.Total,
	}
	r.Returned = after.Discount - before.Discount - (r.After.Discount - r.Before.Discount)
	was, known := p.margin(k, before)
	is, both := p.margin(k, after)
	if r.Costs = known && both; r.Costs {
		r.Before.Margin, r.After.Margin = was, is
	}
	p.b.Sums.Add(p.rule.ID, &r)
}

// funding says who pays for the promotion, and for those that were found.
func (p *replay) funding(found []*index.Entry[terms]) func(id string) []pricing.Funder {
	return func(id string) []pricing.Funder {
		if id == p.rule.ID {
			return p.b.Run.Promotion.Funding
		}
		if at := slices.IndexFunc(found, func(e *index.Entry[terms]) bool { return e.ID == id }); at >= 0 {
			return found[at].About.Funding
		}
		return nil
	}
}

// price lets promotions work on a receipt.
func (p *replay) price(k *receipt, cs []price.Candidate) (price.Result, bool) {
	engine, err := price.New(p.policy, k.place, k.lines, k.shipping)
	if err != nil {
		return price.Result{}, false // beyond what a document can hold
	}
	engine.Shelf(p.shelf[k.place.Store])
	engine.Promote(cs)
	return engine.Result(), true
}

// takenBy is what a promotion takes off.
func takenBy(r *price.Result, promotion string) (amount retail.Money) {
	for _, a := range r.Applied {
		if a.Promotion == promotion {
			amount += a.Amount
		}
	}
	return amount
}

// bought is what goods and delivery come to, without what promotions added.
func bought(r *price.Result) retail.Money {
	total := r.Total
	for i := range r.Added {
		total -= r.Added[i].Total
	}
	return total
}

// untaxed is amounts without the VAT that is in them.
func untaxed(rates []retail.VATShare, net bool) (sum retail.Money) {
	for _, s := range rates {
		if !net {
			s.Gross, _, _ = retail.SplitGross(s.Gross, s.Rate)
		}
		sum += s.Gross
	}
	return sum
}

// customerKey stands for a customer where an id may not stay behind.
func customerKey(c retail.CustomerID) string { return key.Customer(string(c)) }
