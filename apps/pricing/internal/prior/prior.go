// Package prior finds the lowest price that was applied before a reduction, as
// the law on announced reductions asks for it (Directive 98/6/EC, art. 6a; Codice
// del consumo, art. 17-bis). It knows prices in time and nothing of where they
// come from.
package prior

import (
	"math/bits"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Point is a price from an instant on.
type Point struct {
	At       retail.Instant
	Price    *retail.Money // nil: not on sale from then on
	Original *retail.Money // that it is reduced from; nil or not above Price: it is not reduced
}

// Anchor says when a reduction began.
type Anchor uint8

// The anchors.
const (
	// Progressive: where the price was reduced from, through all reductions that
	// follow each other without a break and only fall. A reduction that is followed
	// by a smaller one is another.
	Progressive Anchor = iota
	// LastChange: the last change of the price, whether it was reduced before or not.
	LastChange
)

// Reduction tells since when the reduction is on that is on at an instant; ok is
// false if none is. Points rise by At.
func Reduction(points []Point, at retail.Instant, by Anchor) (since retail.Instant, ok bool) {
	i := last(points, at)
	if i < 0 || !points[i].reduced() {
		return 0, false
	}
	for i > 0 && goesOn(&points[i-1], &points[i], by) {
		i--
	}
	return points[i].At, true
}

// goesOn says whether the reduction of a point is that of the point before.
func goesOn(before, p *Point, by Anchor) bool {
	if !before.reduced() {
		return false
	}
	if by == LastChange {
		return *before.Price == *p.Price
	}
	return *before.Price >= *p.Price
}

func (p *Point) reduced() bool {
	return p.Price != nil && p.Original != nil && *p.Original > *p.Price
}

// last is the index of the point that is in force at an instant, -1 before all.
func last(points []Point, at retail.Instant) int {
	i := len(points) - 1
	for i >= 0 && points[i].At > at {
		i--
	}
	return i
}

// Answer is the lowest price within [Since, Until).
type Answer struct {
	Amount       *retail.Money  // nil: it was not on sale
	Point        int            // that made it, the latest of several; -1 if none did
	Since, Until retail.Instant // the days
	New          bool           // it came on sale for the first time within the days
}

// Before is the lowest price of the days before an instant. Days are those of the
// zone's calendar, so that the instant's time of day stays over a change of clocks.
// Points rise by At. Errors: those of retail.Zone.
func Before(points []Point, until retail.Instant, days int64, zone retail.Zone) (Answer, error) {
	since, err := zone.AddDays(until, -int(days))
	if err != nil {
		return Answer{}, err
	}
	return Within(points, since, until), nil
}

// Within is the lowest price from an instant until another. The price that was in force
// as the time began counts. Points rise by At.
func Within(points []Point, since, until retail.Instant) Answer {
	a := Answer{Point: -1, Since: since, Until: until, New: true}
	for i := range points {
		p := &points[i]
		if p.At >= until {
			break
		}
		if p.Price != nil && p.At <= since {
			a.New = false
		}
		over := i+1 < len(points) && points[i+1].At <= max(since, p.At)
		if p.Price == nil || over {
			continue
		}
		if a.Amount == nil || *p.Price <= *a.Amount {
			a.Amount, a.Point = p.Price, i
		}
	}
	a.New = a.New && a.Amount != nil
	return a
}

// Reference is the lowest price before the reduction that is on at an instant;
// Amount is nil also if none is on. Errors: those of retail.Zone.
func Reference(points []Point, at retail.Instant, days int64, zone retail.Zone, by Anchor) (Answer, error) {
	since, ok := Reduction(points, at, by)
	if !ok {
		return Answer{Point: -1}, nil
	}
	return Before(points, since, days, zone)
}

// Percent is how much a price lies below another in basis points, rounded down,
// so that what is announced is never too much; 0 if it does not.
func Percent(prior, price retail.Money) retail.BasisPoints {
	if prior <= 0 || price < 0 || price >= prior {
		return 0
	}
	hi, lo := bits.Mul64(uint64(prior-price), 10_000)
	share, _ := bits.Div64(hi, lo, uint64(prior)) // hi < prior, since prior-price is at most that
	return retail.BasisPoints(share)
}
