package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// Means is one way in which a sale was paid, and how much of it may still be refunded.
type Means struct {
	Cash bool
	Left retail.Money
}

// Back is a part of a refund that goes through one of the means.
type Back struct {
	Index  int
	Amount retail.Money
}

// Spread says how an amount goes back by the means it was paid with: first those that are
// not cash, in the order in which the sale took them, then cash, and through none more
// than it may still refund. What is over could not be placed.
func Spread(amount retail.Money, means []Means) (parts []Back, over retail.Money) {
	for _, cash := range []bool{false, true} {
		for i, m := range means {
			part := min(amount, m.Left)
			if m.Cash != cash || part <= 0 {
				continue
			}
			parts, amount = append(parts, Back{Index: i, Amount: part}), amount-part
		}
	}
	return parts, amount
}
