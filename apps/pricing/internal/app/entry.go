package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// entries holds, per list and SKU, the price that counts, those that are to come,
// and the last few of the past: one read answers for now and for every instant to
// come.
var entries = sdk.Collection[entry]{Name: "entries", Key: []string{"list", "sku"}}

// entry is what a SKU costs in a list. It is never deleted: a price that ends is a
// span, too.
type entry struct {
	List  string     `json:"list"`
	SKU   retail.SKU `json:"sku"`
	Spans []span     `json:"spans"`          // those that count from an instant on, rising; then those of imports
	Past  bool       `json:"past,omitempty"` // there are portions of it
}

// span is a price from an instant on, until the next one.
type span struct {
	From   retail.Instant  `json:"from"`
	Import int64           `json:"import,omitempty"` // number of the import that brings it; 0 none
	Ends   bool            `json:"ends,omitempty"`   // there is no price from then on
	Amount retail.Money    `json:"amount"`
	Breaks []pricing.Break `json:"breaks,omitempty"`
}

// pastEntries holds the spans of an entry that it has grown too long for, in portions
// that never change.
var pastEntries = sdk.Collection[portion]{Name: "past_entries", Key: []string{"list", "sku", "until"}}

// portion is spans of the past, up to an instant.
type portion struct {
	List  string         `json:"list"`
	SKU   retail.SKU     `json:"sku"`
	Until retail.Instant `json:"until"`
	Spans []span         `json:"spans"` // rising
}

// keepPast is how many spans of the past stay in an entry.
const keepPast = 7

// imported holds from when on the spans of an import count.
var imported = sdk.Collection[importedAt]{Name: "imported", Key: []string{"list", "number"}}

// importedAt is an import that was applied.
type importedAt struct {
	List   string         `json:"list"`
	Number int64          `json:"number"`
	At     retail.Instant `json:"at"`
}

// epoch is an import of the list that names it.
type epoch struct {
	Number int64          `json:"number"`
	At     retail.Instant `json:"at,omitempty"` // when it was applied; 0: it is not, and its spans count for nothing
}

// clock says from when on the spans of one list count. Who asks for now finds the
// answer in the list; only those who ask for the past of an old import read.
type clock struct {
	r     sdk.Reader
	list  string
	known []epoch        // by number, rising
	floor retail.Instant // by which all imports that known lacked were applied; 0 unknown
}

func clockOf(r sdk.Reader, list string, known []epoch) *clock {
	c := &clock{r: r, list: list, known: known}
	for _, e := range known {
		if e.At != 0 && (c.floor == 0 || e.At < c.floor) {
			c.floor = e.At
		}
	}
	return c
}

// since is from when on a span counts; ok is false if it does not.
func (c *clock) since(s *span) (at retail.Instant, ok bool) {
	if s.Import == 0 {
		return s.From, true
	}
	i, there := c.find(s.Import)
	if !there {
		e, _ := imported.Get(c.r, sdk.K(c.list).Int(s.Import))
		c.known = slices.Insert(slices.Clone(c.known), i, epoch{Number: s.Import, At: e.At})
	}
	if c.known[i].At == 0 {
		return 0, false
	}
	return max(s.From, c.known[i].At), true
}

func (c *clock) find(number int64) (int, bool) {
	return slices.BinarySearchFunc(c.known, number, func(e epoch, n int64) int { return cmp.Compare(e.Number, n) })
}

// old says whether an import was applied so long ago that the list no longer names
// it, and before an instant.
func (c *clock) old(number int64, at retail.Instant) bool {
	_, there := c.find(number)
	return !there && c.floor != 0 && at >= c.floor
}

// at is the span that counts at an instant, nil if none does that the entry still
// has; early is set if older ones may.
func (e *entry) at(at retail.Instant, c *clock) (found *span, early bool) {
	if s := e.last(at, c); s != nil {
		return s, false
	}
	best := retail.Instant(-1)
	for i := range e.Spans {
		s := &e.Spans[i]
		if since, ok := c.since(s); ok && since <= at && since >= best {
			found, best = s, since
		}
	}
	return found, found == nil && e.Past
}

// last is the last span, if it is plain to see that it counts: that of an import
// long ago, or of an instant, behind none but earlier ones.
func (e *entry) last(at retail.Instant, c *clock) *span {
	n := len(e.Spans) - 1
	if n < 0 {
		return nil
	}
	s := &e.Spans[n]
	if s.From > at || s.Import != 0 && !c.old(s.Import, at) {
		return nil
	}
	for i := range e.Spans[:n] {
		if e.Spans[i].Import != 0 || e.Spans[i].From > s.From {
			return nil
		}
	}
	return s
}

// before is the span of the past that counts at an instant, nil if there is none.
func before(r sdk.Reader, list string, sku retail.SKU, at retail.Instant) *span {
	for p := range pastEntries.Scan(r, sdk.Scan{Prefix: sdk.K(list).Text(string(sku)), From: sdk.KInt(int64(at) + 1), Limit: 1}) {
		for i := len(p.Spans) - 1; i >= 0; i-- {
			if p.Spans[i].From <= at {
				return &p.Spans[i]
			}
		}
	}
	return nil
}

