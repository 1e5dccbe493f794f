package price

import "github.com/bottega-retail/bottega/sdk/retail"

// Off is what the filler of a slot proposes for one item.
type Off struct {
	Group   int // number of the item, as in Groups
	Percent retail.BasisPoints
	Amount  retail.Money
	Reason  string
}

// Open is goods as fillers see them.
type Open struct {
	Group int
	Line  Line
	Left  retail.Money
}

// Groups lists what fillers of the discount slot may work on: one line per
// item, with the amount that is left, in a fixed order.
func (b *Basket) Groups() []Open {
	open := make([]Open, 0, b.goods)
	for i := range b.goods {
		if b.proposable(i) {
			l := *b.items[i].Line
			l.Quantity = b.items[i].Quantity
			open = append(open, Open{Group: i, Line: l, Left: b.state.left(i)})
		}
	}
	return open
}

// proposable says whether fillers may work on an item: none of its units is held.
func (b *Basket) proposable(item int) bool {
	if item < 0 || item >= b.goods || b.items[item].closed() {
		return false
	}
	for _, r := range b.state.cells[item].runs {
		if r.locked != 0 {
			return false
		}
	}
	return true
}

// Propose takes what a filler proposes off the items it names, each on what
// is left, and says which proposals cannot be: for goods that are not open, for
// an item a second time, or out of range. The others may still take nothing:
// took says whether any took something.
func (b *Basket) Propose(filler string, offs []Off) (refused []int, took bool) {
	asked := make([]bool, b.goods)
	for i, o := range offs {
		if !b.proposable(o.Group) || asked[o.Group] || o.Percent < 0 || o.Percent > 10_000 || o.Amount < 0 {
			refused = append(refused, i)
			continue
		}
		asked[o.Group] = true
		what := taken{rule: -1, item: o.Group, filler: &Applied{Filler: filler, Reason: o.Reason}}
		if what.amount = b.propose(o); what.amount > 0 {
			b.state.note(what, false)
			took = true
		}
	}
	return refused, took
}

// propose takes a proposal off an item, above the floor of the goods, and answers
// how much that was.
func (b *Basket) propose(o Off) (took retail.Money) {
	a := attempt{b: b, s: &b.state, rule: &Rule{}, slot: -1}
	parts := a.parts([]int{o.Group})
	amount := o.Amount
	if o.Percent > 0 {
		amount = b.policy.percent(a.amount(parts), o.Percent)
	}
	for _, c := range a.spread(nil, parts, min(amount, a.amount(parts))) {
		a.at(c.part).left -= c.amount
		took += c.amount
	}
	return took
}
