// Package price knows how a basket becomes a total: how equal units are
// merged, in which order promotions work on what is left, how cents are shared
// and why a promotion did not apply. It knows neither where prices and
// promotions come from nor the SDK, and it reads no clock.
//
// A total does not depend on the order of the lines, nor on whether two units
// stand on one line or on two: equal units are merged into items, items are
// worked on in the order of their SKUs, and only then is an item's result
// shared among its lines. All arithmetic is in integers.
package price

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Place is where, when and for whom a basket is priced.
type Place struct {
	Store      retail.StoreID
	Clock      *retail.Local // what its clock shows at At; nil if nobody knows
	Channel    retail.Channel
	Customer   retail.CustomerID // "" unknown
	Groups     []string          // that the customer belongs to
	Tier       string
	PastOrders *int64 // of the customer; nil if nobody knows
	At         retail.Instant
	Currency   retail.Currency
	Net        bool // prices are without VAT
	// Hand is an amount that somebody takes off the basket by hand: rules leave goods
	// that are worth as much.
	Hand retail.Money
}

// Goods is what promotions can ask of a SKU. An empty attribute is one that
// the SKU does not have: it matches no promotion that asks for it.
type Goods struct {
	Product, Brand, Line, Season, Supplier, Category string
	Tags                                             []string
	Size, Colour                                     string // asked for as the attributes size and colour
	Attributes                                       []Attribute
}

// Own is what goods have as an attribute that is a field of theirs, "" if it is none.
func (g *Goods) Own(attribute string) string {
	switch attribute {
	case "size":
		return g.Size
	case "colour":
		return g.Colour
	}
	return ""
}

// Line is one line of a basket with its list price.
type Line struct {
	SKU      retail.SKU
	Quantity retail.Quantity // above zero, in the SKU's unit
	Unit     retail.Money    // list price of Per units, not below zero
	Per      retail.Quantity // 1 for pieces, 1,000 for goods priced by kilogram, metre or litre
	Manual   bool            // Unit was set by hand: no promotion touches it or counts it
	Stored   bool            // stored value: no promotion speaks of it
	Goods    Goods
	VAT      retail.BasisPoints
	Floor    retail.Money  // below which Per units may not fall
	Cost     *retail.Money // of Per units, without VAT
}

// Shipping is a way of delivery.
type Shipping struct {
	Method string
	Amount retail.Money
	VAT    retail.BasisPoints
}

// Applied is what one promotion, or the filler of a slot, took off.
type Applied struct {
	Promotion string
	Version   int64
	Filler    string // app that proposed it, "" for a promotion
	Reason    string // the filler's own
	Code      string // that brought the promotion
	Amount    retail.Money
}

// same says whether two entries are of one origin.
func (a Applied) same(b Applied) bool {
	a.Amount = b.Amount
	return a == b
}

// Basket is a basket on its way to a total. Make it with New, work on it with
// Promote and Propose, take the outcome with Result. Use it once.
type Basket struct {
	policy     Policy
	place      Place
	clock      retail.LocalTime // that its clock shows; "" until somebody asks
	lines      []Line
	items      []item             // the goods, then the ways of delivery
	goods      int                // items that are goods
	bySKU      map[retail.SKU]int // 1 + the last item of each, while many lines are joined
	index      index
	arena      []int // lists of items are cut out of
	candidates []Candidate
	verdicts   []verdict // per candidate
	live       []matter  // those that may work, in the order of the candidates
	outcomes   []outcome // of these
	watched    []watched // of the others, those to explain at their turn
	groups     []rivals
	shelf      []Line // goods that may be added
	holding    bool   // a live rule keeps goods to itself
	scopes     int    // in which something may be exclusive; 0 nothing is
	state      state
	greedy     bool
}

// item is the units that are equal in all that a price can depend on, or a way of
// delivery.
type item struct {
	*Line    // the first of its lines
	Quantity retail.Quantity
	members  []int          // lines, by their index
	lists    []retail.Money // per member; nil if it has one
	list     retail.Money
	method   string // of delivery
	before   int    // 1 + the item of the same SKU that stands before it, while lines are joined
}

// MaxAmount bounds prices, lines and totals: the integers that JSON carries.
const MaxAmount = retail.Money(1)<<53 - 1

// ErrAmount is an amount that is negative or above MaxAmount, or a quantity
// that leads to one. It carries no detail: fmt alone would make the guest 0.7 MB
// larger, and the caller knows what it asked for.
var ErrAmount = errors.New("amount out of range")

