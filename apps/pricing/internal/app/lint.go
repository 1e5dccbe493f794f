package app

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/index"
	"github.com/bottega-retail/bottega/apps/pricing/internal/lint"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// maxNamed is how many promotions or SKUs a finding names.
const maxNamed = 20

func lintVersion(v *sdk.View, in pricing.GetPromotionIn) (out pricing.LintOut, err error) {
	p, err := getPromotion(v, in)
	if err != nil {
		return out, err
	}
	out.Findings, _, err = lintOf(v, &p)
	return out, err
}

// lintOf is all that is wrong with a version, the worst first, and what the law's part
// of it has proved.
func lintOf(r sdk.Reader, p *pricing.Promotion) ([]pricing.Finding, *proven, error) {
	rule := ruleOf(p)
	var all []pricing.Finding
	if why := lint.Unreachable(&rule, r.Now()); why != "" {
		all = append(all, pricing.Finding{Severity: pricing.Warning, Reason: "unreachable", Message: why})
	}
	all = append(all, beside(r, &rule)...)
	all = append(all, unfunded(p)...)
	below, err := belowCost(r, p, &rule)
	if err != nil {
		return nil, nil, err
	}
	law, proved := lawFindings(r, p)
	all = append(append(all, below...), law...)
	slices.SortStableFunc(all, func(a, b pricing.Finding) int {
		return cmp.Or(-cmp.Compare(weight(a.Severity), weight(b.Severity)), strings.Compare(a.Reason, b.Reason))
	})
	return all, proved, nil
}

func weight(s pricing.Severity) int {
	switch s {
	case pricing.Refused:
		return 2
	case pricing.Warning:
		return 1
	}
	return 0
}

// beside compares a rule with those that are live: which work on the same goods, and
// with which it is left to their ids who wins.
func beside(r sdk.Reader, rule *price.Rule) (all []pricing.Finding) {
	x := promotionIndex.Get(r)
	var meets, collides []string
	var o price.Rule // one for all: there may be very many
	x.All(x.Generation, func(e *index.Entry[terms]) {
		if e.ID == rule.ID || e.Over(r.Now()) {
			return
		}
		if e.Into(&o); !lint.Meet(rule, &o) {
			return
		}
		if meets = append(meets, e.ID); lint.Collide(rule, &o) {
			collides = append(collides, e.ID)
		}
	})
	if len(collides) > 0 {
		all = append(all, pricing.Finding{
			Severity: pricing.Warning, Reason: "collision", With: firstOf(collides),
			Message: "They keep each other out and have the same priority: the lower id wins.",
		})
	}
	if len(meets) > 0 {
		all = append(all, pricing.Finding{
			Severity: pricing.Note, Reason: "overlap", With: firstOf(meets),
			Message: "Live promotions may work on the same goods.",
		})
	}
	return all
}

// firstOf are the first ids in their order.
func firstOf[S ~string](ids []S) []S {
	slices.Sort(ids)
	return ids[:min(len(ids), maxNamed)]
}

// unfunded says what is left to the retailer of a promotion that suppliers have a part
// in.
func unfunded(p *pricing.Promotion) []pricing.Finding {
	share, strangers := retail.BasisPoints(0), false
	for _, f := range p.Funding {
		share += f.Share
		strangers = strangers || len(p.Goods.Suppliers) > 0 && !slices.Contains(p.Goods.Suppliers, f.Supplier)
	}
	switch {
	case strangers:
		return []pricing.Finding{{Severity: pricing.Warning, Reason: "unfunded", Message: "A supplier pays for goods of others."}}
	case len(p.Goods.Suppliers) > 0 && share == 0:
		return []pricing.Finding{{Severity: pricing.Note, Reason: "unfunded", Message: "It is for goods of certain suppliers, and none of them pays a part."}}
	case share > 0 && share < 10_000:
		return []pricing.Finding{{Severity: pricing.Note, Reason: "unfunded", Percent: int64(10_000 - share), Message: "The retailer pays what suppliers do not."}}
	}
	return nil
}

// belowCost tries a promotion that names SKUs and has no floor on each of them alone,
// and finds those that would be sold for less than they cost.
func belowCost(r sdk.Reader, p *pricing.Promotion, rule *price.Rule) ([]pricing.Finding, error) {
	skus := p.Goods.SKUs[:min(len(p.Goods.SKUs), pricing.MaxLines)]
	if len(skus) == 0 || p.Floor != nil {
		return nil, nil
	}
	store, err := someStore(r, p)
	if err != nil || store == "" {
		return nil, err
	}
	known := costs(r, skus)
	goods, err := catalog.Products.Call(r, catalog.ProductsIn{SKUs: skus, Store: store, At: r.Now()})
	if err != nil || goods.Store == nil {
		return nil, nil // it names goods that are not there: nobody can buy them
	}
	rules := settings.Get(r)
	s := scopeOf(&pricing.QuoteIn{Store: store}, goods.Store, max(r.Now(), p.Period.From), &rules)
	var below []retail.SKU
	for i := range skus {
		if known[i] == nil {
			continue
		}
		n := max(1, retail.Quantity(lint.Quantity(rule)))
		found, missing := look(r, &s, []wanted{{sku: skus[i], quantity: n}})
		if missing < 0 && cheaper(&rules, rule, lineOf(&goods.Items[i], n, found[0].amount), found[0].net, *known[i]) {
			below = append(below, skus[i])
		}
	}
	if len(below) == 0 {
		return nil, nil
	}
	return []pricing.Finding{{
		Severity: pricing.Warning, Reason: "below_floor", SKUs: firstOf(below), Message: "These goods would be sold for less than they cost.",
	}}, nil
}

// someStore is one in which a promotion counts, "" if there is none.
func someStore(r sdk.Reader, p *pricing.Promotion) (retail.StoreID, error) {
	if len(p.For.Stores) > 0 {
		return p.For.Stores[0], nil
	}
	out, err := catalog.Stores.Call(r, catalog.StoresIn{})
	for _, s := range out.Stores {
		if !slices.Contains(p.Not.Stores, s.ID) {
			return s.ID, err
		}
	}
	return "", err
}

// cheaper says whether a rule that everything else allows would sell a line for less
// than it costs.
func cheaper(rules *pricing.Rules, rule *price.Rule, line price.Line, net bool, cost retail.Money) bool {
	alone := *rule
	alone.From, alone.To, alone.Hours, alone.For, alone.Not, alone.NeedsCode = 0, 0, nil, price.Audience{}, price.Audience{}, false
	engine, err := price.New(policyOf(rules), price.Place{Net: net}, []price.Line{line}, nil)
	if err != nil {
		return false
	}
	engine.Promote([]price.Candidate{{Rule: &alone}})
	result := engine.Result()
	without := retail.Money(0)
	for _, v := range result.VAT {
		without += v.Net
	}
	least, err := cost.Times(line.Quantity, line.Per)
	return err == nil && result.Discount > 0 && without < least
}
