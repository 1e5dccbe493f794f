package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// checkPromotion says what is wrong with a promotion, with a pointer.
func checkPromotion(p *pricing.Promotion) error {
	if err := named(p.ID, p.Name); err != nil {
		return err
	}
	switch {
	case p.Period.Empty():
		return sdk.Invalid("/period", "period", "The period ends before it begins.")
	case len(p.Note) > 1_000:
		return sdk.Invalid("/note", "name", "A note has at most 1,000 characters.")
	case len(p.Effects) == 0 || len(p.Effects) > pricing.MaxEffects:
		return sdk.Invalid("/effects", "effect", "A promotion has 1 to 10 effects.")
	case len(p.If) > pricing.MaxIf:
		return sdk.Invalid("/if", "condition", "A promotion has at most 20 conditions.")
	case !oneOf(p.Refund, pricing.Keep, pricing.Recompute):
		return sdk.Invalid("/refund", "limits", "A refund policy is keep or recompute.")
	}
	if err := checkHours(p.Hours); err != nil {
		return err
	}
	if err := checkScope(p); err != nil {
		return err
	}
	for i := range p.If {
		if err := checkCondition(&p.If[i], pointer("/if", i)); err != nil {
			return err
		}
	}
	for i := range p.Effects {
		if err := checkEffect(&p.Effects[i], pointer("/effects", i)); err != nil {
			return err
		}
	}
	if err := checkStacking(&p.Stacking); err != nil {
		return err
	}
	return checkMoney(p)
}

func checkHours(all []pricing.Hours) error {
	for i, h := range all {
		at := pointer("/hours", i)
		if h.Hours.Valid() != nil {
			return sdk.Invalid(at+"/hours", "hours", "Hours are HH:MM to HH:MM.")
		}
		if slices.ContainsFunc(h.Days, func(d int64) bool { return d < 1 || d > 7 }) {
			return sdk.Invalid(at+"/days", "hours", "Days are 1 for Monday to 7 for Sunday.")
		}
	}
	return nil
}

// checkScope bounds lists of values, and looks at the selections.
func checkScope(p *pricing.Promotion) error {
	counts := []int{len(p.Hours), len(p.Codes), len(p.Batches), len(p.Funding)}
	for _, a := range []*pricing.Audience{&p.For, &p.Not} {
		counts = append(counts, len(a.Stores), len(a.Channels), len(a.Customers), len(a.CustomerGroups), len(a.Tiers))
	}
	if err := values(counts...); err != nil {
		return err
	}
	if slices.ContainsFunc(p.Codes, func(c string) bool { return c == "" || len(c) > maxID }) {
		return sdk.Invalid("/codes", "limits", "A code has 1 to 64 characters.")
	}
	if err := checkSelection(&p.Goods, "/goods"); err != nil {
		return err
	}
	return checkSelection(&p.Except, "/except")
}

func checkSelection(s *pricing.Selection, at string) error {
	if s == nil {
		return nil
	}
	counts := []int{
		len(s.SKUs), len(s.Products), len(s.Brands), len(s.Lines), len(s.Seasons), len(s.Suppliers),
		len(s.Categories), len(s.Tags), len(s.Attributes),
	}
	for i, a := range s.Attributes {
		counts = append(counts, len(a.Values))
		if a.Name == "" || len(a.Values) == 0 || slices.ContainsFunc(s.Attributes[:i], func(b pricing.Attribute) bool { return a.Name == b.Name }) {
			return sdk.Invalid(at+"/attributes", "condition", "An attribute is named once and has a value.")
		}
	}
	if err := values(counts...); err != nil {
		return err
	}
	return checkRange(s.Price, at+"/price", "condition")
}

func checkRange(r *pricing.Range, at, reason string) error {
	switch {
	case r == nil:
	case r.Min == nil && r.Max == nil:
		return sdk.Invalid(at, reason, "A range has a bound.")
	case r.Min != nil && (*r.Min < 0 || *r.Min > maxPrice), r.Max != nil && (*r.Max < 0 || *r.Max > maxPrice):
		return sdk.Invalid(at, reason, "A bound lies between 0 and 1,000,000,000,000.")
	case r.Min != nil && r.Max != nil && *r.Min > *r.Max:
		return sdk.Invalid(at, reason, "A range does not end before it begins.")
	}
	return nil
}

