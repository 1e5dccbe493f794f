package pricing

import "github.com/bottega-retail/bottega/sdk/retail"

// MaxTold is how much one Tell puts into words: what applied, what did not, what was
// withheld, and grants, together.
const MaxTold = 1_000

// TellIn is what a document keeps of a quote, and the language to say it in.
//
//bottega:example {"language":"it","currency":"EUR","zone":"Europe/Rome","not_applied":[
//bottega:example {"promotion":"knit-3","version":2,"name":"Three knits","reason":"amount_missing","missing":{"amount":340}}]}
type TellIn struct {
	Language   string          `json:"language,omitempty"` // it or en; "" is en
	Currency   retail.Currency `json:"currency"`
	Zone       retail.Zone     `json:"zone,omitempty"` // of the store, for times of day
	Applied    []Applied       `json:"applied,omitempty"`
	NotApplied []NotApplied    `json:"not_applied,omitempty"`
	Grants     []Grant         `json:"grants,omitempty"`
	Withheld   []Withheld      `json:"withheld,omitempty"` // of a return
}

// TellOut has a text for each: first what applied, then what was granted, then what was
// withheld, then what did nothing, each in the order it came.
type TellOut struct {
	Told []Told `json:"told"`
}

// Told is what one promotion or filler did, in words.
type Told struct {
	Promotion string       `json:"promotion,omitempty"`
	Version   int64        `json:"version,omitempty"`
	Filler    string       `json:"filler,omitempty"`
	Name      string       `json:"name,omitempty"`   // that the document keeps
	Amount    retail.Money `json:"amount,omitempty"` // that it took off, negative where goods came back; or that was withheld
	Reason    Reason       `json:"reason,omitempty"` // why it did nothing; "" it did something
	Text      string       `json:"text"`             // for people
}
