package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/prior"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// mostProofs is how many prices one announcement can be proved by at once: goods times
// kinds of points of sale. Stores in which the same lists and promotions hold are of
// one kind.
const mostProofs = 10_000

// lawFindings is what the law on price reductions says of a promotion that is announced:
// its percentage, of every SKU at every point of sale, and the sales calendars. It also
// answers what it has proved, nil if there is nothing to prove.
func lawFindings(r sdk.Reader, p *pricing.Promotion) ([]pricing.Finding, *proven) {
	if !p.Announced {
		return nil, nil
	}
	rules := settings.Get(r)
	found := calendarFindings(r, &rules, &p.For, &p.Not, p.Period)
	if rules.PriorDays < 0 || !forEverybody(p) {
		return found, nil
	}
	all, err := prove(r, &rules, p)
	switch {
	case errors.Is(err, errTooMany):
		return append(found, pricing.Finding{
			Severity: pricing.Refused, Reason: "prior_goods",
			Message: "It speaks of more goods and points of sale than 10,000 prices: announce it in parts, by brand, line or stores.",
		}), nil
	case err != nil:
		return append(found, pricing.Finding{Severity: pricing.Refused, Reason: "prior_price", Message: "The prior prices cannot be worked out: " + err.Error()}), nil
	}
	if f := falsehood(all.proofs, all.days); f != nil {
		found = append(found, *f)
	}
	return found, all
}

// proven is the prices that prove an announcement.
type proven struct {
	proofs []proof
	kinds  [][]catalog.Store // of points of sale
	days   int64
}

// announced is what a promotion says of its prices: the largest percentage, and the
// largest amount off one piece, that its effects on goods take off.
type announced struct {
	percent retail.BasisPoints
	amount  retail.Money
}

func announcedOf(p *pricing.Promotion) (a announced) {
	for i := range p.Effects {
		e := &p.Effects[i]
		if e.Target == pricing.ToShipping {
			continue
		}
		a.percent = max(a.percent, e.Percent)
		if e.Amount != nil && e.Target != pricing.ToOrder && e.Target != pricing.ToAll {
			a.amount = max(a.amount, e.Amount.Value)
		}
	}
	return a
}

// proof is what the price of one SKU comes to at points of sale of one kind.
type proof struct {
	kind   int
	sku    retail.SKU
	says   announced     // of it
	lowest *retail.Money // nil: it was not on sale before
	price  retail.Money  // that is announced
}

// holds says whether what is announced is true of it. A percentage is true of a price
// that is what the percentage makes of the lowest one, rounded half up.
func (p *proof) holds() bool {
	a := p.says
	if p.lowest == nil {
		return a == announced{}
	}
	off, err := p.lowest.Percent(a.percent)
	return err == nil && p.price <= *p.lowest-off && *p.lowest-p.price >= a.amount
}

// percent is how far the price lies below the lowest one, rounded down.
func (p *proof) percent() retail.BasisPoints {
	if p.lowest == nil {
		return 0
	}
	return prior.Percent(*p.lowest, p.price)
}

// falsehood is what lint says if what is announced is not true of all goods; nil if
// it is.
func falsehood(proofs []proof, days int64) *pricing.Finding {
	f := pricing.Finding{Severity: pricing.Refused, Reason: "prior_price", Percent: 10_000}
	var off *retail.Money
	for i := range proofs {
		p := &proofs[i]
		if p.holds() {
			continue
		}
		var by retail.Money
		if p.lowest != nil {
			by = max(0, *p.lowest-p.price)
		}
		if off == nil || by < *off {
			off = &by
		}
		f.Percent = min(f.Percent, int64(p.percent()))
		if !slices.Contains(f.SKUs, p.sku) && len(f.SKUs) < 20 {
			f.SKUs = append(f.SKUs, p.sku)
		}
	}
	if off == nil {
		return nil
	}
	f.Amount = off
	f.Message = "What is announced is not true against the lowest price of the " + digits(days) + " days before: it would be " + percentText(f.Percent) + "."
	return &f
}

// percentText is basis points as people read them: 12.34 %.
func percentText(p int64) string {
	text := digits(p / 100)
	if rest := p % 100; rest != 0 {
		text += "." + strings.TrimRight(digits(100 + rest)[1:], "0")
	}
	return text + " %"
}

var errTooMany = errors.New("too many prices to prove at once")

