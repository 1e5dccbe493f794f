package app

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// dayPlace is where the part of Verify about day closes goes on: behind a day close, or
// inside one, with what its documents come to so far.
type dayPlace struct {
	store  retail.StoreID
	till   string
	number int64 // of the day close that is next
	after  int64 // number of the document before
	// offline stands for the number of the document that was added up last of those that the
	// till wrote cut off, once the others are through; "-" before the first of them.
	offline string
	sums    receipt.Ledger
}

// String is the place as a cursor. Stores and tills have no slashes.
func (d *dayPlace) String() string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) + "/" }
	return closeCursor + string(d.store) + "/" + d.till + "/" + number(d.number) + number(d.after) + d.offline + "/" + d.sums.String()
}

func parseDayPlace(text string) (*dayPlace, error) {
	bad := sdk.Invalid("/cursor", "cursor", "This is no cursor of Verify.")
	parts := strings.SplitN(text, "/", 6)
	if len(parts) != 6 {
		return nil, bad
	}
	d := dayPlace{store: retail.StoreID(parts[0]), till: parts[1], offline: parts[4]}
	var err [3]error
	d.number, err[0] = strconv.ParseInt(parts[2], 10, 64)
	d.after, err[1] = strconv.ParseInt(parts[3], 10, 64)
	d.sums, err[2] = receipt.ParseLedger(parts[5])
	for _, e := range err {
		if e != nil {
			return nil, bad
		}
	}
	return &d, nil
}

// closes checks day closes, by till and number: that their documents are those between the
// one before and the one after, and that their totals are the sums of these.
func (p *verification) closes(from *dayPlace) error {
	at := dayPlace{}
	scan := sdk.Scan{Index: "by_till"}
	if from != nil {
		at = *from
		scan.From = sdk.K(at.store).Text(at.till).Int(at.number)
	}
	for c := range closes.Scan(p.v, scan) {
		if c.Store != at.store || c.Till != at.till {
			at = dayPlace{store: c.Store, till: c.Till, number: 1, after: c.First - 1}
		}
		if c.Number != at.number {
			p.fault(c.ID, "gap", at.number, c.Number)
		}
		if at.sums == nil && c.First != at.after+1 {
			p.fault(c.ID, "gap", at.after+1, c.First)
		}
		if p.day(&c, &at) {
			p.out.Cursor = at.String()
			return nil
		}
		at = dayPlace{store: c.Store, till: c.Till, number: c.Number + 1, after: c.Last}
		p.out.Closes++
	}
	return nil
}

// day adds the documents of a day close up and compares. It says whether the page is full
// before it has seen all.
func (p *verification) day(c *till.DayClose, at *dayPlace) bool {
	at.number = c.Number
	if at.offline == "" {
		scan := sdk.Scan{Index: "by_series", Prefix: sdk.K(c.Store).Text(c.Till), From: sdk.KInt(at.after + 1), To: sdk.KInt(c.Last + 1)}
		for r := range receipts.Scan(p.v, scan) {
			if !p.adds(c, &r, at) {
				return true
			}
			at.after = r.Number
			at.sums.Add("documents", 1)
		}
		at.offline = "-"
	}
	head := string(c.Store) + "/" + c.Till + "/"
	for r := range receipts.Scan(p.v, sdk.Scan{Index: "by_offline", Prefix: sdk.K(c.ID), From: sdk.K(head + at.offline + "\x00")}) {
		if !p.adds(c, &r, at) {
			return true
		}
		at.offline = strings.TrimPrefix(r.ID, head)
		at.sums.Add("offline", 1)
	}
	var said receipt.Ledger
	entries(c.Totals, said.Add)
	said.Add("documents", c.Count)
	said.Add("offline", c.Offline)
	for _, d := range said.Differences(at.sums) {
		p.out.Faults = append(p.out.Faults, till.VerifyFault{Receipt: c.ID, Reason: "close", Total: d.Name, Want: d.Want, Got: d.Got})
	}
	return false
}

// adds adds a document of a day close up, unless the page is full.
func (p *verification) adds(c *till.DayClose, r *till.Receipt, at *dayPlace) bool {
	if p.out.Checked+p.added == int64(p.limit) {
		return false
	}
	p.added++
	var one []till.DayTotal
	addDocument(totalOf(&one, r.Currency), r)
	entries(one, at.sums.Add)
	if r.Closing != c.Number {
		p.fault(r.ID, "closing", c.Number, r.Closing)
	}
	return true
}
