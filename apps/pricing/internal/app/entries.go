package app

import (
	"cmp"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func putEntries(tx *sdk.Tx, in pricing.PutEntriesIn) (out pricing.PutEntriesOut, err error) {
	if err = checkEntries(in.Entries, in.Remove); err != nil {
		return out, err
	}
	list, err := listToSet(tx, in.List)
	if err != nil {
		return out, err
	}
	from := cmp.Or(in.From, tx.Now())
	if from < tx.Now() {
		return out, pastFrom()
	}
	set := make([]span, 0, len(in.Entries)+len(in.Remove))
	skus := make([]retail.SKU, 0, cap(set))
	for i := range in.Entries {
		set, skus = append(set, spanOf(&in.Entries[i], from, 0)), append(skus, in.Entries[i].SKU)
	}
	for _, sku := range in.Remove {
		set, skus = append(set, span{From: from, Ends: true}), append(skus, sku)
	}
	changes := pricing.PriceChanges{List: list.ID, Currency: list.List.Currency, At: from}
	if err = setEntries(tx, &list, skus, set, in.DryRun, &changes, &out); err != nil {
		return out, err
	}
	if err = proveEntries(tx, &list, from, changes.Entries, in.DryRun, &out); err != nil || in.DryRun || out.Changed+out.Removed == 0 {
		return out, err
	}
	return out, tellPrices(tx, changes)
}

// tellPrices emits what changed, in events that are short enough.
func tellPrices(tx *sdk.Tx, all pricing.PriceChanges) error {
	part := pricing.PriceChanges{List: all.List, Currency: all.Currency, At: all.At, Removed: all.Removed}
	weight := 0
	for _, e := range all.Entries {
		if weight += 1 + len(e.Breaks); weight > 4_000 {
			if err := pricing.PricesChanged.Emit(tx, part); err != nil {
				return err
			}
			part.Entries, part.Removed, weight = nil, nil, 1+len(e.Breaks)
		}
		part.Entries = append(part.Entries, e)
	}
	return pricing.PricesChanged.Emit(tx, part)
}

func pastFrom() error {
	return sdk.Invalid("/from", "from", "Prices of the past are not changed.")
}

// setEntries lets spans count, one per SKU, and tells what changed.
func setEntries(tx *sdk.Tx, list *kept, skus []retail.SKU, set []span, dry bool, changes *pricing.PriceChanges, out *pricing.PutEntriesOut) error {
	clock := clockOf(tx, list.ID, list.Epochs)
	records, _ := entries.GetMany(tx, keysOf(list.ID, skus))
	wrote := 0
	for i := range records {
		e := &records[i]
		e.List, e.SKU = list.ID, skus[i]
		old, changed := e.set(set[i], clock)
		switch {
		case !changed && set[i].Ends:
			continue // there was none to end
		case !changed && set[i].From == tx.Now():
			out.Unchanged++
			continue
		case !changed:
			out.Unchanged++ // and yet written: it holds whatever is set for the time before
		case set[i].Ends:
			out.Removed++
			changes.Removed = append(changes.Removed, e.SKU)
		default:
			out.Changed++
			changes.Entries = append(changes.Entries, *set[i].entry(e.SKU))
		}
		if dry && !changed {
			continue
		}
		if dry {
			out.Changes = append(out.Changes, pricing.EntryChange{SKU: e.SKU, Old: old.entry(e.SKU), New: set[i].entry(e.SKU)})
			continue
		}
		if _, err := e.write(tx, wrote < roomy); err != nil {
			return err
		}
		wrote++
	}
	return nil
}

// roomy is how many of the entries of one change may take portions out: a
// transaction writes at most 1,000 records, and the others have time.
const roomy = 400

func keysOf(list string, skus []retail.SKU) []sdk.Key {
	keys := make([]sdk.Key, len(skus))
	for i, sku := range skus {
		keys[i] = sdk.K(list).Text(string(sku))
	}
	return keys
}

func checkEntries(set []pricing.Entry, remove []retail.SKU) error {
	if len(set)+len(remove) > pricing.MaxEntries {
		return sdk.Fail(sdk.CodeTooLarge, "entries", "At most 500 prices are set or removed at once.")
	}
	seen := make(map[retail.SKU]bool, len(set)+len(remove))
	for i := range set {
		e, at := &set[i], pointer("/entries", i)
		if e.SKU == "" || len(e.SKU) > maxID || seen[e.SKU] {
			return sdk.Invalid(at+"/sku", "sku", "A SKU has 1 to 64 characters and stands once.")
		}
		seen[e.SKU] = true
		if err := checkEntry(e, at); err != nil {
			return err
		}
	}
	for i, sku := range remove {
		if sku == "" || len(sku) > maxID || seen[sku] {
			return sdk.Invalid(pointer("/remove", i), "sku", "A SKU is not empty and stands once.")
		}
		seen[sku] = true
	}
	return nil
}

func checkEntry(e *pricing.Entry, at string) error {
	if e.Amount < 0 || e.Amount > maxPrice {
		return sdk.Invalid(at+"/amount", "amount", "A price is not below zero and at most 10,000,000,000.00.")
	}
	least := retail.Quantity(1)
	for _, b := range e.Breaks {
		if b.MinQuantity <= least || b.Amount < 0 || b.Amount > maxPrice {
			return sdk.Invalid(at+"/breaks", "breaks", "Breaks start above 1 and rise; their prices are not below zero.")
		}
		least = b.MinQuantity
	}
	if len(e.Breaks) > pricing.MaxBreaks {
		return sdk.Invalid(at+"/breaks", "breaks", "An entry has at most 20 breaks.")
	}
	return nil
}

// maxPrice keeps price × quantity far from overflow.
const maxPrice = 1_000_000_000_000

// mostSeen is how many records one answer looks at: a page may be shorter than what
// was asked for, and is the last only without a cursor.
const mostSeen = 5_000

func listEntries(v *sdk.View, in pricing.EntriesIn) (out pricing.EntriesOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	list, ok := listOf(v, in.List)
	if !ok {
		return out, noList()
	}
	if !reachOf(v).sees(list.List.Stores) {
		return out, otherStore("/list")
	}
	clock, at, last, seen := clockOf(v, list.ID, list.Epochs), cmp.Or(in.At, v.Now()), retail.SKU(""), 0
	for e := range entries.Scan(v, sdk.Scan{Prefix: sdk.K(in.List), From: after(in.Cursor), Limit: mostSeen}) {
		if len(out.Entries) == limit {
			out.Cursor = string(last)
			break
		}
		if s := e.counts(at, clock).entry(e.SKU); s != nil {
			out.Entries = append(out.Entries, *s)
		}
		if last, seen = e.SKU, seen+1; seen == mostSeen {
			out.Cursor = string(last)
		}
	}
	return out, nil
}
