package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// Order is what an order cost, line by line, for working out a return of it that is
// nowhere stored.
type Order struct {
	Totals   []retail.Money // by line, before Discount
	Discount retail.Money   // off all, shared by Totals with the largest remainder
}

// Shares is what each line cost after the discount of the order. It is nil if the
// discount cannot be shared: it is more than the lines cost.
func (o Order) Shares() []retail.Money {
	weights := make([]int64, len(o.Totals))
	var sum retail.Money
	for i, t := range o.Totals {
		weights[i], sum = int64(t), sum+t
	}
	if o.Discount > sum {
		return nil
	}
	totals := append([]retail.Money(nil), o.Totals...)
	for i, part := range retail.Allocate(o.Discount, weights) {
		totals[i] -= part
	}
	return totals
}
