// Package tariff is the contract of a guest whose rules lie in memory as a
// derived value: an index by what they are about. The rules have the size and
// the fields of promotions, and mean nothing. It knows no peer.
package tariff

import "github.com/bottega-retail/bottega/sdk"

// Fill writes rules that are not there yet, or resets them, and publishes
// nothing. Errors: exhausted (more than 1,000).
var Fill = sdk.Command[FillIn, sdk.None]{Name: "tariff.fill"}

// Change gives one rule a percentage and publishes that, or publishes everything.
var Change = sdk.Command[ChangeIn, sdk.None]{Name: "tariff.change"}

// Best answers the highest percentage that is on each of some subjects, 0 for a
// subject without rules.
var Best = sdk.Query[Subjects, Percents]{Name: "tariff.best"}

// Empty does nothing, in an instance that holds all rules.
var Empty = sdk.Query[sdk.None, sdk.None]{Name: "tariff.empty"}

// PerSubject is how many rules are about one subject: rule n is about subject
// n / PerSubject.
const PerSubject = 40

// FillIn names rules First to First+Count-1.
type FillIn struct {
	First int64 `json:"first"`
	Count int64 `json:"count"`
	Text  int64 `json:"text"` // bytes of text in each
}

// ChangeIn names a rule.
type ChangeIn struct {
	ID      int64 `json:"id"`
	Percent int64 `json:"percent"`
	All     bool  `json:"all"` // publish everything, as if nobody knew what has changed
}

// Subjects are asked about.
type Subjects struct {
	Subjects []int64 `json:"subjects"`
}

// Percents are in the order of what was asked about.
type Percents struct {
	Percents []int64 `json:"percents"`
}
