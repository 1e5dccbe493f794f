package app

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func lookUp(v *sdk.View, in stock.LookUpIn) (stock.LookUpOut, error) {
	var out stock.LookUpOut
	if len(in.SKUs) > stock.MaxSKUs {
		return out, sdk.Fail(sdk.CodeTooLarge, "skus", "at most 200 SKUs in one call")
	}
	reach := reachOf(v)
	for i, store := range in.Stores {
		if !reach.has(store) {
			return out, otherStore("/stores/" + strconv.Itoa(i))
		}
	}
	l, err := levelsOf(v, in.SKUs, placesAt(v, in.Stores), stock.MaxCells)
	if err != nil {
		return out, err
	}
	for i := range in.SKUs {
		levels := l.places(i)
		out.Places = append(out.Places, levels...)
		out.Stores = append(out.Stores, storeLevels(levels)...)
	}
	return out, nil
}

// placesAt are the places of some stores, of all permitted ones if there are none.
func placesAt(r sdk.Reader, stores []retail.StoreID) []stock.Place {
	if len(stores) == 0 {
		return placesOf(r, "")
	}
	var list []stock.Place
	for i, store := range stores {
		if !slices.Contains(stores[:i], store) && store != "" {
			list = append(list, placesOf(r, store)...)
		}
	}
	slices.SortFunc(list, func(a, b stock.Place) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// levels are how much of some SKUs lies at some places: what is free, and in places what
// is reserved too. Nothing of other goods and places is read.
type levels struct {
	skus   []retail.SKU
	list   []stock.Place
	safety *safety
	keys   []sdk.Key
	free   []int64 // of the first SKU at all places, then of the next
	aside  []int64 // the same of what is reserved; none if nobody asked
}

// levelsOf reads them, in up to so many cells. Errors: too_large, reason "cells"; what the
// catalog could not do.
func levelsOf(r sdk.Reader, skus []retail.SKU, list []stock.Place, most int) (*levels, error) {
	l, err := freeOf(r, skus, list, most, nil)
	if err != nil {
		return l, err
	}
	l.aside = reserved.GetMany(r, l.keys)
	return l, nil
}

// freeOf reads what is free of them alone; keep is what is not promised of them, nil if
// nobody has asked. Errors: those of levelsOf.
func freeOf(r sdk.Reader, skus []retail.SKU, list []stock.Place, most int, keep *safety) (*levels, error) {
	l := &levels{skus: skus, list: list, safety: keep}
	if len(skus)*len(list) > most {
		return l, tooManyCells()
	}
	if keep == nil {
		var err error
		if l.safety, err = safetyOf(r, skus); err != nil {
			return l, err
		}
	}
	l.keys = l.cells()
	l.free = free.GetMany(r, l.keys)
	return l, nil
}

// cells are the counters' keys of each SKU at each place, as cell makes them; what begins
// with a place is made once.
func (l *levels) cells() []sdk.Key {
	at := make([]sdk.Key, len(l.list))
	for i := range l.list {
		at[i] = sdk.K(l.list[i].ID)
	}
	keys := make([]sdk.Key, 0, len(l.skus)*len(l.list))
	for _, sku := range l.skus {
		for i := range at {
			keys = append(keys, at[i].Text(string(sku)))
		}
	}
	return keys
}

func tooManyCells() error {
	return sdk.Fail(sdk.CodeTooLarge, "cells", "too many SKUs at too many places: ask for fewer SKUs, or name stores")
}

// places are the levels of SKU i that are not zero, by place.
func (l *levels) places(i int) (found []stock.PlaceLevel) {
	for j := range l.list {
		p, at := &l.list[j], i*len(l.list)+j
		loose, aside := retail.Quantity(l.free[at]), retail.Quantity(l.aside[at])
		if loose == 0 && aside == 0 {
			continue
		}
		level := stock.PlaceLevel{SKU: l.skus[i], Place: p.ID, Store: p.Store, Kind: p.Kind, OnHand: loose + aside, Reserved: aside}
		if p.Kind.Sellable() {
			level.Safety = l.safety.at(p, l.skus[i])
			level.Available = max(0, loose-level.Safety)
		}
		found = append(found, level)
	}
	return found
}

// available is what may be promised of SKU i at place j, which sells; below zero if less
// than the safety stock is free.
func (l *levels) available(i, j int) retail.Quantity {
	loose := retail.Quantity(l.free[i*len(l.list)+j])
	if loose <= 0 {
		return loose
	}
	return loose - l.safety.at(&l.list[j], l.skus[i])
}

// storeLevels adds up what places of one store have for sale.
func storeLevels(levels []stock.PlaceLevel) []stock.StoreLevel {
	var sums []stock.StoreLevel
	for _, l := range levels {
		if !l.Kind.Sellable() {
			continue
		}
		i := slices.IndexFunc(sums, func(s stock.StoreLevel) bool { return s.Store == l.Store })
		if i < 0 {
			i, sums = len(sums), append(sums, stock.StoreLevel{SKU: l.SKU, Store: l.Store})
		}
		sums[i].Sellable += l.OnHand
		sums[i].Reserved += l.Reserved
		sums[i].Available += l.Available
	}
	slices.SortFunc(sums, func(a, b stock.StoreLevel) int { return cmp.Compare(a.Store, b.Store) })
	return sums
}
