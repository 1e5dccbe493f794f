package app

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/prior"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// dayMillis is a day without a change of clocks.
const dayMillis = 24 * 60 * 60 * 1000

// tale is the prices of one item at one point of sale over the time of the annals:
// those that are other than the one before, rising.
type tale struct {
	points []prior.Point
	told   []told // of the same places
	list   told   // the price by lists alone, at the end
}

// tell works the prices of an item out, from the beginning of the annals to their end,
// at every instant at which something may change.
func (a *annals) tell(store *catalog.Store, item int) (t tale, err error) {
	c, err := a.course(store)
	if err != nil {
		return t, err
	}
	k, err := a.kind(store, c, item)
	if err != nil {
		return t, err
	}
	var before told
	dates := a.own(item)
	for i, st := range c.stages {
		end := a.to + 1
		if i+1 < len(c.stages) {
			end = c.stages[i+1].at
		}
		again := i == 0 || st.shelf != c.stages[i-1].shelf
		fresh := again || k.sets[i].number != k.sets[i-1].number
		for at := st.at; at < end; {
			if len(dates) > 0 && dates[0] <= at {
				dates, again = dates[1:], true
				continue
			}
			if again {
				t.list, again, fresh = a.found(st, item, at), false, true
			}
			if fresh {
				now, err := a.price(k, i, item, t.list)
				if err != nil {
					return t, err
				}
				if !now.same(&before) {
					t.add(at, now)
					before = now
				}
				fresh = false
			}
			if len(dates) == 0 {
				break
			}
			at = dates[0]
		}
	}
	return t, nil
}

// own are the instants at which prices of an item in lists change, rising.
func (a *annals) own(item int) (all []retail.Instant) {
	for _, c := range a.lists {
		for _, d := range c.prices[item] {
			all = append(all, d.since)
		}
	}
	slices.Sort(all)
	return all
}

func (t *tale) add(at retail.Instant, now told) {
	t.points = append(t.points, prior.Point{At: at, Price: now.amount, Original: now.original})
	t.told = append(t.told, now)
}

// instants are those at which prices of a point of sale may change but for those of
// the goods in lists, rising; the first is the beginning of the annals. It reads what
// there is of all lists.
func (a *annals) instants(store *catalog.Store) ([]retail.Instant, error) {
	all := []retail.Instant{a.from}
	for n := 0; n < len(a.lists); n++ { // a look at one may bring those behind it
		c := a.lists[n]
		if c.prices == nil {
			a.read(c)
		}
		for i := range c.versions {
			l := &c.versions[i]
			all = append(all, l.Changed, l.Period.From, l.Period.To)
			if l.Parent != "" {
				(&scene{annals: a}).list(l.Parent)
			}
		}
	}
	for i := range a.runs {
		r := &a.runs[i]
		all = append(all, r.From, r.Until, r.Promotion.Period.From, r.Promotion.Period.To)
		hours, err := a.hours(store, r)
		if err != nil {
			return nil, err
		}
		all = append(all, hours...)
	}
	all = slices.DeleteFunc(all, func(at retail.Instant) bool { return at < a.from || at > a.to })
	slices.Sort(all)
	return slices.Compact(all), nil
}

