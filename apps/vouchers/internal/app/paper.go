package app

import (
	"cmp"
	"strconv"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// onPaper prints cards, each on a slip of its own.
func onPaper(v *sdk.View, in vouchers.PaperIn) (sdk.File, error) {
	if len(in.Cards) == 0 || len(in.Cards) > vouchers.MaxPapers {
		return sdk.File{}, sdk.Invalid("/cards", "cards", "1 to 20 cards are printed at once.")
	}
	set := settings.Get(v)
	language := cmp.Or(in.Language, set.PaperLanguage, "it")
	d := paper.Document{Language: language}
	for i, asked := range in.Cards {
		at := "/cards/" + strconv.Itoa(i) + "/code"
		c, ok := byCode(v, asked.Code)
		if !ok {
			return sdk.File{}, noCode(at)
		}
		if stateOf(&c, v.Now()) != vouchers.StateActive {
			e := sdk.FailedPrecondition("not_active", "Only active cards are printed.")
			e.Pointer = at
			return sdk.File{}, e
		}
		k, _ := kinds.Get(v, sdk.K(c.Kind))
		d.Title = k.Name
		if err := slip(&d, &set, &k, &c, asked.Code, language); err != nil {
			return sdk.File{}, err
		}
	}
	w := d.Write(in.Format, cmp.Or(in.Medium, paper.Medium(set.PaperMedium)))
	return sdk.File{Name: "vouchers" + w.Extension, Type: w.Type, Content: w.Content}, nil
}

// paperWords are the texts of a slip.
type paperWords struct{ until, terms string }

var slipWords = map[string]paperWords{
	"it": {until: "Valido fino al", terms: "Non si rimborsa in contanti. Chi ha questo codice può spenderlo."},
	"en": {until: "Valid until", terms: "Not refunded in cash. Whoever has this code can spend it."},
}

// slip writes one card.
func slip(d *paper.Document, set *Settings, k *vouchers.Kind, c *record, code, language string) error {
	words := slipWords[language]
	if set.PaperHead != "" {
		d.Text(paper.Centre, set.PaperHead)
		d.Space()
	}
	d.Text(paper.Bold|paper.Tall|paper.Centre, k.Name)
	if !k.PIN {
		digits, _ := k.Currency.Digits()
		d.Text(paper.Bold|paper.Tall|paper.Centre, paper.Decimal(int64(c.Account.Balance), digits, language)+" "+string(k.Currency))
		last, err := lastDay(c.Account.Expires, k.Zone)
		if err != nil {
			return err
		}
		if last != "" {
			d.Text(paper.Centre, words.until+" "+paper.Date(string(last), language))
		}
	}
	d.Space()
	d.Barcode(code)
	d.Space()
	d.Text(0, cmp.Or(set.PaperTerms, words.terms))
	d.Cut()
	return nil
}

// lastDay is the last civil day on which a card is spent, "" if it has no end.
func lastDay(expires retail.Instant, zone retail.Zone) (retail.Date, error) {
	if expires == 0 {
		return "", nil
	}
	local, err := zone.Local(expires - 1)
	return local.Date, err
}
