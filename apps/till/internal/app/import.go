package app

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// importedID is the id of an imported document. Externals have no slash, and
// ids of our own have two: they never meet.
func importedID(external string) string { return importedPrefix + external }

const importedPrefix = "import/"

// importing is one batch.
type importing struct {
	tx        *sdk.Tx
	dryRun    bool
	moveStock bool
	reach     reach
	stores    map[retail.StoreID]*catalog.Store // each asked for once
	taken     []pricing.Sale                    // that pricing is told of
}

func importReceipt(tx *sdk.Tx, in till.ImportReceiptIn) (till.Imported, error) {
	b := importing{tx: tx, dryRun: in.DryRun, moveStock: in.MoveStock, reach: reachOf(tx), stores: map[retail.StoreID]*catalog.Store{}}
	out, err := b.take(&in.Document)
	if err == nil {
		err = recordAll(tx, b.taken)
	}
	var e *sdk.Error
	if errors.As(err, &e) && e.Pointer != "" {
		own := *e
		own.Pointer = "/document" + e.Pointer
		return out, &own
	}
	return out, err
}

func importReceipts(tx *sdk.Tx, in till.ImportReceiptsIn) (out till.ImportReceiptsOut, err error) {
	if len(in.Documents) > till.MaxDocuments {
		return out, sdk.Fail(sdk.CodeTooLarge, "documents", "At most 100 documents are imported at once.")
	}
	b := importing{tx: tx, dryRun: in.DryRun, moveStock: in.MoveStock, reach: reachOf(tx), stores: map[retail.StoreID]*catalog.Store{}}
	for i := range in.Documents {
		d := &in.Documents[i]
		done, err := b.take(d)
		var e *sdk.Error
		switch {
		case errors.As(err, &e) && (e.Code == sdk.CodeInvalid || e.Reason == "differs" || e.Reason == "store" || e.Reason == "lines"):
			done = till.Imported{
				External: d.External, Outcome: till.Refused,
				Code: e.Code.String(), Reason: e.Reason, Pointer: e.Pointer, Message: e.Message,
			}
		case err != nil:
			return out, err
		}
		out.Results = append(out.Results, done)
	}
	return out, recordAll(tx, b.taken)
}

// take takes one document. It writes only what it has checked whole, so that a
// refusal leaves nothing behind.
func (b *importing) take(d *till.Document) (till.Imported, error) {
	if err := checkDocument(d); err != nil {
		return till.Imported{}, err
	}
	if !b.reach.has(d.Store) {
		return till.Imported{}, otherStore("/store")
	}
	s, err := b.store(d.Store)
	if err != nil {
		return till.Imported{}, err
	}
	r, err := historic(d, s)
	if err != nil {
		return till.Imported{}, err
	}
	out := till.Imported{External: d.External, Receipt: r.ID, Outcome: till.Created, Total: r.Total}
	if old, there := receipts.Get(b.tx, sdk.K(r.ID)); there {
		if old.Import == nil || old.Import.Digest != r.Import.Digest {
			return out, &sdk.Error{Code: sdk.CodeConflict, Reason: "differs", Pointer: "/external", Message: "Another document came under this external id."}
		}
		out.Outcome = till.Known
		return out, nil
	}
	if b.dryRun {
		return out, nil
	}
	if b.moveStock {
		if err := moveStock(b.tx, &r); err != nil {
			return out, err
		}
	}
	b.taken = append(b.taken, past(&r))
	return out, write(b.tx, r, till.ReceiptImported)
}

// store asks the catalog for a store, once per batch.
func (b *importing) store(id retail.StoreID) (*catalog.Store, error) {
	if s, ok := b.stores[id]; ok {
		return s, nil
	}
	s, err := catalog.GetStore.Call(b.tx, catalog.GetStoreIn{ID: id})
	if sdk.CodeOf(err) == sdk.CodeNotFound {
		return nil, &sdk.Error{Code: sdk.CodeNotFound, Reason: "store", Pointer: "/store", Message: "There is no such store."}
	}
	b.stores[id] = &s
	return &s, err
}

func checkDocument(d *till.Document) error {
	switch {
	case d.External == "" || len(d.External) > 100 || strings.Contains(d.External, "/"):
		return sdk.Invalid("/external", "external", "An external id has 1 to 100 characters and no slash.")
	case d.Number == "" || len(d.Number) > 64:
		return sdk.Invalid("/number", "number", "A number has 1 to 64 characters.")
	case d.At == 0:
		return sdk.Invalid("/at", "at", "A document has an instant.")
	case len(d.Lines) == 0:
		return sdk.Invalid("/lines", "lines", "A document has at least one line.")
	case len(d.Lines) > till.MaxImported:
		return &sdk.Error{Code: sdk.CodeTooLarge, Reason: "lines", Pointer: "/lines", Message: "An imported document has at most 1,500 lines."}
	case len(d.Tenders) > till.MaxTenders:
		return sdk.Invalid("/tenders", "tenders", "A document has at most 20 tenders.")
	}
	return identity(d.Store, d.Till, cmp.Or(d.Cashier, "unknown"))
}

