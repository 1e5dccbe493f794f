package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
)

// putPromotion makes the next version, a draft. What is live stays so.
func putPromotion(tx *sdk.Tx, in pricing.Promotion) (pricing.Promotion, error) {
	if err := checkPromotion(&in); err != nil {
		return pricing.Promotion{}, err
	}
	head, _ := promotions.Get(tx, sdk.K(in.ID))
	if !head.sets(tx) || !reachOf(tx).sets(in.For.Stores) {
		return pricing.Promotion{}, otherStore("/for/stores")
	}
	head.ID, in.Version, in.State = in.ID, head.Newest+1, pricing.Draft
	return in, head.step(tx, "put", &in, 0)
}

// sets says whether who acts may change the promotion: its newest version and the
// one that is live count in no stores but his. One that is not there yet everybody
// may.
func (h *head) sets(r sdk.Reader) bool {
	reach := reachOf(r)
	if h.Newest == 0 || len(reach) == 0 {
		return true
	}
	if h.Running != 0 && h.Running != h.Newest {
		if v, ok := versions.Get(r, sdk.K(h.ID).Int(h.Running)); ok && !reach.sets(v.Promotion.For.Stores) {
			return false
		}
	}
	return reach.sets(h.Promotion.For.Stores)
}

// step notes what somebody did to a version, and writes the version and the head as
// they are from then on.
func (h *head) step(tx *sdk.Tx, what string, p *pricing.Promotion, generation int64) error {
	p.Changed, p.By = tx.Now(), tx.Info().Principal
	h.Steps++
	if p.Version >= h.Newest {
		h.Newest, h.State, h.Promotion = p.Version, p.State, *p
	}
	if err := versions.Put(tx, version{ID: p.ID, Version: p.Version, Promotion: *p}); err != nil {
		return err
	}
	if err := promotions.Put(tx, *h); err != nil {
		return err
	}
	done := pricing.HistoryStep{At: p.Changed, By: p.By, What: what, Version: p.Version, Generation: generation}
	if err := steps.Insert(tx, step{ID: p.ID, Number: h.Steps, Step: done}); err != nil {
		return err
	}
	return pricing.PromotionChanged.Emit(tx, *p)
}

func getPromotion(v *sdk.View, in pricing.GetPromotionIn) (pricing.Promotion, error) {
	p, err := versionOf(v, in)
	if err == nil && !reachOf(v).sees(p.For.Stores) {
		return pricing.Promotion{}, otherStore("/id")
	}
	return p, err
}

func versionOf(r sdk.Reader, in pricing.GetPromotionIn) (pricing.Promotion, error) {
	if in.Version != 0 {
		old, ok := versions.Get(r, sdk.K(in.ID).Int(in.Version))
		if !ok {
			return pricing.Promotion{}, noPromotion()
		}
		return old.Promotion, nil
	}
	h, ok := promotions.Get(r, sdk.K(in.ID))
	if !ok {
		return pricing.Promotion{}, noPromotion()
	}
	return h.Promotion, nil
}

func noPromotion() error { return sdk.NotFound("promotion", "There is no such promotion.") }

// listPromotions lists newest versions or, by state, the versions that are in it.
func listPromotions(v *sdk.View, in pricing.PromotionsIn) (out pricing.PromotionsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	reach := reachOf(v)
	for h := range promotions.Scan(v, sdk.Scan{From: after(in.Cursor)}) {
		p, ok := h.in(v, in.State)
		if !ok || !reach.sees(p.For.Stores) {
			continue
		}
		if len(out.Promotions) == limit {
			out.Cursor = out.Promotions[limit-1].ID
			break
		}
		out.Promotions = append(out.Promotions, p)
	}
	return out, nil
}

// in is the version that is in a state: the newest, or the one that runs while a
// newer one is a draft.
func (h *head) in(r sdk.Reader, state pricing.State) (pricing.Promotion, bool) {
	if state == "" || h.State == state {
		return h.Promotion, true
	}
	if h.Running == 0 || h.running() != state {
		return pricing.Promotion{}, false
	}
	v, ok := versions.Get(r, sdk.K(h.ID).Int(h.Running))
	return v.Promotion, ok
}

// running is the state of the version that runs, "" if none does.
func (h *head) running() pricing.State {
	switch {
	case h.Running == 0:
		return ""
	case h.Paused:
		return pricing.Paused
	}
	return pricing.Live
}

// history lists the steps of a promotion, the newest first.
func history(v *sdk.View, in pricing.HistoryIn) (out pricing.HistoryOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	h, ok := promotions.Get(v, sdk.K(in.ID))
	if !ok || !reachOf(v).sees(h.Promotion.For.Stores) {
		return out, noPromotion()
	}
	scan := sdk.Scan{Prefix: sdk.K(in.ID), Reverse: true, Limit: limit + 1}
	if in.Cursor != "" {
		if scan.To, err = numbered(in.Cursor); err != nil {
			return out, err
		}
	}
	last := int64(0)
	for s := range steps.Scan(v, scan) {
		if len(out.Steps) == limit {
			out.Cursor = digits(last)
			break
		}
		out.Steps, last = append(out.Steps, s.Step), s.Number
	}
	return out, nil
}
