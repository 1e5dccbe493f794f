package app

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// verification is one page of Verify. Documents of our own come first, by series and
// number, then those that tills wrote cut off, then the imported ones by id.
type verification struct {
	v     *sdk.View
	out   till.VerifyOut
	limit int
	added int64 // documents that were added up for day closes
}

func verify(v *sdk.View, in till.VerifyIn) (till.VerifyOut, error) {
	if len(reachOf(v)) > 0 {
		return till.VerifyOut{}, otherStore("")
	}
	limit, err := pageOf(in.Limit)
	if err != nil {
		return till.VerifyOut{}, err
	}
	page := verification{v: v, limit: limit}
	at, err := parsePosition(in.Cursor)
	if err != nil {
		return page.out, err
	}
	if in.Cursor == "" {
		page.empty()
	}
	if at.imported == "" && at.offline == nil && at.day == nil && page.numbered(at) {
		return page.out, nil
	}
	if at.imported == "" && at.day == nil && page.unnumbered(at.offline) {
		return page.out, nil
	}
	if at.day == nil && page.historic(at.imported) {
		return page.out, nil
	}
	return page.out, page.closes(at.day)
}

// place is where a page begins: behind a number of a series, or behind an
// imported document.
type place struct {
	store    retail.StoreID
	till     string
	number   int64
	imported string
	offline  *offlinePlace
	day      *dayPlace
}

// The cursors of the parts.
const (
	numberedCursor = "n/" // then the id of a document of our own
	offlineMark    = "o/" // then the id of a day close, a space and that of a document of it that a till wrote cut off
	importedCursor = "i/" // then the id of an imported one, or nothing
	closeCursor    = "z/" // see dayPlace
)

func parsePosition(cursor string) (p place, err error) {
	if cursor == "" {
		return p, nil
	}
	if id, ok := strings.CutPrefix(cursor, importedCursor); ok {
		return place{imported: cmp.Or(id, importedPrefix)}, nil
	}
	if text, ok := strings.CutPrefix(cursor, offlineMark); ok {
		closing, id, _ := strings.Cut(text, " ")
		return place{offline: &offlinePlace{closing: closing, id: id}}, nil
	}
	if text, ok := strings.CutPrefix(cursor, closeCursor); ok {
		p.day, err = parseDayPlace(text)
		return p, err
	}
	id, ok := strings.CutPrefix(cursor, numberedCursor)
	parts := strings.Split(id, "/")
	if !ok || len(parts) != 3 {
		return p, sdk.Invalid("/cursor", "cursor", "This is no cursor of Verify.")
	}
	n, bad := strconv.ParseInt(parts[2], 10, 64)
	if bad != nil {
		return p, sdk.Invalid("/cursor", "cursor", "This is no cursor of Verify.")
	}
	return place{store: retail.StoreID(parts[0]), till: parts[1], number: n}, nil
}

// empty finds series that count documents and have none.
func (p *verification) empty() {
	for s := range series.Scan(p.v, sdk.Scan{}) {
		found := s.Last == 0 // its first session is open
		for range receipts.Scan(p.v, sdk.Scan{Index: "by_series", Prefix: sdk.K(s.Store).Text(s.Till), Limit: 1}) {
			found = true
		}
		if !found {
			p.fault(string(s.Store)+"/"+s.Till, "last", s.Last, 0)
		}
	}
}

// numbered checks documents of our own. It says whether the page is full.
func (p *verification) numbered(last place) bool {
	scan := sdk.Scan{Index: "by_series"}
	if last.store != "" {
		scan.From = sdk.K(last.store).Text(last.till).Int(last.number + 1)
	}
	for r := range receipts.Scan(p.v, scan) {
		if p.full(numberedCursor + string(last.store) + "/" + last.till + "/" + strconv.FormatInt(last.number, 10)) {
			return true
		}
		if r.Store != last.store || r.Till != last.till {
			p.complete(last)
			last = place{store: r.Store, till: r.Till}
		}
		if r.Number != last.number+1 {
			p.fault(r.ID, "gap", last.number+1, r.Number)
		}
		last.number = r.Number
		p.check(&r)
	}
	p.complete(last)
	return false
}

// complete checks that a series ends where it says.
func (p *verification) complete(last place) {
	if last.store == "" {
		return
	}
	if s, _ := series.Get(p.v, sdk.K(last.store).Text(last.till)); s.Last != last.number {
		p.fault(string(last.store)+"/"+last.till, "last", s.Last, last.number)
	}
}

// historic checks imported documents. It says whether the page is full.
func (p *verification) historic(after string) bool {
	scan := sdk.Scan{From: sdk.K(importedPrefix), To: sdk.K("import0")}
	if after != "" {
		scan.From = sdk.K(after + "\x00")
	}
	last := cmp.Or(after, importedPrefix)
	for r := range receipts.Scan(p.v, scan) {
		if p.full(importedCursor + last) {
			return true
		}
		if last = r.ID; r.Kind == till.Historic {
			p.check(&r)
		}
	}
	return false
}