// historic is the document as the till keeps it.
func historic(d *till.Document, s *catalog.Store) (till.Receipt, error) {
	local, err := s.Zone.Local(d.At)
	if err != nil {
		return till.Receipt{}, sdk.Invalid("/at", "at", "The instant has no day in the zone of the store.")
	}
	r := till.Receipt{
		ID: importedID(d.External), Kind: till.Historic, Store: d.Store, Till: d.Till,
		Entity: s.Entity, Zone: s.Zone, Day: local.Date, At: d.At, Cashier: d.Cashier,
		Channel:  cmp.Or(d.Channel, s.Channel, retail.Channel(s.Kind), retail.Channel(catalog.Shop)),
		Customer: d.Customer, Currency: cmp.Or(d.Currency, s.Currency), Original: d.Original, Reason: d.Reason,
		Import: &till.Import{External: d.External, Number: d.Number, Kind: d.Kind, Flags: d.Flags, Digest: digest(d)},
	}
	if err := historicLines(&r, d); err != nil {
		return r, err
	}
	r.Tenders = d.Tenders
	if len(d.Tenders) == 0 {
		r.Tenders = []till.Taken{{Type: "unknown", Amount: r.Total}}
	}
	var paid retail.Money
	for _, t := range r.Tenders {
		paid += t.Amount
	}
	if paid != r.Total {
		return r, sdk.Invalid("/tenders", "tenders", "The tenders come to "+paid.Format(r.Currency)+", the lines to "+r.Total.Format(r.Currency)+".")
	}
	return r, nil
}

// historicLines copies the lines and adds them up. An amount that is not what
// quantity and price make is refused: the source would not reconcile.
func historicLines(r *till.Receipt, d *till.Document) error {
	digits, _ := r.Currency.Digits()
	shares := make([]retail.VATShare, len(d.Lines))
	amounts := make([]retail.Money, len(d.Lines))
	for i := range d.Lines {
		l := &d.Lines[i]
		unit, err := historicPrice(l, digits, line(i))
		if err != nil {
			return err
		}
		shares[i], amounts[i] = retail.VATShare{Rate: l.VATRate, Gross: l.Amount}, l.Amount
		r.Lines = append(r.Lines, till.ReceiptLine{
			ID: strconv.Itoa(i + 1), SKU: l.SKU, Quantity: l.Quantity, UnitPrice: unit, Per: 1, ExactPrice: l.UnitPrice,
			List: l.Amount, Total: l.Amount,
			Goods: pricing.Goods{Description: l.Description, Kind: catalog.Goods, Unit: retail.Piece, VATRate: l.VATRate},
		})
	}
	total, err := retail.Sum(amounts)
	if err != nil {
		return sdk.Invalid("/lines", "amount", "The total is beyond what a document can hold.")
	}
	r.List, r.Total = total, total
	if r.VAT, err = retail.SplitVAT(shares); err != nil {
		return sdk.Invalid("/lines", "vat_rate", "A VAT rate is not below zero.")
	}
	return nil
}

// historicPrice checks one line and rounds its unit price to minor units.
func historicPrice(l *till.DocumentLine, digits int, at string) (retail.Money, error) {
	if l.SKU == "" || len(l.SKU) > 64 {
		return 0, sdk.Invalid(at+"/sku", "sku", "A SKU has 1 to 64 characters.")
	}
	if l.VATRate < 0 || l.VATRate > 10_000 {
		return 0, sdk.Invalid(at+"/vat_rate", "vat_rate", "A VAT rate lies between 0 and 10000 basis points.")
	}
	price, err := receipt.ParseDecimal(l.UnitPrice)
	if err != nil {
		return 0, sdk.Invalid(at+"/unit_price", "unit_price", "A price is a decimal with a point, such as 2.55.")
	}
	unit, err := price.Times(1, digits)
	want, bad := price.Times(l.Quantity, digits)
	if err != nil || bad != nil || want != l.Amount {
		return 0, sdk.Invalid(at+"/amount", "amount", "Quantity × unit price is "+strconv.FormatInt(int64(want), 10)+" minor units.")
	}
	return unit, nil
}
