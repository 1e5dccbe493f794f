package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func putPromotion(tx *sdk.Tx, in pricing.Promotion) (pricing.Promotion, error) {
	if in.State == "" {
		in.State = pricing.Draft
	}
	if in.Amount > 0 && in.Allocation == "" {
		in.Allocation = pricing.PerLine
	}
	if err := checkPromotion(in); err != nil {
		return pricing.Promotion{}, err
	}
	old, there := promotions.Get(tx, sdk.K(in.ID))
	if r := reachOf(tx); !r.sets(in.Stores) || there && !r.sets(old.Promotion.Stores) {
		return pricing.Promotion{}, otherStore("/stores")
	}
	in.Version = old.Promotion.Version + 1
	in.Changed = tx.Now()
	if err := versions.Insert(tx, version{ID: in.ID, Version: in.Version, Promotion: in}); err != nil {
		return pricing.Promotion{}, err
	}
	return in, keep(tx, in)
}

// keep writes the newest version and tells of it.
func keep(tx *sdk.Tx, p pricing.Promotion) error {
	ends := p.Period.To
	if ends == 0 {
		ends = forever
	}
	if err := promotions.Put(tx, promotion{ID: p.ID, State: p.State, Ends: ends, Promotion: p}); err != nil {
		return err
	}
	return pricing.PromotionChanged.Emit(tx, p)
}

func checkPromotion(p pricing.Promotion) error {
	if err := named(p.ID, p.Name); err != nil {
		return err
	}
	switch p.State {
	case pricing.Draft, pricing.Live, pricing.Paused:
	default:
		return sdk.Invalid("/state", "state", "A promotion is draft, live or paused.")
	}
	switch {
	case p.Period.Empty():
		return sdk.Invalid("/period", "period", "The period ends before it begins.")
	case p.MinQuantity < 0 || p.MinAmount < 0:
		return sdk.Invalid("", "minimum", "A minimum is not below zero.")
	}
	if err := checkEffect(p); err != nil {
		return err
	}
	return values(len(p.Stores), len(p.Channels), len(p.Customers), len(p.CustomerGroups), len(p.Brands),
		len(p.Lines), len(p.Seasons), len(p.Suppliers), len(p.Categories), len(p.Tags), len(p.SKUs))
}

func checkEffect(p pricing.Promotion) error {
	switch {
	case p.Percent < 0 || p.Percent > 10_000:
		return sdk.Invalid("/percent", "effect", "A percentage lies between 1 and 10000 basis points.")
	case p.Amount < 0 || p.Amount > maxPrice:
		return sdk.Invalid("/amount", "effect", "An amount is above zero and at most 10,000,000,000.00.")
	case (p.Percent > 0) == (p.Amount > 0):
		return sdk.Invalid("", "effect", "A promotion takes off either a percentage or an amount.")
	case p.Percent > 0 && p.Allocation != "":
		return sdk.Invalid("/allocation", "allocation", "Only amounts are allocated.")
	case p.Amount > 0 && p.Allocation != pricing.PerLine && p.Allocation != pricing.Across:
		return sdk.Invalid("/allocation", "allocation", "An amount is taken per_line or across.")
	}
	return nil
}

func getPromotion(v *sdk.View, in pricing.GetPromotionIn) (pricing.Promotion, error) {
	p, err := versionOf(v, in)
	if err == nil && !reachOf(v).sees(p.Stores) {
		return pricing.Promotion{}, otherStore("/id")
	}
	return p, err
}

func versionOf(v *sdk.View, in pricing.GetPromotionIn) (pricing.Promotion, error) {
	if in.Version != 0 {
		old, ok := versions.Get(v, sdk.K(in.ID).Int(in.Version))
		if !ok {
			return pricing.Promotion{}, noPromotion()
		}
		return old.Promotion, nil
	}
	p, ok := promotions.Get(v, sdk.K(in.ID))
	if !ok {
		return pricing.Promotion{}, noPromotion()
	}
	return p.Promotion, nil
}

func noPromotion() error { return sdk.NotFound("promotion", "There is no such promotion.") }

func listPromotions(v *sdk.View, in pricing.PromotionsIn) (out pricing.PromotionsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	reach := reachOf(v)
	for p := range promotions.Scan(v, sdk.Scan{From: after(in.Cursor)}) {
		if in.State != "" && p.State != in.State || !reach.sees(p.Promotion.Stores) {
			continue
		}
		if len(out.Promotions) == limit {
			out.Cursor = out.Promotions[limit-1].ID
			break
		}
		out.Promotions = append(out.Promotions, p.Promotion)
	}
	return out, nil
}

func pause(tx *sdk.Tx, in pricing.PromotionID) (pricing.Promotion, error) {
	return turn(tx, in.ID, pricing.Paused)
}

func resume(tx *sdk.Tx, in pricing.PromotionID) (pricing.Promotion, error) {
	return turn(tx, in.ID, pricing.Live)
}

// turn takes a promotion from live to paused or back, without a new version:
// what it does has not changed.
func turn(tx *sdk.Tx, id string, to pricing.State) (pricing.Promotion, error) {
	old, ok := promotions.Get(tx, sdk.K(id))
	if !ok {
		return pricing.Promotion{}, noPromotion()
	}
	p := old.Promotion
	if !reachOf(tx).sets(p.Stores) {
		return pricing.Promotion{}, otherStore("/id")
	}
	switch p.State {
	case to:
		return p, nil
	case pricing.Draft:
		return pricing.Promotion{}, sdk.FailedPrecondition("draft", "A draft is neither paused nor resumed: put it live.")
	}
	p.State, p.Changed = to, tx.Now()
	return p, keep(tx, p)
}

// running reads the promotions that are live and not over at an instant. Those
// that start later are among them, so that a quote can say so.
func running(r sdk.Reader, at retail.Instant) []pricing.Promotion {
	var out []pricing.Promotion
	for p := range promotions.Scan(r, sdk.Scan{Index: "by_state", Prefix: sdk.K(pricing.Live), From: sdk.KInt(at + 1)}) {
		out = append(out, p.Promotion)
	}
	return out
}
