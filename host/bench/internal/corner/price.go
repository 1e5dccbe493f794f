package corner

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// goods is what is known of a SKU.
type goods struct {
	Product  string             `json:"product"`
	Name     string             `json:"name"`
	Brand    string             `json:"brand"`
	Category string             `json:"category"`
	VATRate  retail.BasisPoints `json:"vat_rate"`
}

// price is the list price of one piece.
type price struct {
	List   string `json:"list"`
	Amount int64  `json:"amount"`
}

// price makes the receipt of a sale, but for its number.
func (c *Server) price(in *shop.Sale) (*till.Receipt, error) {
	now := time.Now()
	r := &till.Receipt{
		Kind: till.Sale, Store: retail.StoreID(in.Store), Till: in.Till, Entity: "co", Zone: "Europe/Rome",
		Day: retail.Date(now.In(c.zone).Format(time.DateOnly)), At: retail.Instant(now.UnixMilli()),
		Cashier: in.Cashier, Channel: "store", Currency: "EUR",
	}
	err := c.db.View(func(tx *bbolt.Tx) error {
		for i, l := range in.Lines {
			line, err := c.line(tx, i, l)
			if err != nil {
				return err
			}
			r.Lines = append(r.Lines, line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, total(r, in.Tenders)
}

func (c *Server) line(tx *bbolt.Tx, i int, l shop.Line) (till.ReceiptLine, error) {
	var g goods
	var p price
	if l.Quantity <= 0 || !get(tx.Bucket(bucketGoods), l.SKU, &g) || !get(tx.Bucket(bucketPrice), l.SKU, &p) {
		return till.ReceiptLine{}, problem{http.StatusNotFound, "no such SKU: " + l.SKU}
	}
	quantity := retail.Quantity(l.Quantity)
	list, err := retail.Money(p.Amount).Times(quantity, 1)
	if err != nil {
		return till.ReceiptLine{}, err
	}
	line := till.ReceiptLine{
		ID: strconv.Itoa(i + 1), SKU: retail.SKU(l.SKU), Quantity: quantity, UnitPrice: retail.Money(p.Amount), Per: 1,
		PriceList: p.List, List: list, Total: list,
		Goods: pricing.Goods{
			Product: g.Product, Description: g.Name, Kind: catalog.Goods, Brand: g.Brand, Category: g.Category,
			Unit: retail.Piece, VATRate: g.VATRate,
		},
	}
	if promotion, ok := c.promotions[g.Brand]; ok {
		if line.Discount, err = list.Percent(retail.BasisPoints(promotion.Percent)); err != nil {
			return till.ReceiptLine{}, err
		}
		line.Total -= line.Discount
		line.Applied = []pricing.Applied{{Promotion: promotion.ID, Version: 1, Amount: line.Discount}}
	}
	line.UnitShares = shares(line.Total, quantity)
	return line, nil
}

func get(b *bbolt.Bucket, key string, v any) bool {
	text := b.Get([]byte(key))
	return text != nil && json.Unmarshal(text, v) == nil
}

// shares are the units' parts of a line, the larger first.
func shares(total retail.Money, q retail.Quantity) (s []pricing.Share) {
	each, rest := total/retail.Money(q), retail.Quantity(total%retail.Money(q))
	if rest > 0 {
		s = append(s, pricing.Share{Amount: each + 1, Quantity: rest})
	}
	return append(s, pricing.Share{Amount: each, Quantity: q - rest})
}

// cashStep is what a total that is paid in cash is rounded to, in cents.
const cashStep = 5

// total adds up, takes the VAT out and settles with the tenders.
func total(r *till.Receipt, tenders []shop.Tender) (err error) {
	var vat []retail.VATShare
	for _, l := range r.Lines {
		r.List, r.Discount, r.Total = r.List+l.List, r.Discount+l.Discount, r.Total+l.Total
		r.Applied = append(r.Applied, l.Applied...)
		vat = append(vat, retail.VATShare{Rate: l.Goods.VATRate, Gross: l.Total})
	}
	if r.VAT, err = retail.SplitVAT(vat); err != nil {
		return err
	}
	return settle(r, tenders)
}

// settle takes the tenders: only cash is rounded, if nothing else pays, and only cash
// gives change.
func settle(r *till.Receipt, tenders []shop.Tender) (err error) {
	due, cash, cards := r.Total, retail.Money(0), retail.Money(0)
	for _, t := range tenders {
		amount := retail.Money(t.Amount)
		switch {
		case t.Amount <= 0:
			return problem{http.StatusBadRequest, "an amount is above zero"}
		case t.Type == till.Cash:
			cash += amount
		case t.Type == shop.GiftCard:
			cards += amount
		default:
			return problem{http.StatusBadRequest, "this server takes cash and gift cards"}
		}
		r.Tenders = append(r.Tenders, till.Taken{Type: t.Type, Amount: amount, Reference: t.Reference})
	}
	if cards > due {
		return problem{http.StatusBadRequest, "only cash gives change"}
	}
	if cards == 0 {
		rounded, err := due.RoundTo(cashStep)
		if err != nil {
			return err
		}
		r.Rounding, due = rounded-due, rounded
	}
	if r.Change = cash + cards - due; r.Change < 0 {
		return problem{http.StatusConflict, "underpaid"}
	}
	return nil
}
