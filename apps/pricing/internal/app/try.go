package app

import (
	"cmp"
	"errors"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// maxTried bounds the promotions of one try.
const maxTried = 1_000

// try answers a question about things that the caller brings.
func try(v *sdk.View, in pricing.TryIn) (out pricing.TryOut, err error) {
	if count(in.Basket != nil, in.Proration != nil, in.Price != nil, in.Prior != nil, in.Choice != nil, in.Spending != nil) != 1 {
		return out, sdk.Invalid("", "try", "A try asks exactly one question.")
	}
	rules := in.Rules
	if rules == nil {
		set := settings.Get(v)
		rules = &set
	}
	switch {
	case in.Basket != nil:
		var q pricing.QuoteOut
		q, err = tryBasket(in.Basket, rules, v.Now())
		out.Quote = &q
	case in.Proration != nil:
		out.Parts, err = tryProration(in.Proration, rules)
	case in.Price != nil:
		out.Price, err = tryPrice(in.Price, rules, v.Now())
	case in.Prior != nil:
		out.Prior, err = tryPrior(in.Prior, rules)
	case in.Choice != nil:
		out.Choice = tryChoice(in.Choice)
	default:
		var spent retail.Money
		spent, err = trySpending(in.Spending)
		out.Spending = &spent
	}
	return out, err
}

// trial is a basket that somebody brought.
type trial struct {
	in         *pricing.TryBasket
	rules      *pricing.Rules
	at         retail.Instant
	goods      []pricing.TryLine // lines but those that take something off by hand
	of         []int             // per line its place in goods, -1 for one by hand
	hand       retail.Money      // all that is taken off so
	promotions []pricing.Promotion
	candidates []price.Candidate
}

func tryBasket(in *pricing.TryBasket, rules *pricing.Rules, now retail.Instant) (out pricing.QuoteOut, err error) {
	t := trial{in: in, rules: rules, at: cmp.Or(in.At, now)}
	if err = t.check(); err != nil {
		return out, err
	}
	place, err := t.place()
	if err != nil {
		return out, err
	}
	t.candidate()
	t.byHand()
	if place.Hand = t.hand; t.hand > 0 && len(t.goods) == 0 {
		return out, sdk.Invalid("/basket/lines", "lines", "There is nothing to take anything off.")
	}
	shipping := make([]price.Shipping, len(in.Shipping))
	for i, s := range in.Shipping {
		shipping[i] = price.Shipping{Method: s.Method, Amount: s.Amount, VAT: s.VATRate}
	}
	engine, err := price.New(policyOf(rules), place, triedLines(t.goods), shipping)
	if err != nil {
		return out, tooMuch(err)
	}
	engine.Shelf(triedLines(in.Shelf))
	engine.Promote(t.candidates)
	return t.answer(engine.Result()), nil
}

func tooMuch(err error) error {
	if errors.Is(err, price.ErrAmount) {
		return sdk.Fail(sdk.CodeTooLarge, "amount", "The basket's total is beyond what a document can hold.")
	}
	return err
}

// check looks at the basket, and at its promotions as they are put.
func (t *trial) check() error {
	if len(t.in.Lines) > pricing.MaxLines || len(t.in.Shelf) > pricing.MaxLines || len(t.in.Shipping) > pricing.MaxLines {
		return sdk.Fail(sdk.CodeTooLarge, "lines", "A basket has at most 400 lines.")
	}
	if len(t.in.Promotions) > maxTried {
		return sdk.Fail(sdk.CodeTooLarge, "promotions", "At most 1,000 promotions are tried at once.")
	}
	for i, l := range t.in.Lines {
		if l.Quantity <= 0 || l.Quantity > maxQuantity {
			return sdk.Invalid(pointer("/basket/lines", i)+"/quantity", "quantity", "A quantity is above zero and at most 1,000,000,000.")
		}
	}
	for i, l := range slices.Concat(t.in.Lines, t.in.Shelf) {
		if l.Manual {
			l.UnitPrice = max(l.UnitPrice, -l.UnitPrice)
		}
		if !money(l.UnitPrice) || !money(l.Floor) || l.Cost != nil && !money(*l.Cost) || l.VATRate < 0 {
			return sdk.Invalid(pointer("/basket/lines", i), "amount", "A price is not below zero and at most 10,000,000,000.00.")
		}
		if v, err := l.UnitPrice.Times(l.Quantity, 1); err != nil || v > price.MaxAmount {
			return tooMuch(price.ErrAmount)
		}
	}
	for i, s := range t.in.Shipping {
		if !money(s.Amount) || s.VATRate < 0 {
			return sdk.Invalid(pointer("/basket/shipping", i), "shipping", "Delivery costs nothing below zero.")
		}
	}
	t.promotions = slices.Clone(t.in.Promotions)
	for i := range t.promotions {
		p := &t.promotions[i]
		p.Name = cmp.Or(p.Name, p.ID)
		if err := checkPromotion(p); err != nil {
			return relocated(err, pointer("/basket/promotions", i))
		}
	}
	return nil
}

// relocated puts an error about a part of the input where that part is.
func relocated(err error, at string) error {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Pointer = at + e.Pointer
	return &moved
}

func (t *trial) place() (price.Place, error) {
	in := t.in
	p := price.Place{
		Store: in.Store, Channel: in.Channel, Customer: in.Customer, Groups: in.CustomerGroups, Tier: in.Tier,
		PastOrders: in.PastOrders, At: t.at, Currency: in.Currency, Net: in.Net,
	}
	if slices.ContainsFunc(t.promotions, func(p pricing.Promotion) bool { return len(p.Hours) > 0 }) {
		clock, err := cmp.Or(in.Zone, "Europe/Rome").Local(t.at)
		if err != nil {
			return p, sdk.Invalid("/basket/zone", "try", "There is no such zone.")
		}
		p.Clock = &clock
	}
	return p, nil
}

// byHand parts goods from lines that take something off by hand.
func (t *trial) byHand() {
	t.of = make([]int, len(t.in.Lines))
	for i := range t.in.Lines {
		l := &t.in.Lines[i]
		if t.of[i] = -1; l.UnitPrice < 0 {
			t.hand -= l.UnitPrice * retail.Money(l.Quantity)
			continue
		}
		t.of[i] = len(t.goods)
		t.goods = append(t.goods, *l)
	}
}

// triedLines are goods as the engine wants them. Attributes are shared.
func triedLines(all []pricing.TryLine) []price.Line {
	out := make([]price.Line, len(all))
	for i, l := range all {
		out[i] = price.Line{
			SKU: l.SKU, Quantity: l.Quantity, Unit: l.UnitPrice, Per: 1, Manual: l.Manual, VAT: l.VATRate, Floor: l.Floor, Cost: l.Cost,
			Goods: price.Goods{
				Product: l.Product, Brand: l.Brand, Line: l.Line, Season: l.Season, Supplier: l.Supplier, Category: l.Category,
				Tags: l.Tags, Attributes: attributesOf(l.Attributes),
			},
		}
	}
	return out
}

// candidate makes candidates of all promotions, whatever their state.
func (t *trial) candidate() {
	rules := make([]price.Rule, len(t.promotions))
	t.candidates = make([]price.Candidate, len(t.promotions))
	for i := range t.promotions {
		p := &t.promotions[i]
		rules[i] = ruleOf(p)
		c := price.Candidate{Rule: &rules[i], Code: t.code(p)}
		switch p.State {
		case "", pricing.Live:
		case pricing.Paused:
			c.Blocked = price.IsPaused
		default:
			c.Blocked = price.Inactive
		}
		t.limit(p, &c)
		t.candidates[i] = c
	}
}

// code is the first one given that a promotion has.
func (t *trial) code(p *pricing.Promotion) string {
	exact := t.rules.CodeCase == pricing.CaseExact
	for _, given := range t.in.Codes {
		for _, has := range p.Codes {
			if code.Fold(given, exact) == code.Fold(has, exact) {
				return given
			}
		}
	}
	return ""
}

// limit applies what was used before.
func (t *trial) limit(p *pricing.Promotion, c *price.Candidate) {
	var used pricing.TryUse
	for _, u := range t.in.Used {
		if u.Promotion == p.ID {
			used = u
		}
	}
	l := &p.Limits
	switch {
	case c.Blocked != "":
	case l.Uses > 0 && used.Uses >= l.Uses:
		c.Blocked = price.UsageLimit
	case l.UsesPerCustomer > 0 && t.in.Customer == "":
		c.Blocked = price.UnknownCustomer
	case l.UsesPerCustomer > 0 && used.ByCustomer >= l.UsesPerCustomer:
		c.Blocked = price.CustomerLimit
	}
	for _, budget := range []retail.Money{l.Budget, l.BudgetPerStore} {
		if left := budget - used.Spent; budget > 0 && (c.Budget == nil || left < *c.Budget) {
			c.Budget = &left
		}
	}
}

func (t *trial) answer(r price.Result) pricing.QuoteOut {
	out := pricing.QuoteOut{
		Currency: t.in.Currency, At: t.at, Channel: t.in.Channel, List: r.List, Discount: r.Discount, Total: r.Total, VAT: r.VAT,
		Applied: appliedOf(r.Applied, t.funding), Greedy: r.Greedy, Lines: make([]pricing.PricedLine, len(t.of)),
		Grants: grantsOf(r.Grants, func(i int) string { return t.goodsID(i) }),
	}
	for i, of := range t.of {
		l := &t.in.Lines[i]
		if of < 0 {
			out.Lines[i] = t.handed(l, &out)
		} else {
			out.Lines[i] = t.priced(l, &r.Lines[of])
		}
		out.Lines[i].ID = triedID(l.ID, i)
	}
	for i := range r.Added {
		g := &r.Added[i]
		line := t.priced(&pricing.TryLine{SKU: g.SKU, Quantity: g.Quantity, UnitPrice: g.Line.Unit, VATRate: g.Line.VAT}, &g.Priced)
		line.ID = "added-" + strconv.Itoa(i+1)
		out.Added = append(out.Added, line)
	}
	for i, s := range r.Shipping {
		asked := &t.in.Shipping[i]
		out.Shipping = append(out.Shipping, pricing.PricedShipping{
			ID: triedID(asked.ID, i), Method: asked.Method, List: s.List, Discount: s.Discount, Total: s.Total,
			Applied: appliedOf(s.Applied, t.funding),
		})
	}
	for i := range r.NotApplied {
		out.NotApplied = append(out.NotApplied, missedOf(&r.NotApplied[i]))
	}
	out.Codes = t.rejected(&r)
	return out
}

// goodsID is the id of goods' line.
func (t *trial) goodsID(goods int) string {
	i := slices.Index(t.of, goods)
	return triedID(t.in.Lines[i].ID, i)
}

// handed is a line that takes something off by hand, and off the sums.
func (t *trial) handed(l *pricing.TryLine, out *pricing.QuoteOut) pricing.PricedLine {
	amount := l.UnitPrice * retail.Money(l.Quantity)
	p := pricing.PricedLine{SKU: l.SKU, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Per: 1, PriceOverride: true, List: amount, Total: amount}
	out.List, out.Total = out.List+amount, out.Total+amount
	for i := range out.VAT {
		v := &out.VAT[i]
		if v.Rate != l.VATRate {
			continue
		}
		if t.in.Net {
			v.Net += amount
			v.VAT, _ = v.Net.Percent(v.Rate) // bounded as the basket is
			v.Gross = v.Net + v.VAT
		} else {
			v.Gross += amount
			v.Net, v.VAT, _ = retail.SplitGross(v.Gross, v.Rate) // of a rate that was split before
		}
	}
	return p
}

// triedID is the caller's id, or the place.
func triedID(id string, i int) string { return cmp.Or(id, strconv.Itoa(i+1)) }

func (t *trial) funding(promotion string) []pricing.Funder {
	for i := range t.promotions {
		if t.promotions[i].ID == promotion {
			return t.promotions[i].Funding
		}
	}
	return nil
}

func (t *trial) priced(l *pricing.TryLine, p *price.Priced) pricing.PricedLine {
	return pricing.PricedLine{
		SKU: l.SKU, Quantity: l.Quantity, UnitPrice: l.UnitPrice, Per: 1, PriceOverride: l.Manual,
		List: p.List, Discount: p.Discount, Total: p.Total, UnitShares: sharesOf(p.Shares), Applied: appliedOf(p.Applied, t.funding),
		Goods: pricing.Goods{
			Product: l.Product, Brand: l.Brand, Line: l.Line, Season: l.Season, Supplier: l.Supplier, Category: l.Category,
			Tags: l.Tags, Attributes: attributesFrom(l.Attributes), VATRate: l.VATRate,
		},
	}
}

// rejected are the codes that did not help, and why.
func (t *trial) rejected(r *price.Result) (out []pricing.RejectedCode) {
	for _, given := range t.in.Codes {
		reason := "unknown"
		for i := range t.candidates {
			if t.candidates[i].Code != given {
				continue
			}
			of := func(m price.Miss) bool { return m.Promotion == t.promotions[i].ID }
			at := slices.IndexFunc(r.NotApplied, of)
			if at < 0 {
				reason = ""
				break
			}
			reason = string(r.NotApplied[at].Reason)
		}
		if reason != "" {
			out = append(out, pricing.RejectedCode{Code: given, Reason: reason})
		}
	}
	return out
}
