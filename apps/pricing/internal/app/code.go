package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/key"
	"github.com/bottega-retail/bottega/apps/pricing/internal/price"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Why a code does not count, as strangers may know it.
const (
	codeUnknown = "unknown" // nobody's, or another customer's
	codeExpired = "expired" // its batch or promotion is over, or has not begun
	codeLimit   = "limit"   // all its uses are used
)

// maxWrong is after how many codes that nobody knows a basket is looked at no
// further: a call is worth few guesses.
const maxWrong = 3

// givenCode is a code of a basket and what it is.
type givenCode struct {
	code      string // as it was given, without outer blanks
	text      string // as codes are compared
	shared    bool   // some promotion has it
	coupon    string // of a coupon, what its uses are counted under; "" of a shared code
	batch     string // of the coupon, or the filler that knows it
	promotion string // that a filler named
	keep      bool   // a sale that is cancelled gives no use back
	gate      bool   // it opens a price list, whatever else it does
	brought   bool   // some promotion that is live asks for it
	uses      int64  // that it has in all
	reason    string // why it does not count; "" it does
}

// codePlace is when and where codes are asked about.
type codePlace struct {
	at      retail.Instant
	channel retail.Channel
	exact   bool     // case matters
	gates   []string // codes that open price lists, in any form
	// shared says whether some promotion that is live has a code, as codes are compared.
	shared func(text string) bool
}

// codes looks at the codes of a basket, each once, in their order. Those of nobody
// and those of another customer take the same work, so that the time tells nothing.
func codes(r sdk.Reader, in *pricing.QuoteIn, p codePlace) []givenCode {
	given := distinct(in.Codes, p)
	found, batch := couponsOf(r, given)
	for i, wrong := 0, 0; i < len(given); i++ {
		g := &given[i]
		switch {
		case wrong == maxWrong:
			g.reason = codeLimit
			continue
		case g.shared:
		case g.gate && found[i].Key == "":
			continue
		case found[i].Key == "" || found[i].Customer != "" && found[i].Customer != in.Customer:
			g.foreign(r, in, p, found[i].Key != "")
		default:
			g.of(r, &batch[i], p.at)
		}
		if g.reason == codeUnknown {
			wrong++
		}
	}
	return given
}

// distinct are codes as they are compared, without those that stand twice.
func distinct(codes []string, p codePlace) []givenCode {
	given := make([]givenCode, 0, len(codes))
	for _, c := range codes {
		text := code.Fold(c, p.exact)
		if text == "" || slices.ContainsFunc(given, func(g givenCode) bool { return g.text == text }) {
			continue
		}
		g := givenCode{code: printable(c), text: text, coupon: key.Coupon(text)}
		g.gate = slices.ContainsFunc(p.gates, func(opens string) bool { return code.Fold(opens, p.exact) == text })
		if g.shared = p.shared(text); g.shared {
			g.coupon = ""
		}
		given = append(given, g)
	}
	return given
}

// couponsOf reads the coupons of codes and their batches; what there is not is zero.
func couponsOf(r sdk.Reader, given []givenCode) ([]coupon, []pricing.Batch) {
	if len(given) == 0 {
		return nil, nil
	}
	keys := make([]sdk.Key, len(given))
	for i := range given {
		keys[i] = sdk.K(key.Coupon(given[i].text))
	}
	found, _ := coupons.GetMany(r, keys)
	for i := range found {
		keys[i] = sdk.K(found[i].Batch)
		if found[i].Batch == "" {
			keys[i] = sdk.K("-") // as long as it takes for those that there are
		}
	}
	batch, _ := batches.GetMany(r, keys)
	return found, batch
}

// of makes the code one of a batch.
func (g *givenCode) of(r sdk.Reader, b *pricing.Batch, at retail.Instant) {
	g.batch, g.uses, g.keep = b.ID, usesOf(b), b.KeepOnVoid
	switch left := below(r, couponUses, sdk.K(g.coupon), g.uses); {
	case b.ID == "":
		g.reason = codeUnknown
	case !b.Period.Contains(at):
		g.reason = codeExpired
	case !left:
		g.reason = codeLimit
	}
}

