package e2e

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sheet is what documents of a set come to on one day, in minor units: all of them, and
// those that go through a till by kind and tender.
type sheet struct {
	all, rest           int64 // rest: what no till can write, and is imported as it is
	sales, returns      int64 // documents
	sold, back          int64
	cash, card          int64
	documents, restDocs int
}

// replayLine is goods of a sale.
type replayLine struct {
	sku           string
	quantity      int64
	price, amount int64 // of one, and of all
	left          int64 // that did not come back
}

// replaySale is a document, or a part of one that has more lines than a sale may.
type replaySale struct {
	number string // of the document in the set
	tender string
	lines  []replayLine
	id     string // of the receipt, once it is sold
}

// replayBack is lines of a cancellation that undo one sale.
type replayBack struct {
	number string
	sale   *replaySale
	lines  map[int]int64 // quantity by index of the sale's line
	amount int64
}

// replayDay is a civil day of the set.
type replayDay struct {
	day   string
	sales []*replaySale
	backs []*replayBack
	rest  []restDocument
	sheet sheet
}

// restDocument is lines that are imported.
type restDocument struct {
	number string
	at     string
	lines  []uciRow
}

// replay is how a set goes through a till, and why not all of it does.
type replay struct {
	days  []*replayDay
	units map[string]int64 // sold less come back through the till, by SKU
	out   map[string]int   // lines by why they are imported instead
	fine  int              // lines at a price finer than a cent, sold at what they came to
	parts int              // sales beside the first one of their document

	pool map[string][]pooled // what may come back, by customer, goods and price
}

// pooled is a line of a sale of which something may come back.
type pooled struct {
	sale *replaySale
	line int
}

// Why lines do not go through a till.
const (
	outCorrection = "negative without being a cancellation (stock corrections)"
	outAdjustment = "adjustments of bad debt"
	outUnknown    = "cancellations of customers whom nobody knows"
	outNoSale     = "cancellations of what this customer did not buy at that price"
	outFine       = "prices finer than a cent that units of the line cannot share"
)

// mostOfSale is how many lines a sale may have: stock moves so many goods at once.
const mostOfSale = 250

// planned says how rows, the first of which is the header, go through a till. It looks at
// documents in the order of their time; a cancellation undoes the newest sales first.
func planned(rows []uciRow) *replay {
	r := &replay{units: map[string]int64{}, out: map[string]int{}, pool: map[string][]pooled{}}
	documents, order := map[string][]uciRow{}, []string{}
	for _, row := range rows[1:] {
		number := row.cells[0]
		if documents[number] == nil {
			order = append(order, number)
		}
		documents[number] = append(documents[number], row)
	}
	slices.SortStableFunc(order, func(a, b string) int {
		return strings.Compare(documents[a][0].cells[4], documents[b][0].cells[4])
	})
	for _, number := range order {
		lines := documents[number]
		day := r.on(lines[0].cells[4][:10])
		day.sheet.documents++
		for _, row := range lines {
			day.sheet.all += amountOf(row)
		}
		r.document(day, number, lines)
	}
	for _, d := range r.days {
		d.count()
	}
	return r
}

// on is the day, which is the last one or a new one.
func (r *replay) on(day string) *replayDay {
	if n := len(r.days); n > 0 && r.days[n-1].day == day {
		return r.days[n-1]
	}
	d := &replayDay{day: day}
	r.days = append(r.days, d)
	return d
}

// amountOf is what a row comes to, rounded half away from zero.
func amountOf(row uciRow) int64 {
	q, _ := new(big.Rat).SetString(row.cells[3])
	p, _ := new(big.Rat).SetString(row.cells[5])
	return roundAway(new(big.Rat).Mul(q, p))
}

func (r *replay) document(day *replayDay, number string, lines []uciRow) {
	var rest []uciRow
	leave := func(row uciRow, why string) {
		rest = append(rest, row)
		r.out[why]++
		day.sheet.rest += amountOf(row)
	}
	switch number[0] {
	case 'A':
		for _, row := range lines {
			leave(row, outAdjustment)
		}
	case 'C':
		r.cancel(day, number, lines, leave)
	default:
		r.sell(day, number, lines, leave)
	}
	if len(rest) > 0 {
		day.rest = append(day.rest, restDocument{number: number, at: lines[0].cells[4], lines: rest})
		day.sheet.restDocs++
	}
}

// sell plans the sales of a document.
func (r *replay) sell(day *replayDay, number string, lines []uciRow, leave func(uciRow, string)) {
	var sale *replaySale
	first := true
	for _, row := range lines {
		line, why := r.line(row)
		if why != "" {
			leave(row, why)
			continue
		}
		if sale == nil || len(sale.lines) == mostOfSale {
			if sale = (&replaySale{number: number, tender: "cash"}); row.cells[6] != "" {
				sale.tender = "card" // who is known pays by card, and may be refunded from an empty drawer
			}
			day.sales = append(day.sales, sale)
			add(&r.parts, !first)
			first = false
		}
		sale.lines = append(sale.lines, line)
		r.units[line.sku] += line.quantity
		if row.cells[6] != "" {
			key := poolKey(row)
			r.pool[key] = append(r.pool[key], pooled{sale, len(sale.lines) - 1})
		}
	}
}

