package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/lint"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// mostLooked is at how many SKUs lint looks for those that would be sold for less than
// they cost.
const mostLooked = 2_000

// belowCost tries a promotion without a floor on each of the goods that it may speak of
// alone, as far as costs are known, and finds those that would be sold for less. Prices
// are those of one of its stores.
func belowCost(r sdk.Reader, p *pricing.Promotion, rule *price.Rule) ([]pricing.Finding, error) {
	if p.Floor != nil {
		return nil, nil
	}
	store, err := someStore(r, p)
	if err != nil || store == "" {
		return nil, err
	}
	skus, whole, err := skusOf(r, p, mostLooked)
	if err != nil {
		return nil, err
	}
	skus, known := costed(r, skus)
	rules := settings.Get(r)
	t := bargain{r: r, rules: &rules, rule: rule, store: store, at: max(r.Now(), p.Period.From)}
	for len(skus) > 0 {
		n := min(len(skus), catalog.MaxSKUs)
		if err = t.look(skus[:n], known); err != nil {
			return nil, err
		}
		skus = skus[n:]
	}
	return t.findings(whole), nil
}

// costed are those of some SKUs whose cost is known, and the costs.
func costed(r sdk.Reader, skus []retail.SKU) (some []retail.SKU, known map[retail.SKU]retail.Money) {
	known = map[retail.SKU]retail.Money{}
	for i, cost := range costs(r, skus) {
		if cost != nil {
			some, known[skus[i]] = append(some, skus[i]), *cost
		}
	}
	return some, known
}

// bargain is a promotion that is tried on goods, one by one.
type bargain struct {
	r      sdk.Reader
	rules  *pricing.Rules
	rule   *price.Rule
	store  retail.StoreID
	at     retail.Instant
	looked int64
	below  []loss
}

// loss is what is missing, without VAT, for a SKU to be sold for what it costs.
type loss struct {
	sku    retail.SKU
	amount retail.Money
}

// look tries it on some goods. Those without a price are not sold.
func (t *bargain) look(skus []retail.SKU, known map[retail.SKU]retail.Money) error {
	items, store, err := itemsIn(t.r, t.store, skus, t.at)
	if err != nil || store == nil {
		return err
	}
	s := scopeOf(&pricing.QuoteIn{Store: t.store}, store, t.at, t.rules)
	n := max(1, retail.Quantity(lint.Quantity(t.rule)))
	p := pick{lists: eligible(t.r, &s), by: s.choice, shelf: &storage{r: t.r, at: t.at}}
	open := make([]int, len(items))
	for i := range items {
		p.want, open[i] = append(p.want, wanted{sku: items[i].SKU, quantity: n}), i
	}
	for i, l := range p.best(p.lists, open) {
		if l == nil {
			continue
		}
		t.looked++
		line := lineOf(&items[i], n, p.column(l, nil, 0).cells[i].amount)
		if short := t.short(line, l.List.Net, known[items[i].SKU]); short > 0 {
			t.below = append(t.below, loss{items[i].SKU, short})
		}
	}
	return nil
}

// short is how much less than it costs a line would be sold for, if everything else allows
// the promotion; 0 if it would not, or not because of the promotion.
func (t *bargain) short(line price.Line, net bool, cost retail.Money) retail.Money {
	alone := *t.rule
	alone.From, alone.To, alone.Hours, alone.For, alone.Not, alone.NeedsCode = 0, 0, nil, price.Audience{}, price.Audience{}, false
	engine, err := price.New(policyOf(t.rules), price.Place{Net: net}, []price.Line{line}, nil)
	if err != nil {
		return 0
	}
	engine.Promote([]price.Candidate{{Rule: &alone}})
	result := engine.Result()
	without := retail.Money(0)
	for _, v := range result.VAT {
		without += v.Net
	}
	least, err := cost.Times(line.Quantity, line.Per)
	if err != nil || result.Discount <= 0 {
		return 0
	}
	return max(0, least-without)
}

// findings names those that lose most, and says at how many it has looked: all that there
// are, or the first.
func (t *bargain) findings(whole bool) []pricing.Finding {
	slices.SortFunc(t.below, func(a, b loss) int { return cmp.Or(-cmp.Compare(a.amount, b.amount), cmp.Compare(a.sku, b.sku)) })
	f := pricing.Finding{Severity: pricing.Warning, Reason: "below_floor", Found: int64(len(t.below)), Looked: t.looked}
	of := " SKUs with a known cost that were looked at"
	if !whole {
		of += ", among the first " + digits(mostLooked) + " that it may speak of"
	}
	switch {
	case len(t.below) > 0:
		f.Message = digits(f.Found) + " of " + digits(t.looked) + of + " would be sold for less than they cost; the worst first."
		f.Amount = &t.below[0].amount
	case !whole:
		f.Severity, f.Message = pricing.Note, "None of "+digits(t.looked)+of+" would be sold for less than it costs."
	default:
		return nil
	}
	for _, l := range t.below[:min(len(t.below), maxNamed)] {
		f.SKUs = append(f.SKUs, l.sku)
	}
	return []pricing.Finding{f}
}

// someStore is one in which a promotion counts, "" if there is none.
func someStore(r sdk.Reader, p *pricing.Promotion) (retail.StoreID, error) {
	if len(p.For.Stores) > 0 {
		return p.For.Stores[0], nil
	}
	out, err := catalog.Stores.Call(r, catalog.StoresIn{})
	for _, s := range out.Stores {
		if !slices.Contains(p.Not.Stores, s.ID) {
			return s.ID, err
		}
	}
	return "", err
}
