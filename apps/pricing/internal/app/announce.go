package app

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/prior"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// announces says whether a list advertises reductions to everybody, so that the law on
// prior prices holds for it.
func announces(l *pricing.List, rules *pricing.Rules) bool {
	return l.Reduction && l.Announced && general(*l) && rules.PriorDays >= 0
}

// whereOf is the places of a list.
func whereOf(l *pricing.List) *pricing.Audience {
	return &pricing.Audience{Stores: l.Stores, Channels: l.Channels}
}

// poster is a list that announces reductions, as it is about to be: what it announces of
// some goods is proved before it counts.
type poster struct {
	r      sdk.Reader
	rules  pricing.Rules
	list   kept
	at     retail.Instant // from when on the goods have their prices in it
	stores []catalog.Store
}

// posterOf is nil if there is nothing to prove: the list announces nothing, or is over at
// the instant.
func posterOf(r sdk.Reader, list *kept, at retail.Instant) (*poster, error) {
	p := &poster{r: r, rules: settings.Get(r), list: *list, at: max(at, r.Now(), list.List.Period.From)}
	if !announces(&list.List, &p.rules) || !list.List.Period.Contains(p.at) {
		return nil, nil
	}
	var err error
	p.stores, err = storesOf(r, whereOf(&list.List), &pricing.Audience{})
	return p, err
}

// quiet refuses a list that announces in the quiet days before the sales.
func (p *poster) quiet() error {
	counts := retail.Period{From: p.at, To: p.list.List.Period.To}
	for _, f := range calendarFindings(p.r, &p.rules, whereOf(&p.list.List), &pricing.Audience{}, counts) {
		return refused(f)
	}
	return nil
}

// prove works out what the list announces of goods, at each kind of point of sale. Spans
// are the prices that goods are about to have from an instant on, by SKU; those that it
// names none for have what is stored. At most most prices are proved, or errTooMany is answered.
func (p *poster) prove(skus []retail.SKU, spans map[retail.SKU]*span, most int) (*proven, error) {
	all := &proven{days: priorDays(&p.rules)}
	if len(skus) == 0 {
		return all, nil
	}
	items, err := goodsOf(p.r, skus, p.at)
	if err != nil {
		return nil, err
	}
	a := p.annals(items, spans, max(0, p.at-firstReach-retail.Instant(all.days)*dayMillis))
	all.kinds = a.kinds(p.stores)
	if len(all.kinds)*len(items) > most {
		return nil, errTooMany
	}
	for k := range all.kinds {
		of, err := p.posted(a, spans, &all.kinds[k][0])
		if err != nil {
			return nil, err
		}
		for i := range of {
			of[i].kind = k
		}
		all.proofs = append(all.proofs, of...)
	}
	return all, nil
}

// annals are those of goods up to the instant, with the list as it is about to be.
func (p *poster) annals(items []catalog.Item, spans map[retail.SKU]*span, from retail.Instant) *annals {
	a := annalsOf(p.r, &p.rules, items, from, p.at)
	c := (&scene{annals: a}).list(p.list.ID)
	if c == nil {
		c = &chronicle{kept: p.list}
	}
	if !slices.Contains(a.lists, c) {
		a.lists = append(a.lists, c)
	}
	a.read(c)
	now := p.list.List
	now.Changed = p.r.Now()
	c.versions = append(slices.DeleteFunc(c.versions, func(l pricing.List) bool { return l.Changed >= now.Changed }), now)
	for i := range items {
		if s := spans[items[i].SKU]; s != nil {
			all := slices.DeleteFunc(c.prices[i], func(d dated) bool { return d.since == s.From })
			all = append(all, dated{s.From, *s})
			slices.SortStableFunc(all, func(x, y dated) int { return cmp.Compare(x.since, y.since) })
			c.prices[i] = all
		}
	}
	return a
}

// posted is the proofs of all goods of annals that the list announces a price of at a
// point of sale.
func (p *poster) posted(a *annals, spans map[retail.SKU]*span, store *catalog.Store) ([]proof, error) {
	return proveEach(a.items,
		func(i int) (proof, bool, bool, error) { return p.post(a, store, i) },
		func(old []catalog.Item) ([]proof, error) {
			return p.posted(p.annals(old, spans, 0), spans, store)
		})
}

// post is the proof of one item; there is false if the list announces no price of it
// there, and early is set if its reduction is as old as the annals.
func (p *poster) post(a *annals, store *catalog.Store, item int) (o proof, there, early bool, err error) {
	t, err := a.tell(store, item)
	if err != nil || t.list.amount == nil || t.list.list != p.list.ID || len(t.points) == 0 {
		return o, false, false, err
	}
	o = proof{sku: a.items[item].SKU, says: p.says(&t.list), price: *t.told[len(t.told)-1].amount}
	if o.says == (announced{}) {
		return o, false, false, nil
	}
	since, on := prior.Reduction(t.points, p.at, anchorOf(&a.rules))
	if !on {
		since = p.at // it takes nothing off, whatever is announced
	}
	begin, err := a.begin(store, since)
	o.lowest = prior.Within(t.points, begin, since).Amount
	return o, true, on && since <= a.from && a.from > 0, err
}

// says is what the list announces of a price that it makes: nothing, where it takes
// nothing off and announces no percentage of all.
func (p *poster) says(t *told) (a announced) {
	if t.original != nil {
		a = announced{percent: prior.Percent(*t.original, *t.amount), amount: 1}
	}
	if all := p.list.List.Percent; all > 0 {
		a = announced{percent: all, amount: 1}
	}
	return a
}

