package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// keepEnded is how long quotes can still be priced with a promotion after it was
// taken out: no token is valid for longer.
const keepEnded = 24 * 60 * 60 * 1000

// publish puts a version live, in place of the one that ran.
func publish(tx *sdk.Tx, in pricing.PublishIn) (out pricing.PublishOut, err error) {
	h, ok := promotions.Get(tx, sdk.K(in.ID))
	if !ok {
		return out, noPromotion()
	}
	p, err := versionOf(tx, pricing.GetPromotionIn{ID: in.ID, Version: in.Version})
	if err != nil {
		return out, err
	}
	if !h.sets(tx) || !reachOf(tx).sets(p.For.Stores) {
		return out, otherStore("/id")
	}
	out.Promotion = p
	switch p.State {
	case pricing.Live:
		out.Generation = generation(tx)
		return out, nil
	case pricing.Ended:
		return out, sdk.FailedPrecondition("ended", "This version was taken out for good: make a new one.")
	}
	findings, proved, err := lintOf(tx, &p)
	if err != nil {
		return out, err
	}
	if out.Findings, err = accepted(findings, in.Accept); err != nil {
		return out, err
	}
	if proved != nil {
		if out.Evidence, err = putEvidence(tx, evidence{Promotion: p.ID, Version: p.Version}, proved); err != nil {
			return out, err
		}
	}
	out.Generation, err = h.goLive(tx, &p, "published")
	out.Promotion = p
	return out, err
}

// accepted refuses what must not be published, and warnings that nobody has read.
func accepted(findings []pricing.Finding, accept []string) ([]pricing.Finding, error) {
	var unread []string
	for _, f := range findings {
		switch f.Severity {
		case pricing.Refused:
			return findings, refused(f)
		case pricing.Warning:
			if !slices.Contains(accept, f.Reason) && !slices.Contains(unread, f.Reason) {
				unread = append(unread, f.Reason)
			}
		}
	}
	if len(unread) == 0 {
		return findings, nil
	}
	reason := "lint"
	if slices.Contains(unread, "below_floor") {
		reason = "below_floor"
	}
	e := sdk.Fail(sdk.CodeFailedPrecondition, reason, "There are warnings that nobody has accepted: "+strings.Join(unread, ", ")+".")
	e.Fields = []sdk.Field{sdk.Text("reasons", joined(unread))}
	return findings, e
}

// refused is a finding as an error. Those that the contract does not name are all
// "lint".
func refused(f pricing.Finding) error {
	reason := f.Reason
	switch reason {
	case "prior_price", "sales_calendar", "below_floor":
	default:
		reason = "lint"
	}
	e := sdk.Fail(sdk.CodeFailedPrecondition, reason, f.Message)
	e.Fields = []sdk.Field{sdk.Text("reasons", f.Reason)}
	if f.Reason == "prior_price" {
		e.Fields = append(e.Fields, sdk.Int("percent", f.Percent))
	}
	return e
}

// goLive lets a version run, from a new generation on.
func (h *head) goLive(tx *sdk.Tx, p *pricing.Promotion, what string) (int64, error) {
	g, err := nextGeneration(tx)
	if err != nil {
		return 0, err
	}
	changes, err := h.leave(tx, g)
	if err != nil {
		return 0, err
	}
	if h.Running != 0 && h.Running != p.Version {
		if err = h.supersede(tx); err != nil {
			return 0, err
		}
	}
	p.State, h.Running, h.Paused, h.Since = pricing.Live, p.Version, false, g
	if err = h.step(tx, what, p, g); err != nil {
		return 0, err
	}
	if err = live.Put(tx, running{ID: p.ID, From: g, Promotion: *p}); err != nil {
		return 0, err
	}
	if err = ran(tx, p); err != nil {
		return 0, err
	}
	if err = wentLive(tx, p); err != nil {
		return 0, err
	}
	return g, sdk.Publish(tx, append(changes, live.Changed(liveKey(p.ID, g)))...)
}

