package slip

import (
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Receipt is a document of the till as customers get it. Errors: those of retail.Zone.
func Receipt(r *till.Receipt, h *Head, o *Options) (*paper.Document, error) {
	s := begin(r.ID, o, r.Zone, r.Currency)
	when, err := s.moment(r.At)
	if err != nil {
		return nil, err
	}
	s.head(h)
	s.status(r.Fiscal)
	s.what(r)
	s.Heading(0, paper.Cell{Text: s.item}, paper.Cell{Text: s.vatWord, Width: rateWidth, Right: true}, paper.Cell{Text: s.amountWord, Width: amountWidth, Right: true})
	for i := range r.Lines {
		s.line(r, &r.Lines[i])
	}
	s.Rule()
	s.totals(r)
	s.paidWith(r)
	s.foot(r, when)
	if o.Terms != "" && r.Kind == till.Sale {
		s.Space()
		s.Text(paper.Bold, s.terms)
		s.Text(0, o.Terms)
	}
	if r.Code != "" {
		s.Space()
		s.Barcode(r.Code)
	}
	s.Cut()
	return &s.Document, nil
}

// The columns of figures. On the narrowest roll a name has 16 beside them.
const (
	rateWidth   = 4
	amountWidth = 10
)

// what says which kind of document it is, and which one it undoes.
func (s *slip) what(r *till.Receipt) {
	s.Text(paper.Bold|paper.Centre, s.heading(r))
	if r.Original != "" {
		s.Text(paper.Centre, s.of+" "+r.Original)
	}
	if r.Reason != "" {
		s.Text(paper.Centre, s.reason+": "+r.Reason)
	}
	s.Space()
}

// heading is what a document is. A deposit that VAT was paid on is an advance payment.
func (s *slip) heading(r *till.Receipt) string {
	for _, v := range r.VAT {
		if v.VAT != 0 && r.Kind == till.Advance {
			return s.advance
		}
	}
	return s.headings[r.Kind]
}

// line is goods: what, of which VAT, and for how much, before what was taken off.
func (s *slip) line(r *till.Receipt, l *till.ReceiptLine) {
	s.Row(0, paper.Cell{Text: s.name(r, l)}, paper.Cell{Text: s.rate(l.Goods.VATRate), Width: rateWidth, Right: true},
		paper.Cell{Text: s.amount(l.List), Width: amountWidth, Right: true})
	if how := s.quantity(l); how != "" {
		s.Text(0, "  "+how)
	}
	if l.Stored != "" {
		s.Text(0, "  "+s.card+" "+masked(l.Stored))
	}
	left := l.Discount
	for _, a := range l.Applied {
		if a.Amount != 0 {
			s.Pair(0, "  "+s.promotion(r, &a), s.amount(-a.Amount))
			left -= a.Amount
		}
	}
	if left != 0 {
		s.Pair(0, "  "+s.discount, s.amount(-left))
	}
}

// name is what goods are called, with size and colour.
func (s *slip) name(r *till.Receipt, l *till.ReceiptLine) string {
	if r.Kind == till.Advance {
		return s.heading(r)
	}
	name := l.Goods.Description
	if name == "" {
		name = string(l.SKU)
	}
	for _, more := range []string{l.Goods.Size, l.Goods.Colour} {
		if more != "" {
			name += " " + more
		}
	}
	return name
}

// quantity says how much for what price, unless it is one piece.
func (s *slip) quantity(l *till.ReceiptLine) string {
	price, quantity := s.amount(l.UnitPrice), int64(max(l.Quantity, -l.Quantity)) // the amount says which way it goes
	if l.ExactPrice != "" {
		price = s.exact(l.ExactPrice)
	}
	switch l.Goods.Unit {
	case retail.Gram, retail.Millimetre, retail.Millilitre:
		unit := map[retail.Unit]string{retail.Gram: "kg", retail.Millimetre: "m", retail.Millilitre: "l"}[l.Goods.Unit]
		return paper.Quantity(quantity, s.language) + " " + unit + " x " + price + "/" + unit
	}
	if quantity <= 1 { // none: what an earlier return withheld is given back
		return ""
	}
	return paper.Decimal(quantity, 0, s.language) + " x " + price
}

// exact is a price that is finer than a cent.
func (s *slip) exact(decimal string) string {
	if s.language == "it" {
		return strings.ReplaceAll(decimal, ".", ",")
	}
	return decimal
}

// promotion is what a discount is called. Its name stands once in the document.
func (s *slip) promotion(r *till.Receipt, a *pricing.Applied) string {
	for i := range r.Applied {
		b := &r.Applied[i]
		if b.Promotion == a.Promotion && b.Version == a.Version && b.Filler == a.Filler && b.Name != "" {
			return b.Name
		}
	}
	return s.discount
}

// totals is what is due, and the VAT inside.
func (s *slip) totals(r *till.Receipt) {
	s.Pair(paper.Bold|paper.Tall, s.total+" "+string(r.Currency), s.amount(r.Total))
	var vat retail.Money
	for _, v := range r.VAT {
		vat += v.VAT
	}
	s.Pair(0, s.included, s.amount(vat))
	s.Space()
}

// paidWith is how it was paid, or what was given back.
func (s *slip) paidWith(r *till.Receipt) {
	for _, t := range r.Tenders {
		name := s.tender(t.Type)
		if t.Of != "" {
			name += " (" + s.tender(t.Of) + ")"
		}
		if m := masked(t.Reference); m != "" {
			name += " " + m
		}
		s.Pair(0, name, s.amount(t.Amount))
	}
	if r.Change != 0 {
		s.Pair(0, s.change, s.amount(r.Change))
	}
	if r.Rounding != 0 {
		s.Pair(0, s.rounding, s.amount(r.Rounding))
	}
	word := s.paid
	if r.Total < 0 {
		word = s.refunded
	}
	s.Pair(paper.Bold, word, s.amount(r.Total+r.Rounding))
	s.Space()
	s.vat(r.VAT, r.Currency)
	if len(r.VATPaid) > 0 {
		s.Text(0, s.alreadyTaxed)
		s.vat(r.VATPaid, r.Currency)
	}
}

// foot is when, where and by whom.
func (s *slip) foot(r *till.Receipt, when string) {
	s.Space()
	id := r.ID
	if r.Import != nil && r.Import.Number != "" {
		id = r.Import.Number // as it was printed then
	}
	s.Pair(0, when, s.document+" "+id)
	who := ""
	if r.Cashier != "" {
		who = s.cashier + " " + r.Cashier
	}
	s.Pair(0, s.till+" "+r.Till, who)
	if r.TaxCode != "" {
		s.Text(0, s.customerCode+" "+r.TaxCode)
	}
}

// Gift is what a present goes with: goods and where they are from, without prices.
func Gift(g *till.GiftReceipt, h *Head, o *Options) *paper.Document {
	s := begin(g.Code, o, h.Store.Zone, h.Store.Currency)
	s.head(h)
	s.Text(paper.Bold|paper.Tall|paper.Centre, s.gift)
	s.Text(paper.Centre, s.notFiscal)
	s.Space()
	for _, l := range g.Lines {
		s.Row(0, paper.Cell{Text: l.Description}, paper.Cell{Text: paper.Decimal(int64(l.Quantity), 0, s.language), Width: paper.Fit, Right: true})
	}
	s.Rule()
	s.Text(0, paper.Date(string(g.Day), s.language))
	s.Text(0, s.giftNote)
	if o.Terms != "" {
		s.Text(0, o.Terms)
	}
	s.Space()
	s.Barcode(g.Code)
	s.Cut()
	return &s.Document
}
