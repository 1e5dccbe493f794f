package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// byLabel approves a price that a scanner has read.
const byLabel = "label"

// override is the second person: who may do this approves with a token of their own.
func override(tx *sdk.Tx, in till.OverrideIn) (till.Basket, error) {
	b, err := openBasket(tx, in.Basket)
	if err != nil {
		return b, err
	}
	if in.Line < 1 || in.Line > int64(len(b.Lines)) || b.Lines[in.Line-1].SKU != in.SKU {
		return b, &sdk.Error{Code: sdk.CodeNotFound, Reason: "line", Message: "The basket has other goods there.", Pointer: "/line"}
	}
	l := &b.Lines[in.Line-1]
	l.PriceOverride, l.OverrideReason, l.ApprovedBy = &in.Price, in.Reason, tx.Info().Principal
	set := settings.Get(tx)
	if !set.reason(in.Reason) {
		return b, badReason("/reason")
	}
	if err := checkLines(b.Lines); err != nil {
		at := line(int(in.Line - 1))
		return b, moved(moved(err, at+"/price_override", "/price"), at+"/override_reason", "/reason")
	}
	return b, baskets.Put(tx, b)
}

// approvals takes over from the lines of a basket who let their prices pass, each once and
// for no more goods than they were; what a caller says of it is nothing.
func approvals(lines, before []till.Line) {
	before = slices.Clone(before)
	for i := range lines {
		l := &lines[i]
		l.ApprovedBy = ""
		if l.PriceOverride == nil {
			continue
		}
		n := slices.IndexFunc(before, func(o till.Line) bool {
			return o.SKU == l.SKU && o.PriceOverride != nil && *o.PriceOverride == *l.PriceOverride &&
				o.OverrideReason == l.OverrideReason && l.Quantity <= o.Quantity
		})
		if n >= 0 {
			l.ApprovedBy = before[n].ApprovedBy
			before = slices.Delete(before, n, n+1)
		}
	}
}

// alone checks the prices by hand that nobody has approved. It asks for list prices only
// if the settings limit how far one may go.
func alone(r sdk.Reader, b *till.Basket, set *Settings) error {
	var places []int
	var skus []retail.SKU
	for i, l := range b.Lines {
		if l.PriceOverride == nil || l.ApprovedBy != "" {
			continue
		}
		if !set.reason(l.OverrideReason) {
			return badReason(line(i) + "/override_reason")
		}
		places, skus = append(places, i), append(skus, l.SKU)
	}
	if len(places) == 0 || set.OverrideLimit == 0 {
		return nil
	}
	list, err := pricing.Price.Call(r, pricing.PriceIn{Store: b.Store, Channel: b.Channel, SKUs: skus})
	if err != nil {
		for n, i := range places {
			err = moved(err, "/skus/"+strconv.Itoa(n), line(i)+"/sku")
		}
		return err
	}
	for n, i := range places {
		off, err := list.Prices[n].Amount.Percent(set.OverrideLimit)
		if err != nil {
			return err
		}
		if lowest := list.Prices[n].Amount - off; *b.Lines[i].PriceOverride < lowest {
			return &sdk.Error{
				Code: sdk.CodeDenied, Reason: "override", Pointer: line(i) + "/price_override",
				Message: "Below " + lowest.Format(list.Currency) + " somebody must approve the price.",
				Fields:  []sdk.Field{sdk.Int("lowest", lowest)},
			}
		}
	}
	return nil
}

// reason says whether a reason of a price by hand is one of the settings.
func (s *Settings) reason(why string) bool {
	return len(s.OverrideReasons) == 0 || slices.Contains(s.OverrideReasons, why)
}

func badReason(pointer string) error {
	return sdk.Invalid(pointer, "override_reason", "This is none of the reasons for a price by hand.")
}
