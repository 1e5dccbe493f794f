package app

import (
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// What suppliers owe is counted as sales are recorded, by day, so that a report of any
// days reads days and not receipts. Counters hold it: sales of one promotion do not
// wait for each other.
var (
	owedReceipts = sdk.Counter{Name: "owed_receipts"}
	owedDiscount = sdk.Counter{Name: "owed_discount"} // that customers got, in minor units
	owedAmount   = sdk.Counter{Name: "owed_amount"}   // of it, the supplier's
)

// owings says which of these counters there are. Nothing in it ever changes.
var owings = sdk.Collection[owing]{Name: "owings", Key: []string{"supplier", "promotion", "store", "day"}}

// owing is a supplier's share of a promotion in a store on one of its days.
type owing struct {
	Supplier  string         `json:"supplier"`
	Promotion string         `json:"promotion"`
	Store     retail.StoreID `json:"store"`
	Day       retail.Date    `json:"day"`
}

func (o *owing) line() sdk.Key { return sdk.K(o.Supplier).Text(o.Promotion).Text(string(o.Store)) }
func (o *owing) key() sdk.Key  { return o.line().Text(string(o.Day)) }

// owe counts what suppliers owe for a document. A return takes its part back, and what
// is voided is no receipt any more.
func owe(tx *sdk.Tx, day retail.Date, s *pricing.Sale) error {
	receipts := int64(0)
	switch {
	case strings.HasSuffix(s.Document, voidSuffix):
		receipts = -1
	case s.Returns == "":
		receipts = 1
	}
	for _, l := range owedOf(s) {
		o := owing{Supplier: l.Supplier, Promotion: l.Promotion, Store: s.Store, Day: day}
		if _, there := owings.Get(tx, o.key()); !there {
			if err := owings.Insert(tx, o); err != nil {
				return err
			}
		}
		for _, m := range [...]move{
			{counter: owedReceipts, by: receipts}, {counter: owedDiscount, by: int64(l.Discount)}, {counter: owedAmount, by: int64(l.Amount)},
		} {
			if err := m.counter.Add(tx, o.key(), m.by, sdk.NoMin, sdk.NoMax); err != nil {
				return err
			}
		}
	}
	return nil
}

// owedOf is what a document comes to, by supplier and promotion.
func owedOf(s *pricing.Sale) (lines []pricing.FundingLine) {
	for _, a := range s.Applied {
		for _, f := range a.Funded {
			at := slices.IndexFunc(lines, func(l pricing.FundingLine) bool {
				return l.Supplier == f.Supplier && l.Promotion == a.Promotion
			})
			if at < 0 {
				at, lines = len(lines), append(lines, pricing.FundingLine{Supplier: f.Supplier, Promotion: a.Promotion})
			}
			lines[at].Discount, lines[at].Amount = lines[at].Discount+a.Amount, lines[at].Amount+f.Amount
		}
	}
	return lines
}

// mostOwings is how much one page of a report reads, in lines and their days. A page
// ends with a line, and may be shorter for it.
const mostOwings = 2_000

func fundingReport(v *sdk.View, in pricing.FundingIn) (out pricing.FundingOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	if err = checkDays(in.First, in.Last); err != nil {
		return out, err
	}
	at, err := owingAt(in.Cursor)
	if err != nil {
		return out, err
	}
	for read := 0; ; read++ {
		o, there := nextOwing(v, in.Supplier, at)
		if !there {
			return out, nil
		}
		if len(out.Lines) == limit || read >= mostOwings {
			out.Cursor = at.cursor()
			return out, nil
		}
		at = o
		if reachOf(v).sees([]retail.StoreID{o.Store}) {
			l, days := o.sum(v, in.First, in.Last)
			if read += days; l.Receipts != 0 || l.Discount != 0 || l.Amount != 0 {
				out.Lines = append(out.Lines, l)
			}
		}
	}
}

// nextOwing is the line behind one, the first behind the zero value.
func nextOwing(r sdk.Reader, supplier string, at owing) (owing, bool) {
	scan := sdk.Scan{Limit: 1}
	if supplier != "" {
		scan.Prefix = sdk.K(supplier)
	}
	if at.Supplier != "" {
		scan.From = sdk.K(at.Promotion).Text(string(at.Store) + "\x00")
		if supplier == "" {
			scan.From = sdk.K(at.Supplier).Text(at.Promotion).Text(string(at.Store) + "\x00")
		}
	}
	for o := range owings.Scan(r, scan) {
		return o, true
	}
	return owing{}, false
}

// sum is what a line comes to over days, and how many days it has there.
func (o *owing) sum(r sdk.Reader, first, last retail.Date) (l pricing.FundingLine, days int) {
	l = pricing.FundingLine{Supplier: o.Supplier, Promotion: o.Promotion, Store: o.Store}
	for d := range owings.Scan(r, sdk.Scan{Prefix: o.line(), From: sdk.K(first), To: sdk.K(last + "~")}) {
		l.Receipts += owedReceipts.Get(r, d.key())
		l.Discount += retail.Money(owedDiscount.Get(r, d.key()))
		l.Amount += retail.Money(owedAmount.Get(r, d.key()))
		days++
	}
	return l, days
}

// cursor names a line: the lengths of its parts, then the parts.
func (o *owing) cursor() string {
	return strconv.Itoa(len(o.Supplier)) + "." + strconv.Itoa(len(o.Promotion)) + "." + o.Supplier + o.Promotion + string(o.Store)
}

// owingAt is the line that a cursor names.
func owingAt(cursor string) (o owing, err error) {
	if cursor == "" {
		return o, nil
	}
	supplier, rest, _ := strings.Cut(cursor, ".")
	promotion, rest, _ := strings.Cut(rest, ".")
	n, bad := strconv.Atoi(supplier)
	m, worse := strconv.Atoi(promotion)
	if bad != nil || worse != nil || n < 1 || m < 0 || n > len(rest) || m > len(rest)-n {
		return o, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
	}
	return owing{Supplier: rest[:n], Promotion: rest[n : n+m], Store: retail.StoreID(rest[n+m:])}, nil
}
