package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// bulkJob looks through an import, and applies or drops it.
var bulkJob = sdk.Job[bulkRun, bulkStep]{Name: "bulk"}

// bulkRun is one run of it.
type bulkRun struct {
	Bulk string `json:"bulk"`
	Run  int64  `json:"run"`
}

// bulkStep is how far a run is.
type bulkStep struct {
	Phase  bulkPhase `json:"phase,omitempty"`
	Cursor string    `json:"cursor,omitempty"`
	Done   int64     `json:"done,omitempty"`
}

// bulkPhase is a part of a run: one walk through what the import is about.
type bulkPhase int64

const (
	looking  bulkPhase = iota // what would change; the whole of a dry run
	telling                   // of what has changed
	cleaning                  // what is needed no more
	proving                   // what the list announces of the prices; follows looking
)

// walkPage is how many entries one step looks at.
const walkPage = 1_000

func stepBulk(tx *sdk.Tx, in bulkRun, s *sdk.Step[bulkStep]) error {
	b, ok := bulks.Get(tx, sdk.K(in.Bulk))
	if !ok || b.Run != in.Run {
		s.Finished = true // another run has taken over
		return nil
	}
	if s.State.Phase == cleaning {
		return b.clean(tx, s)
	}
	list, _ := lists.Get(tx, sdk.K(b.Bulk.List))
	if s.State.Phase == proving {
		return b.prove(tx, &list, s)
	}
	found, next := b.walk(tx, s.State.Cursor, walkPage)
	var err error
	switch {
	case s.State.Phase == telling:
		err = b.tell(tx, &list, found)
	case b.Bulk.State == pricing.BulkDropping:
		err = b.takeBack(tx, &list, found)
	default:
		found, next, err = b.look(tx, &list, found, next)
	}
	if err != nil {
		return err
	}
	if s.State.Phase == looking {
		b.Bulk.Done += int64(len(found))
	}
	s.State.Cursor, s.State.Done = next, s.State.Done+int64(len(found))
	s.Done = uint64(s.State.Done)
	if next == "" {
		err = b.turn(tx, &list, s)
	}
	if err != nil {
		return err
	}
	return bulks.Put(tx, b)
}

// turn goes on to the next phase.
func (b *bulk) turn(tx *sdk.Tx, list *kept, s *sdk.Step[bulkStep]) error {
	switch {
	case s.State.Phase == telling:
		s.State.Phase = cleaning
		return nil
	case b.Bulk.State == pricing.BulkDropping:
		list.Epochs = slices.DeleteFunc(list.Epochs, func(e epoch) bool { return e.Number == b.Number })
		b.Bulk.State, s.State.Phase = pricing.BulkDropped, cleaning
		return lists.Put(tx, *list)
	case s.State.Phase == looking:
		p, err := posterOf(tx, list, b.Bulk.From)
		if p != nil {
			s.State.Phase = proving
			return b.mayAnnounce(p)
		}
		if err != nil {
			return err
		}
	}
	if b.Bulk.State == pricing.BulkComparing || b.Bulk.Refused != "" {
		b.Bulk.State, s.Finished = pricing.BulkCompared, true
		return nil
	}
	s.State.Phase = telling
	return b.apply(tx, list)
}

// apply lets the prices of the import count: this write is the instant at which all
// of them do.
func (b *bulk) apply(tx *sdk.Tx, list *kept) error {
	applied := importedAt{List: list.ID, Number: b.Number, At: tx.Now()}
	b.Bulk.State, b.Bulk.Applied = pricing.BulkApplied, max(b.Bulk.From, applied.At)
	var at []retail.Instant
	for i := range list.Epochs {
		if e := &list.Epochs[i]; e.Number == b.Number {
			e.At = applied.At
		}
		if list.Epochs[i].At != 0 {
			at = append(at, list.Epochs[i].At)
		}
	}
	if slices.Sort(at); len(at) > keepEpochs {
		oldest := at[len(at)-keepEpochs]
		list.Epochs = slices.DeleteFunc(list.Epochs, func(e epoch) bool { return e.At != 0 && e.At < oldest })
	}
	if err := imported.Put(tx, applied); err != nil {
		return err
	}
	if err := b.keepEvidence(tx); err != nil {
		return err
	}
	return lists.Put(tx, *list)
}

// walk is a page of the entries that the import is about, and where the next one
// begins, "" at the end: those that were sent, in the order of the parts; or all of
// the list, by SKU, if it replaces or changes them.
func (b *bulk) walk(r sdk.Reader, cursor string, most int) (found []entry, next string) {
	if !b.Bulk.Replace && b.Bulk.Change == nil {
		return b.walkParts(r, cursor, most)
	}
	most = min(most, walkPage)
	for e := range entries.Scan(r, sdk.Scan{Prefix: sdk.K(b.Bulk.List), From: after(cursor), Limit: most}) {
		found = append(found, e)
	}
	if len(found) == most {
		next = string(found[most-1].SKU)
	}
	return found, next
}