// New merges equal lines and prices them by list. Errors: ErrAmount.
func New(policy Policy, place Place, lines []Line, shipping []Shipping) (*Basket, error) {
	b := &Basket{policy: policy, place: place, lines: lines}
	b.items = make([]item, 0, len(lines)+len(shipping))
	numbers := make([]int, len(lines)+len(shipping))
	if len(lines) > few {
		b.bySKU = make(map[retail.SKU]int, len(lines))
	}
	for i := range lines {
		l := &lines[i]
		if l.Quantity <= 0 || l.Per <= 0 || l.Unit < 0 {
			return nil, ErrAmount
		}
		numbers[i] = i
	}
	if policy.Tie == LowerSKU { // numbers are sorted, not items: these are wide
		slices.SortFunc(numbers[:len(lines)], func(i, j int) int { return cmp.Or(compare(&lines[i], &lines[j]), cmp.Compare(i, j)) })
	}
	for i := range lines {
		b.join(numbers[i : i+1 : i+1])
	}
	b.goods = len(b.items)
	b.prepare()
	ways := make([]Line, len(shipping))
	for i, s := range shipping {
		at := len(lines) + i
		numbers[at] = i
		ways[i] = Line{Per: 1, Unit: s.Amount, VAT: s.VAT}
		b.items = append(b.items, item{Line: &ways[i], Quantity: 1, members: numbers[at : at+1 : at+1], method: s.Method})
	}
	return b, b.open()
}

// open prices all items by list.
func (b *Basket) open() error {
	var total retail.Money
	b.state.cells = make([]cell, len(b.items))
	runs := make([]run, len(b.items))
	for i := range b.items {
		g := &b.items[i]
		if err := g.open(b.lines, i < b.goods); err != nil {
			return err
		}
		if total += g.list; total > MaxAmount {
			return ErrAmount
		}
		if i < b.goods {
			b.index.facts[i].quantity, b.index.facts[i].list = g.Quantity, g.list
		}
		runs[i] = run{quantity: g.Quantity, left: g.list}
		b.state.cells[i].runs = runs[i : i+1 : i+1]
	}
	return nil
}

// join adds a line to the item of its equals.
func (b *Basket) join(line []int) {
	l := &b.lines[line[0]]
	before := len(b.items) // the last item that may be of the same SKU, and 1
	if b.bySKU != nil {
		before = b.bySKU[l.SKU]
	}
	for n := before; n > 0 && !b.policy.KeepLines; {
		g := &b.items[n-1]
		switch same := g.SKU == l.SKU; {
		case same && g.equal(l):
			g.members = append(g.members, line...)
			return
		case !same && b.policy.Tie == LowerSKU:
			n = 1 // lines come by SKU: there is none before it
		}
		if n--; b.bySKU != nil {
			n = g.before
		}
	}
	b.items = append(b.items, item{Line: l, members: line, before: before})
	if b.bySKU != nil {
		b.bySKU[l.SKU] = len(b.items)
	}
}

// few is how many things are looked for one by one.
const few = 32

// equal says whether units of a line are those of an item in all that a price can
// depend on.
func (g *item) equal(l *Line) bool {
	return g.Unit == l.Unit && g.Per == l.Per && g.Manual == l.Manual && g.Stored == l.Stored && g.VAT == l.VAT &&
		g.Floor == l.Floor && (g.Cost == l.Cost || g.Cost != nil && l.Cost != nil && *g.Cost == *l.Cost) && g.Goods.equal(&l.Goods)
}

func (g *Goods) equal(h *Goods) bool {
	return g.Product == h.Product && g.Brand == h.Brand && g.Line == h.Line && g.Season == h.Season &&
		g.Supplier == h.Supplier && g.Category == h.Category && g.Size == h.Size && g.Colour == h.Colour && slices.Equal(g.Tags, h.Tags) &&
		slices.EqualFunc(g.Attributes, h.Attributes, func(a, b Attribute) bool {
			return a.Name == b.Name && slices.Equal(a.Values, b.Values)
		})
}

// compare orders lines by what they are and never by where they stood.
func compare(a, b *Line) int {
	if a.SKU != b.SKU {
		return cmp.Compare(a.SKU, b.SKU)
	}
	manual := 0
	if a.Manual != b.Manual {
		if manual = 1; b.Manual {
			manual = -1
		}
	}
	return cmp.Or(cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Per, b.Per), manual)
}

// open prices the item by list and shares the amount among its members.
func (g *item) open(lines []Line, goods bool) error {
	if !goods {
		g.list = g.Unit
		return bound(g.Unit)
	}
	for _, m := range g.members {
		if g.Quantity += lines[m].Quantity; g.Quantity > retail.Quantity(MaxAmount) {
			return ErrAmount
		}
	}
	amount, err := g.Unit.Times(g.Quantity, g.Per)
	if err != nil || amount > MaxAmount {
		return ErrAmount
	}
	if g.list = amount; len(g.members) > 1 {
		quantities := make([]int64, len(g.members))
		for i, m := range g.members {
			quantities[i] = int64(lines[m].Quantity)
		}
		g.lists = allocate(amount, quantities)
	}
	return nil
}

func bound(amount retail.Money) error {
	if amount < 0 || amount > MaxAmount {
		return ErrAmount
	}
	return nil
}

// allocate is retail.Allocate for amounts that may be zero and weights that are
// not all zero unless the amount is.
func allocate(amount retail.Money, weights []int64) []retail.Money {
	if amount == 0 {
		return make([]retail.Money, len(weights))
	}
	return retail.Allocate(amount, weights)
}

// closed says whether promotions leave the item alone and do not count it.
func (g *item) closed() bool { return g.Manual || g.Stored }
