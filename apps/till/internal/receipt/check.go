package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// Document is what must add up in a document of any kind.
type Document struct {
	Lines                 []Line
	List, Discount, Total retail.Money
	Rounding, Change      retail.Money
	Tenders               []retail.Money
	VAT                   []retail.VATShare
}

// Line is what must add up in a line.
type Line struct {
	Quantity              retail.Quantity
	List, Discount, Total retail.Money
	Shares                []Run // none in a document that was imported
	Applied               []retail.Money
}

// Fault is a sum that is not what it should be.
type Fault struct {
	Reason    string
	Want, Got int64
}

// Reasons of a Fault.
const (
	FaultLines   = "lines"
	FaultShares  = "shares"
	FaultTenders = "tenders"
	FaultVAT     = "vat"
)

// Check finds the sums of a document that do not hold.
func Check(d Document) []Fault {
	var faults []Fault
	differ := func(reason string, want, got int64) {
		if want != got {
			faults = append(faults, Fault{Reason: reason, Want: want, Got: got})
		}
	}
	var list, discount, total retail.Money
	for _, l := range d.Lines {
		list, discount, total = list+l.List, discount+l.Discount, total+l.Total
		l.check(differ)
	}
	differ(FaultLines, int64(d.List), int64(list))
	differ(FaultLines, int64(d.Discount), int64(discount))
	differ(FaultLines, int64(d.Total), int64(total))
	differ(FaultLines, int64(d.List-d.Discount), int64(d.Total))
	var paid retail.Money
	for _, t := range d.Tenders {
		paid += t
	}
	differ(FaultTenders, int64(d.Total+d.Rounding), int64(paid-d.Change))
	var gross retail.Money
	for _, v := range d.VAT {
		gross += v.Gross
		differ(FaultVAT, int64(v.Gross), int64(v.Net+v.VAT))
	}
	differ(FaultVAT, int64(d.Total), int64(gross))
	return faults
}

func (l Line) check(differ func(reason string, want, got int64)) {
	differ(FaultLines, int64(l.List-l.Discount), int64(l.Total))
	if len(l.Applied) > 0 {
		var applied retail.Money
		for _, a := range l.Applied {
			applied += a
		}
		differ(FaultLines, int64(l.Discount), int64(applied))
	}
	if len(l.Shares) == 0 {
		return
	}
	var worth retail.Money
	var units retail.Quantity
	for _, s := range l.Shares {
		worth, units = worth+s.Amount*retail.Money(s.Quantity), units+s.Quantity
	}
	differ(FaultShares, int64(l.Total), int64(worth))
	differ(FaultShares, int64(l.Quantity), int64(units))
}
