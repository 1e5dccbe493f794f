package casefile

import (
	"cmp"
	"slices"
)

// effects is what a promotion takes off.
func (m *mapper) effects(p *promotion, out *Promotion) error {
	if nothing(p) {
		return nil
	}
	if p.Type != "multi" {
		e, err := m.effect(p)
		if err != nil {
			return err
		}
		if ofShipping(e.Target) {
			e.Methods, err = methods(p.Filter)
		}
		out.Effects = []Effect{*e}
		return err
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		if nothing(a) {
			continue
		}
		e, err := m.effect(a)
		if err != nil {
			return err
		}
		if err := m.narrow(a, e); err != nil {
			return err
		}
		out.Effects = append(out.Effects, *e)
	}
	return nil
}

// ofShipping says whether a target has ways of delivery in it.
func ofShipping(target string) bool { return target == "shipping" || target == "order_and_shipping" }

// narrow limits an action to what its filter says.
func (m *mapper) narrow(a *promotion, e *Effect) (err error) {
	if len(a.Filter) == 0 {
		return nil
	}
	if ofShipping(e.Target) {
		e.Methods, err = methods(a.Filter)
		return err
	}
	goods, except, err := m.selection(a.Filter)
	if err != nil {
		return err
	}
	e.Goods = &goods
	if len(except.Attributes)+len(except.SKUs)+len(except.Tags)+len(except.Categories)+len(except.Products)+len(except.Brands) > 0 {
		e.Except = &except
	}
	return nil
}

// effect is one action, without its filter.
func (m *mapper) effect(p *promotion) (*Effect, error) {
	e := &Effect{}
	switch p.Target {
	case "", "line":
	case "order", "shipping", "order_and_shipping":
		e.Target = p.Target
	default:
		return nil, missing("target", scalar(p.Target))
	}
	if err := m.allocate(p, e); err != nil {
		return nil, err
	}
	return e, m.kind(p, e)
}

// allocate says which units an effect is for.
func (m *mapper) allocate(p *promotion, e *Effect) error {
	pick, err := m.pick(p)
	if err != nil {
		return err
	}
	if p.Type == "buy_get" || p.Type == "first_and_additional" || e.Target == "shipping" {
		return nil
	}
	switch p.Allocation {
	case "", "across", "per_line":
		if p.Allocation == "per_line" && e.Target == "order" {
			e.Target = ""
		}
	case "each":
		e.Target = ""
		if p.MaxQuantity > 0 {
			e.Units = &Units{Max: p.MaxQuantity, PerLine: true, Pick: pick}
		}
	case "once":
		e.Target = ""
		e.Units = &Units{Max: max(p.MaxQuantity, 1), Pick: pick}
	case "quantity_group":
		e.Target = ""
		e.Units = &Units{Max: p.MaxQuantity, Of: p.GroupSize, Pick: pick}
	default:
		return missing("allocation", scalar(p.Allocation))
	}
	return nil
}

// pick says which units come first.
func (m *mapper) pick(p *promotion) (string, error) {
	switch p.Selection {
	case "":
	case "cheapest", "dearest":
		return p.Selection, nil
	case "most_expensive":
		return "dearest", nil
	case "cart_order":
		return "in_order", nil
	default:
		return "", missing("selection", scalar(p.Selection))
	}
	if p.Allocation == "quantity_group" {
		return m.plan.groupPick, nil
	}
	if p.Allocation == "each" {
		return "", nil
	}
	return m.plan.oncePick, nil
}

// kind is what an effect takes off.
func (m *mapper) kind(p *promotion, e *Effect) (err error) {
	switch p.Type {
	case "percentage":
		e.Percent, err = points(value(p.Value))
	case "amount":
		e.Amount = &AmountOff{Allocation: p.spread(e)}
		e.Amount.Value, err = minor(value(p.Value))
	case "fixed_price":
		e.Price = &Fixed{Of: p.priceOf(e)}
		e.Price.Value, err = minor(value(p.Value))
	case "buy_get":
		e.Target = ""
		e.BuyGet, err = m.buyGet(p)
	case "add_item":
		e.Target = ""
		err = m.addItem(p, e)
	case "tiered_percentage":
		e.Tiers, err = m.tiers(p)
	case "first_and_additional":
		e.Ramp = &Ramp{Max: p.MaxQuantity}
		if e.Ramp.First, err = minor(value(p.First)); err == nil {
			e.Ramp.Further, err = minor(value(p.Additional))
		}
	default:
		return missing("type", scalar(p.Type))
	}
	return err
}

