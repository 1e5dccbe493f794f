package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/internal/text"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// tell says what a document keeps. It must read nothing: no promotion may be needed
// to explain what was printed.
func tell(_ *sdk.View, in pricing.TellIn) (out pricing.TellOut, err error) {
	language, err := languageOf(in.Language)
	if err != nil {
		return out, err
	}
	if len(in.Applied)+len(in.Grants)+len(in.NotApplied)+len(in.Withheld) > pricing.MaxTold {
		return out, sdk.Fail(sdk.CodeTooLarge, "told", "At most 1,000 things are told at once.")
	}
	for i := range in.Applied {
		a := &in.Applied[i]
		out.Told = append(out.Told, pricing.Told{
			Promotion: a.Promotion, Version: a.Version, Filler: a.Filler, Name: a.Name, Amount: a.Amount,
			Text: did(language, a.Amount, in.Currency),
		})
	}
	for i := range in.Grants {
		g := &in.Grants[i]
		out.Told = append(out.Told, pricing.Told{Promotion: g.Promotion, Version: g.Version, Name: g.Name, Text: text.Given(language)})
	}
	for i := range in.Withheld {
		w := &in.Withheld[i]
		out.Told = append(out.Told, pricing.Told{
			Promotion: w.Promotion, Version: w.Version, Name: w.Name, Amount: w.Amount,
			Text: text.Withheld(language, w.Amount, in.Currency, string(w.Reason)),
		})
	}
	for i := range in.NotApplied {
		n := &in.NotApplied[i]
		w := whyOf(n, in.Currency, in.Zone)
		w.With = keptName(&in, n.With)
		out.Told = append(out.Told, pricing.Told{
			Promotion: n.Promotion, Version: n.Version, Filler: n.Filler, Name: n.Name, Reason: n.Reason, Text: text.Say(language, w),
		})
	}
	return out, shortNames(out.Told)
}

// did says what something came to that applied.
func did(l text.Language, amount retail.Money, currency retail.Currency) string {
	if amount == 0 {
		return text.Given(l)
	}
	return text.Off(l, amount, currency)
}

// keptName is what a document calls a promotion that stood in the way of another.
func keptName(in *pricing.TellIn, id string) string {
	for i := range in.Applied {
		if a := &in.Applied[i]; a.Promotion == id && a.Name != "" {
			return a.Name
		}
	}
	for i := range in.Grants {
		if g := &in.Grants[i]; g.Promotion == id && g.Name != "" {
			return g.Name
		}
	}
	return id
}

// shortNames refuses names that no promotion has: each may stand in many texts.
func shortNames(told []pricing.Told) error {
	for i := range told {
		if len(told[i].Name) > maxName {
			return sdk.Invalid("", "name", "A name has at most 200 bytes.")
		}
	}
	return nil
}
