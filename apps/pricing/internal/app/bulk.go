package app

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Parts of an import are written into the entries where they will count, as spans
// that name it. Its list says of each import whether it counts and since when, so
// that one write lets all its prices count at one instant, however many they are.

// bulks holds imports.
var bulks = sdk.Collection[bulk]{Name: "bulks", Key: []string{"id"}}

// bulk is an import and what the app keeps of it.
type bulk struct {
	ID     string       `json:"id"`
	Number int64        `json:"number"`           // in its list
	Run    int64        `json:"run"`              // of its job: earlier ones have nothing to say
	Proofs int64        `json:"proofs,omitempty"` // pages of its evidence, so far
	By     string       `json:"by,omitempty"`     // who began the run
	Bulk   pricing.Bulk `json:"bulk"`
}

// bulkParts holds what each part of an import named, until it is applied or dropped.
var bulkParts = sdk.Collection[bulkPart]{Name: "bulk_parts", Key: []string{"bulk", "part"}}

// bulkPart is one of them.
type bulkPart struct {
	Bulk string       `json:"bulk"`
	Part int64        `json:"part"`
	SKUs []retail.SKU `json:"skus"`
}

// keepEpochs is how many imports that were applied a list names. Spans of earlier
// ones count without a look at when.
const keepEpochs = 16

func beginBulk(tx *sdk.Tx, in pricing.BulkIn) (pricing.Bulk, error) {
	list, err := listToSet(tx, in.List)
	if err != nil {
		return pricing.Bulk{}, err
	}
	if in.From != 0 && in.From < tx.Now() {
		return pricing.Bulk{}, pastFrom()
	}
	if in.Change != nil {
		if err = checkFormula(in.Change, "/change"); err != nil {
			return pricing.Bulk{}, err
		}
		if in.Replace {
			return pricing.Bulk{}, sdk.Invalid("/replace", "formula", "A change keeps what the list has: it replaces nothing.")
		}
	}
	open := 0
	for _, e := range list.Epochs {
		if e.At == 0 {
			open++
		}
	}
	if open >= pricing.MaxOpen {
		return pricing.Bulk{}, sdk.Fail(sdk.CodeExhausted, "imports", "8 imports of the list are open: apply or drop one of them.")
	}
	list.Imports++
	list.Epochs = append(list.Epochs, epoch{Number: list.Imports})
	if err = lists.Put(tx, list); err != nil {
		return pricing.Bulk{}, err
	}
	b := pricing.Bulk{
		ID: tx.NewID(), List: in.List, From: in.From, Replace: in.Replace, Change: in.Change, State: pricing.BulkOpen, Begun: tx.Now(),
	}
	return b, bulks.Put(tx, bulk{ID: b.ID, Number: list.Imports, Bulk: b})
}

// bulkToSet is an import whose list who acts may change, in one of some states.
func bulkToSet(tx *sdk.Tx, id string, states ...pricing.BulkState) (b bulk, list kept, err error) {
	b, ok := bulkOf(tx, id)
	if !ok {
		return b, list, noBulk()
	}
	if list, err = listToSet(tx, b.Bulk.List); err != nil {
		return b, list, err
	}
	if !slices.Contains(states, b.Bulk.State) {
		return b, list, sdk.FailedPrecondition("bulk", "The import is "+string(b.Bulk.State)+".")
	}
	return b, list, nil
}

// bulkOf is an import by its id, however long that is.
func bulkOf(r sdk.Reader, id string) (b bulk, ok bool) {
	if len(id) > maxID {
		return b, false
	}
	return bulks.Get(r, sdk.K(id))
}

func noBulk() error { return sdk.NotFound("bulk", "There is no such import.") }

func putBulk(tx *sdk.Tx, in pricing.BulkPart) (pricing.Bulk, error) {
	if err := checkEntries(in.Entries, nil); err != nil {
		return pricing.Bulk{}, err
	}
	if in.Part < 0 {
		return pricing.Bulk{}, sdk.Invalid("/part", "part", "Parts are numbered from 0.")
	}
	b, list, err := bulkToSet(tx, in.Bulk, pricing.BulkOpen, pricing.BulkCompared)
	if err != nil {
		return pricing.Bulk{}, err
	}
	if b.Bulk.Change != nil {
		return pricing.Bulk{}, sdk.FailedPrecondition("bulk", "The import changes what the list has; it takes no prices.")
	}
	if err = b.receive(tx, &list, &in); err != nil {
		return pricing.Bulk{}, err
	}
	b.Bulk.State = pricing.BulkOpen
	return b.Bulk, bulks.Put(tx, b)
}

