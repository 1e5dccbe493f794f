package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func wrongEffect(at, message string) error { return sdk.Invalid(at, "effect", message) }

// count is how many things are so.
func count(so ...bool) (n int) {
	for _, is := range so {
		if is {
			n++
		}
	}
	return n
}

func checkEffect(e *pricing.Effect, at string) error {
	if count(e.Percent != 0, e.Amount != nil, e.Price != nil, e.BuyGet != nil, e.Bundle != nil, e.Tiers != nil,
		e.Ramp != nil, e.Gift != nil, e.Points != 0, e.Cashback != nil) != 1 {
		return wrongEffect(at, "An effect is of exactly one kind.")
	}
	for _, check := range []func(*pricing.Effect, string) error{checkTarget, checkUnits, checkOff, checkBuyGet, checkBundle, checkTiers, checkGive} {
		if err := check(e, at); err != nil {
			return err
		}
	}
	if err := checkSelection(e.Goods, at+"/goods"); err != nil {
		return err
	}
	return checkSelection(e.Except, at+"/except")
}

func checkTarget(e *pricing.Effect, at string) error {
	if !oneOf(e.Target, pricing.ToLines, pricing.ToOrder, pricing.ToShipping, pricing.ToAll) {
		return sdk.Invalid(at+"/target", "target", "A target is lines, order, shipping or order_and_shipping.")
	}
	delivers := e.Target == pricing.ToShipping || e.Target == pricing.ToAll
	if delivers && (e.BuyGet != nil || e.Bundle != nil || e.Ramp != nil || e.Points != 0 || e.Units != nil) {
		return sdk.Invalid(at+"/target", "target", "Units are of goods, not of delivery.")
	}
	if len(e.Methods) > 0 && !delivers {
		return sdk.Invalid(at+"/methods", "target", "Methods are of delivery.")
	}
	return values(len(e.Methods))
}

func checkUnits(e *pricing.Effect, at string) error {
	u := e.Units
	switch {
	case u == nil:
		return nil
	case u.Max < 0 || u.Max > maxQuantity || u.Of < 0 || u.Of > maxQuantity:
		return wrongEffect(at+"/units", "A number of units is not below zero.")
	case !picks(u.Pick):
		return wrongEffect(at+"/units/pick", "Units are picked cheapest, dearest or in_order.")
	case e.BuyGet != nil || e.Bundle != nil:
		return wrongEffect(at+"/units", "What buys or bundles units says itself which.")
	}
	return nil
}

func picks(p pricing.Pick) bool { return oneOf(p, pricing.Cheapest, pricing.Dearest, pricing.InOrder) }

func percent(p retail.BasisPoints) bool { return p >= 0 && p <= 10_000 }

func money(m retail.Money) bool { return m >= 0 && m <= maxPrice }

// checkOff looks at what takes something off each of its units.
func checkOff(e *pricing.Effect, at string) error {
	switch {
	case !percent(e.Percent):
		return wrongEffect(at+"/percent", "A percentage lies between 1 and 10000 basis points.")
	case e.Amount != nil && (!money(e.Amount.Value) || e.Amount.Value == 0):
		return wrongEffect(at+"/amount/value", "An amount is above zero and at most 10,000,000,000.00.")
	case e.Amount != nil && !oneOf(e.Amount.Allocation, pricing.PerUnit, pricing.PerLine, pricing.Across):
		return wrongEffect(at+"/amount/allocation", "An amount is taken off by unit, by line or across.")
	case e.Price != nil && !money(e.Price.Value):
		return wrongEffect(at+"/price/value", "A price is not below zero and at most 10,000,000,000.00.")
	case e.Price != nil && !oneOf(e.Price.Of, pricing.OfUnit, pricing.OfLine, pricing.OfGroup, pricing.OfOrder):
		return wrongEffect(at+"/price/of", "A fixed price is of a unit, line, group or order.")
	case e.Price != nil && e.Price.Of == pricing.OfGroup && (e.Units == nil || e.Units.Of == 0):
		return wrongEffect(at+"/units/of", "A price of a group needs the group's number of units.")
	case e.Ramp != nil && (!money(e.Ramp.First) || !money(e.Ramp.Further) || e.Ramp.Max < 0 || e.Ramp.First+e.Ramp.Further == 0):
		return wrongEffect(at+"/ramp", "A ramp takes something off, and nothing below zero.")
	}
	return nil
}

