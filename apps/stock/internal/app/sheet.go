package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// sheets are counts during trade. The index open is why a place has one at a time.
var sheets = sdk.Collection[SheetRecord]{
	Name: "count_sheets", Key: []string{"sheet.id"},
	Indexes: []sdk.Index{
		{Name: "store", Fields: []string{"sheet.store"}},
		{Name: "open", Fields: []string{"open"}, Unique: true},
	},
}

// SheetRecord is a sheet; Open is its place while it is.
type SheetRecord struct {
	Sheet stock.CountSheet `json:"sheet"`
	Open  string           `json:"open,omitempty"`
}

// sheetLines are what was counted, a record for each SKU, so that people who scan
// different goods do not wait for each other.
var sheetLines = sdk.Collection[SheetLineRecord]{Name: "count_lines", Key: []string{"sheet", "line.sku"}}

// SheetLineRecord is a line of a sheet.
type SheetLineRecord struct {
	Sheet string          `json:"sheet"`
	Line  stock.CountLine `json:"line"`
}

// closing writes the differences of a long sheet, a batch at a time.
var closing = sdk.Job[stock.CountID, stock.CloseCountIn]{Name: "close_count"}

// batch is how many lines of a sheet one operation closes: each is up to four writes.
const batch = 100

func openCount(tx *sdk.Tx, in stock.OpenCountIn) (stock.CountSheet, error) {
	switch {
	case in.Name == "" || len(in.Name) > 100:
		return stock.CountSheet{}, sdk.Invalid("/name", "name", "a count's name has 1 to 100 characters")
	case len(in.SKUs) > stock.MaxListed:
		e := sdk.Fail(sdk.CodeTooLarge, "skus", "at most 400 SKUs are listed")
		e.Pointer, e.Fields = "/skus", []sdk.Field{sdk.Int("max", int64(stock.MaxListed))}
		return stock.CountSheet{}, e
	}
	p, err := place(tx, in.Place, "/place")
	if err != nil {
		return stock.CountSheet{}, err
	}
	if err = notCounting(tx, in.Place); err != nil {
		return stock.CountSheet{}, err
	}
	r := SheetRecord{Open: string(in.Place), Sheet: stock.CountSheet{
		ID: tx.NewID(), Name: in.Name, State: stock.CountOpen, Place: in.Place, Store: p.Store, Opened: tx.Now(), Actor: tx.Info().Principal,
	}}
	skus := slices.Clone(in.SKUs)
	slices.Sort(skus)
	skus = slices.Compact(skus)
	if len(skus) > 0 {
		err = goods(tx, skus, func(sku retail.SKU) int { return slices.Index(in.SKUs, sku) })
		if err != nil {
			return stock.CountSheet{}, err
		}
	}
	for _, sku := range skus {
		if err = sheetLines.Put(tx, SheetLineRecord{r.Sheet.ID, stock.CountLine{SKU: sku, Listed: true}}); err != nil {
			return stock.CountSheet{}, err
		}
	}
	return r.Sheet, sheets.Insert(tx, r)
}

// notCounting refuses a place that is being counted: its differences would be written
// twice. Errors: conflict, reason "counting".
func notCounting(r sdk.Reader, id stock.PlaceID) error {
	open, there := sheets.Find(r, "open", sdk.K(id))
	if !there {
		return nil
	}
	e := sdk.Fail(sdk.CodeConflict, "counting", "place "+string(id)+" is being counted: "+open.Sheet.Name)
	e.Pointer, e.Fields = "/place", []sdk.Field{sdk.Text("id", open.Sheet.ID)}
	return e
}

// sheet is one by its id. Errors: not_found, reason "count"; denied, reason "store".
func sheet(r sdk.Reader, id string) (SheetRecord, error) {
	record, there := sheets.Get(r, sdk.K(id))
	if !there || id == "" {
		e := sdk.NotFound("count", "no count "+id)
		e.Pointer = "/id"
		return record, e
	}
	if !reachOf(r).has(record.Sheet.Store) {
		return record, otherStore("/id")
	}
	return record, nil
}