func checkCondition(c *pricing.Condition, at string) error {
	measures := 0
	for _, r := range []*pricing.Range{c.Amount, c.Quantity, c.LineAmount, c.LineQuantity, c.PastOrders} {
		if r != nil {
			measures++
		}
		if err := checkRange(r, at, "condition"); err != nil {
			return err
		}
	}
	if len(c.Shipping) > 0 {
		measures++
	}
	switch {
	case measures != 1:
		return sdk.Invalid(at, "condition", "A condition has exactly one measure.")
	case c.PerLine && (c.PastOrders != nil || len(c.Shipping) > 0):
		return sdk.Invalid(at+"/per_line", "condition", "Only amounts and quantities are asked of each line.")
	case !oneOf(c.Base, pricing.ByList, pricing.BeforeThis, pricing.AfterAllLine):
		return sdk.Invalid(at+"/base", "condition", "A base is list, before_this or after_all_line.")
	case !oneOf(c.VAT, pricing.Gross, pricing.Net):
		return sdk.Invalid(at+"/vat", "condition", "VAT is gross or net.")
	}
	if err := values(len(c.Shipping)); err != nil {
		return err
	}
	return checkSelection(c.Goods, at+"/goods")
}

// oneOf says whether a choice is the default or one of some.
func oneOf[S ~string](is S, of ...S) bool { return is == "" || slices.Contains(of, is) }

func checkStacking(s *pricing.Stacking) error {
	switch {
	case !oneOf(s.Lane, pricing.LanePre, pricing.LaneDefault, pricing.LanePost):
		return sdk.Invalid("/stacking/lane", "stacking", "A lane is pre, default or post.")
	case !oneOf(s.GroupMode, pricing.Best, pricing.BestPerLine, pricing.All):
		return sdk.Invalid("/stacking/group_mode", "stacking", "A group works as best, best_per_line or all.")
	case !oneOf(s.Exclusive, pricing.ExclusiveGoods, pricing.ExclusiveGroup, pricing.ExclusiveLane, pricing.ExclusiveAll):
		return sdk.Invalid("/stacking/exclusive", "stacking", "A promotion is exclusive for goods, group, lane or all.")
	case s.Exclusive == pricing.ExclusiveGroup && s.Group == "":
		return sdk.Invalid("/stacking/group", "stacking", "What is exclusive in its group has a group.")
	case len(s.Group) > maxID:
		return sdk.Invalid("/stacking/group", "stacking", "A group has at most 64 characters.")
	case !oneOf(s.Base, pricing.Remaining, pricing.AtStart, pricing.OnList):
		return sdk.Invalid("/stacking/base", "stacking", "A base is remaining, start or list.")
	}
	return nil
}

// checkMoney looks at limits, floor and funding.
func checkMoney(p *pricing.Promotion) error {
	l := &p.Limits
	for _, v := range []int64{int64(l.Cap), l.Uses, l.UsesPerCustomer, int64(l.Budget), int64(l.BudgetPerStore)} {
		if v < 0 || v > maxPrice {
			return sdk.Invalid("/limits", "limits", "A limit is not below zero.")
		}
	}
	if !oneOf(l.Overrun, pricing.Refuse, pricing.Partial) {
		return sdk.Invalid("/limits/overrun", "limits", "A budget is refused or used up in part.")
	}
	if p.Floor != nil && (p.Floor.Margin < 0 || p.Floor.Margin >= 10_000) {
		return sdk.Invalid("/floor/margin", "floor", "A margin lies between 0 and 9999 basis points.")
	}
	var shares retail.BasisPoints
	for i, f := range p.Funding {
		shares += f.Share
		twice := slices.ContainsFunc(p.Funding[:i], func(g pricing.Funder) bool { return f.Supplier == g.Supplier })
		if f.Supplier == "" || f.Share < 1 || shares > 10_000 || twice {
			return sdk.Invalid(pointer("/funding", i), "funding", "Each supplier pays once, and all together at most the whole.")
		}
	}
	return nil
}
