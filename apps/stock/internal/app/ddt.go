package app

import (
	"cmp"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/ledger"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// series numbers transport documents: one per legal person and year. Only a dispatch
// that commits takes a number, so that there are no gaps.
var series = sdk.Collection[SeriesRecord]{Name: "document_series", Key: []string{"entity", "year"}}

// SeriesRecord is the last number of a series.
type SeriesRecord struct {
	Entity retail.EntityID `json:"entity"`
	Year   string          `json:"year"`
	Last   int64           `json:"last"`
}

// usualReason is the causale of goods that stay the retailer's.
const usualReason = "Trasferimento tra sedi"

// document draws up the transport document of a dispatch and takes its number.
func document(tx *sdk.Tx, t *stock.TransferOrder, in *stock.DispatchIn, lines []ledger.Amount) (*stock.TransportDocument, error) {
	for _, text := range [...]string{in.Reason, in.Carrier, in.Appearance, in.Carriage} {
		if len(text) > 200 {
			return nil, sdk.Invalid("", "text", "texts of a transport document have at most 200 characters")
		}
	}
	if in.Parcels < 0 || in.Weight < 0 {
		return nil, sdk.Invalid("/parcels", "quantity", "parcels and weight are zero or more")
	}
	from, sender, err := party(tx, t.FromStore)
	if err != nil {
		return nil, err
	}
	to, recipient, err := party(tx, t.ToStore)
	if err != nil {
		return nil, err
	}
	items, err := described(tx, lines, in.Lines)
	if err != nil {
		return nil, err
	}
	departure := cmp.Or(in.Departure, tx.Now())
	local, err := from.Zone.Local(tx.Now())
	if err != nil {
		return nil, err
	}
	d := &stock.TransportDocument{
		Entity: from.Entity, Date: local.Date, Departure: departure, Reason: cmp.Or(in.Reason, usualReason),
		Sender: sender, Recipient: recipient, Carrier: in.Carrier, Parcels: in.Parcels, Weight: in.Weight,
		Appearance: in.Appearance, Carriage: in.Carriage, Lines: items, BetweenEntities: from.Entity != to.Entity,
	}
	return d, number(tx, d)
}

// number takes the next one of the series.
func number(tx *sdk.Tx, d *stock.TransportDocument) error {
	year := string(d.Date[:4])
	s, _ := series.Get(tx, sdk.K(d.Entity).Text(year))
	s.Entity, s.Year, s.Last = d.Entity, year, s.Last+1
	d.Progressive, d.Number = s.Last, strconv.FormatInt(s.Last, 10)+"/"+year
	var err error
	if d.Year, err = strconv.ParseInt(year, 10, 64); err != nil {
		return err
	}
	return series.Put(tx, s)
}

// party is who sends or receives at a store.
func party(r sdk.Reader, id retail.StoreID) (catalog.Store, stock.TransportParty, error) {
	store, err := catalog.GetStore.Call(r, catalog.GetStoreIn{ID: id})
	if err != nil {
		return store, stock.TransportParty{}, err
	}
	e, err := catalog.GetEntity.Call(r, catalog.GetEntityIn{ID: store.Entity})
	return store, stock.TransportParty{
		Entity: e.Name, VATNumber: e.VATNumber, TaxCode: e.TaxCode, Seat: e.Address, Store: store.Name, Address: store.Address,
	}, err
}

// described asks the catalog what goods are called. Errors: those of goods.
func described(r sdk.Reader, lines []ledger.Amount, in []stock.Line) ([]stock.TransportedGoods, error) {
	if err := goodsOf(r, lines, in); err != nil {
		return nil, err
	}
	known, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: skusOf(lines)})
	if err != nil {
		return nil, err
	}
	out := make([]stock.TransportedGoods, len(lines))
	for i, item := range known.Items {
		out[i] = stock.TransportedGoods{SKU: item.SKU, Description: item.Description, Unit: item.Unit, Quantity: lines[i].Quantity}
	}
	return out, nil
}
