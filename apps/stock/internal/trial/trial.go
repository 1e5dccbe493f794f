// Package trial plays what may happen to one SKU at some locations by the rules of stock,
// on numbers alone. It knows nothing that is stored.
package trial

import "math"

// Level is what a location has.
type Level struct {
	OnHand, Reserved, Threshold int64

	Backorder bool // promises what is not there
	Untracked bool // counts nothing: there is always enough, and nothing changes
}

// Available is what may be promised; below zero if more is promised than there is.
func (l *Level) Available() int64 { return l.OnHand - l.Reserved - l.Threshold }

// Open says whether any quantity may be promised.
func (l *Level) Open() bool { return l.Backorder || l.Untracked }

// Rules are what retailers decide differently. The zero value is ours.
type Rules struct {
	Partial      bool // a reservation takes what there is of what it asks for
	Whole        bool // a cart takes all or nothing
	Clamp        bool // more than is reserved may be released: all of it is
	ReservedOnly bool // only what is reserved leaves
	Negative     bool // more may leave than is on hand
}

// Op is what happens.
type Op string

// The operations.
const (
	Reserve Op = "reserve"
	Release Op = "release"
	Ship    Op = "ship"
	Return  Op = "return_to_stock"
	Adjust  Op = "adjust" // of what is on hand; below zero less
	Cart    Op = "add_to_cart"
)

// Why an operation was refused, or not done whole.
const (
	NotAvailable = "available"
	NotReserved  = "reserved"
	NotOnHand    = "on_hand"
	NoLocation   = "location" // there is no level of it
)

// Play is a trial. The zero value has seen nothing.
type Play struct {
	Rules Rules
	cart  int64
	loose bool             // what is being done may promise what is not there
	cells map[*Level]int64 // in the cart, by where it would come from
	keys  map[called]result
}

// called is an operation by its key: one key may name a reservation and its release.
type called struct {
	op  Op
	key string
}

type result struct {
	done int64
	why  string
}

// Known says whether there is such an operation.
func (o Op) Known() bool {
	return o == Reserve || o == Release || o == Ship || o == Return || o == Adjust || o == Cart
}

// Do does an operation of a quantity above zero, or for Adjust other than zero, at levels:
// how much of it was done, and why not all. It takes from the first what that has, then
// from the next; what nobody has goes to the first that is open. One with a key that was
// there is answered as then and changes nothing.
func (p *Play) Do(o Op, at []*Level, q int64, key string) (done int64, why string) {
	if len(at) == 0 {
		return 0, NoLocation
	}
	if old, again := p.keys[called{o, key}]; again && key != "" {
		return old.done, old.why
	}
	done, why = p.do(o, at, q)
	if p.keys == nil {
		p.keys = map[called]result{}
	}
	p.keys[called{o, key}] = result{done, why}
	return done, why
}

// DoLoose is Do of an operation that may promise what is not there.
func (p *Play) DoLoose(o Op, at []*Level, q int64, key string) (done int64, why string) {
	p.loose = true
	defer func() { p.loose = false }()
	return p.Do(o, at, q, key)
}

func (p *Play) do(o Op, at []*Level, q int64) (int64, string) {
	if o == Return || o == Adjust && q > 0 {
		p.move(o, at[0], q)
		return q, ""
	}
	sign := int64(1)
	if o == Adjust {
		sign = -1
	}
	parts, left := p.share(o, at, sign*q)
	if left > 0 && !p.partly(o, sign*q-left) {
		return 0, reason(o)
	}
	for i, l := range at {
		p.move(o, l, sign*parts[i])
	}
	if left > 0 && o == Cart {
		return q - left, NotAvailable
	}
	return q - sign*left, ""
}

// partly says whether an operation may be done in part, of which so much is possible.
func (p *Play) partly(o Op, possible int64) bool {
	return o == Cart && !p.Rules.Whole || o == Release && p.Rules.Clamp || o == Reserve && p.Rules.Partial && possible > 0
}

// share is what each level does of a quantity, and what none of them can.
func (p *Play) share(o Op, at []*Level, q int64) (parts []int64, left int64) {
	parts = make([]int64, len(at))
	for i, l := range at {
		parts[i] = min(q, max(0, p.room(o, l)))
		q -= parts[i]
	}
	for i, l := range at {
		if q > 0 && p.open(o, l) {
			parts[i], q = parts[i]+q, 0
		}
	}
	return parts, q
}

// room is what there is at a level for an operation.
func (p *Play) room(o Op, l *Level) int64 {
	switch {
	case l.Untracked:
		return math.MaxInt64
	case o == Reserve:
		return l.Available()
	case o == Cart:
		return l.Available() - p.cells[l]
	case o == Release:
		return l.Reserved
	case o == Ship && p.Rules.ReservedOnly:
		return min(l.OnHand, l.Reserved)
	}
	return l.OnHand
}

// open says whether a level also does what there is no room for.
func (p *Play) open(o Op, l *Level) bool {
	switch o {
	case Reserve, Cart:
		return p.loose || l.Open()
	case Ship, Adjust:
		return p.Rules.Negative && !p.Rules.ReservedOnly
	case Release, Return:
	}
	return false
}

// move changes a level.
func (p *Play) move(o Op, l *Level, q int64) {
	if o == Cart {
		if p.cells == nil {
			p.cells = map[*Level]int64{}
		}
		p.cells[l] += q
		p.cart += q
		return
	}
	if l.Untracked {
		return
	}
	switch o {
	case Reserve:
		l.Reserved += q
	case Release:
		l.Reserved -= q
	case Ship:
		l.OnHand -= q
		l.Reserved -= min(l.Reserved, q)
	case Return, Adjust:
		l.OnHand += q
	case Cart:
	}
}

// reason is why an operation is refused.
func reason(o Op) string {
	switch o {
	case Release:
		return NotReserved
	case Ship, Adjust:
		return NotOnHand
	case Reserve, Cart, Return:
	}
	return NotAvailable
}

// InCart is what the cart holds.
func (p *Play) InCart() int64 { return p.cart }