// counts is the span that counts at an instant, wherever it is kept; nil if there
// is no price then.
func (e *entry) counts(at retail.Instant, c *clock) *span {
	s, early := e.at(at, c)
	if early {
		s = before(c.r, e.List, e.SKU, at)
	}
	if s == nil || s.Ends {
		return nil
	}
	return s
}

// settle gives the spans of imports that were applied their instants, puts all in
// order, and drops those that change nothing.
func (e *entry) settle(c *clock) {
	for i := range e.Spans {
		s := &e.Spans[i]
		if since, ok := c.since(s); ok {
			s.From, s.Import = since, 0
		}
	}
	slices.SortStableFunc(e.Spans, func(a, b span) int {
		if (a.Import == 0) != (b.Import == 0) {
			return cmp.Compare(a.Import, b.Import)
		}
		if a.Import != 0 {
			return 0
		}
		return cmp.Compare(a.From, b.From)
	})
	e.merge(c.r.Now())
}

// merge drops spans that count for no time, and those of the past that say what the
// one before says. Those to come stay: somebody may yet set another price for the
// time before.
func (e *entry) merge(now retail.Instant) {
	kept := e.Spans[:0]
	for i, s := range e.Spans {
		if s.Import == 0 {
			if i+1 < len(e.Spans) && e.Spans[i+1].Import == 0 && e.Spans[i+1].From == s.From {
				continue
			}
			if n := len(kept); n > 0 && s.From <= now && kept[n-1].same(&s) {
				continue
			}
		}
		kept = append(kept, s)
	}
	e.Spans = kept
}

// same says whether two spans mean the same price.
func (s *span) same(t *span) bool {
	if s.Ends || t.Ends {
		return s.Ends == t.Ends
	}
	return s.Amount == t.Amount && slices.Equal(s.Breaks, t.Breaks)
}

// set lets a span count from its instant on, which is not past, until the next one
// that is there. It answers what counted then, nil for nothing, and whether that is
// other.
func (e *entry) set(s span, c *clock) (old *span, changed bool) {
	e.settle(c)
	if was, _ := e.at(s.From, c); was != nil && !was.Ends {
		copied := *was
		old = &copied
	}
	changed = differ(old, &s)
	if now := c.r.Now(); !changed && (s.Ends || s.From <= now) {
		return old, false
	}
	at := 0
	for at < len(e.Spans) && e.Spans[at].Import == 0 && e.Spans[at].From <= s.From {
		at++
	}
	e.Spans = slices.Insert(e.Spans, at, s)
	e.merge(c.r.Now())
	return old, changed
}

// overflow takes spans of the past out of an entry that has become long; nil if
// there is nothing to take.
func (e *entry) overflow(now retail.Instant) *portion {
	current := -1
	for i := range e.Spans {
		if e.Spans[i].Import == 0 && e.Spans[i].From <= now {
			current = i
		}
	}
	if current <= keepPast {
		return nil
	}
	p := portion{List: e.List, SKU: e.SKU, Until: e.Spans[current].From, Spans: slices.Clone(e.Spans[:current])}
	e.Spans, e.Past = slices.Delete(e.Spans, 0, current), true
	return &p
}

// write keeps an entry and, if room says so, what it has no room for in a record of
// its own. It answers how many records it wrote.
func (e *entry) write(tx *sdk.Tx, room bool) (int, error) {
	wrote := 1
	if room {
		if p := e.overflow(tx.Now()); p != nil {
			if err := pastEntries.Insert(tx, *p); err != nil {
				return 0, err
			}
			wrote++
		}
	}
	return wrote, entries.Put(tx, *e)
}

// pending is what an import that does not count yet brings, nil if nothing.
func (e *entry) pending(number int64) *span {
	i := slices.IndexFunc(e.Spans, func(s span) bool { return s.Import == number })
	if i < 0 {
		return nil
	}
	return &e.Spans[i]
}

// without is the entry as it is without an import.
func (e *entry) without(number int64) *entry {
	w := *e
	w.Spans = slices.Clone(e.Spans)
	w.bring(number, nil)
	return &w
}

// bring lets an import bring a span, and in place of what it brought before; nil
// brings nothing.
func (e *entry) bring(number int64, s *span) {
	e.Spans = slices.DeleteFunc(e.Spans, func(s span) bool { return s.Import == number })
	if s != nil {
		e.Spans = append(e.Spans, *s)
	}
}

// price is the amount of the last break that a quantity reaches.
func (s *span) price(quantity retail.Quantity) retail.Money {
	amount := s.Amount
	for _, b := range s.Breaks {
		if quantity >= b.MinQuantity {
			amount = b.Amount
		}
	}
	return amount
}

// entry is a span as callers see it, nil for none.
func (s *span) entry(sku retail.SKU) *pricing.Entry {
	if s == nil || s.Ends {
		return nil
	}
	return &pricing.Entry{SKU: sku, Amount: s.Amount, Breaks: s.Breaks}
}

func spanOf(e *pricing.Entry, from retail.Instant, number int64) span {
	return span{From: from, Import: number, Amount: e.Amount, Breaks: e.Breaks}
}