func countOver(s *stock.CountSheet) error {
	e := sdk.FailedPrecondition("closed", "this count is "+string(s.State))
	e.Pointer, e.Fields = "/id", []sdk.Field{sdk.Text("state", s.State)}
	return e
}

func scan(tx *sdk.Tx, in stock.ScanIn) (stock.ScanOut, error) {
	var out stock.ScanOut
	r, err := sheet(tx, in.ID)
	if err != nil {
		return out, err
	}
	if r.Sheet.State != stock.CountOpen {
		return out, countOver(&r.Sheet)
	}
	list, err := counted(in.Lines)
	if err != nil {
		return out, err
	}
	if err = countable(tx, list, in.Lines); err != nil {
		return out, err
	}
	for _, c := range list {
		x, there := sheetLines.Get(tx, sdk.K(in.ID).Text(string(c.SKU)))
		if !there {
			x = SheetLineRecord{Sheet: in.ID, Line: stock.CountLine{SKU: c.SKU}}
		}
		x.scan(tx, &r.Sheet, c.Actual, in.Replace)
		if err = sheetLines.Put(tx, x); err != nil {
			return out, err
		}
		out.Lines = append(out.Lines, x.Line)
	}
	return out, nil
}

// scan adds a scan to a line.
func (x *SheetLineRecord) scan(tx *sdk.Tx, s *stock.CountSheet, q retail.Quantity, replace bool) {
	l, now := &x.Line, onHand(tx, s.Place, x.Line.SKU)
	if replace {
		l.Scans, l.Counted, l.Moved = 0, 0, false
	}
	l.Moved = l.Moved || l.Scans > 0 && l.Expected != now
	l.Scans, l.Counted, l.Expected, l.Last = l.Scans+1, l.Counted+q, now, tx.Now()
	l.Difference = l.Counted - l.Expected
	if who := tx.Info().Principal; who != "" && !slices.Contains(l.Actors, who) {
		l.Actors = append(l.Actors, who)
		slices.Sort(l.Actors)
	}
}

func closeCount(tx *sdk.Tx, in stock.CloseCountIn) (stock.CountSheet, error) {
	r, err := sheet(tx, in.ID)
	if err != nil {
		return stock.CountSheet{}, err
	}
	switch r.Sheet.State {
	case stock.CountAbandoned:
		return r.Sheet, countOver(&r.Sheet)
	case stock.CountClosing, stock.CountDone:
		return r.Sheet, nil
	}
	r.Sheet.State, r.Sheet.Missing = stock.CountClosing, in.Missing
	next, err := r.settle(tx, "")
	if err == nil && next != "" {
		err = closing.Begin(tx, in.ID, stock.CountID{ID: in.ID})
	}
	return r.Sheet, err
}

// goOnClosing is a step of the job. Its state is the first SKU that is left; the first
// step begins again, behind what is written.
func goOnClosing(tx *sdk.Tx, in stock.CountID, s *sdk.Step[stock.CloseCountIn]) error {
	r, there := sheets.Get(tx, sdk.K(in.ID))
	if !there || r.Sheet.State != stock.CountClosing {
		s.Finished = true
		return nil
	}
	next, err := r.settle(tx, s.State.ID)
	s.State.ID, s.Finished = next, next == ""
	return err
}

