package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings are what the retailer decides about tills.
type Settings struct {
	CashRounding    retail.Money       `json:"cash_rounding" title:"Cash rounding" doc:"In cents: a total in euro that is paid wholly in cash is rounded to a multiple of it. 5 is the rule in Italy; 0 or 1 is none." min:"0" max:"100"`
	ExactCash       []string           `json:"exact_cash" title:"Stores that do not round cash" doc:"Ids of stores. Empty: all round."`
	Sessions        bool               `json:"sessions" title:"Tills need a session" doc:"A till sells and refunds only while a session is open."`
	Tenders         []TenderRule       `json:"tenders" title:"Tenders" doc:"Meal vouchers and others that no app takes, and what tenders may pay for some goods only."`
	OverrideLimit   retail.BasisPoints `json:"override_limit" title:"Price by hand: at most below list" doc:"How far below the list price whoever sells may go alone. More needs somebody who may approve prices. 0 is no limit, 0.01 % lets nobody." min:"0" max:"10000"`
	OverrideReasons []string           `json:"override_reasons" title:"Reasons of prices by hand" doc:"One of these must be given. Empty: any text."`
	DepositUntaxed  bool               `json:"deposit_untaxed" title:"Deposits are earnest money" doc:"No VAT is due on a deposit before the sale (caparra). Otherwise it is an advance payment, taxed when it is paid (acconto)."`
	Unreceipted     bool               `json:"unreceipted" title:"Returns without a receipt" doc:"Goods come back for a return voucher, at the lowest price of the last days."`
}

// TenderRule says what is particular about a type of tender.
type TenderRule struct {
	Type       string   `json:"type" title:"Type" doc:"As the till sends it: meal_voucher."`
	Own        bool     `json:"own" title:"Paper of the till's own" doc:"No app takes it: it is counted like cash and gives no change."`
	Categories []string `json:"categories" title:"Pays for categories" doc:"Empty, with no tags: any goods."`
	Tags       []string `json:"tags" title:"Pays for goods with tags" doc:"In addition to the categories."`
	MaxCount   int64    `json:"max_count" title:"Pieces in one sale" doc:"At most; 0 is any number. 8 is the rule for meal vouchers in Italy." min:"0" max:"1000"`
}

var settings = sdk.Settings[Settings]{Default: Settings{CashRounding: 5}}

// step is what cash is rounded to in a store and currency. The five-cent rule is one of
// the euro (DL 50/2017, art. 13-quater).
func (s *Settings) step(store retail.StoreID, c retail.Currency) retail.Money {
	if c != "EUR" || slices.Contains(s.ExactCash, string(store)) {
		return 1
	}
	return s.CashRounding
}

// rule is that of a type of tender, nil if there is none.
func (s *Settings) rule(kind string) *TenderRule {
	i := slices.IndexFunc(s.Tenders, func(r TenderRule) bool { return r.Type == kind })
	if i < 0 || kind == till.Cash {
		return nil
	}
	return &s.Tenders[i]
}

// own says whether a tender needs no app: drawer and terminal are outside the
// transaction.
func (s *Settings) own(kind string) bool {
	if kind == till.Cash || kind == till.Card {
		return true
	}
	r := s.rule(kind)
	return r != nil && r.Own
}

// limits says whether a tender may pay for some goods only.
func (r *TenderRule) limits() bool {
	return r != nil && (len(r.Categories) > 0 || len(r.Tags) > 0)
}

// pays says whether a tender may pay for goods. Stored value is never among what a tender
// for some goods pays for.
func (r *TenderRule) pays(g *pricing.Goods) bool {
	if g.Kind == catalog.GiftCard {
		return false
	}
	return slices.Contains(r.Categories, g.Category) ||
		slices.ContainsFunc(r.Tags, func(t string) bool { return slices.Contains(g.Tags, t) })
}