// prove works out, for each SKU that a promotion makes cheaper, the lowest price of the
// days before, at each kind of point of sale.
func prove(r sdk.Reader, rules *pricing.Rules, p *pricing.Promotion) (*proven, error) {
	start := max(r.Now(), p.Period.From)
	stores, err := storesOf(r, &p.For, &p.Not)
	if err != nil {
		return nil, err
	}
	skus, whole, err := skusOf(r, p, mostProofs)
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, errTooMany
	}
	items, err := goodsOf(r, skus, start)
	if err != nil {
		return nil, err
	}
	a := annalsOf(r, rules, items, max(0, start-firstReach-retail.Instant(priorDays(rules))*dayMillis), start)
	all := &proven{kinds: a.kinds(stores), days: priorDays(rules)}
	if len(all.kinds)*len(items) > mostProofs {
		return nil, errTooMany
	}
	more, says := furtherOf(p), announcedOf(p)
	for k := range all.kinds {
		of, err := a.proveAll(&all.kinds[k][0], start, more)
		if err != nil {
			return nil, err
		}
		for i := range of {
			of[i].kind, of[i].says = k, says
		}
		all.proofs = append(all.proofs, of...)
	}
	return all, nil
}

// proveAll is the proofs of all items that a promotion makes cheaper at a point of sale, in
// their order.
func (a *annals) proveAll(store *catalog.Store, start retail.Instant, more *further) ([]proof, error) {
	return proveEach(a.items,
		func(i int) (proof, bool, bool, error) { return a.prove(store, i, start, more) },
		func(old []catalog.Item) ([]proof, error) {
			return annalsOf(a.r, &a.rules, old, 0, start).proveAll(store, start, more)
		})
}

// proveEach is the proofs of those items that one has a proof of, in their order. Those
// whose reduction is as old as what one has read are looked at again, together, with all
// there is.
func proveEach(items []catalog.Item, one func(i int) (p proof, cheaper, early bool, err error), again func(old []catalog.Item) ([]proof, error)) (all []proof, err error) {
	var old []catalog.Item
	var at []int // of these, in all
	for i := range items {
		p, cheaper, early, err := one(i)
		if err != nil {
			return nil, err
		}
		if !cheaper {
			continue
		}
		if early {
			old, at = append(old, items[i]), append(at, len(all))
		}
		all = append(all, p)
	}
	if len(old) == 0 {
		return all, nil
	}
	looked, err := again(old)
	for n := range looked {
		all[at[n]] = looked[n]
	}
	return all, err
}

// prove is the proof of one item; cheaper is false if the promotion makes it no
// cheaper, and early is set if the reduction is as old as the annals.
func (a *annals) prove(store *catalog.Store, item int, start retail.Instant, more *further) (p proof, cheaper, early bool, err error) {
	c, err := a.course(store)
	if err != nil {
		return p, false, false, err
	}
	k, err := a.kind(store, c, item)
	if err != nil {
		return p, false, false, err
	}
	t, err := a.tell(store, item)
	if err != nil || t.list.amount == nil {
		return p, false, false, err
	}
	with, without, err := a.beside(k, item, t.list, start, more)
	if err != nil || *without.amount <= *with.amount {
		return p, false, false, err
	}
	for n := len(t.points); n > 0 && t.points[n-1].At >= start; n = len(t.points) {
		t.points, t.told = t.points[:n-1], t.told[:n-1]
	}
	t.add(start, told{amount: with.amount, original: without.amount})
	since, _ := prior.Reduction(t.points, start, anchorOf(&a.rules))
	begin, err := a.begin(store, since)
	lowest := prior.Within(t.points, begin, since)
	return proof{sku: a.items[item].SKU, lowest: lowest.Amount, price: *with.amount}, true, since <= a.from && a.from > 0, err
}