func checkBuyGet(e *pricing.Effect, at string) error {
	b := e.BuyGet
	if b == nil {
		return nil
	}
	at += "/buy_get"
	bounded := func(q retail.Quantity) bool { return q >= 0 && q <= maxQuantity }
	switch {
	case !bounded(b.BuyQuantity) || !money(b.BuyAmount) || count(b.BuyQuantity > 0, b.BuyAmount > 0) != 1:
		return wrongEffect(at, "What is bought is a quantity or an amount.")
	case !bounded(b.GetQuantity) || b.GetQuantity == 0 || !bounded(b.MaxGet):
		return wrongEffect(at+"/get_quantity", "At least one unit is rewarded.")
	case count(b.Percent != 0, b.Amount != 0, b.Price != nil) != 1:
		return wrongEffect(at, "A reward is a percentage, an amount or a price.")
	case !percent(b.Percent) || !money(b.Amount) || b.Price != nil && !money(*b.Price):
		return wrongEffect(at, "A reward takes off something between nothing and everything.")
	case !picks(b.Reward) || !picks(b.BuyPick):
		return wrongEffect(at, "Units are picked cheapest, dearest or in_order.")
	case b.Add && b.BuyAmount > 0:
		return wrongEffect(at+"/add", "Units are added for a quantity that is bought.")
	}
	if err := checkSelection(b.Buy, at+"/buy"); err != nil {
		return err
	}
	return checkSelection(b.Get, at+"/get")
}

func checkBundle(e *pricing.Effect, at string) error {
	b := e.Bundle
	if b == nil {
		return nil
	}
	at += "/bundle"
	switch {
	case len(b.Parts) == 0 || len(b.Parts) > pricing.MaxEffects:
		return wrongEffect(at+"/parts", "A bundle has 1 to 10 parts.")
	case count(b.Price != nil, b.Percent != 0, b.Amount != 0) != 1:
		return wrongEffect(at, "A bundle has a price, a percentage or an amount.")
	case b.Price != nil && !money(*b.Price) || !percent(b.Percent) || !money(b.Amount) || b.Max < 0 || !picks(b.Pick):
		return wrongEffect(at, "A bundle takes off something between nothing and everything.")
	}
	for i := range b.Parts {
		if q := b.Parts[i].Quantity; q < 1 || q > maxQuantity {
			return wrongEffect(pointer(at+"/parts", i), "A part is at least one unit.")
		}
		if err := checkSelection(&b.Parts[i].Goods, pointer(at+"/parts", i)+"/goods"); err != nil {
			return err
		}
	}
	return nil
}

func checkTiers(e *pricing.Effect, at string) error {
	t := e.Tiers
	if t == nil {
		return nil
	}
	at += "/tiers"
	if t.By == "" || !oneOf(t.By, pricing.ByAmount, pricing.ByQuantity, pricing.ByLineAmount, pricing.ByLineQuantity) {
		return wrongEffect(at+"/by", "Tiers go by amount, quantity, line_amount or line_quantity.")
	}
	if !oneOf(t.Base, pricing.ByList, pricing.BeforeThis, pricing.AfterAllLine) || len(t.Steps) == 0 || len(t.Steps) > 50 {
		return wrongEffect(at+"/steps", "Tiers have 1 to 50 steps.")
	}
	rising := slices.IsSortedFunc(t.Steps, func(a, b pricing.Step) int {
		if a.From < b.From {
			return -1
		}
		return 1
	})
	for i, s := range t.Steps {
		if !rising || s.From < 0 || count(s.Percent != 0, s.Amount != 0, s.Price != nil) != 1 ||
			!percent(s.Percent) || !money(s.Amount) || s.Price != nil && !money(*s.Price) {
			return wrongEffect(pointer(at+"/steps", i), "Steps rise, and each has a percentage, an amount or a price.")
		}
	}
	return checkSelection(t.Goods, at+"/goods")
}

// checkGive looks at what takes no money off.
func checkGive(e *pricing.Effect, at string) error {
	switch {
	case e.Points < 0 || e.Points > 1_000_000:
		return wrongEffect(at+"/points", "Points are multiplied by at most 100.")
	case e.Gift != nil && (e.Gift.SKU == "" || e.Gift.Quantity < 0 || e.Gift.Quantity > maxQuantity || !money(e.Gift.Price)):
		return wrongEffect(at+"/gift", "A gift names its SKU, a quantity and a price that are not below zero.")
	}
	if c := e.Cashback; c != nil {
		if count(c.Percent != 0, c.Amount != 0) != 1 || !percent(c.Percent) || !money(c.Amount) || c.Days < 0 || c.Days > 3_650 {
			return wrongEffect(at+"/cashback", "A cashback is a percentage or an amount, valid for at most ten years.")
		}
		return values(len(c.Stores))
	}
	return nil
}
