package account

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func (f *fixture) bearerOf(made MadeToken) identity.Principal {
	f.t.Helper()
	p, err := f.Token(f.t.Context(), made.Secret, home)
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

func (f *fixture) revoked(why string, made MadeToken) {
	f.t.Helper()
	p, err := f.Token(f.t.Context(), made.Secret, home)
	if e := public(err); err == nil || e.Code != abi.Denied || e.Reason != ReasonPrincipal || len(p.Rights) > 0 {
		f.t.Errorf("%s: the token is still %v (%v)", why, p, err)
	}
}

// TestH26: a token that is over, revoked, from elsewhere, for another right or
// another store.
func TestH26(t *testing.T) {
	t.Parallel()
	f := setup(t)
	made := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{
		Title: "till of MI-01", Rights: []string{"till.*"}, Stores: []string{"MI-01"}, Addresses: []string{"192.0.2.0/24", "2001:db8::/32"},
	})
	p := f.bearerOf(made)
	if p.ID != "token:"+made.ID || made.Until.Sub(f.clock.Now()) != 90*24*time.Hour {
		t.Errorf("%+v until %v", p, made.Until)
	}
	for name, c := range map[string]struct{ operation, store, reason string }{
		"in scope":      {"till.write", "MI-01", ""},
		"scope missing": {"stock.read", "MI-01", abi.ReasonPermission},
		"wrong store":   {"till.write", "RM-01", abi.ReasonStore},
	} {
		if err := f.use(p, c.operation, c.store); (err == nil) != (c.reason == "") || err != nil && public(err).Reason != c.reason {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.refuses(p, abi.ReasonPermission, "host.users.list", nil)
	f.refuses(p, abi.ReasonPermission, "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}})
	for address, ok := range map[string]bool{
		"192.0.2.255": true, "::ffff:192.0.2.1": true, "2001:db8:1::1": true, "2001:db8::1%eth0": true,
		"192.0.3.0": false, "::192.0.2.1": false, "2001:db9::": false, "127.0.0.1": false,
	} {
		if _, err := f.Token(t.Context(), made.Secret, netip.MustParseAddr(address)); (err == nil) != ok {
			t.Errorf("from %s: %v", address, err)
		}
	}
	if _, err := f.Token(t.Context(), made.Secret, netip.Addr{}); err == nil {
		t.Error("from nowhere")
	}
	f.clock.pass(90*24*time.Hour - time.Millisecond)
	f.bearerOf(made)
	f.clock.pass(time.Millisecond)
	f.revoked("over", made)

	made = must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.*"}})
	f.bearerOf(made)
	_ = must[platform.None](f, identity.Local(), "host.tokens.revoke", Ref{made.ID})
	f.revoked("revoked", made)
	f.refuses(identity.Local(), "token", "host.tokens.revoke", Ref{made.ID})
}

// TestTokenFollowsItsMaker: it has what both have, and ends with him.
func TestTokenFollowsItsMaker(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_ = must[Role](f, identity.Local(), "host.roles.create", NewRole{"clerk", identity.Title{IT: "x", EN: "x"}, []string{"till.*", "stock.read", "host.tokens"}})
	u, s := f.hire("anna", nil, "clerk")
	made := must[MadeToken](f, f.who(s), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.*", "stock.read"}, Stores: []string{"MI-01", "RM-01"}})
	if made.User != u.ID {
		t.Errorf("%+v", made)
	}
	u.Roles, u.Stores = []string{"cashier"}, []string{"MI-01", "NA-01"}
	u = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	if p := f.bearerOf(made); fmt.Sprint(p.Rights, p.Stores) != "[till.read till.write] [MI-01]" {
		t.Errorf("after a demotion: %+v", p)
	}
	u.Stores = []string{"NA-01"}
	u = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	if p := f.bearerOf(made); p.Stores == nil || len(p.Stores) != 0 {
		t.Errorf("no store in common: %+v", p)
	}
	if err := f.use(f.bearerOf(made), "till.read", "MI-01"); public(err).Reason != abi.ReasonStore {
		t.Errorf("no store in common: %v", err)
	}
	u.Disabled = true
	u = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	f.revoked("its maker is disabled", made)
	u.Disabled = false
	_ = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	f.bearerOf(made)
	_ = must[platform.None](f, identity.Local(), "host.users.delete", Ref{u.ID})
	f.revoked("its maker is gone", made)
	if left := must[Tokens](f, identity.Local(), "host.tokens.list", nil); len(left.Items) != 0 {
		t.Errorf("left: %+v", left)
	}
}

// TestTokensOfTokens: what a stolen token makes ends with it.
func TestTokensOfTokens(t *testing.T) {
	t.Parallel()
	f := setup(t)
	until := f.clock.Now().Add(24 * time.Hour)
	first := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.*", "host.tokens"}, Addresses: []string{"192.0.2.0/24"}, Until: &until})
	p := f.bearerOf(first)
	second := must[MadeToken](f, p, "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read", "host.tokens"}})
	if !second.Until.Equal(until) || fmt.Sprint(second.Addresses) != "[192.0.2.0/24]" || second.Parent != first.ID {
		t.Errorf("%+v", second)
	}
	third := must[MadeToken](f, f.bearerOf(second), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}, Addresses: []string{"192.0.2.0/28"}})
	later := until.Add(time.Second)
	for name, in := range map[string]NewToken{
		"lasts longer":        {Title: "x", Rights: []string{"till.read"}, Until: &later},
		"comes from anywhere": {Title: "x", Rights: []string{"till.read"}, Addresses: []string{"0.0.0.0/0"}},
		"comes from wider":    {Title: "x", Rights: []string{"till.read"}, Addresses: []string{"192.0.2.0/28", "192.0.2.0/23"}},
	} {
		if e := f.refuses(p, abi.ReasonMalformed, "host.tokens.create", in); e.Pointer == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	f.refuses(p, ReasonRightNotHeld, "host.tokens.create", NewToken{Title: "x", Rights: []string{"stock.read"}})
	_ = must[platform.None](f, identity.Local(), "host.tokens.revoke", Ref{first.ID})
	f.revoked("itself", first)
	f.revoked("made by it", second)
	f.revoked("made by one that it made", third)
	f.refuses(p, ReasonPrincipal, "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}})
}

func TestTokensRefuse(t *testing.T) {
	t.Parallel()
	f := setup(t)
	now := f.clock.Now()
	far := now.Add(maxToken + time.Second)
	for name, in := range map[string]NewToken{
		"no title":          {Rights: []string{"till.read"}},
		"no rights":         {Title: "x"},
		"over already":      {Title: "x", Rights: []string{"till.read"}, Until: &now},
		"for ever":          {Title: "x", Rights: []string{"till.read"}, Until: &far},
		"no network":        {Title: "x", Rights: []string{"till.read"}, Addresses: []string{}},
		"an address":        {Title: "x", Rights: []string{"till.read"}, Addresses: []string{"192.0.2.1"}},
		"bits too many":     {Title: "x", Rights: []string{"till.read"}, Addresses: []string{"192.0.2.1/24"}},
		"a dressed network": {Title: "x", Rights: []string{"till.read"}, Addresses: []string{"::ffff:192.0.2.0/120"}},
		"no store":          {Title: "x", Rights: []string{"till.read"}, Stores: []string{}},
	} {
		if e := f.refuses(identity.Local(), abi.ReasonMalformed, "host.tokens.create", in); e.Code != abi.Invalid {
			t.Errorf("%s: %+v", name, e)
		}
	}
	f.refuses(identity.Local(), ReasonRightUnknown, "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.steal"}})
}

