package price

import (
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// parseRule reads: ID EFFECT option=value …, where EFFECT is one of
//
//	20%             a percentage
//	5.00            an amount off each line; each: off each unit; across: once
//	=9.99           a price of a unit; =9.99/line, =25.00/order, =10.00/3 (three units)
//	buy2get1        the reward is free unless reward= says 50%, 5.00 or =1.00
//	buy50.00get1    the same for an amount
//	bundle          parts=2*shirt,1*tie and price=, off= or percent=
//	tiers           by=amount steps=100.00:10%,200.00:20%
//	ramp            first=5.00 further=2.00
//	gift            give=cap
//	points200%      and cashback10%
func parseRule(t *testing.T, f []string) Candidate {
	r := &Rule{ID: f[0], Version: 1, Effects: make([]Effect, 1)}
	c := Candidate{Rule: r}
	o := options(t, f[2:])
	e := &r.Effects[0]
	parseEffect(t, e, f[1], o)
	for k, v := range o {
		list := strings.Split(v, ",")
		if !parseGoods(r, k, list) && !parseAudience(&r.For, k, list) && !parseUnits(t, e, k, v) &&
			!parseStacking(t, r, k, v) && !parseTerms(t, &c, k, v) {
			t.Fatalf("rule: unknown %q", k)
		}
	}
	return c
}

// take is an option that is used up.
func take(o map[string]string, key string) string {
	v := o[key]
	delete(o, key)
	return v
}

func parseEffect(t *testing.T, e *Effect, text string, o map[string]string) {
	switch {
	case strings.HasPrefix(text, "buy"):
		e.BuyGet = parseBuyGet(t, text, o)
	case text == "bundle":
		e.Bundle = parseBundle(t, o)
	case text == "tiers":
		e.Tiers = parseTiers(t, o)
	case text == "ramp":
		e.Ramp = &Ramp{First: money(t, take(o, "first")), Further: money(t, take(o, "further"))}
	case text == "gift":
		e.Gift = &Gift{SKU: retail.SKU(take(o, "give")), Quantity: 1}
	case strings.HasPrefix(text, "points"):
		e.Points = percent(t, strings.TrimPrefix(text, "points"))
	case strings.HasPrefix(text, "cashback"):
		e.Cashback = &Cashback{Percent: percent(t, strings.TrimPrefix(text, "cashback")), Days: 30}
	case strings.HasPrefix(text, "="):
		value, of, _ := strings.Cut(text[1:], "/")
		e.Price = &Fixed{Value: money(t, value)}
		switch of {
		case "line":
			e.Price.Of = OfLine
		case "order":
			e.Price.Of = OfOrder
		case "":
		default:
			e.Price.Of, e.Units = OfGroup, &Units{Of: quantity(t, of), Pick: Dearest}
		}
	case strings.HasSuffix(text, "%"):
		e.Percent = percent(t, text)
	default:
		e.Amount = &Amount{Value: money(t, text), Of: EachLine}
	}
}

func parseBuyGet(t *testing.T, text string, o map[string]string) *BuyGet {
	buy, get, _ := strings.Cut(strings.TrimPrefix(text, "buy"), "get")
	b := &BuyGet{GetQuantity: quantity(t, get), BuyPick: Dearest}
	if strings.Contains(buy, ".") {
		b.BuyAmount = money(t, buy)
	} else {
		b.BuyQuantity = quantity(t, buy)
	}
	switch reward := take(o, "reward"); {
	case reward == "":
		b.Percent = 10_000
	case strings.HasSuffix(reward, "%"):
		b.Percent = percent(t, reward)
	case strings.HasPrefix(reward, "="):
		price := money(t, reward[1:])
		b.Price = &price
	default:
		b.Amount = money(t, reward)
	}
	if sku := take(o, "buy"); sku != "" {
		b.Buy = &Selection{SKUs: []retail.SKU{retail.SKU(sku)}}
	}
	if sku := take(o, "get"); sku != "" {
		b.Get = &Selection{SKUs: []retail.SKU{retail.SKU(sku)}}
	}
	if most := take(o, "most"); most != "" {
		b.MaxGet = quantity(t, most)
	}
	if _, b.Once = o["once"]; b.Once {
		delete(o, "once")
	}
	if _, b.Add = o["add"]; b.Add {
		delete(o, "add")
	}
	if which := take(o, "pick"); which != "" {
		b.Reward = choice[Pick](t, which, "cheapest", "dearest", "in_order")
	}
	if which := take(o, "bought"); which != "" {
		b.BuyPick = choice[Pick](t, which, "cheapest", "dearest", "in_order")
	}
	return b
}

func parseBundle(t *testing.T, o map[string]string) *Bundle {
	b := &Bundle{Pick: Dearest}
	for _, part := range strings.Split(take(o, "parts"), ",") {
		n, sku, _ := strings.Cut(part, "*")
		b.Parts = append(b.Parts, Part{Quantity: quantity(t, n), Goods: &Selection{SKUs: typed[retail.SKU](strings.Split(sku, "|"))}})
	}
	if v := take(o, "price"); v != "" {
		price := money(t, v)
		b.Price = &price
	}
	if v := take(o, "off"); v != "" {
		b.Amount = money(t, v)
	}
	if v := take(o, "percent"); v != "" {
		b.Percent = percent(t, v)
	}
	return b
}

func parseTiers(t *testing.T, o map[string]string) *Tiers {
	tiers := &Tiers{}
	switch by := take(o, "by"); by {
	case "quantity", "line_quantity":
		tiers.ByQuantity, tiers.OfLines = true, by != "quantity"
	default:
		tiers.OfLines = by == "line_amount"
	}
	for _, text := range strings.Split(take(o, "steps"), ",") {
		from, off, _ := strings.Cut(text, ":")
		s := Step{}
		if s.From = int64(money(t, from)); tiers.ByQuantity {
			s.From = number(t, from)
		}
		switch {
		case strings.HasSuffix(off, "%"):
			s.Percent = percent(t, off)
		case strings.HasPrefix(off, "="):
			price := money(t, off[1:])
			s.Price = &price
		default:
			s.Amount = money(t, off)
		}
		tiers.Steps = append(tiers.Steps, s)
	}
	return tiers
}

func parseGoods(r *Rule, k string, list []string) bool {
	s := &r.Goods
	if name, not := strings.CutPrefix(k, "not_"); not {
		k, s = name, &r.Except
	}
	switch k {
	case "brand":
		s.Brands = list
	case "line":
		s.Lines = list
	case "season":
		s.Seasons = list
	case "supplier":
		s.Suppliers = list
	case "category":
		s.Categories = list
	case "tag":
		s.Tags = list
	case "sku":
		s.SKUs = typed[retail.SKU](list)
	case "product":
		s.Products = list
	case "colour":
		s.Attributes = []Attribute{{Name: "colour", Values: list}}
	case "reduced":
		is := list[0] == "yes"
		s.Reduced = &is
	default:
		return false
	}
	return true
}

func parseAudience(a *Audience, k string, list []string) bool {
	switch k {
	case "store":
		a.Stores = typed[retail.StoreID](list)
	case "channel":
		a.Channels = typed[retail.Channel](list)
	case "customer":
		a.Customers = typed[retail.CustomerID](list)
	case "group":
		a.Groups = list
	case "tier":
		a.Tiers = list
	default:
		return false
	}
	return true
}

func parseUnits(t *testing.T, e *Effect, k, v string) bool {
	units := func() *Units {
		if e.Units == nil {
			e.Units = &Units{}
		}
		return e.Units
	}
	switch k {
	case "units":
		units().Max = quantity(t, v)
	case "per_line":
		units().PerLine = true
	case "of":
		units().Of = quantity(t, v)
	case "pick":
		units().Pick = choice[Pick](t, v, "cheapest", "dearest", "in_order")
	case "each":
		e.Amount.Of = EachUnit
	case "across":
		e.Amount.Of = Across
	case "on":
		e.Target = choice[Target](t, v, "lines", "order", "shipping", "all")
		if e.Amount != nil {
			e.Amount.Of = Across
		}
	case "methods":
		e.Methods = strings.Split(v, ",")
	default:
		return false
	}
	return true
}

func parseStacking(t *testing.T, r *Rule, k, v string) bool {
	s := &r.Stacking
	switch k {
	case "priority":
		s.Priority = number(t, v)
	case "lane":
		s.Lane = choice[int](t, v, "pre", "default", "post") - 1
	case "catalog":
		s.Catalog = true
	case "rival":
		s.Group, s.Mode = v, Best
	case "rival_per_line":
		s.Group, s.Mode = v, BestPerLine
	case "exclusive":
		s.Exclusive = ExclusiveGoods
		if v != "" {
			s.Exclusive = choice[Exclusive](t, v, "none", "goods", "group", "lane", "all")
		}
	case "base":
		s.Base = choice[Base](t, v, "remaining", "start", "list")
	default:
		return false
	}
	return true
}

func parseTerms(t *testing.T, c *Candidate, k, v string) bool {
	r := c.Rule
	switch k {
	case "days":
		first, last, _ := strings.Cut(v, "..")
		p, err := rome.Days(retail.Date(first), retail.Date(last))
		if err != nil {
			t.Fatal(err)
		}
		r.From, r.To = p.From, p.To
	case "hours":
		from, to, _ := strings.Cut(v, "-")
		r.Hours = append(r.Hours, Hours{Hours: retail.DayHours{From: retail.LocalTime(from), To: retail.LocalTime(to)}})
	case "weekday":
		r.Hours = append(r.Hours, Hours{Days: []int64{number(t, v)}})
	case "min":
		n := number(t, v)
		r.If = append(r.If, Condition{Quantity: &Range{Min: &n}})
	case "from", "whole_from", "line_from", "up_to":
		r.If = append(r.If, amountCondition(t, k, v))
	case "orders":
		n := number(t, v)
		r.If = append(r.If, Condition{PastOrders: &Range{Min: &n, Max: &n}})
	case "ships":
		r.If = append(r.If, Condition{Shipping: []string{v}})
	case "code":
		r.NeedsCode, c.Code = true, v
	case "blocked":
		c.Blocked = Reason(v)
	case "cap":
		r.Cap = money(t, v)
	case "budget":
		left := money(t, v)
		c.Budget = &left
	case "partial":
		r.Partial = true
	case "margin":
		r.Floor = &Floor{Margin: percent(t, v)}
	default:
		return false
	}
	return true
}

// amountCondition is one of the rule's goods, the whole basket or each line.
func amountCondition(t *testing.T, k, v string) Condition {
	n := int64(money(t, v))
	switch k {
	case "whole_from":
		return Condition{Amount: &Range{Min: &n}, Goods: &Selection{}}
	case "line_from":
		return Condition{LineAmount: &Range{Min: &n}, PerLine: true}
	case "up_to":
		return Condition{Amount: &Range{Max: &n}}
	}
	return Condition{Amount: &Range{Min: &n}}
}