// foreign asks the fillers of Coupon about a code that is nobody's. For one that is
// another customer's it asks, in vain, about something else.
func (g *givenCode) foreign(r sdk.Reader, in *pricing.QuoteIn, p codePlace, others bool) {
	ask := pricing.CouponIn{Code: g.code, Store: in.Store, Channel: p.channel, Customer: in.Customer, At: p.at}
	if others {
		ask.Code = g.coupon
	}
	answers, err := pricing.Coupon.Each(r, ask)
	at := slices.IndexFunc(answers, func(a sdk.Filled[pricing.CouponOut]) bool { return a.Err == nil && a.Out.Known })
	if err != nil || others || at < 0 {
		g.reason = codeUnknown
		return
	}
	out := &answers[at].Out
	g.reason, g.promotion, g.uses = out.Reason, out.Promotion, max(out.Uses, 1)
	if g.promotion == "" {
		g.batch = answers[at].Filler
	}
	switch {
	case g.reason == "" && !below(r, couponUses, sdk.K(g.coupon), g.uses):
		g.reason = codeLimit
	case g.reason != "" && g.reason != codeExpired && g.reason != codeLimit:
		g.reason = codeUnknown // what else a filler says is not for strangers
	}
}

// brings says whether the code brings a promotion with these codes and batches.
func (g *givenCode) brings(promotion string, codes, batches []string, exact bool) bool {
	if g.reason != "" {
		return false
	}
	if g.shared {
		return slices.ContainsFunc(codes, func(c string) bool { return code.Fold(c, exact) == g.text })
	}
	return g.promotion == promotion || g.batch != "" && slices.Contains(batches, g.batch)
}

// bring names to candidates the code that brings them, the first of several.
func bring(given []givenCode, cs []price.Candidate, promos []*terms, exact bool) {
	for i := range given {
		g := &given[i]
		for n, p := range promos {
			if !g.brings(p.ID, p.Codes, p.Batches, exact) {
				continue
			}
			g.brought = true
			if cs[n].Code == "" {
				cs[n].Code = g.code
			}
		}
	}
}

// rejected says why codes did not help: those that do not count, and those that are
// good for promotions which took nothing off. Of the latter, who has the code is no
// stranger to the reason.
func rejected(given []givenCode, cs []price.Candidate, misses []price.Miss) (out []pricing.RejectedCode) {
	for i := range given {
		g := &given[i]
		reason := g.reason
		if reason == "" {
			reason = unhelpful(g, cs, misses)
		}
		if reason != "" && !g.gate {
			out = append(out, pricing.RejectedCode{Code: g.code, Reason: reason})
		}
	}
	return out
}

// unhelpful is why none of the promotions that a code brought took anything off, ""
// if one did. A code that none asks for any more is expired; what two codes bring, the
// first one does.
func unhelpful(g *givenCode, cs []price.Candidate, misses []price.Miss) string {
	if !g.brought {
		return codeExpired
	}
	reason := ""
	for i := range cs {
		if cs[i].Code != g.code {
			continue
		}
		at := slices.IndexFunc(misses, func(m price.Miss) bool { return m.Promotion == cs[i].Rule.ID })
		if at < 0 {
			return ""
		}
		if reason == "" {
			reason = rejection(misses[at].Reason)
		}
	}
	if reason == "" {
		return string(price.NotCombinable)
	}
	return reason
}

// rejection is a reason of the engine as who has the code is told it.
func rejection(r price.Reason) string {
	switch r {
	case price.NotStarted, price.Over, price.Inactive, price.IsPaused:
		return codeExpired
	case price.UsageLimit, price.CustomerLimit, price.BudgetSpent:
		return codeLimit
	}
	return string(r)
}

// printable is a code without outer blanks, no longer than it takes to know it again.
func printable(given string) string {
	given = strings.TrimSpace(given)
	return strings.ToValidUTF8(given[:min(len(given), code.MaxLength)], "")
}
