package app

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/apps/pricing/internal/text"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// explain prices a basket with all promotions that were asked for among those that
// have a part in it anyway, whatever their state, and says what became of each.
func explain(v *sdk.View, in pricing.ExplainIn) (out pricing.ExplainOut, err error) {
	language, err := languageOf(in.Language)
	if err != nil {
		return out, err
	}
	asked, cursor, err := questions(v, &in)
	if err != nil {
		return out, err
	}
	b, err := prepare(v, in.Basket)
	if err != nil {
		return out, within("/basket", err)
	}
	blocked := b.join(promotionIndex.Get(v), asked)
	cs := slices.Clone(b.cs)
	limit(v, cs, b.promos, &b.in, true)
	for i, reason := range blocked {
		if reason != "" {
			cs[i].Blocked = reason
		}
	}
	result, _, err := b.play(v, policyOf(&b.rules), cs)
	if err != nil {
		return out, within("/basket", err)
	}
	out.Cursor = cursor
	for i := range asked {
		out.Promotions = append(out.Promotions, b.explanation(language, &asked[i].Promotion, &result))
	}
	return out, nil
}

func languageOf(said string) (text.Language, error) {
	switch l := text.Language(cmp.Or(said, string(text.English))); l {
	case text.Italian, text.English:
		return l, nil
	}
	return "", sdk.Invalid("/language", "language", "Texts are in it or en.")
}

// within says of an error of a basket where in the question that lies.
func within(pointer string, err error) error {
	var e *sdk.Error
	if !errors.As(err, &e) || e.Pointer == "" {
		return err
	}
	moved := *e
	moved.Pointer = pointer + e.Pointer
	return &moved
}

// questions are the promotions that are asked for: the version that runs of each, or
// else the newest.
func questions(v *sdk.View, in *pricing.ExplainIn) (asked []head, cursor string, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return nil, "", err
	}
	reach := reachOf(v)
	if len(in.IDs) > pricing.MaxPage {
		return nil, "", sdk.Invalid("/ids", "limit", "At most 200 promotions are explained at once.")
	}
	for i, id := range in.IDs {
		h, ok := promotions.Get(v, sdk.K(id))
		if !ok || !reach.sees(h.Promotion.For.Stores) {
			return nil, "", &sdk.Error{Code: sdk.CodeNotFound, Reason: "promotion", Message: "There is no such promotion.", Pointer: pointer("/ids", i)}
		}
		asked = append(asked, h.current(v))
	}
	if len(in.IDs) > 0 {
		return asked, "", nil
	}
	for h := range promotions.Scan(v, sdk.Scan{From: after(in.Cursor)}) {
		if !reach.sees(h.Promotion.For.Stores) {
			continue
		}
		if len(asked) == limit {
			return asked, asked[limit-1].ID, nil
		}
		asked = append(asked, h.current(v))
	}
	return asked, "", nil
}

// current is the promotion with the version that runs, if one does.
func (h head) current(r sdk.Reader) head {
	if h.Running == 0 || h.Running == h.Newest {
		return h
	}
	if v, ok := versions.Get(r, sdk.K(h.ID).Int(h.Running)); ok {
		h.Promotion = v.Promotion
	}
	return h
}

// join puts promotions among the basket's candidates that are not there yet, and says
// which cannot apply because they are not live.
func (b *basket) join(x *promotionsByGoods, asked []head) (blocked []price.Reason) {
	blocked = make([]price.Reason, len(b.cs))
	for i := range asked {
		h := &asked[i]
		if slices.ContainsFunc(b.cs, func(c price.Candidate) bool { return c.Rule.ID == h.ID }) {
			continue
		}
		var reason price.Reason
		var rule *price.Rule
		var about *terms
		if e := x.Find(h.ID, b.generation); e != nil {
			rule, about = e.Rule(), &e.About
		} else {
			r, t := ruleOf(&h.Promotion), termsOf(&h.Promotion)
			rule, about, reason = &r, &t, price.Inactive
			if h.running() == pricing.Paused {
				reason = price.IsPaused
			}
		}
		b.cs = append(b.cs, price.Candidate{Rule: rule})
		b.promos, blocked = append(b.promos, about), append(blocked, reason)
	}
	return blocked
}

// explanation says what became of one promotion.
func (b *basket) explanation(l text.Language, p *pricing.Promotion, r *price.Result) pricing.Explanation {
	out := pricing.Explanation{ID: p.ID, Version: p.Version, Name: p.Name}
	for i := range r.NotApplied {
		if m := &r.NotApplied[i]; m.Promotion == p.ID {
			n := missedOf(m)
			n.Name = p.Name
			out.NotApplied, out.Version = &n, m.Version
			out.Text = text.Say(l, b.why(&n))
			return out
		}
	}
	for _, a := range r.Applied {
		if a.Promotion == p.ID {
			out.Amount, out.Version = out.Amount+a.Amount, a.Version
		}
	}
	if out.Amount > 0 {
		out.Text = text.Off(l, out.Amount, b.store.Currency)
	} else {
		out.Text = text.Given(l)
	}
	return out
}

// whyOf is a reason and what is kept beside it, with ids for names.
func whyOf(n *pricing.NotApplied, currency retail.Currency, zone retail.Zone) text.Why {
	w := text.Why{Reason: string(n.Reason), With: n.With, Currency: currency, Zone: zone, Filler: n.Filler}
	if m := n.Missing; m != nil {
		w.Quantity, w.Amount, w.From, w.To = m.Quantity, m.Amount, m.From, m.To
	}
	return w
}

// why is a reason with the names that people know.
func (b *basket) why(n *pricing.NotApplied) text.Why {
	w := whyOf(n, b.store.Currency, b.store.Zone)
	for _, p := range b.promos {
		if p.ID == n.With {
			w.With = p.Name
		}
	}
	return w
}