// value is a number, 0 if there is none.
func value(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// spread says how often an amount is taken off.
func (p *promotion) spread(e *Effect) string {
	switch {
	case p.Allocation == "per_line":
		return "line"
	case p.Allocation == "across":
		return "across"
	case e.Target == "" || e.Target == "shipping":
		return "unit"
	}
	return ""
}

// priceOf says what a fixed price is for.
func (p *promotion) priceOf(e *Effect) string {
	switch {
	case e.Target == "order" || p.Allocation == "across":
		return "order"
	case p.Allocation == "per_line":
		return "line"
	case p.Allocation == "quantity_group":
		return "group"
	}
	return "unit"
}

func (m *mapper) buyGet(p *promotion) (*BuyGet, error) {
	if p.Buy == nil || p.Get == nil {
		return nil, missing("buy_get", "without buy or get")
	}
	e := &BuyGet{
		BuyQuantity: p.Buy.MinQuantity, BuyAmount: p.Buy.MinAmount, GetQuantity: max(p.Get.Quantity, 1), MaxGet: p.MaxQuantity,
		Reward: m.plan.getPick, BuyPick: m.plan.buyPick, Add: m.plan.add || p.Mode == "add_free_units",
	}
	if p.Selection != "" {
		pick, err := m.pick(p)
		if err != nil {
			return nil, err
		}
		e.Reward = pick
	}
	bought, err := m.some(p.Buy.Filter)
	if err != nil {
		return nil, err
	}
	e.Buy = bought
	if len(p.Get.Filter) > 0 {
		if e.Get, err = m.some(p.Get.Filter); err != nil {
			return nil, err
		}
	}
	return e, p.Get.off(e)
}

// off is what comes off a rewarded unit.
func (g *get) off(e *BuyGet) (err error) {
	switch g.Effect {
	case "percentage", "percent":
		e.Percent, err = points(g.Value)
	case "", "free":
		e.Percent = 10_000
	case "amount_per_unit", "amount":
		e.Amount, err = minor(g.Value)
	case "fixed_price", "price":
		var price int64
		price, err = minor(g.Value)
		e.Price = &price
	default:
		return missing("get effect", scalar(g.Effect))
	}
	return err
}

// addItem adds goods that lie on the shelf, for each time that enough is bought or
// once.
func (m *mapper) addItem(p *promotion, e *Effect) error {
	goods, err := m.item(p)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(m.basket.Shelf, func(l Line) bool { return l.SKU == goods.SKU }) {
		m.basket.Shelf = append(m.basket.Shelf, Line{ID: goods.SKU, SKU: goods.SKU, Quantity: 1, UnitPrice: goods.UnitPrice})
	}
	b := &BuyGet{GetQuantity: max(goods.Quantity, 1), MaxGet: p.MaxQuantity, Percent: 10_000, Add: true, Get: &Selection{SKUs: []string{goods.SKU}}}
	if p.Get != nil {
		b.Percent = 0
		if err := p.Get.off(b); err != nil {
			return err
		}
	}
	if p.Buy == nil {
		e.Gift = &Gift{SKU: goods.SKU, Quantity: b.GetQuantity, Price: b.after(goods.UnitPrice)}
		return nil
	}
	b.BuyQuantity = max(p.Buy.MinQuantity, 1)
	b.Buy, err = m.some(p.Buy.Filter)
	e.BuyGet = b
	return err
}

// after is what a unit costs that is rewarded.
func (b *BuyGet) after(price int64) int64 {
	switch {
	case b.Price != nil:
		return min(*b.Price, price)
	case b.Percent > 0:
		return price - (price*b.Percent+5_000)/10_000
	}
	return max(price-b.Amount, 0)
}

// item is what a promotion adds: what it says, or what it would reward, at the
// price that it has in the cart.
func (m *mapper) item(p *promotion) (*item, error) {
	if p.Item != nil {
		return p.Item, nil
	}
	if p.Get == nil || len(p.Get.Filter) != 1 || p.Get.Filter[0].Attribute != "sku" || len(p.Get.Filter[0].Values) != 1 {
		return nil, missing("add_item", "without item")
	}
	goods := &item{SKU: string(p.Get.Filter[0].Values[0]), Quantity: p.Get.Quantity}
	for _, l := range m.c.Cart.Lines {
		if cmp.Or(l.SKU, l.ID) == goods.SKU {
			goods.UnitPrice = l.UnitPrice
		}
	}
	return goods, nil
}

// tiers are percentages by the amount or the quantity that is bought.
func (m *mapper) tiers(p *promotion) (*Tiers, error) {
	t := &Tiers{By: "amount", Goods: &Selection{}}
	first, err := points(value(p.Base))
	if err != nil {
		return nil, err
	}
	if first > 0 {
		t.Steps = append(t.Steps, Step{Percent: first})
	}
	for _, step := range p.Tiers {
		s := Step{}
		switch {
		case step.FromQuantity != nil:
			t.By, t.Goods, s.From = "quantity", nil, *step.FromQuantity
		default:
			for _, from := range []*int64{step.FromAmount, step.FromSubtotal, step.FromTotal, step.From} {
				if from != nil {
					s.From = *from
				}
			}
		}
		if s.Percent, err = points(step.Value); err != nil {
			return nil, err
		}
		t.Steps = append(t.Steps, s)
	}
	slices.SortStableFunc(t.Steps, func(a, b Step) int { return int(a.From - b.From) })
	return t, nil
}
