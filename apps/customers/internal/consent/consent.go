// Package consent decides what follows from what somebody has said about being
// contacted. It knows statements and their order in time; it must not know whose
// they are or where they are kept.
package consent

import "github.com/bottega-retail/bottega/sdk/retail"

// Statement is a yes or a no to one purpose.
type Statement struct {
	ID      string
	Channel string // "" is all
	Given   bool
	At      retail.Instant // above 0
}

// Decision is what statements add up to. Statement is the id of the one that
// decides, "" if there is none.
type Decision struct {
	Allowed   bool
	Statement string
}

// Decide says whether a channel may be used. The order of the list means
// nothing.
//
// Nothing is allowed without a yes. A no to all channels ends every yes until
// then, also one of the same instant; a no to this channel ends those to this
// channel, and is lifted only by a later one to this very channel.
func Decide(list []Statement, channel string) Decision {
	yes, no := last(list, channel, true), last(list, channel, false)
	allYes, allNo := last(list, "", true), last(list, "", false)
	if yes.At > max(no.At, allNo.At) {
		return Decision{true, yes.ID}
	}
	if no.At > 0 && no.At >= yes.At {
		return Decision{false, no.ID}
	}
	if allYes.At > allNo.At {
		return Decision{true, allYes.ID}
	}
	return Decision{false, allNo.ID}
}

// last is the last statement of a kind, of those at one instant the one with the
// greatest id.
func last(list []Statement, channel string, given bool) (found Statement) {
	for _, s := range list {
		if s.Channel == channel && s.Given == given && (s.At > found.At || s.At == found.At && s.ID > found.ID) {
			found = s
		}
	}
	return found
}
