// Package identity knows who acts. In this release there is one principal, the
// local operator behind the loopback address; users, tokens and roles take its
// place without a change above the kernel.
package identity

// Principal is who acts in an operation.
type Principal struct {
	ID string // "local", later "user:anna", "token:8f…", "app:loyalty"
}

// Local is the operator of a host that listens on loopback only.
func Local() Principal { return Principal{ID: "local"} }

// App is an app that acts as itself, in events and timers.
func App(id string) Principal { return Principal{ID: "app:" + id} }
