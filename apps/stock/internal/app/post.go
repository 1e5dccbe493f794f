package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// posting is a movement on its way into the ledger.
type posting struct {
	movement stock.Movement
	once     bool // a second one with this reason and document is refused
	// short refuses what a place does not have free. Without it, or if it does not
	// refuse, the entry is taken all the same and told as a discrepancy.
	short func(e *stock.Entry) error
	over  overdrawn
}

// newPosting begins a movement. Errors: invalid, reason "document".
func newPosting(tx *sdk.Tx, place *stock.Place, reason stock.Reason, document string, at retail.Instant) (*posting, error) {
	if document == "" || len(document) > 100 {
		return nil, sdk.Invalid("/document", "document", "a document's number has 1 to 100 characters")
	}
	info := tx.Info()
	return &posting{movement: stock.Movement{
		ID: tx.NewID(), Document: document, Reason: reason, Place: place.ID, Store: place.Store,
		Actor: info.Principal, App: info.Caller, At: cmp.Or(at, tx.Now()), Recorded: tx.Now(),
	}}, nil
}

// add adds an entry, or to one between the same places.
func (p *posting) add(from, to stock.PlaceID, sku retail.SKU, q retail.Quantity) {
	for i := range p.movement.Entries {
		if e := &p.movement.Entries[i]; e.SKU == sku && e.From == from && e.To == to {
			e.Quantity += q
			return
		}
	}
	p.movement.Entries = append(p.movement.Entries, stock.Entry{SKU: sku, From: from, To: to, Quantity: q})
}

// post moves the counters, writes the movement and tells about it.
func (p *posting) post(tx *sdk.Tx) (stock.Movement, error) {
	m := &p.movement
	slices.SortFunc(m.Entries, func(a, b stock.Entry) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	for i := range m.Entries {
		if err := p.enter(tx, &m.Entries[i]); err != nil {
			return stock.Movement{}, err
		}
	}
	if err := movements.Insert(tx, p.record()); err != nil {
		return stock.Movement{}, documentUsed(err, m)
	}
	if len(m.Entries) == 0 {
		return *m, nil
	}
	if err := stock.Moved.Emit(tx, *m); err != nil {
		return *m, err
	}
	return *m, p.over.tell(tx, m)
}

// enter moves both counters of an entry. A place of the retailer is first asked
// to have as much free; only that answer, and no quantity, is read.
func (p *posting) enter(tx *sdk.Tx, e *stock.Entry) error {
	key, least := cell(e.From, e.SKU), int64(0)
	if virtual(e.From) {
		least = sdk.NoMin
	}
	err := free.Add(tx, key, -int64(e.Quantity), least, sdk.NoMax)
	if exhausted(err) {
		if err = p.refusal(e); err == nil {
			err = free.Add(tx, key, -int64(e.Quantity), sdk.NoMin, sdk.NoMax)
			p.over.add(tx, e)
		}
	}
	if err != nil {
		return err
	}
	return free.Add(tx, cell(e.To, e.SKU), int64(e.Quantity), sdk.NoMin, sdk.NoMax)
}

func (p *posting) refusal(e *stock.Entry) error {
	if p.short == nil {
		return nil
	}
	return p.short(e)
}

// exhausted says whether a counter did not go as far as it was asked to.
func exhausted(err error) bool {
	return sdk.CodeOf(err) == sdk.CodeExhausted && sdk.ReasonOf(err) == "bound"
}

func (p *posting) record() MovementRecord {
	r := MovementRecord{Movement: p.movement, Places: []stock.PlaceID{p.movement.Place}}
	for _, e := range p.movement.Entries {
		r.SKUs = append(r.SKUs, e.SKU)
		r.Places = append(r.Places, e.From, e.To)
	}
	r.SKUs = slices.Compact(r.SKUs)
	slices.Sort(r.Places)
	r.Places = slices.Compact(r.Places)
	if p.once {
		r.Once = string(p.movement.Reason) + " " + p.movement.Document
	}
	return r
}

// documentUsed gives the host's refusal of a second entry the reason that the
// contract promises.
func documentUsed(err error, m *stock.Movement) error {
	var e *sdk.Error
	if errors.As(err, &e) && e.Code == sdk.CodeConflict && e.Reason == "unique" {
		used := sdk.Fail(sdk.CodeConflict, "document", "document "+m.Document+" has moved goods already")
		used.Pointer, used.Fields = "/document", []sdk.Field{sdk.Text("document", m.Document)}
		return used
	}
	return err
}

// merged adds up lines. Errors: invalid, reason "lines", "sku" or "quantity";
// too_large, reason "lines".
func merged(amounts []ledger.Amount) ([]ledger.Amount, error) {
	if len(amounts) == 0 {
		return nil, sdk.Invalid("/lines", "lines", "there are no lines")
	}
	list, i, err := ledger.Merge(amounts)
	switch {
	case errors.Is(err, ledger.ErrSKU):
		return nil, sdk.Invalid(line(i)+"/sku", "sku", err.Error())
	case err != nil:
		return nil, sdk.Invalid(line(i)+"/quantity", "quantity", err.Error())
	case len(list) > stock.MaxLines:
		return nil, tooManyLines()
	}
	return list, nil
}

func tooManyLines() error {
	e := sdk.Fail(sdk.CodeTooLarge, "lines", "at most 250 different SKUs in one movement")
	e.Fields = []sdk.Field{sdk.Int("max", int64(stock.MaxLines))}
	return e
}

func line(i int) string { return "/lines/" + strconv.Itoa(i) }

// amounts are the lines of an input.
func amounts(lines []stock.Line) []ledger.Amount {
	list := make([]ledger.Amount, len(lines))
	for i, l := range lines {
		list[i] = ledger.Amount{SKU: l.SKU, Quantity: l.Quantity}
	}
	return list
}

// goods checks with the catalog that SKUs exist and can lie somewhere. index
// finds the line of a SKU. Errors: not_found, reason "sku"; invalid, reason
// "not_goods"; what the catalog could not do.
func goods(r sdk.Reader, skus []retail.SKU, index func(retail.SKU) int) error {
	known, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: skus})
	if sku, unknown := unknownSKU(err); unknown {
		return at(err, line(index(sku))+"/sku")
	}
	if err != nil {
		return err
	}
	for _, item := range known.Items {
		if item.Kind != catalog.Goods {
			return sdk.Invalid(line(index(item.SKU))+"/sku", "not_goods", "SKU "+string(item.SKU)+" is no goods")
		}
	}
	return nil
}

// unknownSKU is the SKU that the catalog says it does not know.
func unknownSKU(err error) (sku retail.SKU, unknown bool) {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Code != sdk.CodeNotFound || e.Reason != "sku" {
		return "", false
	}
	for _, f := range e.Fields {
		if f.Name == "sku" {
			return retail.SKU(f.Text), true
		}
	}
	return "", false
}

// goodsOf is goods for lines.
func goodsOf(r sdk.Reader, list []ledger.Amount, lines []stock.Line) error {
	skus := make([]retail.SKU, len(list))
	for i, a := range list {
		skus[i] = a.SKU
	}
	return goods(r, skus, func(sku retail.SKU) int {
		return slices.IndexFunc(lines, func(l stock.Line) bool { return l.SKU == sku })
	})
}
