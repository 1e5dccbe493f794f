package app

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// stranger is a promotion, in a basket of a shirt, that does not apply for one reason.
type stranger struct {
	p      pricing.Promotion
	state  pricing.State       // "" is live
	beside []pricing.Promotion // that stand in its way
	used   bool                // the same basket was sold before
	known  bool                // the customer is named
	by     *retail.Money       // price that is set by hand
	// quiet says that a quote does not speak of it: it is nothing that who buys could
	// come near by himself.
	quiet bool
}

// strangers are promotions for every reason for which one may not apply. Those that
// slots give are not promotions' and are answered by a quote only.
func strangers(t *testing.T) map[pricing.Reason]stranger {
	t.Helper()
	rome, ten := retail.Zone("Europe/Rome"), percentOff(1000)
	two, none := atLeast(2), int64(0)
	alone := pricing.Promotion{ID: "beside", Effects: percentOff(2000), Stacking: pricing.Stacking{Priority: 9, Exclusive: pricing.ExclusiveAll}}
	goods := alone
	goods.Stacking.Exclusive = pricing.ExclusiveGoods
	better := pricing.Promotion{ID: "beside", Effects: percentOff(2000), Stacking: pricing.Stacking{Group: "g"}}
	all := pricing.Promotion{ID: "beside", Effects: percentOff(10_000), Stacking: pricing.Stacking{Priority: 9}}
	pair := []pricing.Effect{{BuyGet: &pricing.BuyGet{BuyQuantity: 1, GetQuantity: 1, Percent: 10_000}}}
	free := []pricing.Effect{{Target: pricing.ToShipping, Percent: 10_000}}
	return map[pricing.Reason]stranger{
		pricing.CodeMissing:     {p: pricing.Promotion{Codes: []string{"X"}, Effects: ten}, quiet: true},
		pricing.Inactive:        {p: pricing.Promotion{Effects: ten}, state: pricing.Draft, quiet: true},
		pricing.IsPaused:        {p: pricing.Promotion{Effects: ten}, state: pricing.Paused, quiet: true},
		pricing.NotStarted:      {p: pricing.Promotion{Period: must(rome.Days("2026-12-24", "2026-12-24"))(t), Effects: ten}},
		pricing.Over:            {p: pricing.Promotion{Period: must(rome.Days("2026-11-01", "2026-11-10"))(t), Effects: ten}, quiet: true},
		pricing.WrongHours:      {p: pricing.Promotion{Hours: []pricing.Hours{{Hours: retail.Hours("09:00", "10:00")}}, Effects: ten}},
		pricing.WrongStore:      {p: pricing.Promotion{For: pricing.Audience{Stores: []retail.StoreID{"WEB"}}, Effects: ten}, quiet: true},
		pricing.WrongChannel:    {p: pricing.Promotion{For: pricing.Audience{Channels: []retail.Channel{"web"}}, Effects: ten}},
		pricing.WrongCurrency:   {p: pricing.Promotion{Currency: "USD", Effects: ten}, quiet: true},
		pricing.UnknownCustomer: {p: pricing.Promotion{For: pricing.Audience{CustomerGroups: []string{"gold"}}, Effects: ten}},
		pricing.WrongCustomer:   {p: pricing.Promotion{For: pricing.Audience{Customers: []retail.CustomerID{"C-2"}}, Effects: ten}, known: true, quiet: true},
		pricing.WrongGroup:      {p: pricing.Promotion{For: pricing.Audience{CustomerGroups: []string{"gold"}}, Effects: ten}, known: true, quiet: true},
		pricing.WrongTier:       {p: pricing.Promotion{For: pricing.Audience{Tiers: []string{"gold"}}, Effects: ten}, known: true},
		pricing.WrongOrders:     {p: pricing.Promotion{If: []pricing.Condition{{PastOrders: &pricing.Range{Max: &none}}}, Effects: ten}, known: true},
		pricing.WrongShipping:   {p: pricing.Promotion{If: []pricing.Condition{{Shipping: []string{"drone"}}}, Effects: ten}},
		pricing.UsageLimit:      {p: pricing.Promotion{Limits: pricing.Limits{Uses: 1}, Effects: ten}, used: true},
		pricing.CustomerLimit:   {p: pricing.Promotion{Limits: pricing.Limits{UsesPerCustomer: 1}, Effects: ten}, used: true, known: true},
		pricing.BudgetSpent:     {p: pricing.Promotion{Limits: pricing.Limits{Budget: 300}, Effects: ten}, used: true},
		pricing.NoGoods:         {p: pricing.Promotion{Goods: pricing.Selection{Brands: []string{"zeta"}}, Effects: ten}, quiet: true},
		pricing.ManualPrice:     {p: pricing.Promotion{Effects: ten}, by: &[]retail.Money{2500}[0]},
		pricing.MissingQuantity: {p: pricing.Promotion{If: []pricing.Condition{{Quantity: two}}, Effects: ten}},
		pricing.MissingAmount:   {p: pricing.Promotion{If: []pricing.Condition{{Amount: atLeast(5000)}}, Effects: ten}},
		pricing.TooMuch:         {p: pricing.Promotion{If: []pricing.Condition{{Amount: &pricing.Range{Max: &[]int64{1000}[0]}}}, Effects: ten}},
		pricing.UnitsUsed: {
			p:      pricing.Promotion{Effects: pair},
			beside: []pricing.Promotion{{ID: "beside", Effects: pair, Stacking: pricing.Stacking{Priority: 9}}},
		},
		pricing.NotCombinable: {p: pricing.Promotion{Effects: ten}, beside: []pricing.Promotion{goods}},
		pricing.ExcludedBy:    {p: pricing.Promotion{Effects: ten}, beside: []pricing.Promotion{alone}},
		pricing.LostTo:        {p: pricing.Promotion{Effects: ten, Stacking: pricing.Stacking{Group: "g"}}, beside: []pricing.Promotion{better}},
		pricing.FloorReached:  {p: pricing.Promotion{Effects: ten, Floor: &pricing.Floor{}}},
		pricing.NothingLeft:   {p: pricing.Promotion{Effects: free}, beside: []pricing.Promotion{all}},
	}
}

