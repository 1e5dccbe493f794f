package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/apps/pricing/internal/prior"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// mostProofs is how many prices one announcement can be proved by at once: goods times
// kinds of points of sale. Stores in which the same lists and promotions hold are of
// one kind.
const mostProofs = 10_000

// lawFindings is what the law on price reductions says of a promotion that is announced:
// its percentage, of every SKU at every point of sale, and the sales calendars.
func lawFindings(r sdk.Reader, p *pricing.Promotion) []pricing.Finding {
	if !p.Announced {
		return nil
	}
	rules := settings.Get(r)
	found := calendarFindings(r, &rules, p)
	if rules.PriorDays < 0 || !forEverybody(p) {
		return found
	}
	proofs, _, err := prove(r, &rules, p)
	switch {
	case errors.Is(err, errTooMany):
		return append(found, pricing.Finding{
			Severity: pricing.Refused, Reason: "prior_goods",
			Message: "It speaks of more goods and points of sale than 10,000 prices: announce it in parts, by brand, line or stores.",
		})
	case err != nil:
		return append(found, pricing.Finding{Severity: pricing.Refused, Reason: "prior_price", Message: "The prior prices cannot be worked out: " + err.Error()})
	}
	if f := falsehood(announcedOf(p), proofs, priorDays(&rules)); f != nil {
		found = append(found, *f)
	}
	return found
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
	lowest *retail.Money // nil: it was not on sale before
	price  retail.Money  // that is announced
}

// holds says whether what is announced is true of it. A percentage is true of a price
// that is what the percentage makes of the lowest one, rounded half up.
func (p *proof) holds(a announced) bool {
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
func falsehood(a announced, proofs []proof, days int64) *pricing.Finding {
	f := pricing.Finding{Severity: pricing.Refused, Reason: "prior_price", Percent: 10_000}
	var off *retail.Money
	for i := range proofs {
		p := &proofs[i]
		if p.holds(a) {
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
func prove(r sdk.Reader, rules *pricing.Rules, p *pricing.Promotion) (all []proof, kinds [][]catalog.Store, err error) {
	start := max(r.Now(), p.Period.From)
	stores, err := storesOf(r, p)
	if err != nil {
		return nil, nil, err
	}
	items, err := goodsOf(r, p, start)
	if err != nil {
		return nil, nil, err
	}
	a := annalsOf(r, rules, items, max(0, start-firstReach-retail.Instant(priorDays(rules))*dayMillis), start)
	if kinds = a.kinds(stores); len(kinds)*len(items) > mostProofs {
		return nil, nil, errTooMany
	}
	rule := ruleOf(p)
	rule.Hours = nil
	for k := range kinds {
		for i := range items {
			one, ok, err := a.prove(&kinds[k][0], i, start, &rule)
			if err != nil {
				return nil, nil, err
			}
			if ok {
				one.kind = k
				all = append(all, one)
			}
		}
	}
	return all, kinds, nil
}

// prove is the proof of one item; ok is false if the rule makes nothing of it cheaper.
func (a *annals) prove(store *catalog.Store, item int, start retail.Instant, rule *price.Rule) (p proof, ok bool, err error) {
	with, err := a.price(store, item, start, rule)
	if err != nil || with.amount == nil {
		return p, false, err
	}
	without, err := a.priceBut(store, item, start, rule.ID)
	if err != nil || without.amount == nil || *without.amount <= *with.amount {
		return p, false, err
	}
	t, err := a.tell(store, item)
	if err != nil {
		return p, false, err
	}
	for n := len(t.points); n > 0 && t.points[n-1].At >= start; n = len(t.points) {
		t.points, t.told = t.points[:n-1], t.told[:n-1]
	}
	t.add(start, told{amount: with.amount, original: without.amount})
	since, _ := prior.Reduction(t.points, start, anchorOf(&a.rules))
	if since <= a.from && a.from > 0 {
		return annalsOf(a.r, &a.rules, a.items[item:item+1], 0, start).prove(store, 0, start, rule)
	}
	begin, err := a.begin(store, since)
	lowest := prior.Within(t.points, begin, since)
	return proof{sku: a.items[item].SKU, lowest: lowest.Amount, price: *with.amount}, true, err
}

// priceBut is the price of an item without one of the promotions that run.
func (a *annals) priceBut(store *catalog.Store, item int, at retail.Instant, id string) (told, error) {
	never := price.Rule{ID: id, From: forever}
	return a.price(store, item, at, &never)
}

// storesOf lists the points of sale of a promotion.
func storesOf(r sdk.Reader, p *pricing.Promotion) (all []catalog.Store, err error) {
	for in := (catalog.StoresIn{Limit: catalog.MaxPage}); ; {
		out, err := catalog.Stores.Call(r, in)
		if err != nil {
			return nil, err
		}
		for _, s := range out.Stores {
			if s.Status != catalog.Archived && s.Kind != catalog.Warehouse && meant(p, &s) {
				all = append(all, s)
			}
		}
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return all, nil
		}
	}
}

// meant says whether a promotion counts at a point of sale.
func meant(p *pricing.Promotion, s *catalog.Store) bool {
	channel := channelOf("", s)
	return (len(p.For.Stores) == 0 || slices.Contains(p.For.Stores, s.ID)) &&
		(len(p.For.Channels) == 0 || slices.Contains(p.For.Channels, channel)) &&
		!slices.Contains(p.Not.Stores, s.ID) && !slices.Contains(p.Not.Channels, channel)
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

// goodsOf lists the goods that a promotion may speak of, without those that the law
// exempts; which of them it does the engine says.
func goodsOf(r sdk.Reader, p *pricing.Promotion, at retail.Instant) (items []catalog.Item, err error) {
	skus, err := skusOf(r, p)
	if err != nil {
		return nil, err
	}
	exempt := settings.Get(r).PriorExempt
	for len(skus) > 0 {
		n := min(len(skus), catalog.MaxSKUs)
		out, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: skus[:n], At: at})
		if i, unknown := unknownSKU(err); unknown && i < n {
			skus = slices.Delete(skus, i, i+1) // it cannot be sold, so nothing is announced of it
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, item := range out.Items {
			if item.Kind != catalog.GiftCard && !slices.Contains(exempt, cmp.Or(item.Category, "\x00")) {
				items = append(items, item)
			}
		}
		skus = skus[n:]
	}
	return items, nil
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

// skusOf lists the SKUs among which are those that a promotion speaks of.
func skusOf(r sdk.Reader, p *pricing.Promotion) (skus []retail.SKU, err error) {
	own := slices.ContainsFunc(p.Effects, func(e pricing.Effect) bool { return e.Goods != nil })
	if len(p.Goods.SKUs) > 0 && !own {
		return slices.Clone(p.Goods.SKUs), nil
	}
	for _, in := range searches(&p.Goods, own) {
		for in.Limit = catalog.MaxPage; ; {
			out, err := catalog.Search.Call(r, in)
			if err != nil {
				return nil, err
			}
			for i := range out.Products {
				for _, v := range out.Products[i].Variants {
					if v.Status != catalog.Archived {
						skus = append(skus, v.SKU)
					}
				}
			}
			if len(skus) > mostProofs {
				return nil, errTooMany
			}
			if in.Cursor = out.Cursor; in.Cursor == "" {
				break
			}
		}
	}
	slices.Sort(skus)
	return slices.Compact(skus), nil
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
