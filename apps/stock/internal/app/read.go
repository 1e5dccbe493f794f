package app

import (
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func listMovements(v *sdk.View, in stock.MovementsIn) (stock.MovementsOut, error) {
	var out stock.MovementsOut
	scan, given := sdk.Scan{Reverse: true}, 0
	for _, x := range [...]struct{ index, value string }{
		{"sku", string(in.SKU)}, {"place", string(in.Place)}, {"document", in.Document},
	} {
		if x.value != "" {
			scan.Index, scan.Prefix, given = x.index, sdk.K(x.value), given+1
		}
	}
	if given != 1 {
		return out, sdk.Invalid("", "filter", "give a SKU, a place or a document")
	}
	if in.Cursor != "" {
		scan.To = sdk.K(in.Cursor)
	}
	sight := sightOf(v)
	if !sight.reach.has(sight.storeOf(in.Place)) {
		return out, otherStore("/place")
	}
	size := pageSize(in.Limit)
	scan.Limit = size + 1
	if sight.limited() {
		scan.Limit = mostScanned + 1
	}
	last, seen := "", 0
	for m := range movements.Scan(v, scan) {
		if seen == mostScanned {
			out.Cursor = last
			break
		}
		last, seen = m.Movement.ID, seen+1
		if !sight.sees(&m) {
			continue
		}
		if len(out.Movements) == size {
			out.Cursor = out.Movements[size-1].ID
			break
		}
		out.Movements = append(out.Movements, m.Movement)
	}
	return out, nil
}

// mostScanned bounds the movements that one page looks at.
const mostScanned = 1_000

// pageSize is the limit of a list: 50 unless it is asked for, never above
// stock.MaxPage.
func pageSize(limit int64) int {
	if limit <= 0 {
		return 50
	}
	return int(min(limit, stock.MaxPage))
}

// What bounds one Verify: entries that are read, those of other SKUs in the same
// movements too, and counters, each of which is a read, whose keys the host keeps.
// A SKU that alone is more than that is still verified whole.
const (
	mostVerified = 50_000
	mostCounters = 8_000
)

func verify(v *sdk.View, in stock.VerifyIn) (stock.VerifyOut, error) {
	out := stock.VerifyOut{Cursor: in.Cursor}
	if len(reachOf(v)) > 0 {
		return out, otherStore("")
	}
	list := []stock.PlaceID{stock.Adjustment, stock.Customer, stock.Supplier}
	for _, p := range placesOf(v, "") {
		list = append(list, p.ID)
	}
	work, counters, size := 0, 0, pageSize(in.Limit)
	for int(out.Checked) < size && work < mostVerified && (out.Checked == 0 || counters+2*len(list) < mostCounters) {
		sku, ok := nextSKU(v, retail.SKU(out.Cursor))
		if !ok {
			out.Cursor = ""
			return out, nil
		}
		balance, entries, read := balanceOf(v, sku, list)
		out.Faults = append(out.Faults, faultsOf(v, sku, &balance, list)...)
		out.Checked, out.Entries, out.Cursor = out.Checked+1, out.Entries+entries, string(sku)
		work, counters = work+read, counters+2*len(list)
	}
	return out, nil
}

// nextSKU is the first SKU after one that ever moved. Of all SKUs of the
// movement that the index shows first, the smallest after is the one it shows.
func nextSKU(r sdk.Reader, after retail.SKU) (next retail.SKU, ok bool) {
	scan := sdk.Scan{Index: "sku", Limit: 1}
	if after != "" {
		scan.From = sdk.K(after + "\x00")
	}
	for m := range movements.Scan(r, scan) {
		for _, sku := range m.SKUs {
			if sku > after && (!ok || sku < next) {
				next, ok = sku, true
			}
		}
	}
	return next, ok
}

// balanceOf adds up the movements of a SKU: so many entries of its own, and so
// many that were read.
func balanceOf(r sdk.Reader, sku retail.SKU, list []stock.PlaceID) (balance ledger.Balance, entries int64, read int) {
	for _, p := range list {
		balance.Know(string(p))
	}
	for m := range movements.Scan(r, sdk.Scan{Index: "sku", Prefix: sdk.K(sku)}) {
		read += len(m.Movement.Entries)
		for _, e := range m.Movement.Entries {
			if e.SKU == sku {
				balance.Post(string(e.From), string(e.To), e.Quantity)
				entries++
			}
		}
	}
	return balance, entries, read
}

func faultsOf(r sdk.Reader, sku retail.SKU, balance *ledger.Balance, list []stock.PlaceID) (faults []stock.Fault) {
	loose, aside, held := map[string]retail.Quantity{}, map[string]retail.Quantity{}, map[string]retail.Quantity{}
	keys := make([]sdk.Key, len(list))
	for i, p := range list {
		keys[i] = cell(p, sku)
	}
	is, put := free.GetMany(r, keys), reserved.GetMany(r, keys)
	for i, p := range list {
		loose[string(p)], aside[string(p)] = retail.Quantity(is[i]), retail.Quantity(put[i])
	}
	for l := range openLines(r, sku) {
		held[string(l.Place)] += l.Quantity
	}
	for _, f := range balance.Check(func(p string) retail.Quantity { return loose[p] + aside[p] }) {
		faults = append(faults, stock.Fault{SKU: sku, Place: stock.PlaceID(f.Place), Ledger: f.Ledger, Counter: f.Shown})
	}
	for _, p := range list {
		if is, sum := aside[string(p)], held[string(p)]; is != sum {
			faults = append(faults, stock.Fault{SKU: sku, Place: p, Ledger: sum, Counter: is, Reserved: true})
		}
	}
	return faults
}
