// Package identity knows who acts and what they may do: principals, rights and
// the one decision that every way in and every nested call asks for; and what
// people and machines prove it with: passwords and secrets. All of it is pure: it
// must not know HTTP, storage, clocks or apps.
package identity

import (
	"cmp"
	"slices"
	"strings"
)

// Principal is who acts in an operation. Its slices are never changed.
type Principal struct {
	ID string // "user:anna", "token:8f…", "app:loyalty", "host"
	// Rights are names of permissions or patterns of them, as Covers reads them.
	Rights []string
	// Stores limits the principal to operations about these; nil means all.
	Stores []string
	// Session or token that the principal came with, for the audit; "" for none.
	Credential string
}

// Local is the operator of a host at its own machine, for tests and tools that
// run in the host's process.
func Local() Principal { return Principal{ID: "local", Rights: []string{All}} }

// Host acts when nobody does: in timers, deliveries and jobs of the host itself.
func Host() Principal { return Principal{ID: "host", Rights: []string{All}} }

// App is an app that acts as itself, in events and timers. What it may call is
// what it was granted, so it has every right of a person.
func App(id string) Principal { return Principal{ID: "app:" + id, Rights: []string{All}} }

// Nobody has no rights at all.
func Nobody() Principal { return Principal{ID: "nobody"} }

// Need is what an operation asks of who acts.
type Need struct {
	Right string // permission; "" is one that only All has
	Store string // that the operation is about; "" for none
}

// Denial says why Authorize said no. It names nothing but the missing right or
// the store that was asked for.
type Denial struct {
	Right string // that is missing, "" if the store is the reason
	Store string
}

func (d *Denial) Error() string {
	if d.Right != "" {
		return "the permission " + d.Right + " is missing"
	}
	return "the store " + d.Store + " is not one of the principal's"
}

// Authorize is the one decision about who may do what: REST, events, the
// command line and calls from app to app all come here. It denies by default.
// The error is a *Denial.
func Authorize(p Principal, n Need) error {
	if !p.May(n.Right) {
		return &Denial{Right: cmp.Or(n.Right, All)}
	}
	if p.Stores != nil && ofTheWhole(n.Right) {
		return &Denial{Store: All}
	}
	if n.Store != "" && p.Stores != nil && !slices.Contains(p.Stores, n.Store) {
		return &Denial{Store: n.Store}
	}
	return nil
}

// ofTheWhole says whether a right shows or changes what is not of one store: the
// log, the records, the apps. Of the host's own rights only those over people are
// for somebody with a limit too: nobody gives more than he has.
func ofTheWhole(right string) bool {
	own := strings.HasPrefix(right, "host.")
	return own && !slices.Contains([]string{"host.users", "host.roles", "host.tokens", "host.health"}, right)
}

// May says whether p has a right, whatever the store.
func (p Principal) May(right string) bool {
	for _, r := range p.Rights {
		if Covers(r, right) {
			return true
		}
	}
	return false
}