// line is a row as a till sells it. A price finer than a cent is what the row came to by
// units, if they can share it.
func (r *replay) line(row uciRow) (l replayLine, why string) {
	quantity, err := strconv.ParseInt(row.cells[3], 10, 64)
	if err != nil || quantity <= 0 {
		return l, outCorrection
	}
	l = replayLine{sku: row.cells[1], quantity: quantity, amount: amountOf(row), left: quantity}
	price, _ := new(big.Rat).SetString(row.cells[5])
	if !price.Mul(price, big.NewRat(100, 1)).IsInt() {
		if l.amount%quantity != 0 {
			return l, outFine
		}
		r.fine++
	}
	l.price = l.amount / quantity
	return l, ""
}

func poolKey(row uciRow) string { return row.cells[6] + "\x00" + row.cells[1] + "\x00" + row.cells[5] }

// cancel plans what a cancellation takes back, of the sales that it can only mean.
func (r *replay) cancel(day *replayDay, number string, lines []uciRow, leave func(uciRow, string)) {
	var backs []*replayBack
	for _, row := range lines {
		wanted, err := strconv.ParseInt(strings.TrimPrefix(row.cells[3], "-"), 10, 64)
		key := poolKey(row)
		have := int64(0)
		for _, p := range r.pool[key] {
			have += p.sale.lines[p.line].left
		}
		switch {
		case err != nil || row.cells[3][0] != '-':
			leave(row, outCorrection)
			continue
		case row.cells[6] == "":
			leave(row, outUnknown)
			continue
		case have < wanted:
			leave(row, outNoSale)
			continue
		}
		r.units[row.cells[1]] -= wanted
		for _, p := range slices.Backward(r.pool[key]) {
			if take := min(wanted, p.sale.lines[p.line].left); take > 0 {
				backs = backOf(backs, number, p.sale)
				wanted -= take
				takeBack(backs, p, take)
			}
		}
	}
	day.backs = append(day.backs, backs...)
}

// backOf makes sure that there is a return of a sale.
func backOf(backs []*replayBack, number string, sale *replaySale) []*replayBack {
	if slices.ContainsFunc(backs, func(b *replayBack) bool { return b.sale == sale }) {
		return backs
	}
	return append(backs, &replayBack{number: number, sale: sale, lines: map[int]int64{}})
}

func takeBack(backs []*replayBack, p pooled, quantity int64) {
	b := backs[slices.IndexFunc(backs, func(b *replayBack) bool { return b.sale == p.sale })]
	line := &p.sale.lines[p.line]
	line.left -= quantity
	b.lines[p.line] += quantity
	b.amount += quantity * line.price
}

// count adds up what goes through the till.
func (d *replayDay) count() {
	tenders := map[string]*int64{"cash": &d.sheet.cash, "card": &d.sheet.card}
	for _, s := range d.sales {
		d.sheet.sales++
		d.sheet.sold += s.total()
		*tenders[s.tender] += s.total()
	}
	for _, b := range d.backs {
		d.sheet.returns++
		d.sheet.back += b.amount
		*tenders[b.sale.tender] -= b.amount
	}
}

func (s *replaySale) total() (sum int64) {
	for _, l := range s.lines {
		sum += l.amount
	}
	return sum
}

// told says how a set went through the till, and what did not.
func (r *replay) told(t *testing.T) {
	t.Helper()
	var all sheet
	for _, d := range r.days {
		s := d.sheet
		all.all, all.rest, all.sold, all.back = all.all+s.all, all.rest+s.rest, all.sold+s.sold, all.back+s.back
		all.sales, all.returns, all.documents, all.restDocs = all.sales+s.sales, all.returns+s.returns, all.documents+s.documents, all.restDocs+s.restDocs
	}
	t.Logf("%d days, %d documents of %d: %d sales (%d beside the first of a document) of %d and %d returns of %d through the till; %d documents with lines of %d imported",
		len(r.days), all.documents, all.all, all.sales, r.parts, all.sold, all.returns, all.back, all.restDocs, all.rest)
	t.Logf("%d lines at a price finer than a cent were sold at what they came to", r.fine)
	for _, why := range []string{outCorrection, outAdjustment, outUnknown, outNoSale, outFine} {
		t.Logf("%6d lines imported: %s", r.out[why], why)
	}
	if all.sold-all.back+all.rest != all.all {
		t.Errorf("the plan loses %d", all.all-all.sold+all.back-all.rest)
	}
}

// everyEighth is the rows of every eighth customer, and as many documents of customers
// whom nobody knows, up to a day: sales with what was cancelled of them, over many days.
func everyEighth(rows []uciRow, until string) []uciRow {
	cut := rows[:1:1]
	for _, row := range rows[1:] {
		of := strings.TrimSuffix(row.cells[6], ".0")
		if of == "" {
			of = row.cells[0][1:]
		}
		n, err := strconv.ParseInt(of, 10, 64)
		if err == nil && n%8 == 0 && row.cells[4] < until {
			cut = append(cut, row)
		}
	}
	return cut
}

func (d *replayDay) String() string { return fmt.Sprintf("%s %+v", d.day, d.sheet) }
