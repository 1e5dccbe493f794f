package app

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// evidences holds evidence files, without what they prove.
var evidences = sdk.Collection[evidence]{Name: "evidence", Key: []string{"id"}}

// evidence is what proves an announcement. Nothing changes it.
type evidence struct {
	ID        string         `json:"id"`
	Promotion string         `json:"promotion"`
	Version   int64          `json:"version"`
	At        retail.Instant `json:"at"`
	By        string         `json:"by"`
	Days      int64          `json:"days"`
	Pages     []pages        `json:"pages"` // by kind of point of sale
}

// pages are those of points of sale with the same prices.
type pages struct {
	Stores []retail.StoreID `json:"stores"`
	First  int64            `json:"first"` // number of the first page
	Items  int64            `json:"items"` // on all of them
}

// proofs holds the pages.
var proofs = sdk.Collection[proofPage]{Name: "proofs", Key: []string{"evidence", "number"}}

// proofPage is one of them.
type proofPage struct {
	Evidence string                  `json:"evidence"`
	Number   int64                   `json:"number"`
	Items    []pricing.EvidenceOfSKU `json:"items"` // without Store
}

// putEvidence keeps what proves the percentages of an announcement, and answers its id.
func putEvidence(tx *sdk.Tx, p *pricing.Promotion, proved *proven) (string, error) {
	e := evidence{ID: tx.NewID(), Promotion: p.ID, Version: p.Version, At: tx.Now(), By: tx.Info().Principal, Days: proved.days}
	number := int64(0)
	for k := range proved.kinds {
		of := pages{First: number}
		for _, s := range proved.kinds[k] {
			of.Stores = append(of.Stores, s.ID)
		}
		items := itemsOf(proved.proofs, k)
		of.Items = int64(len(items))
		for ; len(items) > 0; number++ {
			n := min(len(items), pricing.MaxPage)
			if err := proofs.Insert(tx, proofPage{Evidence: e.ID, Number: number, Items: items[:n]}); err != nil {
				return "", err
			}
			items = items[n:]
		}
		if of.Items > 0 {
			e.Pages = append(e.Pages, of)
		}
	}
	return e.ID, evidences.Insert(tx, e)
}

// itemsOf are the proofs of one kind of point of sale.
func itemsOf(all []proof, kind int) (items []pricing.EvidenceOfSKU) {
	for i := range all {
		if o := &all[i]; o.kind == kind {
			items = append(items, pricing.EvidenceOfSKU{SKU: o.sku, Lowest: o.lowest, Price: o.price, Percent: o.percent()})
		}
	}
	return items
}

// getEvidence is one page: of one point of sale after the other. A page may be shorter
// than was asked for; the last has no cursor.
func getEvidence(v *sdk.View, in pricing.EvidenceID) (out pricing.Evidence, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	at, err := placeOf(in.Cursor)
	if err != nil {
		return out, err
	}
	e, ok := evidence{}, false
	if len(in.Evidence) <= maxID {
		e, ok = evidences.Get(v, sdk.K(in.Evidence))
	}
	if !ok {
		return out, sdk.NotFound("evidence", "There is no such evidence file.")
	}
	out = pricing.Evidence{ID: e.ID, Promotion: e.Promotion, Version: e.Version, At: e.At, By: e.By, Days: e.Days}
	reach := reachOf(v)
	for ; at.kind < len(e.Pages); at = (place{kind: at.kind + 1}) {
		for of := &e.Pages[at.kind]; at.store < len(of.Stores); at = (place{kind: at.kind, store: at.store + 1}) {
			if store := of.Stores[at.store]; at.item < of.Items && (len(reach) == 0 || reach.has(store)) {
				out.Items = e.items(v, of, at.item, limit, store)
				at.item += int64(len(out.Items))
				out.Cursor = at.text()
				return out, nil
			}
		}
	}
	return out, nil
}

// items are those of one point of sale from a place on, as far as one page has them.
func (e *evidence) items(r sdk.Reader, of *pages, from int64, most int, store retail.StoreID) []pricing.EvidenceOfSKU {
	page, _ := proofs.Get(r, sdk.K(e.ID).Int(of.First+from/pricing.MaxPage))
	items := page.Items[from%pricing.MaxPage:]
	items = items[:min(len(items), most)]
	for i := range items {
		items[i].Store = store
	}
	return items
}

// place is a place in an evidence file.
type place struct {
	kind, store int
	item        int64
}

func (p place) text() string {
	return strconv.Itoa(p.kind) + "." + strconv.Itoa(p.store) + "." + digits(p.item)
}

func placeOf(cursor string) (p place, err error) {
	if cursor == "" {
		return p, nil
	}
	var n [3]int64
	parts := strings.Split(cursor, ".")
	for i := range n {
		if len(parts) != len(n) {
			err = strconv.ErrSyntax
		} else if err == nil {
			n[i], err = strconv.ParseInt(parts[i], 10, 32)
		}
		if err != nil || n[i] < 0 {
			return p, sdk.Invalid("/cursor", "cursor", "No answer has ended with this cursor.")
		}
	}
	return place{int(n[0]), int(n[1]), n[2]}, nil
}
