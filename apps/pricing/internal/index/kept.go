package index

import (
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// kept is a rule as the index keeps it: what most rules do not say takes no room.
// A hundred thousand of them fit into a guest. Its id is the entry's.
type kept struct {
	version   int64
	from, to  retail.Instant
	audience  *price.Audience
	goods     *price.Selection
	effects   []price.Effect
	stacking  *price.Stacking // nil: nothing is said
	rare      *rare
	needsCode bool
	general   bool // it is every basket's business
}

// rare is what few rules say.
type rare struct {
	currency retail.Currency
	hours    []price.Hours
	not      price.Audience
	except   price.Selection
	conds    []price.Condition
	most     retail.Money
	floor    *price.Floor
	partial  bool
}

// keep takes a rule apart. The lists are shared.
func keep(r *price.Rule) kept {
	k := kept{
		version: r.Version, from: r.From, to: r.To, effects: r.Effects, needsCode: r.NeedsCode,
	}
	if r.Stacking != (price.Stacking{}) {
		k.stacking = new(r.Stacking)
	}
	if !nobody(&r.For) {
		k.audience = new(r.For)
	}
	if !nothing(&r.Goods) {
		k.goods = new(r.Goods)
	}
	if r.Currency != "" || len(r.Hours)+len(r.If) > 0 || r.Cap != 0 || r.Floor != nil || r.Partial || !nobody(&r.Not) || !nothing(&r.Except) {
		k.rare = &rare{
			currency: r.Currency, hours: r.Hours, not: r.Not, except: r.Except, conds: r.If, most: r.Cap, floor: r.Floor, partial: r.Partial,
		}
	}
	return k
}

// anybody says whether the rule leaves no baskets out, wherever, whenever and whosever
// they are.
func (k *kept) anybody() bool {
	return k.to == 0 && (k.audience == nil || len(k.audience.Stores)+len(k.audience.Customers) == 0) &&
		(k.rare == nil || len(k.rare.not.Stores)+len(k.rare.not.Customers) == 0)
}

// rule puts it together again.
func (k *kept) rule(id string) *price.Rule {
	r := new(price.Rule)
	k.into(r, id)
	return r
}

// into puts it together where there was another.
func (k *kept) into(r *price.Rule, id string) {
	*r = price.Rule{
		ID: id, Version: k.version, From: k.from, To: k.to, Effects: k.effects, NeedsCode: k.needsCode,
	}
	if k.stacking != nil {
		r.Stacking = *k.stacking
	}
	if k.audience != nil {
		r.For = *k.audience
	}
	if k.goods != nil {
		r.Goods = *k.goods
	}
	if x := k.rare; x != nil {
		r.Currency, r.Hours, r.Not, r.Except, r.If = x.currency, x.hours, x.not, x.except, x.conds
		r.Cap, r.Floor, r.Partial = x.most, x.floor, x.partial
	}
}

func nobody(a *price.Audience) bool {
	return len(a.Stores)+len(a.Channels)+len(a.Customers)+len(a.Groups)+len(a.Tiers) == 0
}

func nothing(s *price.Selection) bool {
	return !positive(s) && len(s.Attributes) == 0 && s.Price == nil && s.Reduced == nil
}