// full ends the page behind a document.
func (p *verification) full(cursor string) bool {
	if p.out.Checked < int64(p.limit) {
		return false
	}
	p.out.Cursor = cursor
	return true
}

// check checks one document and adds it up.
func (p *verification) check(r *till.Receipt) {
	p.out.Checked++
	total := at(&p.out.Totals, func(t till.VerifyTotal) int { return cmp.Compare(t.Currency, r.Currency) }, till.VerifyTotal{Currency: r.Currency})
	total.Count++
	total.Total += r.Total
	for _, f := range receipt.Check(sums(r)) {
		p.fault(r.ID, f.Reason, f.Want, f.Got)
	}
	if l, err := r.Zone.Local(r.At); err != nil || l.Date != r.Day {
		p.fault(r.ID, "day", 0, 0)
	}
	switch r.Kind {
	case till.Sale:
		p.units(r)
	case till.Refund, till.Annul:
		p.cited(r)
	}
	p.traded(r)
	p.prepaid(r)
}

// traded checks that the two documents of an exchange know each other, and that what one
// gives the other takes.
func (p *verification) traded(r *till.Receipt) {
	sum := tradedIn(r)
	if r.Exchange == "" {
		if sum != 0 {
			p.fault(r.ID, "exchange", 0, int64(sum))
		}
		return
	}
	other, _ := receipts.Get(p.v, sdk.K(r.Exchange))
	if got := tradedIn(&other); other.Exchange != r.ID || got != -sum {
		p.fault(r.ID, "exchange", int64(-sum), int64(got))
	}
}

func tradedIn(r *till.Receipt) (sum retail.Money) {
	for _, t := range r.Tenders {
		if t.Type == till.Traded {
			sum += t.Amount
		}
	}
	return sum
}

// prepaid checks that what deposits pay for a sale is what they are worth, and that each
// knows what used it.
func (p *verification) prepaid(r *till.Receipt) {
	for i, t := range r.Tenders {
		same := func(o till.Taken) bool { return o.Type == till.Prepaid && o.Sale == t.Sale }
		if t.Type != till.Prepaid || slices.ContainsFunc(r.Tenders[:i], same) {
			continue
		}
		var sum retail.Money
		for _, o := range r.Tenders {
			if same(o) {
				sum += o.Amount
			}
		}
		if d, _ := deposits.Get(p.v, sdk.K(t.Sale)); d.By != r.ID || d.Amount != sum {
			p.fault(r.ID, "deposit", int64(d.Amount), int64(sum))
		}
	}
	if r.Kind != till.Advance || r.Original != "" {
		return
	}
	if d, _ := deposits.Get(p.v, sdk.K(r.ID)); d.Amount != r.Total+r.Rounding {
		p.fault(r.ID, "deposit", int64(r.Total+r.Rounding), int64(d.Amount))
	}
}

// units checks that no more of a sale came back than was sold, and no more
// money than was paid.
func (p *verification) units(r *till.Receipt) {
	done, ok := undos.Get(p.v, sdk.K(r.ID))
	if !ok {
		return
	}
	for _, l := range r.Lines {
		if n := done.returned(l.ID); n > l.Quantity {
			p.fault(r.ID, "returned", int64(l.Quantity), int64(n))
		}
	}
	if paid := r.Total + r.Rounding; done.Paid > paid {
		p.fault(r.ID, "returned", int64(paid), int64(done.Paid))
	}
}

// cited checks that the sale knows of the document that undoes it.
func (p *verification) cited(r *till.Receipt) {
	if r.Original == "" { // goods that came back without a receipt
		return
	}
	done, _ := undos.Get(p.v, sdk.K(r.Original))
	if done.Voided != r.ID && !slices.Contains(done.Returns, r.ID) {
		p.fault(r.ID, "returned", 1, 0)
	}
}

func (p *verification) fault(id, reason string, want, got int64) {
	p.out.Faults = append(p.out.Faults, till.VerifyFault{Receipt: id, Reason: reason, Want: want, Got: got})
}

// sums is what must add up in a document.
func sums(r *till.Receipt) receipt.Document {
	d := receipt.Document{
		List: r.List, Discount: r.Discount, Total: r.Total, Rounding: r.Rounding, Change: r.Change, VAT: r.VAT,
		Lines: make([]receipt.Line, len(r.Lines)),
	}
	for _, t := range r.Tenders {
		d.Tenders = append(d.Tenders, t.Amount)
	}
	for i, l := range r.Lines {
		d.Lines[i] = receipt.Line{Quantity: l.Quantity, List: l.List, Discount: l.Discount, Total: l.Total}
		for _, s := range l.UnitShares {
			d.Lines[i].Shares = append(d.Lines[i].Shares, receipt.Run(s))
		}
		for _, a := range l.Applied {
			d.Lines[i].Applied = append(d.Lines[i].Applied, a.Amount)
		}
	}
	return d
}
