package index

import (
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// kept is a rule as the index keeps it: what most rules do not say takes no room.
// A hundred thousand of them fit into a guest.
type kept struct {
	version   int64
	currency  retail.Currency
	from, to  retail.Instant
	hours     []price.Hours
	audience  *price.Audience
	not       *price.Audience
	goods     *price.Selection
	except    *price.Selection
	conds     []price.Condition
	effects   []price.Effect
	stacking  price.Stacking
	most      retail.Money
	floor     *price.Floor
	id        string
	partial   bool
	needsCode bool
}

// keep takes a rule apart. The lists are shared.
func keep(r *price.Rule) kept {
	k := kept{
		id: r.ID, version: r.Version, from: r.From, to: r.To, hours: r.Hours, conds: r.If, effects: r.Effects,
		currency: r.Currency, stacking: r.Stacking, most: r.Cap, floor: r.Floor, partial: r.Partial, needsCode: r.NeedsCode,
	}
	if !nobody(&r.For) {
		k.audience = new(r.For)
	}
	if !nobody(&r.Not) {
		k.not = new(r.Not)
	}
	if !nothing(&r.Goods) {
		k.goods = new(r.Goods)
	}
	if !nothing(&r.Except) {
		k.except = new(r.Except)
	}
	return k
}

// rule puts it together again.
func (k *kept) rule() *price.Rule {
	r := &price.Rule{
		ID: k.id, Version: k.version, From: k.from, To: k.to, Hours: k.hours, If: k.conds, Effects: k.effects,
		Currency: k.currency, Stacking: k.stacking, Cap: k.most, Floor: k.floor, Partial: k.partial, NeedsCode: k.needsCode,
	}
	if k.audience != nil {
		r.For = *k.audience
	}
	if k.not != nil {
		r.Not = *k.not
	}
	if k.goods != nil {
		r.Goods = *k.goods
	}
	if k.except != nil {
		r.Except = *k.except
	}
	return r
}

func nobody(a *price.Audience) bool {
	return len(a.Stores)+len(a.Channels)+len(a.Customers)+len(a.Groups)+len(a.Tiers) == 0
}

func nothing(s *price.Selection) bool { return !positive(s) && s.Price == nil && s.Reduced == nil }
