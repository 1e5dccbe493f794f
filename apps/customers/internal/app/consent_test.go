package app

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func yes(channel customers.ContactChannel) customers.SetConsentIn {
	return customers.SetConsentIn{
		Customer: "C-1", Purpose: customers.Marketing, Channel: channel, TextVersion: "privacy-3", Source: "till MI-01/3", Proof: "signed form 7",
	}
}

func no(channel customers.ContactChannel) customers.WithdrawConsentIn {
	return customers.WithdrawConsentIn{Customer: "C-1", Purpose: customers.Marketing, Channel: channel, Source: "web"}
}

// contact asks about e-mail and answers "yes why" or "no why".
func contact(t sdktest.Reporter, e *sdktest.Env, purpose customers.Purpose) string {
	t.Helper()
	out := sdktest.Ask(t, e, customers.CanContact, customers.CanContactIn{Customer: "C-1", Purpose: purpose, Channel: "email"})
	if out.Allowed {
		return "yes " + string(out.Why)
	}
	return "no " + string(out.Why)
}

func TestConsents(t *testing.T) {
	t.Parallel()
	e := setup(t)
	expect := func(purpose customers.Purpose, want string) {
		t.Helper()
		if got := contact(t, e, purpose); got != want {
			t.Errorf("%s by e-mail: %s, want %s", purpose, got, want)
		}
	}
	expect(customers.Marketing, "no unknown_customer")
	expect(customers.Service, "no unknown_customer")
	person(t, e, "C-1")
	expect(customers.Service, "yes service")
	expect(customers.Marketing, "no no_consent")
	given := run(t, e, customers.SetConsent, yes("email"))
	expect(customers.Marketing, "yes given")
	expect(customers.Profiling, "no no_consent")
	if out := sdktest.Ask(t, e, customers.CanContact, customers.CanContactIn{Customer: "C-1", Purpose: "marketing", Channel: "email"}); out.Statement != given.ID {
		t.Errorf("%s decides, not %s", out.Statement, given.ID)
	}
	run(t, e, customers.WithdrawConsent, no(""))
	expect(customers.Marketing, "no withdrawn")
	late := yes("email")
	late.At = given.At + 1
	run(t, e, customers.SetConsent, late)
	expect(customers.Marketing, "no withdrawn")
	run(t, e, customers.SetConsent, yes("email"))
	expect(customers.Marketing, "yes given")
	run(t, e, customers.Erase, customers.CustomerRef{ID: "C-1"})
	expect(customers.Marketing, "no erased")
	expect(customers.Service, "no erased")
	if got := sdktest.Emitted(e, customers.ConsentChanged); len(got) != 4 || !got[0].Given || got[1].Given || got[2].At != late.At {
		t.Errorf("the events say %+v", got)
	}
}

func TestConsentsRefused(t *testing.T) {
	t.Parallel()
	e := setup(t)
	person(t, e, "C-1")
	for want, change := range map[string]func(*customers.SetConsentIn){
		"not_found customer /customer":       func(c *customers.SetConsentIn) { c.Customer = "C-2" },
		"invalid purpose /purpose":           func(c *customers.SetConsentIn) { c.Purpose = "service" },
		"invalid channel /channel":           func(c *customers.SetConsentIn) { c.Channel = "anna@example.it" },
		"invalid basis /basis":               func(c *customers.SetConsentIn) { c.Basis = "because" },
		"invalid text_version /text_version": func(c *customers.SetConsentIn) { c.TextVersion = "" },
		"invalid proof /proof":               func(c *customers.SetConsentIn) { c.Proof = strings.Repeat("è", 1001) },
		"invalid source /source":             func(c *customers.SetConsentIn) { c.Source = "" },
		"invalid at /at":                     func(c *customers.SetConsentIn) { c.At = e.Now() + 1 },
	} {
		in := yes("email")
		change(&in)
		_, err := sdktest.Run(e, customers.SetConsent, in)
		sdktest.Refused(t, err, want)
	}
	soft := yes("email")
	soft.Basis, soft.TextVersion = customers.LegitimateInterest, ""
	run(t, e, customers.SetConsent, soft)
	_, err := sdktest.Call(e, customers.CanContact, customers.CanContactIn{Customer: "C-1", Purpose: "marketing"})
	sdktest.Refused(t, err, "invalid channel /channel")
	_, err = sdktest.Call(e, customers.CanContact, customers.CanContactIn{Customer: "C-1", Channel: "email"})
	sdktest.Refused(t, err, "invalid purpose /purpose")
}

// ledger is all that was ever recorded, the last first.
func ledger(t sdktest.Reporter, e *sdktest.Env) (all []customers.Statement) {
	t.Helper()
	in := customers.HistoryIn{Customer: "C-1", Limit: 3}
	for {
		out := sdktest.Ask(t, e, customers.Consents, in)
		all = append(all, out.Statements...)
		if in.Cursor = out.Cursor; in.Cursor == "" {
			return all
		}
	}
}

// Whatever is said, in whatever order it is told: the ledger only grows, a no
// that was just said to all channels or to this one is obeyed, and so is a yes
// to this one.
func TestLedgerOnlyGrows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		e := setup(t)
		person(t, e, "C-1")
		var before []customers.Statement
		for range rapid.IntRange(1, 12).Draw(rt, "statements") {
			channel := rapid.SampledFrom([]customers.ContactChannel{"", "email", "sms"}).Draw(rt, "channel")
			late := retail.Instant(rapid.Int64Range(0, 4000).Draw(rt, "late"))
			given := rapid.Bool().Draw(rt, "given")
			was := contact(rt, e, customers.Marketing)
			say(rt, e, given, channel, late)
			after := ledger(rt, e)
			if len(after) != len(before)+1 || !slices.Equal(after[1:], before) {
				rt.Fatalf("the ledger was %+v and is %+v", before, after)
			}
			before = after
			is := contact(rt, e, customers.Marketing)
			switch {
			case !given && strings.HasPrefix(is, "yes") && strings.HasPrefix(was, "no"):
				rt.Fatalf("a no turned %s into %s", was, is)
			case given && strings.HasPrefix(is, "no") && strings.HasPrefix(was, "yes"):
				rt.Fatalf("a yes turned %s into %s", was, is)
			case late == 0 && channel != "sms" && !given && is != "no withdrawn":
				rt.Fatalf("just said no, and it is %s", is)
			case late == 0 && channel == "email" && given && is != "yes given":
				rt.Fatalf("just said yes, and it is %s", is)
			}
		}
	})
}

// say tells a statement, so many milliseconds late.
func say(t sdktest.Reporter, e *sdktest.Env, given bool, channel customers.ContactChannel, late retail.Instant) {
	t.Helper()
	at := e.Now() + 1000 - late
	if given {
		in := yes(channel)
		in.At = at
		run(t, e, customers.SetConsent, in)
		return
	}
	in := no(channel)
	in.At = at
	run(t, e, customers.WithdrawConsent, in)
}
