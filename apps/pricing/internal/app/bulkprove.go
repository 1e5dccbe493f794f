package app

import (
	"errors"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// An import of prices of a list that announces reductions is proved page by page, in a
// walk of its own between looking and applying: nothing is applied before all of it is
// true. What proves it is kept under the import's id.

// proveMost is how many prices one step of the job proves, goods times kinds of points of
// sale: about a second's work.
const proveMost = 1_000

// prove proves a page of the import, and goes on to what follows after the last.
func (b *bulk) prove(tx *sdk.Tx, list *kept, s *sdk.Step[bulkStep]) error {
	p, err := posterOf(tx, list, b.Bulk.From)
	if err != nil {
		return err
	}
	next := ""
	if p != nil { // else somebody has made it another list meanwhile
		var found []entry
		found, next = b.walk(tx, s.State.Cursor, p.page())
		if err = b.provePage(tx, p, found); err != nil {
			return err
		}
		s.State.Done += int64(len(found))
	}
	s.State.Cursor, s.Done = next, uint64(s.State.Done)
	if next == "" {
		if err = b.turn(tx, list, s); err != nil {
			return err
		}
	}
	return bulks.Put(tx, *b)
}

// page is how many goods one step proves: as many as there is time for, if no two points
// of sale are of one kind.
func (p *poster) page() int { return max(1, min(pricing.MaxPage, proveMost/max(1, len(p.stores)))) }

// provePage proves some of the entries, and counts what is false.
func (b *bulk) provePage(tx *sdk.Tx, p *poster, found []entry) error {
	skus, spans := b.changing(p.r, &p.list, found)
	proved, err := p.prove(skus, spans, mostProofs)
	if errors.Is(err, errTooMany) {
		b.Bulk.Refused = "prior_goods"
		return nil
	}
	if err != nil {
		return err
	}
	if f := falsehood(proved.proofs, proved.days); f != nil {
		for _, c := range proved.claims() {
			if c.Untrue {
				b.Bulk.Untrue++
			}
		}
		if b.Bulk.Refused != "prior_price" || f.Percent < b.Bulk.Percent {
			b.Bulk.Percent = f.Percent
		}
		b.Bulk.Refused = "prior_price"
	}
	if b.Bulk.State != pricing.BulkApplying || b.Bulk.Refused != "" {
		return nil
	}
	b.Proofs, err = proved.keep(tx, b.ID, b.Proofs)
	return err
}

// changing are those of some entries that the import gives another price, and these
// prices as they are about to count.
func (b *bulk) changing(r sdk.Reader, list *kept, found []entry) (skus []retail.SKU, spans map[retail.SKU]*span) {
	at, clock := max(b.Bulk.From, r.Now()), clockOf(r, list.ID, list.Epochs)
	spans = map[retail.SKU]*span{}
	for i := range found {
		e := &found[i]
		if brings := e.pending(b.Number); brings != nil && !brings.Ends && differ(e.counts(at, clock), brings) {
			s := span{From: at, Amount: brings.Amount, Breaks: brings.Breaks}
			skus, spans[e.SKU] = append(skus, e.SKU), &s
		}
	}
	return skus, spans
}

// mayAnnounce notes whether a calendar forbids the import.
func (b *bulk) mayAnnounce(p *poster) error {
	if err := p.quiet(); err != nil {
		b.Bulk.Refused = sdk.ReasonOf(err)
	}
	return nil
}

// keepEvidence closes the evidence file of an import that is applied.
func (b *bulk) keepEvidence(tx *sdk.Tx) error {
	if b.Proofs == 0 {
		return nil
	}
	rules := settings.Get(tx)
	b.Bulk.Evidence = b.ID
	return evidences.Insert(tx, evidence{ID: b.ID, List: b.Bulk.List, At: tx.Now(), By: b.By, Days: priorDays(&rules), Count: b.Proofs})
}

// refusal is what the last run found wrong, as an error.
func (b *bulk) refusal() error {
	f := pricing.Finding{Severity: pricing.Refused, Reason: b.Bulk.Refused, Percent: b.Bulk.Percent, Message: "The import announces what is not true: look at its changes."}
	switch b.Bulk.Refused {
	case "sales_calendar":
		f.Message = "The list would announce in the quiet days before the sales."
	case "prior_goods":
		return tooManyPosted(errTooMany)
	}
	return refused(f)
}

// showClaims shows what the list announces of changes that the import makes.
func (b *bulk) showClaims(r sdk.Reader, list *kept, changes []pricing.EntryChange) error {
	p, err := posterOf(r, list, b.Bulk.From)
	if err != nil || p == nil {
		return err
	}
	for page := p.page(); len(changes) > 0; changes = changes[min(page, len(changes)):] {
		some := changes[:min(page, len(changes))]
		var skus []retail.SKU
		spans := map[retail.SKU]*span{}
		for i := range some {
			if e := some[i].New; e != nil {
				s := spanOf(e, max(b.Bulk.From, r.Now()), 0)
				skus, spans[e.SKU] = append(skus, e.SKU), &s
			}
		}
		proved, err := p.prove(skus, spans, mostProofs)
		if err != nil {
			return err
		}
		claims := proved.claims()
		for i := range some {
			some[i].Claim = claims[some[i].SKU]
		}
	}
	return nil
}
