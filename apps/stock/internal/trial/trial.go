// Package trial plays what may happen to one SKU at some locations by the rules of stock,
// on numbers alone. It knows nothing that is stored.
package trial

// Level is what a location has.
type Level struct {
	OnHand, Reserved, Threshold int64
}

// Available is what may be promised; below zero if more is promised than there is.
func (l *Level) Available() int64 { return l.OnHand - l.Reserved - l.Threshold }

// Op is what happens.
type Op string

// The operations.
const (
	Reserve Op = "reserve"
	Release Op = "release"
	Ship    Op = "ship"
	Return  Op = "return_to_stock"
	Cart    Op = "add_to_cart"
)

// Why an operation was refused, or not done whole.
const (
	NotAvailable = "available"
	NotReserved  = "reserved"
	NotOnHand    = "on_hand"
)

// Play is a trial. The zero value has seen nothing.
type Play struct {
	cart  int64
	cells map[*Level]int64 // in the cart, by where it would come from
	keys  map[string]result
}

type result struct {
	done int64
	why  string
}

// Known says whether there is such an operation.
func (o Op) Known() bool {
	return o == Reserve || o == Release || o == Ship || o == Return || o == Cart
}

// Do does an operation of a quantity above zero at a level: how much of it was done, and
// why not all. One with a key that was there is answered as then and changes nothing.
func (p *Play) Do(o Op, l *Level, q int64, key string) (done int64, why string) {
	if old, again := p.keys[key]; again && key != "" {
		return old.done, old.why
	}
	done, why = p.do(o, l, q)
	if p.keys == nil {
		p.keys = map[string]result{}
	}
	p.keys[key] = result{done, why}
	return done, why
}

func (p *Play) do(o Op, l *Level, q int64) (int64, string) {
	switch o {
	case Reserve:
		if l.Available() < q {
			return 0, NotAvailable
		}
		l.Reserved += q
	case Release:
		if l.Reserved < q {
			return 0, NotReserved
		}
		l.Reserved -= q
	case Ship:
		if l.OnHand < q {
			return 0, NotOnHand
		}
		l.OnHand -= q
		l.Reserved -= min(l.Reserved, q)
	case Return:
		l.OnHand += q
	case Cart:
		return p.add(l, q)
	}
	return q, ""
}

// add puts as much into the cart as is available beside what is in it from there.
func (p *Play) add(l *Level, q int64) (int64, string) {
	if p.cells == nil {
		p.cells = map[*Level]int64{}
	}
	most := max(0, l.Available()-p.cells[l])
	done := min(q, most)
	p.cells[l] += done
	p.cart += done
	if done < q {
		return done, NotAvailable
	}
	return done, ""
}

// InCart is what the cart holds.
func (p *Play) InCart() int64 { return p.cart }