// walkParts walks by the parts; its cursor is a part and a place in it.
func (b *bulk) walkParts(r sdk.Reader, cursor string, most int) (found []entry, next string) {
	part, place := int64(0), 0
	if i := slices.Index([]byte(cursor), '.'); i > 0 {
		part, _ = strconv.ParseInt(cursor[:i], 10, 64)
		place, _ = strconv.Atoi(cursor[i+1:])
	}
	for p := range bulkParts.Scan(r, sdk.Scan{Prefix: sdk.K(b.ID), From: sdk.KInt(part)}) {
		if p.Part != part {
			place = 0
		}
		part = p.Part
		skus := p.SKUs[min(place, len(p.SKUs)):]
		if room := most - len(found); len(skus) > room {
			skus, next = skus[:room], strconv.FormatInt(part, 10)+"."+strconv.Itoa(place+room)
		}
		records, there := entries.GetMany(r, keysOf(b.Bulk.List, skus))
		for i := range records {
			if there[i] {
				found = append(found, records[i])
			}
		}
		if next != "" {
			return found, next
		}
		if len(found) >= most {
			return found, strconv.FormatInt(part+1, 10) + ".0"
		}
	}
	return found, ""
}

// look counts what the import would change. Where it replaces or changes what the
// list has it brings, or takes back, what follows from the list as it is now; then a
// page may be too long for one transaction, and ends earlier.
func (b *bulk) look(tx *sdk.Tx, list *kept, found []entry, next string) ([]entry, string, error) {
	at, clock, writes := max(b.Bulk.From, tx.Now()), clockOf(tx, list.ID, list.Epochs), 0
	for i := range found {
		e := &found[i]
		old, brings := e.counts(at, clock), e.pending(b.Number)
		if old != nil {
			copied := *old // what follows moves spans
			old = &copied
		}
		if want := b.follows(old, brings); differs(want, brings) {
			if writes+2 > mostWrites {
				return found[:i], string(found[i-1].SKU), nil
			}
			n, err := b.write(tx, e, want, clock, true)
			if err != nil {
				return nil, "", err
			}
			writes, brings = writes+n, want
		}
		b.count(old, brings)
	}
	return found, next, nil
}

// differs says whether an import should bring another span than it does.
func differs(want, brings *span) bool {
	if want == nil || brings == nil {
		return want != brings
	}
	return want.From != brings.From || !want.same(brings)
}

// follows is what the import has to bring for an entry, beside what was sent.
func (b *bulk) follows(old, brings *span) *span {
	from := max(b.Bulk.From, b.Bulk.Begun)
	switch {
	case b.Bulk.Change != nil && old != nil:
		return b.changed(old, from)
	case b.Bulk.Change != nil || b.Bulk.Replace && brings != nil && brings.Ends && old == nil:
		return nil
	case b.Bulk.Replace && brings == nil && old != nil:
		return &span{From: from, Import: b.Number, Ends: true}
	}
	return brings
}

// changed is a price as the import's formula makes it, breaks and all. What would
// become larger than a price may be stays as it is.
func (b *bulk) changed(old *span, from retail.Instant) *span {
	f := formulaOf(b.Bulk.Change)
	of := func(m retail.Money) retail.Money {
		if n, err := f.Of(m); err == nil && n <= maxPrice {
			return n
		}
		return m
	}
	s := span{From: from, Import: b.Number, Amount: of(old.Amount), Breaks: slices.Clone(old.Breaks)}
	for i := range s.Breaks {
		s.Breaks[i].Amount = of(s.Breaks[i].Amount)
	}
	return &s
}

// count counts one entry.
func (b *bulk) count(old, brings *span) {
	switch {
	case brings == nil:
	case !differ(old, brings):
		b.Bulk.Unchanged++
	case brings.Ends:
		b.Bulk.Removed++
	default:
		b.Bulk.Changed++
	}
}

// tell emits what has changed. By now somebody may have set other prices, and what the
// import brought be a span like others: what counted before it is then the price of the
// instant before.
func (b *bulk) tell(tx *sdk.Tx, list *kept, found []entry) error {
	at, clock := b.Bulk.Applied, clockOf(tx, list.ID, list.Epochs)
	changes := pricing.PriceChanges{List: list.ID, Currency: list.List.Currency, At: at}
	for i := range found {
		e := &found[i]
		new := e.counts(at, clock)
		old := e.without(b.Number).counts(at, clock)
		if e.pending(b.Number) == nil {
			old = e.counts(at-1, clock)
		}
		switch {
		case !differ(old, new):
		case new == nil:
			changes.Removed = append(changes.Removed, e.SKU)
		default:
			changes.Entries = append(changes.Entries, *new.entry(e.SKU))
		}
	}
	if len(changes.Entries)+len(changes.Removed) == 0 {
		return nil
	}
	return tellPrices(tx, changes)
}

// takeBack takes what the import brings out of entries.
func (b *bulk) takeBack(tx *sdk.Tx, list *kept, found []entry) error {
	clock := clockOf(tx, list.ID, list.Epochs)
	for i := range found {
		if found[i].pending(b.Number) == nil {
			continue
		}
		if _, err := b.write(tx, &found[i], nil, clock, false); err != nil {
			return err
		}
	}
	return nil
}

// clean removes the parts.
func (b *bulk) clean(tx *sdk.Tx, s *sdk.Step[bulkStep]) error {
	s.Finished = true
	for p := range bulkParts.Scan(tx, sdk.Scan{Prefix: sdk.K(b.ID), Limit: 200}) {
		s.Finished = false
		if err := bulkParts.Delete(tx, sdk.K(b.ID).Int(p.Part)); err != nil {
			return err
		}
	}
	if b.Bulk.State != pricing.BulkDropped {
		return nil
	}
	for p := range proofs.Scan(tx, sdk.Scan{Prefix: sdk.K(b.ID), Limit: 200}) { // of a run that was refused
		s.Finished = false
		if err := proofs.Delete(tx, sdk.K(b.ID).Int(p.Number)); err != nil {
			return err
		}
	}
	return nil
}
