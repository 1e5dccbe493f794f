package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func putList(tx *sdk.Tx, in pricing.List) (pricing.List, error) {
	if err := checkList(in); err != nil {
		return pricing.List{}, err
	}
	old, there := lists.Get(tx, sdk.K(in.ID))
	if r := reachOf(tx); !r.sets(in.Stores) || there && !r.sets(old.Stores) {
		return pricing.List{}, otherStore("/stores")
	}
	in.Changed = old.Changed
	if there && sameList(old, in) {
		return old, nil
	}
	in.Changed = tx.Now()
	if err := lists.Put(tx, in); err != nil {
		return pricing.List{}, err
	}
	return in, pricing.ListChanged.Emit(tx, in)
}

func checkList(l pricing.List) error {
	if err := named(l.ID, l.Name); err != nil {
		return err
	}
	switch {
	case len(l.Currency) != 3:
		return sdk.Invalid("/currency", "currency", "A currency is an ISO 4217 code of three letters.")
	case l.Net:
		return sdk.Invalid("/net", "net_prices", "Price lists without VAT are not supported yet.")
	case l.Period.Empty():
		return sdk.Invalid("/period", "period", "The period ends before it begins.")
	}
	return values(len(l.Stores), len(l.Channels), len(l.CustomerGroups))
}

// values bounds the dimensions of a list or promotion.
func values(counts ...int) error {
	if slices.Max(counts) > pricing.MaxValues {
		return sdk.Fail(sdk.CodeTooLarge, "values", "A dimension holds at most 1,000 values.")
	}
	return nil
}

func sameList(a, b pricing.List) bool {
	return a.Name == b.Name && a.Currency == b.Currency && a.Period == b.Period && a.Priority == b.Priority &&
		slices.Equal(a.Stores, b.Stores) && slices.Equal(a.Channels, b.Channels) &&
		slices.Equal(a.CustomerGroups, b.CustomerGroups)
}

func listLists(v *sdk.View, in pricing.ListsIn) (out pricing.ListsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	reach := reachOf(v)
	for l := range lists.Scan(v, sdk.Scan{From: after(in.Cursor)}) {
		if !reach.sees(l.Stores) {
			continue
		}
		if len(out.Lists) == limit {
			out.Cursor = out.Lists[limit-1].ID
			break
		}
		out.Lists = append(out.Lists, l)
	}
	return out, nil
}

func putEntries(tx *sdk.Tx, in pricing.PutEntriesIn) (out pricing.PutEntriesOut, err error) {
	if err := checkEntries(in); err != nil {
		return out, err
	}
	list, ok := lists.Get(tx, sdk.K(in.List))
	if !ok {
		return out, sdk.NotFound("list", "There is no such price list.")
	}
	if !reachOf(tx).sets(list.Stores) {
		return out, otherStore("/list")
	}
	changes := pricing.PriceChanges{List: list.ID, Currency: list.Currency, At: tx.Now()}
	if err := setEntries(tx, in, &changes); err != nil {
		return out, err
	}
	if err := removeEntries(tx, in, &changes); err != nil {
		return out, err
	}
	out = pricing.PutEntriesOut{Changed: int64(len(changes.Entries)), Removed: int64(len(changes.Removed))}
	if out.Changed+out.Removed == 0 {
		return out, nil
	}
	return out, pricing.PricesChanged.Emit(tx, changes)
}

// setEntries writes the prices that are other than before.
func setEntries(tx *sdk.Tx, in pricing.PutEntriesIn, changes *pricing.PriceChanges) error {
	old, there := entries.GetMany(tx, keysOf(in.List, in.Entries, func(e pricing.Entry) retail.SKU { return e.SKU }))
	for i, e := range in.Entries {
		if there[i] && old[i].Amount == e.Amount && slices.Equal(old[i].Breaks, e.Breaks) {
			continue
		}
		if err := entries.Put(tx, entry{List: in.List, SKU: e.SKU, Amount: e.Amount, Breaks: e.Breaks}); err != nil {
			return err
		}
		changes.Entries = append(changes.Entries, e)
	}
	return nil
}

// removeEntries ends prices.
func removeEntries(tx *sdk.Tx, in pricing.PutEntriesIn, changes *pricing.PriceChanges) error {
	keys := keysOf(in.List, in.Remove, func(s retail.SKU) retail.SKU { return s })
	_, there := entries.GetMany(tx, keys)
	for i, sku := range in.Remove {
		if !there[i] {
			continue
		}
		if err := entries.Delete(tx, keys[i]); err != nil {
			return err
		}
		changes.Removed = append(changes.Removed, sku)
	}
	return nil
}

func keysOf[T any](list string, all []T, sku func(T) retail.SKU) []sdk.Key {
	keys := make([]sdk.Key, len(all))
	for i, one := range all {
		keys[i] = sdk.K(list).Text(string(sku(one)))
	}
	return keys
}

func checkEntries(in pricing.PutEntriesIn) error {
	if len(in.Entries)+len(in.Remove) > pricing.MaxEntries {
		return sdk.Fail(sdk.CodeTooLarge, "entries", "At most 500 prices are set or removed at once.")
	}
	seen := make(map[retail.SKU]bool, len(in.Entries)+len(in.Remove))
	for i, e := range in.Entries {
		at := pointer("/entries", i)
		if e.SKU == "" || len(e.SKU) > maxID || seen[e.SKU] {
			return sdk.Invalid(at+"/sku", "sku", "A SKU has 1 to 64 characters and stands once.")
		}
		seen[e.SKU] = true
		if err := checkEntry(e, at); err != nil {
			return err
		}
	}
	for i, sku := range in.Remove {
		if sku == "" || seen[sku] {
			return sdk.Invalid(pointer("/remove", i), "sku", "A SKU is not empty and stands once.")
		}
		seen[sku] = true
	}
	return nil
}

func checkEntry(e pricing.Entry, at string) error {
	if e.Amount < 0 || e.Amount > maxPrice {
		return sdk.Invalid(at+"/amount", "amount", "A price is not below zero and at most 10,000,000,000.00.")
	}
	rising := func(a, b pricing.Break) int { return cmp.Compare(a.MinQuantity, b.MinQuantity) }
	least := retail.Quantity(1)
	for _, b := range e.Breaks {
		if b.MinQuantity <= least || b.Amount < 0 || b.Amount > maxPrice {
			return sdk.Invalid(at+"/breaks", "breaks", "Breaks start above 1 and rise; their prices are not below zero.")
		}
		least = b.MinQuantity
	}
	if len(e.Breaks) > pricing.MaxBreaks || !slices.IsSortedFunc(e.Breaks, rising) {
		return sdk.Invalid(at+"/breaks", "breaks", "An entry has at most 20 breaks.")
	}
	return nil
}

// maxPrice keeps price × quantity far from overflow.
const maxPrice = 1_000_000_000_000

func listEntries(v *sdk.View, in pricing.EntriesIn) (out pricing.EntriesOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	list, ok := lists.Get(v, sdk.K(in.List))
	if !ok {
		return out, sdk.NotFound("list", "There is no such price list.")
	}
	if !reachOf(v).sees(list.Stores) {
		return out, otherStore("/list")
	}
	for e := range entries.Scan(v, sdk.Scan{Prefix: sdk.K(in.List), From: after(in.Cursor), Limit: limit + 1}) {
		if len(out.Entries) == limit {
			out.Cursor = string(out.Entries[limit-1].SKU)
			break
		}
		out.Entries = append(out.Entries, pricing.Entry{SKU: e.SKU, Amount: e.Amount, Breaks: e.Breaks})
	}
	return out, nil
}