// settle writes the differences of a batch of lines and answers where the next one
// begins, "" at the end, and then the sheet is closed.
func (r *SheetRecord) settle(tx *sdk.Tx, from string) (next string, err error) {
	p, err := newPosting(tx, &stock.Place{ID: r.Sheet.Place, Store: r.Sheet.Store}, stock.Counted, r.Sheet.Name, 0)
	if err != nil {
		return "", err
	}
	s := sdk.Scan{Prefix: sdk.K(r.Sheet.ID), Limit: batch + 1}
	if from != "" {
		s.From = sdk.K(from)
	}
	lines := slices.Collect(sheetLines.Scan(tx, s))
	if len(lines) > batch {
		next, lines = string(lines[batch].Line.SKU), lines[:batch]
	}
	for i := range lines {
		if err = r.write(tx, p, &lines[i]); err != nil {
			return "", err
		}
	}
	if len(p.movement.Entries) > 0 || next == "" && len(r.Sheet.Movements) == 0 { // proof of a count without differences
		m, err := p.post(tx)
		if err != nil {
			return "", err
		}
		r.Sheet.Movements = append(r.Sheet.Movements, m.ID)
		r.Sheet.Differences += int64(len(m.Entries))
	}
	if next == "" {
		r.Open, r.Sheet.State, r.Sheet.Closed = "", stock.CountDone, tx.Now()
		if err = stock.CountClosed.Emit(tx, r.Sheet); err != nil {
			return "", err
		}
	}
	return next, sheets.Put(tx, *r)
}

// write adds the difference of a line to a movement, once.
func (r *SheetRecord) write(tx *sdk.Tx, p *posting, x *SheetLineRecord) error {
	l := &x.Line
	if l.Scans == 0 && l.Listed && r.Sheet.Missing {
		l.Expected = onHand(tx, r.Sheet.Place, l.SKU)
		l.Difference = -l.Expected
	}
	if l.Written || l.Difference == 0 {
		return nil
	}
	if l.Difference > 0 {
		p.add(stock.Adjustment, r.Sheet.Place, l.SKU, l.Difference)
	} else {
		p.add(r.Sheet.Place, stock.Adjustment, l.SKU, -l.Difference)
	}
	l.Written = true
	return sheetLines.Put(tx, *x)
}

func abandonCount(tx *sdk.Tx, in stock.CountID) (stock.CountSheet, error) {
	r, err := sheet(tx, in.ID)
	if err != nil {
		return stock.CountSheet{}, err
	}
	switch r.Sheet.State {
	case stock.CountAbandoned:
		return r.Sheet, nil
	case stock.CountOpen:
		r.Open, r.Sheet.State, r.Sheet.Closed = "", stock.CountAbandoned, tx.Now()
		return r.Sheet, sheets.Put(tx, r)
	}
	return r.Sheet, countOver(&r.Sheet)
}

func listCounts(v *sdk.View, in stock.CountsIn) (stock.CountsOut, error) {
	var out stock.CountsOut
	s := sdk.Scan{Reverse: true, Limit: mostScanned + 1}
	if in.Store != "" {
		s.Index, s.Prefix = "store", sdk.K(in.Store)
	}
	if in.Cursor != "" {
		s.To = sdk.K(in.Cursor)
	}
	reach, size, last, seen := reachOf(v), pageSize(in.Limit), "", 0
	for r := range sheets.Scan(v, s) {
		if seen == mostScanned {
			out.Cursor = last
			break
		}
		last, seen = r.Sheet.ID, seen+1
		if in.State != "" && r.Sheet.State != in.State || !reach.has(r.Sheet.Store) {
			continue
		}
		if len(out.Counts) == size {
			out.Cursor = out.Counts[size-1].ID
			break
		}
		out.Counts = append(out.Counts, r.Sheet)
	}
	return out, nil
}

func listCountLines(v *sdk.View, in stock.CountLinesIn) (stock.CountLinesOut, error) {
	var out stock.CountLinesOut
	if _, err := sheet(v, in.ID); err != nil {
		return out, err
	}
	size := pageSize(in.Limit)
	s := sdk.Scan{Prefix: sdk.K(in.ID), Limit: size + 1}
	if in.Cursor != "" {
		s.From = sdk.K(in.Cursor)
	}
	for x := range sheetLines.Scan(v, s) {
		if len(out.Lines) == size {
			out.Cursor = string(x.Line.SKU)
			break
		}
		out.Lines = append(out.Lines, x.Line)
	}
	return out, nil
}
