package app

import (
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
)

// shared keeps one copy of texts that many promotions say. What is decoded lies in
// the memory of its whole record, which is let go so.
type shared map[string]string

// keptText is the one copy of a text.
func keptText[S ~string](t shared, s S) S {
	if s == "" {
		return ""
	}
	one, ok := t[string(s)]
	if !ok {
		one = strings.Clone(string(s))
		t[one] = one
	}
	return S(one)
}

func texts[S ~string](t shared, list []S) {
	for i, s := range list {
		list[i] = keptText(t, s)
	}
}

// promotion lets go of the record that a promotion was decoded from.
func (t shared) promotion(p *pricing.Promotion) {
	p.ID, p.Name = strings.Clone(p.ID), strings.Clone(p.Name)
	p.Note, p.By, p.State = "", "", "" // nobody asks the index for these
	p.Refund = keptText(t, p.Refund)
	p.Limits.Overrun, p.Currency = keptText(t, p.Limits.Overrun), keptText(t, p.Currency)
	t.audience(&p.For)
	t.audience(&p.Not)
	t.selection(&p.Goods)
	t.selection(&p.Except)
	for i := range p.If {
		texts(t, p.If[i].Shipping)
		t.selection(p.If[i].Goods)
	}
	for i := range p.Effects {
		t.effect(&p.Effects[i])
	}
	texts(t, p.Codes)
	texts(t, p.Batches)
	p.Stacking.Group = keptText(t, p.Stacking.Group)
	for i := range p.Funding {
		p.Funding[i].Supplier = keptText(t, p.Funding[i].Supplier)
	}
	for i := range p.Hours {
		h := &p.Hours[i].Hours
		h.From, h.To = keptText(t, h.From), keptText(t, h.To)
	}
}

func (t shared) audience(a *pricing.Audience) {
	texts(t, a.Stores)
	texts(t, a.Channels)
	texts(t, a.Customers)
	texts(t, a.CustomerGroups)
	texts(t, a.Tiers)
}

func (t shared) selection(s *pricing.Selection) {
	if s == nil {
		return
	}
	texts(t, s.SKUs)
	texts(t, s.Products)
	texts(t, s.Brands)
	texts(t, s.Lines)
	texts(t, s.Seasons)
	texts(t, s.Suppliers)
	texts(t, s.Categories)
	texts(t, s.Tags)
	for i := range s.Attributes {
		s.Attributes[i].Name = keptText(t, s.Attributes[i].Name)
		texts(t, s.Attributes[i].Values)
	}
}

func (t shared) effect(e *pricing.Effect) {
	texts(t, e.Methods)
	t.selection(e.Goods)
	t.selection(e.Except)
	if e.BuyGet != nil {
		t.selection(e.BuyGet.Buy)
		t.selection(e.BuyGet.Get)
	}
	if e.Bundle != nil {
		for i := range e.Bundle.Parts {
			t.selection(&e.Bundle.Parts[i].Goods)
		}
	}
	if e.Tiers != nil {
		t.selection(e.Tiers.Goods)
	}
	if e.Gift != nil {
		e.Gift.SKU = keptText(t, e.Gift.SKU)
	}
	if e.Cashback != nil {
		texts(t, e.Cashback.Stores)
	}
}