// TestLastUsed is written behind the request's back, once a minute.
func TestLastUsed(t *testing.T) {
	t.Parallel()
	f := setup(t)
	made := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}})
	gone := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "y", Rights: []string{"till.read"}})
	if !made.Used.IsZero() && made.Used.Unix() > 0 {
		t.Errorf("used at %v", made.Used)
	}
	for range 10 {
		f.bearerOf(made)
		f.bearerOf(gone)
	}
	_ = must[platform.None](f, identity.Local(), "host.tokens.revoke", Ref{gone.ID})
	writes := func() uint64 { return f.engine.Status().Accepted }
	before := writes()
	for range 30 { // half a minute of requests
		f.clock.pass(time.Second)
		f.bearerOf(made)
		if err := f.flush(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
	if n := writes() - before; n != 1 {
		t.Errorf("%d writes in half a minute", n)
	}
	if strings.Contains(f.dump(), "live/"+gone.ID) || !strings.Contains(f.dump(), "live/"+made.ID) {
		t.Error("a use of what was revoked is stored, or of the other is not")
	}
	f.open()
	at := f.clock.Now().Truncate(time.Minute)
	shown := must[Tokens](f, identity.Local(), "host.tokens.list", nil)
	if len(shown.Items) != 1 || !shown.Items[0].Used.Equal(at) {
		t.Errorf("shown: %+v", shown)
	}
	f.clock.pass(2 * time.Hour)
	if err := f.flush(t.Context(), false); err != nil || len(f.uses.byKey) != 0 {
		t.Errorf("%d uses are remembered: %v", len(f.uses.byKey), err)
	}
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	f := setup(t)
	kept := ""
	start := func() (bool, error) {
		return f.Bootstrap(t.Context(), func(token string) error { kept = token; return nil })
	}
	died := errors.New("died")
	if created, err := f.Bootstrap(t.Context(), func(token string) error { kept = token; return died }); created || !errors.Is(err, died) {
		t.Error("a token without a file")
	}
	if _, err := f.Token(t.Context(), kept, home); err == nil {
		t.Error("the token was good before it was kept")
	}
	created, err := start()
	if err != nil || !created {
		t.Fatal(created, err)
	}
	secret := kept
	p, err := f.Token(t.Context(), secret, home)
	if err != nil || !p.May("") {
		t.Errorf("%+v: %v", p, err)
	}
	if created, err := start(); created || kept != secret || err != nil {
		t.Errorf("twice: %v", err)
	}
	f.clock.pass(90 * 24 * time.Hour) // nobody made a user in time
	if created, err = start(); !created || err != nil {
		t.Errorf("after the first was over: %v", err)
	}
	f.hire("anna", nil, "owner")
	f.clock.pass(90 * 24 * time.Hour)
	if created, err = start(); created || err != nil {
		t.Errorf("there is a user: %v", err)
	}
	lines := 0
	for _, l := range f.audited() {
		if slices.Contains([]string{"host host.bootstrap"}, l[:min(len(l), 19)]) {
			lines++
		}
	}
	if lines != 2 {
		t.Errorf("%q", f.audited())
	}
}

// TestBootstrapRecovers: users and tokens that may not do everything do not keep
// the operator of the machine out for ever.
func TestBootstrapRecovers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	kept := ""
	start := func(why string, want bool) {
		t.Helper()
		if created, err := f.Bootstrap(t.Context(), func(token string) error { kept = token; return nil }); err != nil || created != want {
			t.Errorf("%s: %v, %v", why, created, err)
		}
	}
	start("new", true)
	f.hire("mara", nil, "manager")
	_ = must[MadeUser](f, identity.Local(), "host.users.create", NewUser{Person: Person{Name: "invited", Title: "I", Language: "it", Roles: []string{"owner"}}}) // has not come yet
	start("its token is good", false)
	first, err := f.Token(t.Context(), kept, home)
	if err != nil {
		t.Fatal(err)
	}
	_ = must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "till", Rights: []string{"till.read"}})
	_ = must[platform.None](f, first, "host.tokens.revoke", Ref{strings.TrimPrefix(first.ID, tokenPrefix)})
	start("a manager, who has not come and a token of a till are left", true)
	if p, err := f.Token(t.Context(), kept, home); err != nil || !p.May("") {
		t.Errorf("%+v: %v", p, err)
	}
}
