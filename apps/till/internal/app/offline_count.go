package app

import (
	"cmp"
	"hash/fnv"
	"strconv"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
)

// countOffline adds a document to what its till has now: it has no number of the till's
// series. An open session counts it if it was made in its time; to one that was opened
// later it is what was there before.
func countOffline(tx *sdk.Tx, r *till.Receipt) error {
	s := stateOf(tx, r.Store, r.Till)
	s.Offline++
	addDocument(totalOf(&s.Running, r.Currency), r)
	if err := series.Put(tx, s); err != nil || s.Session == "" {
		return err
	}
	open, _ := sessions.Get(tx, sdk.K(s.Session))
	if r.Session == s.Session {
		open.Offline++
	} else {
		addDocument(totalOf(&open.Start, r.Currency), r)
	}
	return sessions.Put(tx, open)
}

// sealed is a document as it is kept while it is no receipt: of codes the last characters
// stay, and it says whether there were any. Slips stay: they are good for one till alone.
// Who bought stands in the record, once.
func sealed(d *till.OfflineDocument) (*till.OfflineDocument, bool) {
	out, had := *d, len(d.Codes) > 0
	out.Codes, out.Tenders, out.Lines, out.Customer = nil, nil, nil, ""
	for _, t := range d.Tenders {
		if t.Type != till.Cash && t.Type != till.Card && !isSlip(t.Reference) && t.Reference != hidden(t.Reference) {
			t.Reference, had = hidden(t.Reference), true
		}
		out.Tenders = append(out.Tenders, t)
	}
	for _, l := range d.Lines {
		if l.Code != hidden(l.Code) {
			l.Code, had = hidden(l.Code), true
		}
		var applied []pricing.Applied
		for _, a := range l.Applied {
			a.Code = hidden(a.Code)
			applied = append(applied, a)
		}
		l.Applied = applied
		out.Lines = append(out.Lines, l)
	}
	return &out, had
}

// hidden is what is kept of a code. What a receipt has of one begins with a star already.
func hidden(given string) string {
	if given == "" || given[0] == '*' {
		return given
	}
	return code.Masked(code.Fold(given, false))
}

// isSlip says whether a tender's reference is one of those that apps give tills to use while
// they are cut off: a letter, a digit and a point begin it, which no code that is printed
// on a card does.
func isSlip(reference string) bool {
	return len(reference) > 30 && reference[0] >= 'a' && reference[0] <= 'z' && reference[1] >= '0' && reference[1] <= '9' && reference[2] == '.'
}

// offlineDigest tells two documents under one key apart. It guards against mistakes, not
// against an attacker, and knows no code.
func offlineDigest(in *till.OfflineDocument) string {
	d, _ := sealed(in)
	h := fnv.New128a()
	text := func(all ...string) {
		for _, s := range all {
			h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
		}
	}
	number := func(all ...int64) {
		for _, n := range all {
			text(strconv.FormatInt(n, 10))
		}
	}
	text(string(d.Day), d.UUID, string(d.Kind), d.Cashier, string(d.Channel), string(in.Customer), string(d.Currency), d.Original, d.Reason, d.TaxCode)
	number(d.Sequence, int64(d.At), int64(d.Total), int64(d.Rounding), int64(d.Change), int64(len(in.Codes)))
	text(d.Slips...)
	for _, t := range d.Tenders {
		text("tender", t.Type, t.Reference, t.Terminal)
		number(int64(t.Amount), t.Count)
	}
	for _, g := range d.Grants {
		text("grant", g.Promotion)
		number(g.Version, int64(g.Points), int64(g.Cashback), g.Days)
		text(g.Lines...)
	}
	for i := range d.Lines {
		digestLine(&d.Lines[i], text, number)
	}
	return hexadecimal(h.Sum(nil))
}

func digestLine(l *till.OfflineLine, text func(...string), number func(...int64)) {
	text("line", string(l.SKU), l.PriceList, l.OverrideReason, l.ApprovedBy, l.Code, l.Line, strconv.FormatBool(l.Quarantine))
	number(int64(l.Quantity), int64(l.UnitPrice), int64(l.Per), int64(l.Discount), int64(l.Total), int64(l.From))
	for _, a := range l.Applied {
		text("applied", a.Promotion, a.Filler, a.Reason, a.Code, a.Name)
		number(a.Version, int64(a.Amount))
		for _, f := range a.Funded {
			text(f.Supplier)
			number(int64(f.Amount))
		}
	}
	for _, s := range l.UnitShares {
		number(int64(s.Amount), int64(s.Quantity))
	}
	g := l.Goods
	if g == nil {
		return
	}
	text("goods", g.Product, g.Description, string(g.Kind), g.Brand, g.Line, g.Season, g.Supplier, g.Category, g.Size, g.Colour, string(g.Unit))
	number(int64(g.VATRate))
	text(g.Tags...)
	for _, a := range g.Attributes {
		text(a.Name)
		text(a.Values...)
	}
}

// offlineCursor is where a page ends: instant, id.
func offlineCursor(r *till.OfflineRecord) string {
	return strconv.FormatInt(int64(r.Received), 10) + "/" + r.ID
}

// inOffline is a document as somebody wants it instead of how it came.
func inOffline(rec *till.OfflineRecord, in *till.AcceptOfflineIn) (till.OfflineDocument, error) {
	var d till.OfflineDocument
	switch {
	case in.Document != nil:
		d = *in.Document
		d.Day, d.Sequence, d.UUID = rec.Day, cmp.Or(d.Sequence, rec.Sequence), rec.UUID
	case rec.Document != nil:
		d = *rec.Document
		d.Customer = rec.Customer
	}
	d.Sequence = cmp.Or(in.Sequence, d.Sequence)
	if len(in.Tenders) > 0 {
		d.Tenders = in.Tenders
	}
	if err := keyed(&d); err != nil {
		return d, err
	}
	return d, nil
}
