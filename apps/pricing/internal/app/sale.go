package app

import (
	"cmp"
	"iter"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// sales holds what was sold and what came back, for back-tests and reports: by day,
// since that is how they are asked for.
var sales = sdk.Collection[saleRecord]{
	Name: "sales", Key: []string{"day", "at", "document"}, Expires: "expires", Subject: "customer",
	Indexes: []sdk.Index{
		{Name: "document", Fields: []string{"document"}, Unique: true},
		{Name: "returns", Fields: []string{"returns", "document"}},
	},
}

// saleRecord is one of them.
type saleRecord struct {
	Day      retail.Date       `json:"day"` // civil day of At in the store's zone
	At       retail.Instant    `json:"at"`
	Document string            `json:"document"`
	Returns  string            `json:"returns,omitempty"`
	Customer retail.CustomerID `json:"customer,omitempty"`
	Expires  retail.Instant    `json:"expires"`
	Sale     pricing.Sale      `json:"sale"`
}

// The bounds of what is recorded.
const (
	maxSales     = 100
	maxSaleLines = 1_500 // of one document, as many as tills import
	voidSuffix   = "#void"
)

// keptUntil is until when what is recorded now is kept. It counts from now, also for
// what was sold long ago: who imports it wants to look into it.
func keptUntil(r sdk.Reader) retail.Instant {
	months := cmp.Or(settings.Get(r).SalesMonths, 24)
	return r.Now() + retail.Instant(months)*31*aDay
}

// record keeps a sale.
func record(tx *sdk.Tx, zone retail.Zone, s pricing.Sale) error {
	local, err := zone.Local(s.At)
	if err != nil {
		return sdk.FailedPrecondition("zone", "The zone of the store is unknown.")
	}
	if err = owe(tx, local.Date, &s); err != nil {
		return err
	}
	return sales.Insert(tx, saleRecord{
		Day: local.Date, At: s.At, Document: s.Document, Returns: s.Returns, Customer: s.Customer,
		Expires: keptUntil(tx), Sale: s,
	})
}

// salesOf are the sales of some days, both included, by day and instant.
func salesOf(r sdk.Reader, first, last retail.Date) iter.Seq[pricing.Sale] {
	return func(yield func(pricing.Sale) bool) {
		for s := range sales.Scan(r, sdk.Scan{From: sdk.K(first), To: sdk.K(last + "~")}) {
			if !yield(s.Sale) {
				return
			}
		}
	}
}

// sale is a basket as it is recorded once it is sold.
func (b *basket) sale(document string, q *pricing.QuoteOut) *pricing.Sale {
	s := pricing.Sale{
		Document: document, Store: b.in.Store, Channel: q.Channel, Customer: b.in.Customer,
		CustomerGroups: b.in.CustomerGroups, Tier: b.in.Tier, PastOrders: b.in.PastOrders, Net: b.place.Net,
		Shipping: b.in.Shipping, Total: q.Total, Applied: q.Applied,
	}
	for i := range b.given {
		if b.given[i].reason == "" {
			s.Codes = append(s.Codes, key.Coupon(b.given[i].text))
		}
	}
	for _, l := range slices.Concat(q.Lines, q.Added) {
		s.Lines = append(s.Lines, pricing.SaleLine{
			SKU: l.SKU, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Per: l.Per, Manual: l.PriceOverride, Total: l.Total,
		})
	}
	return &s
}

// recordVoid takes a sale out of all reports, and leaves in them what came back before.
func recordVoid(tx *sdk.Tx, h *hold) error {
	sold, there := sales.Find(tx, "document", sdk.K(h.ID))
	if !there {
		return nil
	}
	void := sold.Sale
	void.Document, void.Returns, void.At, void.Last = h.ID+voidSuffix, h.ID, tx.Now(), true
	void.Lines, void.Applied, void.Total = nil, nil, 0
	turned(&void, &sold.Sale)
	for came := range sales.Scan(tx, sdk.Scan{Index: "returns", Prefix: sdk.K(h.ID)}) {
		turned(&void, &came.Sale)
	}
	return record(tx, h.Zone, void)
}

// turned adds a document with all signs turned.
func turned(void, s *pricing.Sale) {
	for _, l := range s.Lines {
		l.Quantity, l.Total = -l.Quantity, -l.Total
		void.Lines = append(void.Lines, l)
	}
	for _, a := range s.Applied {
		a.Amount, a.Funded = -a.Amount, slices.Clone(a.Funded)
		for i := range a.Funded {
			a.Funded[i].Amount = -a.Funded[i].Amount
		}
		void.Applied = append(void.Applied, a)
	}
	void.Total -= s.Total
}

// recordSales keeps past sales, and gives back what returns give back.
func recordSales(tx *sdk.Tx, in pricing.RecordIn) (out pricing.RecordOut, err error) {
	if len(in.Sales) > maxSales {
		return out, sdk.Fail(sdk.CodeTooLarge, "sales", "At most 100 sales are recorded at once.")
	}
	zones := map[retail.StoreID]retail.Zone{}
	for i := range in.Sales {
		s := &in.Sales[i]
		if err = checkSale(tx, s, pointer("/sales", i)); err != nil {
			return out, err
		}
		if _, there := sales.Find(tx, "document", sdk.K(s.Document)); there {
			out.Present++
			continue
		}
		zone, err := zoneOf(tx, zones, s.Store)
		if err != nil {
			return out, err
		}
		if err = record(tx, zone, *s); err != nil {
			return out, err
		}
		if err = takeReturn(tx, s); err != nil {
			return out, err
		}
		out.Kept++
	}
	return out, nil
}

func checkSale(tx *sdk.Tx, s *pricing.Sale, at string) error {
	switch {
	case s.Document == "" || len(s.Document) > maxHoldID:
		return sdk.Invalid(at+"/document", "document", "A document has an id of 1 to 128 characters.")
	case len(s.Lines) == 0:
		return sdk.Invalid(at+"/lines", "lines", "A sale has at least one line.")
	case len(s.Lines) > maxSaleLines:
		return &sdk.Error{Code: sdk.CodeTooLarge, Reason: "lines", Pointer: at + "/lines", Message: "A sale has at most 1,500 lines."}
	case s.At == 0:
		return sdk.Invalid(at+"/at", "document", "A document has an instant.")
	case !reachOf(tx).sees([]retail.StoreID{s.Store}):
		return otherStore(at + "/store")
	}
	return nil
}

// zoneOf asks the catalog for the zone of a store, once.
func zoneOf(tx *sdk.Tx, zones map[retail.StoreID]retail.Zone, store retail.StoreID) (retail.Zone, error) {
	if z, known := zones[store]; known {
		return z, nil
	}
	found, err := catalog.Products.Call(tx, catalog.ProductsIn{Store: store})
	if err != nil {
		return "", err
	}
	if found.Store == nil {
		return "", noStore()
	}
	zones[store] = found.Store.Zone
	return found.Store.Zone, nil
}

// takeReturn gives budgets back what was taken off goods that came back, with what the
// kept ones no longer earn, and takes again what is given back of that. When nothing is
// left with the customer, it gives the uses back too.
func takeReturn(tx *sdk.Tx, s *pricing.Sale) error {
	if s.Returns == "" {
		return nil
	}
	h, there := holds.Get(tx, sdk.K(s.Returns))
	if !there || h.State != pricing.Confirmed {
		return nil
	}
	if s.Last {
		return h.release(tx)
	}
	for i := range h.Uses {
		u := &h.Uses[i]
		for _, a := range s.Applied {
			if a.Promotion == u.Use.Promotion && a.Amount != 0 {
				if err := u.returned(tx, -a.Amount); err != nil {
					return err
				}
			}
		}
	}
	return holds.Put(tx, h)
}