// Every promotion that does not apply comes back with its reason, from Try and from
// Explain, for every reason that the contract has; of those that somebody could come near
// by himself a quote speaks, too, and of no others.
func TestEveryReasonIsGiven(t *testing.T) {
	t.Parallel()
	all := strangers(t)
	for _, reason := range contractReasons(t) {
		s, there := all[reason]
		if slots := reason == pricing.FillerFailed || reason == pricing.FillerRefused; !there && !slots {
			t.Errorf("no promotion is held to %s", reason)
		} else if there {
			t.Run(string(reason), func(t *testing.T) { t.Parallel(); s.check(t, reason) })
		}
	}
}

func (s *stranger) check(t *testing.T, reason pricing.Reason) {
	t.Helper()
	s.p.ID, s.p.Name = "x", "x"
	if n := missOf(s.try(t).NotApplied); n == nil || n.Reason != reason {
		t.Errorf("try: %+v", n)
	}
	env := shop(t)
	must(sdktest.Run(env, pricing.PutCosts, pricing.PutCostsIn{Costs: []pricing.Cost{{SKU: "shirt", Amount: 3000}}}))(t)
	for _, p := range s.beside {
		goLive(t, env, p)
	}
	must(sdktest.Run(env, pricing.PutPromotion, s.p))(t)
	if s.state != pricing.Draft {
		goLive(t, env, s.p)
	}
	if s.state == pricing.Paused {
		must(sdktest.Run(env, pricing.Pause, pricing.PromotionID{ID: "x"}))(t)
	}
	in := cart(of("shirt", s.quantity()))
	in.Lines[0].PriceOverride, in.Shipping = s.by, []pricing.QuoteShipping{{Method: "dhl"}}
	if s.known {
		orders := int64(3)
		in.Customer, in.PastOrders = "C-1", &orders
	}
	if s.used {
		must(sdktest.Run(env, pricing.HoldBasket, pricing.HoldIn{ID: "before", Basket: in}))(t)
	}
	out := must(sdktest.Call(env, pricing.Explain, pricing.ExplainIn{Basket: in, IDs: []string{"x"}}))(t).Promotions[0]
	if out.NotApplied == nil || out.NotApplied.Reason != reason || out.Text == "" || out.Text == string(reason) {
		t.Errorf("explain: %+v %+v", out, out.NotApplied)
	}
	n := missOf(must(sdktest.Call(env, pricing.Quote, in))(t).NotApplied)
	if s.quiet && n != nil || !s.quiet && (n == nil || n.Reason != reason) {
		t.Errorf("quote: %+v", n)
	}
}

// quantity is how many shirts are in the basket: a pair, where one takes the other's.
func (s *stranger) quantity() retail.Quantity {
	if e := &s.p.Effects[0]; e.BuyGet != nil {
		return 2
	}
	return 1
}

func (s *stranger) try(t *testing.T) *pricing.QuoteOut {
	t.Helper()
	s.p.State = s.state
	cost, orders := retail.Money(3000), int64(3)
	b := pricing.TryBasket{
		Store: "MI-01", Channel: "store", Currency: "EUR",
		At:         must(retail.Zone("Europe/Rome").Start("2026-11-21", "17:05"))(t),
		Lines:      []pricing.TryLine{{ID: "1", SKU: "shirt", Quantity: s.quantity(), UnitPrice: 3000, VATRate: 2200, Cost: &cost}},
		Shipping:   []pricing.QuoteShipping{{Method: "dhl"}},
		Promotions: append([]pricing.Promotion{s.p}, s.beside...),
	}
	if s.by != nil {
		b.Lines[0].UnitPrice, b.Lines[0].Manual = *s.by, true
	}
	if s.known {
		b.Customer, b.PastOrders = "C-1", &orders
	}
	if s.used {
		b.Used = []pricing.TryUse{{Promotion: "x", Uses: 1, ByCustomer: 1, Spent: 300}}
	}
	return ask(t, pricing.TryIn{Basket: &b}).Quote
}

func missOf(all []pricing.NotApplied) *pricing.NotApplied {
	for i := range all {
		if all[i].Promotion == "x" {
			return &all[i]
		}
	}
	return nil
}

// contractReasons reads the constants of type Reason in the contract.
func contractReasons(t *testing.T) (all []pricing.Reason) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../quote.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if name, ok := v.Type.(*ast.Ident); ok && name.Name == "Reason" {
				for _, value := range v.Values {
					s, _ := strconv.Unquote(value.(*ast.BasicLit).Value)
					all = append(all, pricing.Reason(s))
				}
			}
		}
		return true
	})
	if len(all) < 20 {
		t.Fatalf("only %d reasons", len(all))
	}
	return all
}
