package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
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
	Devices         []DeviceRule       `json:"devices" title:"Terminals and fiscal devices" doc:"Which till has which. The first that fits counts; none: cards are taken on a terminal of its own, and nothing is fiscalised here."`
	HoldMinutes     int64              `json:"hold_minutes" title:"Card not taken by a sale: let go after minutes" doc:"An authorisation that no sale has taken by then is reversed." min:"1" max:"1440"`
	DeviceRetry     int64              `json:"device_retry" title:"Ask devices again after minutes" doc:"That were silent, or had no paper. 0: people do." min:"0" max:"1440"`
	DepositUntaxed  bool               `json:"deposit_untaxed" title:"Deposits are earnest money" doc:"No VAT is due on a deposit before the sale (caparra). Otherwise it is an advance payment, taxed when it is paid (acconto)."`
	Unreceipted     bool               `json:"unreceipted" title:"Returns without a receipt" doc:"Goods come back for a return voucher, at the lowest price of the last days."`

	PaperMedium        string `json:"paper_medium" title:"Paper" doc:"What receipts are printed on." enum:"roll80,roll58,a4"`
	PaperLanguage      string `json:"paper_language" title:"Language of paper" doc:"Of receipts and reports." enum:"it,en"`
	ReturnTerms        string `json:"return_terms" title:"Terms of returns" doc:"Stands on receipts, in the language of the paper. Empty: nothing." maxlen:"1000"`
	ReturnTermsEnglish string `json:"return_terms_english" title:"Terms of returns in English" doc:"For receipts in English. Empty: the same text." maxlen:"1000"`
}

// TenderRule says what is particular about a type of tender.
type TenderRule struct {
	Type       string   `json:"type" title:"Type" doc:"As the till sends it: meal_voucher."`
	Own        bool     `json:"own" title:"Paper of the till's own" doc:"No app takes it: it is counted like cash and gives no change."`
	Categories []string `json:"categories" title:"Pays for categories" doc:"Empty, with no tags: any goods."`
	Tags       []string `json:"tags" title:"Pays for goods with tags" doc:"In addition to the categories."`
	MaxCount   int64    `json:"max_count" title:"Pieces in one sale" doc:"At most; 0 is any number. 8 is the rule for meal vouchers in Italy." min:"0" max:"1000"`
}

// DeviceRule says what stands at a till. Drivers are named by the keys under which apps fill
// the slots till.terminal and till.fiscal_device.
type DeviceRule struct {
	Store      string `json:"store,omitempty" title:"Store" doc:"Empty: all."`
	Till       string `json:"till,omitempty" title:"Till" doc:"Empty: all of the store."`
	Terminal   string `json:"terminal,omitempty" title:"Driver of the card terminal" doc:"Empty: none."`
	TerminalID string `json:"terminal_id,omitempty" title:"Terminal" doc:"As its driver knows it. Empty: store-till."`
	Integrated bool   `json:"integrated,omitempty" title:"Cards through this terminal only" doc:"Card tenders without a payment of the terminal are refused."`
	Fiscal     string `json:"fiscal,omitempty" title:"Driver of the fiscal device" doc:"Empty: none."`
	FiscalID   string `json:"fiscal_id,omitempty" title:"Fiscal device" doc:"As its driver knows it. Empty: store-till."`
}

var settings = sdk.Settings[Settings]{Default: Settings{CashRounding: 5, HoldMinutes: 15, DeviceRetry: 5, PaperMedium: string(paper.Roll80), PaperLanguage: "it"}}

// devices is what stands at a till, nil for nothing.
func (s *Settings) devices(store retail.StoreID, id string) *DeviceRule {
	for i := range s.Devices {
		r := &s.Devices[i]
		if (r.Store == "" || r.Store == string(store)) && (r.Till == "" || r.Till == id) {
			return r
		}
	}
	return nil
}

// integrated says whether a till takes cards through its terminal only.
func (s *Settings) integrated(store retail.StoreID, id string) bool {
	r := s.devices(store, id)
	return r != nil && r.Terminal != "" && r.Integrated
}

// named is a device as its driver knows it.
func named(id string, store retail.StoreID, till string) string {
	return cmp.Or(id, string(store)+"-"+till)
}

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