// hours are the instants at which the hours of a promotion begin and end.
func (a *annals) hours(store *catalog.Store, r *run) (all []retail.Instant, err error) {
	if len(r.Promotion.Hours) == 0 {
		return nil, nil
	}
	first, err := store.Zone.Local(max(a.from, r.From, r.Promotion.Period.From) - dayMillis)
	if err != nil {
		return nil, err
	}
	end := min(a.to, r.Until, cmp.Or(r.Promotion.Period.To, forever))
	for day, at := first.Date, retail.Instant(0); at <= end; {
		for _, h := range r.Promotion.Hours {
			for _, t := range [...]retail.LocalTime{cmp.Or(h.Hours.From, "00:00"), cmp.Or(h.Hours.To, "24:00")} {
				if at, err = store.Zone.Start(day, t); err != nil {
					return nil, err
				}
				all = append(all, at)
			}
		}
		if day, err = day.AddDays(1); err != nil {
			return nil, err
		}
		if at, err = store.Zone.Start(day, "00:00"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// priorDays is the period of the lowest prior price.
func priorDays(rules *pricing.Rules) int64 { return max(0, cmp.Or(rules.PriorDays, 30)) }

func anchorOf(rules *pricing.Rules) prior.Anchor {
	if rules.PriorAnchor == pricing.LastChange {
		return prior.LastChange
	}
	return prior.Progressive
}

// firstReach is how far back the price of a reduction is looked for at first: one that
// began earlier takes a second look, at all there is.
const firstReach = 100 * dayMillis

func lowestPrice(v *sdk.View, in pricing.LowestIn) (out pricing.LowestOut, err error) {
	if len(in.SKUs) > pricing.MaxLines {
		return out, tooManySKUs()
	}
	goods, err := catalog.Products.Call(v, catalog.ProductsIn{SKUs: in.SKUs, Store: in.Store})
	if err != nil {
		return out, err
	}
	if goods.Store == nil {
		return out, noStore()
	}
	rules, at := settings.Get(v), cmp.Or(in.At, v.Now())
	a := annalsOf(v, &rules, goods.Items, max(0, at-firstReach-retail.Instant(priorDays(&rules))*dayMillis), at)
	out.Currency = goods.Store.Currency
	for i, sku := range in.SKUs {
		l, early, err := a.lowest(goods.Store, i, at, in.At != 0)
		if err == nil && early && a.from > 0 {
			l, _, err = annalsOf(v, &rules, goods.Items[i:i+1], 0, at).lowest(goods.Store, 0, at, false)
		}
		if err != nil {
			return out, err
		}
		l.SKU = sku
		out.Prices = append(out.Prices, l)
	}
	return out, nil
}

// lowest is the lowest price before the reduction that is on at an instant, or before
// the instant itself. It came too early if the reduction is as old as the annals.
func (a *annals) lowest(store *catalog.Store, item int, at retail.Instant, itself bool) (l pricing.Lowest, early bool, err error) {
	t, err := a.tell(store, item)
	if err != nil {
		return l, false, err
	}
	since, on := prior.Reduction(t.points, at, anchorOf(&a.rules))
	if early = on && since <= a.from && !itself; !on || itself {
		since = at
	}
	begin, err := a.begin(store, since)
	p := prior.Within(t.points, begin, since)
	l = pricing.Lowest{Amount: p.Amount, Since: p.Since, Until: p.Until, Reduced: on, New: p.New}
	if p.Point >= 0 {
		l.Why = t.told[p.Point].why
	}
	return l, early, err
}

// priceHistory lists the prices of a SKU, the newest first; those that are to come,
// as far as they are set, before the present one.
func priceHistory(v *sdk.View, in pricing.HistoryOfPriceIn) (out pricing.HistoryOfPriceOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	goods, err := catalog.Products.Call(v, catalog.ProductsIn{SKUs: []retail.SKU{in.SKU}, Store: in.Store})
	if err != nil {
		return out, err
	}
	if goods.Store == nil {
		return out, noStore()
	}
	to := v.Now() + 366*dayMillis
	if in.Cursor != "" {
		before, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil {
			return out, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
		}
		to = retail.Instant(before) - 1
	}
	rules := settings.Get(v)
	t, err := annalsOf(v, &rules, goods.Items, 0, to).tell(goods.Store, 0)
	if err != nil {
		return out, err
	}
	for i := len(t.points) - 1; i >= 0; i-- {
		if len(out.Points) == limit {
			out.Cursor = digits(int64(out.Points[limit-1].At))
			break
		}
		p := &t.told[i]
		out.Points = append(out.Points, pricing.PriceSince{At: t.points[i].At, Amount: p.amount, Original: p.original, List: p.list, Why: p.why})
	}
	return out, nil
}