// supersede ends the version that ran so far.
func (h *head) supersede(tx *sdk.Tx) error {
	old, ok := versions.Get(tx, sdk.K(h.ID).Int(h.Running))
	if !ok {
		return nil
	}
	old.Promotion.State = pricing.Ended
	return versions.Put(tx, old)
}

// leave takes the version that is live out of quotes, but for those that were
// promised before.
func (h *head) leave(tx *sdk.Tx, g int64) ([]sdk.Change, error) {
	if h.running() != pricing.Live {
		return nil, nil
	}
	key := liveKey(h.ID, h.Since)
	r, ok := live.Get(tx, key)
	if !ok {
		return nil, nil
	}
	if err := stopped(tx, h.ID); err != nil {
		return nil, err
	}
	if err := tookOut(tx, h.ID); err != nil {
		return nil, err
	}
	r.To, r.Until = g, tx.Now()+keepEnded
	return []sdk.Change{live.Changed(key)}, live.Put(tx, r)
}

func pause(tx *sdk.Tx, in pricing.PromotionID) (pricing.Promotion, error) {
	return turn(tx, in.ID, pricing.Paused)
}

func resume(tx *sdk.Tx, in pricing.PromotionID) (pricing.Promotion, error) {
	return turn(tx, in.ID, pricing.Live)
}

func end(tx *sdk.Tx, in pricing.PromotionID) (pricing.Promotion, error) {
	return turn(tx, in.ID, pricing.Ended)
}

// turn takes the version that runs to another state, without a new version: what
// it does has not changed.
func turn(tx *sdk.Tx, id string, to pricing.State) (pricing.Promotion, error) {
	h, ok := promotions.Get(tx, sdk.K(id))
	if !ok {
		return pricing.Promotion{}, noPromotion()
	}
	if !h.sets(tx) {
		return pricing.Promotion{}, otherStore("/id")
	}
	if h.Running == 0 {
		if h.State == to {
			return h.Promotion, nil
		}
		return pricing.Promotion{}, notRunning(h.State)
	}
	p, err := versionOf(tx, pricing.GetPromotionIn{ID: id, Version: h.Running})
	if err != nil || p.State == to {
		return p, err
	}
	if to == pricing.Live {
		_, err = h.goLive(tx, &p, "resumed")
	} else {
		err = h.stop(tx, &p, to)
	}
	return p, err
}

func notRunning(state pricing.State) error {
	if state == pricing.Ended {
		return sdk.FailedPrecondition("ended", "It was taken out for good: make a new version.")
	}
	return sdk.FailedPrecondition("draft", "A draft does not run: publish it first.")
}

// stop pauses or ends the version that runs.
func (h *head) stop(tx *sdk.Tx, p *pricing.Promotion, to pricing.State) error {
	g, changes, err := h.withdraw(tx)
	if err != nil {
		return err
	}
	what := "paused"
	p.State, h.Paused = to, to == pricing.Paused
	if to == pricing.Ended {
		what, h.Running = "ended", 0
	}
	if err = h.step(tx, what, p, g); err != nil {
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	return sdk.Publish(tx, changes...)
}

// withdraw takes the version that is live out of quotes, from a new generation on.
// What is paused already is not in them.
func (h *head) withdraw(tx *sdk.Tx) (g int64, changes []sdk.Change, err error) {
	if h.running() != pricing.Live {
		return 0, nil, nil
	}
	if g, err = nextGeneration(tx); err != nil {
		return 0, nil, err
	}
	changes, err = h.leave(tx, g)
	return g, changes, err
}

// generation is the newest that there is.
func generation(r sdk.Reader) int64 {
	g, _ := generations.Get(r, sdk.K(promotionsTally))
	return g.Number
}

// nextGeneration begins one. Every command that changes what quotes see does.
func nextGeneration(tx *sdk.Tx) (int64, error) {
	g := generation(tx) + 1
	return g, generations.Put(tx, tally{ID: promotionsTally, Number: g})
}

func liveKey(id string, from int64) sdk.Key { return sdk.K(id).Int(from) }

// forever is the end of a period that is open.
const forever = retail.Instant(1)<<53 - 1
