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
	l, err := levelsOf(v, in.SKUs, placesAt(v, in.Stores))
	if err != nil {
		return out, err
	}
	for _, sku := range in.SKUs {
		levels := l.places(sku)
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

// levels reads how much of some SKUs lies at some places: two counters each, and nothing
// of other goods and places.
type levels struct {
	reader sdk.Reader
	list   []stock.Place
	safety *safety
}

// levelsOf prepares to read them. Errors: too_large, reason "cells"; what the catalog
// could not do.
func levelsOf(r sdk.Reader, skus []retail.SKU, list []stock.Place) (*levels, error) {
	if len(skus)*len(list) > stock.MaxCells {
		return nil, tooManyCells()
	}
	s, err := safetyOf(r, skus)
	return &levels{reader: r, list: list, safety: s}, err
}

func tooManyCells() error {
	return sdk.Fail(sdk.CodeTooLarge, "cells", "too many SKUs at too many places: ask for fewer SKUs, or name stores")
}

// places are the levels of a SKU that are not zero, by place.
func (l *levels) places(sku retail.SKU) (found []stock.PlaceLevel) {
	for i := range l.list {
		p := &l.list[i]
		key := cell(p.ID, sku)
		loose, aside := retail.Quantity(free.Get(l.reader, key)), retail.Quantity(reserved.Get(l.reader, key))
		if loose == 0 && aside == 0 {
			continue
		}
		level := stock.PlaceLevel{SKU: sku, Place: p.ID, Store: p.Store, Kind: p.Kind, OnHand: loose + aside, Reserved: aside}
		if p.Kind.Sellable() {
			level.Safety = l.safety.at(p, sku)
			level.Available = max(0, loose-level.Safety)
		}
		found = append(found, level)
	}
	return found
}

// available is what may be promised of a SKU at a place that sells; below zero if less
// than the safety stock is free. It reads one counter.
func (l *levels) available(p *stock.Place, sku retail.SKU) retail.Quantity {
	loose := retail.Quantity(free.Get(l.reader, cell(p.ID, sku)))
	if loose <= 0 {
		return loose
	}
	return loose - l.safety.at(p, sku)
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
