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
	Promotion string         `json:"promotion,omitempty"`
	Version   int64          `json:"version,omitempty"`
	List      string         `json:"list,omitempty"`
	At        retail.Instant `json:"at"`
	By        string         `json:"by"`
	Days      int64          `json:"days"`
	Count     int64          `json:"count"` // of its pages, numbered from 0
}

// proofs holds the pages.
var proofs = sdk.Collection[proofPage]{Name: "proofs", Key: []string{"evidence", "number"}}

// proofPage is one of them: of points of sale with the same prices.
type proofPage struct {
	Evidence string                  `json:"evidence"`
	Number   int64                   `json:"number"`
	Stores   []retail.StoreID        `json:"stores"`
	Items    []pricing.EvidenceOfSKU `json:"items"` // without Store
}

// putEvidence keeps what proves the percentages of an announcement, and answers its id.
func putEvidence(tx *sdk.Tx, e evidence, proved *proven) (string, error) {
	e.ID, e.At, e.By, e.Days = tx.NewID(), tx.Now(), tx.Info().Principal, proved.days
	var err error
	if e.Count, err = proved.keep(tx, e.ID, 0); err != nil {
		return "", err
	}
	return e.ID, evidences.Insert(tx, e)
}

// keep writes pages of an evidence file from a number on, and answers the next number.
func (p *proven) keep(tx *sdk.Tx, id string, number int64) (int64, error) {
	for k := range p.kinds {
		page := proofPage{Evidence: id}
		for _, s := range p.kinds[k] {
			page.Stores = append(page.Stores, s.ID)
		}
		for items := itemsOf(p.proofs, k); len(items) > 0; number++ {
			n := min(len(items), pricing.MaxPage)
			page.Number, page.Items = number, items[:n]
			if err := proofs.Put(tx, page); err != nil {
				return number, err
			}
			items = items[n:]
		}
	}
	return number, nil
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
	out = pricing.Evidence{ID: e.ID, Promotion: e.Promotion, Version: e.Version, List: e.List, At: e.At, By: e.By, Days: e.Days}
	reach := reachOf(v)
	for seen := 0; at.page < e.Count; at = (place{page: at.page + 1}) {
		if seen++; seen > mostProofPages {
			out.Cursor = at.text()
			break
		}
		page, _ := proofs.Get(v, sdk.K(e.ID).Int(at.page))
		for ; at.store < len(page.Stores); at = (place{page: at.page, store: at.store + 1}) {
			if store := page.Stores[at.store]; at.item < len(page.Items) && (len(reach) == 0 || reach.has(store)) {
				out.Items = page.Items[at.item:min(len(page.Items), at.item+limit)]
				for i := range out.Items {
					out.Items[i].Store = store
				}
				at.item += len(out.Items)
				out.Cursor = at.text()
				return out, nil
			}
		}
	}
	return out, nil
}

// mostProofPages is how many pages of a file one answer looks at.
const mostProofPages = 50

// place is a place in an evidence file.
type place struct {
	page        int64
	store, item int
}

func (p place) text() string {
	return digits(p.page) + "." + strconv.Itoa(p.store) + "." + strconv.Itoa(p.item)
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
	return place{n[0], int(n[1]), int(n[2])}, nil
}