// receive writes a part into the entries, and takes what it named before and no more
// out of them.
func (b *bulk) receive(tx *sdk.Tx, list *kept, in *pricing.BulkPart) error {
	old, again := bulkParts.Get(tx, sdk.K(b.ID).Int(in.Part))
	if !again {
		b.Bulk.Parts++
	}
	part := bulkPart{Bulk: b.ID, Part: in.Part, SKUs: make([]retail.SKU, len(in.Entries))}
	named := make(map[retail.SKU]bool, len(in.Entries))
	for i := range in.Entries {
		part.SKUs[i] = in.Entries[i].SKU
		named[part.SKUs[i]] = true
	}
	gone := slices.DeleteFunc(old.SKUs, func(sku retail.SKU) bool { return named[sku] })
	if len(gone)+len(part.SKUs) > mostWrites {
		return sdk.Fail(sdk.CodeTooLarge, "entries", "A part that is sent again keeps more of what it named, or is sent empty first.")
	}
	skus := append(slices.Clone(part.SKUs), gone...)
	records, _ := entries.GetMany(tx, keysOf(list.ID, skus))
	clock, writes := clockOf(tx, list.ID, list.Epochs), mostWrites-len(skus)
	for i := range records {
		e := &records[i]
		e.List, e.SKU = list.ID, skus[i]
		var s *span
		if i < len(part.SKUs) {
			brought := spanOf(&in.Entries[i], cmp.Or(b.Bulk.From, b.Bulk.Begun), b.Number)
			s = &brought
		}
		n, err := b.write(tx, e, s, clock, writes > 0)
		if err != nil {
			return err
		}
		writes -= n - 1
	}
	return bulkParts.Put(tx, part)
}

// mostWrites is how many entries one transaction writes beside what else it writes.
const mostWrites = 980

// write lets the import bring a span, nil for none, and keeps count.
func (b *bulk) write(tx *sdk.Tx, e *entry, s *span, clock *clock, room bool) (int, error) {
	if e.pending(b.Number) != nil {
		b.Bulk.Entries--
	}
	if s != nil {
		b.Bulk.Entries++
	}
	e.settle(clock)
	if e.bring(b.Number, s); len(e.Spans) == 0 {
		return 1, entries.Delete(tx, sdk.K(e.List).Text(string(e.SKU)))
	}
	return e.write(tx, room)
}

func applyBulk(tx *sdk.Tx, in pricing.ApplyBulkIn) (pricing.Bulk, error) {
	b, _, err := bulkToSet(tx, in.Bulk, pricing.BulkOpen, pricing.BulkComparing, pricing.BulkCompared, pricing.BulkApplying)
	if err != nil {
		return pricing.Bulk{}, err
	}
	state := pricing.BulkApplying
	if in.DryRun {
		state = pricing.BulkComparing
	} else if b.Bulk.Refused != "" && b.Bulk.State == pricing.BulkCompared {
		return pricing.Bulk{}, b.refusal()
	}
	return b.begin(tx, state)
}

func dropBulk(tx *sdk.Tx, in pricing.BulkID) (pricing.Bulk, error) {
	b, _, err := bulkToSet(tx, in.Bulk, pricing.BulkOpen, pricing.BulkComparing, pricing.BulkCompared, pricing.BulkApplying, pricing.BulkDropping)
	if err != nil {
		return pricing.Bulk{}, err
	}
	return b.begin(tx, pricing.BulkDropping)
}

// begin begins a run of the import's job; one that is on has nothing to say any more.
func (b *bulk) begin(tx *sdk.Tx, state pricing.BulkState) (pricing.Bulk, error) {
	b.Run++
	b.By, b.Bulk.State = tx.Info().Principal, state
	b.Bulk.Done, b.Bulk.Changed, b.Bulk.Removed, b.Bulk.Unchanged = 0, 0, 0, 0
	b.Bulk.Untrue, b.Bulk.Percent, b.Bulk.Refused, b.Proofs = 0, 0, "", 0
	if err := bulks.Put(tx, *b); err != nil {
		return pricing.Bulk{}, err
	}
	return b.Bulk, bulkJob.Begin(tx, b.ID+"."+strconv.FormatInt(b.Run, 10), bulkRun{Bulk: b.ID, Run: b.Run})
}

func getBulk(v *sdk.View, in pricing.BulkID) (pricing.Bulk, error) {
	b, ok := bulkOf(v, in.Bulk)
	if !ok {
		return pricing.Bulk{}, noBulk()
	}
	list, _ := lists.Get(v, sdk.K(b.Bulk.List))
	if !reachOf(v).sees(list.List.Stores) {
		return pricing.Bulk{}, noBulk()
	}
	return b.Bulk, nil
}

func bulkChanges(v *sdk.View, in pricing.BulkChangesIn) (out pricing.BulkChangesOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	b, ok := bulkOf(v, in.Bulk)
	list, _ := lists.Get(v, sdk.K(b.Bulk.List))
	if !ok || !reachOf(v).sees(list.List.Stores) {
		return out, noBulk()
	}
	if b.Bulk.State != pricing.BulkCompared {
		return out, sdk.FailedPrecondition("bulk", "The import has not been looked at since it was changed.")
	}
	at, clock := max(b.Bulk.From, v.Now()), clockOf(v, list.ID, list.Epochs)
	for range mostSeen / walkPage {
		found, next := b.walk(v, in.Cursor, limit-len(out.Changes))
		for i := range found {
			e := &found[i]
			if old, new := e.counts(at, clock), e.pending(b.Number); new != nil && differ(old, new) {
				out.Changes = append(out.Changes, pricing.EntryChange{SKU: e.SKU, Old: old.entry(e.SKU), New: new.entry(e.SKU)})
			}
		}
		in.Cursor, out.Cursor = next, next
		if next == "" || len(out.Changes) >= limit {
			break
		}
	}
	return out, b.showClaims(v, &list, out.Changes)
}

// differ says whether two spans, nil for no price, mean different prices.
func differ(a, b *span) bool {
	none := span{Ends: true}
	return !cmp.Or(a, &none).same(cmp.Or(b, &none))
}
