package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Reasons why a promotion did not apply.
const (
	NotStarted      = "not_started"      // Missing.From says when it does
	WrongStore      = "store"            // it is for other stores
	WrongChannel    = "channel"          // it is for other sales channels
	UnknownCustomer = "customer_unknown" // it is for known customers, and nobody was named
	WrongCustomer   = "customer"         // it is for other customers
	WrongGroup      = "customer_group"   // it is for other customer groups
	MissingQuantity = "quantity_missing" // Missing.Quantity more of its goods are needed
	MissingAmount   = "amount_missing"   // Missing.Amount more of its goods is needed
	NotCombinable   = "not_combinable"   // With holds its goods
	ManualPrice     = "price_override"   // its goods have prices set by hand
	NothingLeft     = "nothing_left"     // there was nothing to take off, or less than half a cent
)

// MaxMisses bounds how many misses a result explains.
const MaxMisses = 50

// Miss is a promotion that speaks of goods in the basket and lacks one thing.
type Miss struct {
	Promotion string
	Version   int64
	Reason    string
	With      string // for NotCombinable
	Quantity  retail.Quantity
	Amount    retail.Money
	From      retail.Instant
}

// matching are the groups that the rule speaks of.
func (b *Basket) matching(r *Rule) []*group {
	var goods []*group
	for _, g := range b.groups {
		if !g.Stored && r.covers(g) {
			goods = append(goods, g)
		}
	}
	return goods
}

// covers compares the goods' dimensions. An attribute that the goods do not
// have matches no list.
func (r *Rule) covers(g *group) bool {
	return within(r.SKUs, g.SKU) &&
		within(r.Brands, g.Goods.Brand) &&
		within(r.Lines, g.Goods.Line) &&
		within(r.Seasons, g.Goods.Season) &&
		within(r.Suppliers, g.Goods.Supplier) &&
		within(r.Categories, g.Goods.Category) &&
		overlap(r.Tags, g.Goods.Tags)
}

// context compares all that is not goods. It counts what fails, and says what
// was the last.
func (b *Basket) context(r *Rule) (miss Miss, failed int) {
	p := &b.place
	fail := func(ok bool, reason string) {
		if !ok {
			miss.Reason = reason
			failed++
		}
	}
	if p.At < r.From {
		miss.From = r.From
		fail(false, NotStarted)
	}
	if r.To != 0 && p.At >= r.To {
		return miss, 2 // over: no near miss
	}
	fail(within(r.Stores, p.Store), WrongStore)
	fail(within(r.Channels, p.Channel), WrongChannel)
	if p.Customer == "" && (len(r.Customers) > 0 || !overlap(r.Groups, p.Groups)) {
		fail(false, UnknownCustomer)
		return miss, failed
	}
	fail(within(r.Customers, p.Customer), WrongCustomer)
	fail(overlap(r.Groups, p.Groups), WrongGroup)
	return miss, failed
}

// open are the groups that the rule may still work on.
func (r *Rule) open(goods []*group) []*group {
	var targets []*group
	for _, g := range goods {
		if !g.Manual && g.locked == "" && (!r.Exclusive || g.touched == "") {
			targets = append(targets, g)
		}
	}
	return targets
}

// threshold says what the open targets lack. If the closed ones would have
// made up for it, it says who holds them.
func threshold(r *Rule, goods, targets []*group) (Miss, bool) {
	short := r.short(targets)
	if len(targets) > 0 && short.Reason == "" {
		return short, false
	}
	held := slices.DeleteFunc(slices.Clone(goods), func(g *group) bool { return g.Manual })
	if len(held) == 0 {
		return Miss{Reason: ManualPrice}, true
	}
	if len(held) > len(targets) && r.short(held).Reason == "" {
		return Miss{Reason: NotCombinable, With: holder(held)}, true
	}
	return r.short(held), true
}

// short says what goods lack of the rule's minimum.
func (r *Rule) short(goods []*group) (miss Miss) {
	var quantity retail.Quantity
	var amount retail.Money
	for _, g := range goods {
		quantity += g.Quantity
		amount += g.left
	}
	if amount < r.MinAmount {
		miss.Reason, miss.Amount = MissingAmount, r.MinAmount-amount
	}
	if quantity < r.MinQuantity {
		miss.Reason, miss.Quantity = MissingQuantity, r.MinQuantity-quantity
	}
	return miss
}

// holder is the promotion that keeps the first group that is held.
func holder(goods []*group) string {
	for _, g := range goods {
		if g.locked != "" {
			return g.locked
		}
	}
	for _, g := range goods {
		if g.touched != "" {
			return g.touched
		}
	}
	return ""
}

// within says whether a list asks for nothing or for v. It fails closed: an
// absent v is in no list.
func within[S ~string](list []S, v S) bool {
	return len(list) == 0 || v != "" && slices.Contains(list, v)
}

// overlap is within for goods and people that have several values.
func overlap(list, values []string) bool {
	return len(list) == 0 || slices.ContainsFunc(values, func(v string) bool { return within(list, v) })
}