// storesOf lists the points of sale of some places, without others.
func storesOf(r sdk.Reader, on, not *pricing.Audience) (all []catalog.Store, err error) {
	for in := (catalog.StoresIn{Limit: catalog.MaxPage}); ; {
		out, err := catalog.Stores.Call(r, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Stores {
			if s.Status != catalog.Archived && s.Kind != catalog.Warehouse && meant(on, not, &s) {
				all = append(all, s)
			}
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return all, nil
		}
	}
}

// meant says whether a point of sale is among some places, without others.
func meant(on, not *pricing.Audience, s *catalog.Store) bool {
	channel := channelOf("", s)
	return (len(on.Stores) == 0 || slices.Contains(on.Stores, s.ID)) &&
		(len(on.Channels) == 0 || slices.Contains(on.Channels, channel)) &&
		!slices.Contains(not.Stores, s.ID) && !slices.Contains(not.Channels, channel)
}

// kinds puts points of sale together at which every list and promotion holds for all
// or for none of them.
func (a *annals) kinds(stores []catalog.Store) (kinds [][]catalog.Store) {
	var sets [][]retail.StoreID
	for _, c := range a.lists {
		for i := range c.versions {
			sets = append(sets, c.versions[i].Stores)
		}
	}
	for i := range a.runs {
		sets = append(sets, a.runs[i].Promotion.For.Stores, a.runs[i].Promotion.Not.Stores)
	}
	signs := map[string]int{}
	for _, s := range stores {
		sign := []byte(string(s.Currency) + "|" + string(channelOf("", &s)) + "|" + string(s.Zone) + "|")
		for _, set := range sets {
			if len(set) > 0 {
				sign = strconv.AppendBool(sign, slices.Contains(set, s.ID))
			}
		}
		k, known := signs[string(sign)]
		if !known {
			k = len(kinds)
			signs[string(sign)], kinds = k, append(kinds, nil)
		}
		kinds[k] = append(kinds[k], s)
	}
	return kinds
}

// goodsOf are the goods of SKUs, without those that the law exempts.
func goodsOf(r sdk.Reader, skus []retail.SKU, at retail.Instant) (goods []catalog.Item, err error) {
	exempt := settings.Get(r).PriorExempt
	for len(skus) > 0 {
		n := min(len(skus), catalog.MaxSKUs)
		items, _, err := itemsIn(r, "", skus[:n], at)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			if item.Kind != catalog.GiftCard && !slices.Contains(exempt, cmp.Or(item.Category, "\x00")) {
				goods = append(goods, item)
			}
		}
		skus = skus[n:]
	}
	return goods, nil
}

// itemsIn are the goods of SKUs, at most catalog.MaxSKUs, and a store, nil for none. What
// the catalog does not know cannot be sold, and is left out.
func itemsIn(r sdk.Reader, store retail.StoreID, skus []retail.SKU, at retail.Instant) ([]catalog.Item, *catalog.Store, error) {
	for skus = slices.Clone(skus); len(skus) > 0; {
		out, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: skus, Store: store, At: at})
		if i, unknown := unknownSKU(err); unknown && i < len(skus) {
			skus = slices.Delete(skus, i, i+1)
			continue
		}
		return out.Items, out.Store, err
	}
	return nil, nil, nil
}

// unknownSKU is the place of the SKU that the catalog does not know.
func unknownSKU(err error) (int, bool) {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Reason != "sku" || !strings.HasPrefix(e.Pointer, "/skus/") {
		return 0, false
	}
	i, bad := strconv.Atoi(e.Pointer[len("/skus/"):])
	return i, bad == nil && i >= 0
}

// skusOf lists the SKUs among which are those that a promotion speaks of; whole is false
// if there are more than most of them.
func skusOf(r sdk.Reader, p *pricing.Promotion, most int) (skus []retail.SKU, whole bool, err error) {
	own := slices.ContainsFunc(p.Effects, func(e pricing.Effect) bool { return e.Goods != nil })
	if len(p.Goods.SKUs) > 0 && !own {
		return slices.Clone(p.Goods.SKUs), true, nil
	}
	for _, in := range searches(&p.Goods, own) {
		for in.Limit = catalog.MaxPage; ; {
			out, err := catalog.Search.Call(r, in)
			if err != nil {
				return nil, false, err
			}
			for i := range out.Products {
				for _, v := range out.Products[i].Variants {
					if v.Status != catalog.Archived {
						skus = append(skus, v.SKU)
					}
				}
			}
			if len(skus) > most {
				return skus[:most], false, nil
			}
			if in.Cursor = out.Cursor; in.Cursor == "" {
				break
			}
		}
	}
	slices.Sort(skus)
	return slices.Compact(skus), true, nil
}

// searches are questions to the catalog whose answers hold a selection.
func searches(g *pricing.Selection, all bool) (in []catalog.SearchIn) {
	each := func(values []string, of func(string) catalog.SearchIn) {
		if len(in) > 0 || all {
			return
		}
		for _, v := range values {
			in = append(in, of(v))
		}
	}
	each(g.Lines, func(v string) catalog.SearchIn { return catalog.SearchIn{Line: v} })
	each(g.Categories, func(v string) catalog.SearchIn { return catalog.SearchIn{Category: v} })
	each(g.Brands, func(v string) catalog.SearchIn { return catalog.SearchIn{Brand: v} })
	each(g.Suppliers, func(v string) catalog.SearchIn { return catalog.SearchIn{Supplier: v} })
	each(g.Seasons, func(v string) catalog.SearchIn { return catalog.SearchIn{Season: v} })
	if len(in) == 0 {
		in = []catalog.SearchIn{{Status: catalog.Active}}
	}
	return in
}