// lie is what is false of all that was proved, as an error, nil if nothing is.
func (p *proven) lie() error {
	f := falsehood(p.proofs, p.days)
	if f == nil {
		return nil
	}
	return refused(*f)
}

// claims are, by SKU, what is announced of goods where the least of it is true.
func (p *proven) claims() map[retail.SKU]*pricing.Claim {
	all := map[retail.SKU]*pricing.Claim{}
	for i := range p.proofs {
		o := &p.proofs[i]
		c := &pricing.Claim{
			Store: p.kinds[o.kind][0].ID, Announced: o.says.percent, Price: o.price, Lowest: o.lowest, Percent: o.percent(), Untrue: !o.holds(),
		}
		if was := all[o.sku]; was == nil || c.Untrue && !was.Untrue || c.Untrue == was.Untrue && c.Percent < was.Percent {
			all[o.sku] = c
		}
	}
	return all
}

// tooManyPosted is errTooMany as callers see it; other errors stay.
func tooManyPosted(err error) error {
	if !errors.Is(err, errTooMany) {
		return err
	}
	return refused(pricing.Finding{
		Severity: pricing.Refused, Reason: "prior_goods",
		Message: "The list announces more prices than can be proved at once: announce it first, then put its prices in parts or by an import.",
	})
}

// provePut proves what a list announces as it is about to be put, of all prices that it
// has or works out, now and at each later change of them. It answers the evidence file's
// id, "" if there is nothing to prove.
func provePut(tx *sdk.Tx, list *kept) (string, error) {
	first, err := posterOf(tx, list, list.List.Period.From)
	if err != nil || first == nil {
		return "", err
	}
	if err = first.quiet(); err != nil {
		return "", err
	}
	changes, err := first.changes()
	if err != nil {
		return "", tooManyPosted(err)
	}
	kept := &proven{days: priorDays(&first.rules)}
	for _, c := range changes {
		p := *first
		p.at = c.at
		more, err := p.prove(c.skus, nil, mostProofs-len(kept.proofs))
		if err != nil {
			return "", tooManyPosted(err)
		}
		kept.join(more)
	}
	if err = kept.lie(); err != nil || len(kept.proofs) == 0 {
		return "", err
	}
	return putEvidence(tx, evidence{List: list.ID}, kept)
}

// join adds what was proved of another instant.
func (p *proven) join(o *proven) {
	for i := range o.proofs {
		o.proofs[i].kind += len(p.kinds)
	}
	p.kinds, p.proofs = append(p.kinds, o.kinds...), append(p.proofs, o.proofs...)
}

// postedAt is goods whose prices in a list change at an instant.
type postedAt struct {
	at   retail.Instant
	skus []retail.SKU
}

// mostChanges is at how many instants to come the prices of a list may change that is put.
const mostChanges = 16

// changes are the goods that the list has or works out prices of, as its period begins,
// and those whose prices change later.
func (p *poster) changes() (all []postedAt, err error) {
	later := map[retail.Instant][]retail.SKU{p.at: nil}
	seen := map[retail.SKU]bool{}
	for id := p.list.ID; id != "" && err == nil; {
		l, ok := listOf(p.r, id)
		if id == p.list.ID {
			l, ok = p.list, true
		}
		if !ok {
			break
		}
		clock := clockOf(p.r, id, l.Epochs)
		for e := range entries.Scan(p.r, sdk.Scan{Prefix: sdk.K(id)}) {
			if !seen[e.SKU] {
				seen[e.SKU] = true
				later[p.at] = append(later[p.at], e.SKU)
			}
			for i := range e.Spans {
				if at, ok := clock.since(&e.Spans[i]); ok && at > p.at && p.list.List.Period.Contains(at) && !slices.Contains(later[at], e.SKU) {
					later[at] = append(later[at], e.SKU)
				}
			}
			if len(seen) > mostProofs || len(later) > mostChanges {
				return nil, errTooMany
			}
		}
		id = l.List.Parent
	}
	for at, skus := range later {
		slices.Sort(skus)
		all = append(all, postedAt{at, skus})
	}
	slices.SortFunc(all, func(x, y postedAt) int { return cmp.Compare(x.at, y.at) })
	return all, nil
}

// proveEntries proves what a list announces of prices that are about to be set. In a dry
// run it shows what it found in the changes; else it answers the evidence file's id.
func proveEntries(tx *sdk.Tx, list *kept, from retail.Instant, changed []pricing.Entry, dry bool, out *pricing.PutEntriesOut) (err error) {
	p, err := posterOf(tx, list, from)
	if err != nil || p == nil || len(changed) == 0 {
		return err
	}
	skus, spans := make([]retail.SKU, len(changed)), make(map[retail.SKU]*span, len(changed))
	for i := range changed {
		s := spanOf(&changed[i], from, 0)
		skus[i], spans[changed[i].SKU] = changed[i].SKU, &s
	}
	proved, err := p.prove(skus, spans, mostProofs)
	if err != nil {
		return tooManyPosted(err)
	}
	if dry {
		claims := proved.claims()
		for i := range out.Changes {
			out.Changes[i].Claim = claims[out.Changes[i].SKU]
		}
		return nil
	}
	if err = cmp.Or(p.quiet(), proved.lie()); err != nil || len(proved.proofs) == 0 {
		return err
	}
	out.Evidence, err = putEvidence(tx, evidence{List: list.ID}, proved)
	return err
}
