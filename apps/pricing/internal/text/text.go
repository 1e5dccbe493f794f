// Package text says in words why a promotion did nothing: of a reason and what was
// frozen with it, in the languages of the house. It needs no promotion and no
// basket, so that a receipt can be explained for as long as it is kept.
package text

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// Language is that of a text.
type Language string

// The languages.
const (
	Italian Language = "it"
	English Language = "en"
)

// Why is a reason and what belongs to it. What does not is zero.
type Why struct {
	Reason   string          // of the contract, or the excuse of a filler
	With     string          // name of the promotion that stands in the way
	Quantity retail.Quantity // that is missing
	Amount   retail.Money    // that is missing, or by how much another was better
	Currency retail.Currency // of Amount
	From     retail.Instant  // when it starts
	To       retail.Instant  // when it was over
	Zone     retail.Zone     // of the store
	Filler   string          // app that answered, "" for a promotion
}

// Say says why a promotion did nothing. A reason that it does not know it says as it
// is.
func Say(l Language, w Why) string {
	for i := range table {
		if t := &table[i]; t.reason == w.Reason {
			return w.fill(l, t.in(l))
		}
	}
	return w.Reason
}

// Off says what a promotion took off. Below zero is what was taken back with goods
// that came back.
func Off(l Language, amount retail.Money, currency retail.Currency) string {
	switch {
	case amount < 0 && l == Italian:
		return "Reso: " + Amount(l, -amount, currency) + " di sconto in meno."
	case amount < 0:
		return "Returned: " + Amount(l, -amount, currency) + " less taken off."
	}
	if l == Italian {
		return "Ha tolto " + Amount(l, amount, currency) + "."
	}
	return "It took " + Amount(l, amount, currency) + " off."
}

// Given says of a promotion that it gave something else than money off.
func Given(l Language) string {
	if l == Italian {
		return "Ha dato qualcosa che non è uno sconto."
	}
	return "It gave something that is no money off."
}

// entry is what is said for a reason. In braces stands what is put in.
type entry struct {
	reason           string
	italian, english string
}

func (t *entry) in(l Language) string {
	if l == Italian {
		return t.italian
	}
	return t.english
}

// fill puts what belongs to a reason into its text.
func (w *Why) fill(l Language, text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return strings.NewReplacer(
		"{with}", w.With, "{filler}", w.Filler,
		"{quantity}", strconv.FormatInt(int64(w.Quantity), 10),
		"{amount}", Amount(l, w.Amount, w.Currency),
		"{from}", Moment(w.From, w.Zone), "{since}", since(w.To, w.Zone),
	).Replace(text)
}

// Amount is money as it is written: 3,40 € in Italian and €3.40 in English.
func Amount(l Language, amount retail.Money, currency retail.Currency) string {
	number := amount.Format(currency)
	if at := strings.IndexAny(number, " \u00a0"); at >= 0 {
		number = number[:at]
	}
	sign := symbol(currency)
	if l == Italian {
		return strings.ReplaceAll(number, ".", ",") + " " + sign
	}
	if sign == string(currency) {
		return number + " " + sign
	}
	return sign + number
}

func symbol(c retail.Currency) string {
	switch c {
	case "EUR":
		return "€"
	case "USD":
		return "$"
	case "GBP":
		return "£"
	}
	return string(c)
}

// Moment is an instant by the clock of a zone.
func Moment(at retail.Instant, zone retail.Zone) string {
	local, err := zone.Local(at)
	if err != nil {
		return strconv.FormatInt(int64(at), 10)
	}
	return string(local.Date) + " " + string(local.Time())[:5] + " " + string(zone)
}

// since is when something was over. What ended with a day was over since its last
// minute: nobody says 00:00 of the next.
func since(at retail.Instant, zone retail.Zone) string {
	if local, err := zone.Local(at); err == nil && local.Millis == 0 {
		at -= 60_000
	}
	return Moment(at, zone)
}
