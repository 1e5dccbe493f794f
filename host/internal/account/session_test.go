package account

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func TestLoginAndOut(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, first := f.hire("Anna", []string{"MI-01"}, "cashier")
	p := f.who(first)
	if p.ID != "user:"+u.ID || !p.May("till.write") || p.May("stock.read") || len(p.Stores) != 1 || !strings.HasPrefix(p.Credential, "session:") {
		t.Errorf("the session stands for %+v", p)
	}
	second, err := f.login(" ANNA ", password, home)
	if err != nil {
		t.Fatal(err)
	}
	if second.Session == first.Session || f.who(second).Credential == p.Credential {
		t.Error("two sessions are one")
	}
	if got := must[Me](f, f.who(second), "host.me.get", nil); got.Name != "anna" || got.Principal != p.ID || got.MustChange {
		t.Errorf("me is %+v", got)
	}
	own := must[Sessions](f, p, "host.sessions.list", nil)
	if len(own.Items) != 2 || own.Items[0].Current == own.Items[1].Current {
		t.Errorf("own sessions: %+v", own)
	}
	_ = must[struct{}](f, f.who(second), "host.sessions.end", nil)
	f.gone("signed out", second)
	f.who(first)
	f.refuses(p, "session", "host.sessions.revoke", Ref{"nonesuch"})
	_ = must[struct{}](f, p, "host.sessions.revoke", Ref{strings.TrimPrefix(p.Credential, "session:")})
	f.gone("revoked", first)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, s := f.hire("anna", nil, "cashier")
	for range 20 { // used every 29 minutes, it lives on
		f.clock.pass(29 * time.Minute)
		f.who(s)
	}
	f.clock.pass(30 * time.Minute)
	f.gone("idle for 30 minutes", s)
	s, err := f.login("anna", password, home)
	if err != nil {
		t.Fatal(err)
	}
	for range 24 {
		f.clock.pass(29*time.Minute + 59*time.Second)
		f.who(s)
	}
	f.clock.pass(24 * time.Second)
	f.gone("12 hours old", s)
}

// TestIdleIsRemembered: a start of the host forgets at most a minute of use.
func TestIdleIsRemembered(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, s := f.hire("anna", nil, "cashier")
	f.clock.pass(29 * time.Minute)
	f.who(s)
	if err := f.flush(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	f.open()
	f.clock.pass(29 * time.Minute)
	f.who(s)
	f.open() // this use was not written
	f.clock.pass(2 * time.Minute)
	f.gone("not used for 31 minutes as far as is known", s)
}

func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, first := f.hire("anna", nil, "cashier")
	var s SignedIn
	var err error
	for range maxSessions {
		f.clock.pass(time.Second)
		if s, err = f.login("anna", password, home); err != nil {
			t.Fatal(err)
		}
	}
	f.gone("the oldest of too many", first)
	if own := must[Sessions](f, f.who(s), "host.sessions.list", nil); len(own.Items) != maxSessions {
		t.Errorf("%d sessions", len(own.Items))
	}
	f.clock.pass(time.Hour)
	if _, err = f.login("anna", password, home); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(f.dump(), `"until":`); n != 1 {
		t.Errorf("%d sessions are stored, of which 1 is alive", n)
	}
}

// TestH21: a session cannot be fixed, and is of no use after a logout, another
// password or another role; ids are rotated.
func TestH21(t *testing.T) {
	t.Parallel()
	f := setup(t)
	chosen, err := identity.NewSecret(identity.SessionKind, strings.NewReader(strings.Repeat("x", 64)))
	if err != nil {
		t.Fatal(err)
	}
	u, s := f.hire("anna", nil, "cashier")
	if s.Session == chosen.Reveal() {
		t.Error("the client chose the session")
	}
	f.gone("chosen by the client", SignedIn{Session: chosen.Reveal()})

	other, _ := f.login("anna", password, home)
	changed := must[SignedIn](f, f.who(s), "host.me.password", ChangePassword{password, "tramontana-9-forte"})
	f.gone("the password changed", s)
	f.gone("the password changed elsewhere", other)
	if changed.Session == s.Session {
		t.Error("the id was not rotated")
	}
	f.who(changed)
	if _, err = f.login("anna", password, home); public(err).Reason != ReasonLogin {
		t.Errorf("the old password: %v", err)
	}

	u = must[User](f, identity.Local(), "host.users.get", Ref{u.ID})
	u.Roles = []string{"developer"}
	u = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	f.gone("the roles changed", changed)

	s, err = f.login("anna", "tramontana-9-forte", home)
	if err != nil {
		t.Fatal(err)
	}
	_ = must[struct{}](f, identity.Local(), "host.users.set_password", SetPassword{u.ID, "scelta-da-altri"})
	f.gone("somebody else set the password", s)
	s, err = f.login("anna", "scelta-da-altri", home)
	if err != nil {
		t.Fatal(err)
	}
	if p := f.who(s); !s.Me.MustChange || len(p.Rights) > 0 {
		t.Errorf("with another's password: %+v", p)
	}
	s = must[SignedIn](f, f.who(s), "host.me.password", ChangePassword{"scelta-da-altri", password})
	if p := f.who(s); !p.May("host.apps") {
		t.Errorf("after the change: %+v", p)
	}
	_ = must[struct{}](f, f.who(s), "host.sessions.end", nil)
	f.gone("signed out", s)
}

// TestH22: a session of one tenant is nobody at another.
func TestH22(t *testing.T) {
	t.Parallel()
	a, b := setup(t), setup(t)
	_, s := a.hire("anna", nil, "owner")
	b.hire("anna", nil, "owner")
	a.who(s)
	b.gone("of another tenant", s)
	token := must[MadeToken](a, identity.Local(), "host.tokens.create", NewToken{Title: "t", Rights: []string{"*"}})
	if _, err := b.Token(t.Context(), token.Secret, home); public(err).Reason != ReasonPrincipal {
		t.Errorf("a token of another tenant: %v", err)
	}
}

func TestSecretsThatAreNone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, s := f.hire("anna", nil, "cashier")
	token := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "t", Rights: []string{"till.read"}})
	for _, secret := range []string{"", "x", s.Session[:len(s.Session)-1], s.Session + " ", token.Secret, strings.Repeat("a", 1<<20), "btg_sess_\x00"} {
		f.gone(secret[:min(len(secret), 80)], SignedIn{Session: secret})
	}
	for _, secret := range []string{"", "x", s.Session, token.Secret[1:], token.ID} {
		if p, err := f.Token(t.Context(), secret, home); err == nil || public(err).Code != abi.Denied || len(p.Rights) > 0 {
			t.Errorf("%s is %v: %v", secret, p, err)
		}
	}
	if _, err := f.Token(t.Context(), token.Secret, netip.Addr{}); err != nil {
		t.Error(err)
	}
}

// TestMemo: what is remembered is never taken for what is stored, and is bounded.
func TestMemo(t *testing.T) {
	t.Parallel()
	f := setup(t)
	area := platform.Area[reference]{Name: "memo"}
	m := newMemo[reference]()
	put := func(key, id string) {
		_, err := f.kernel.Do(t.Context(), kernel.Task{Tenant: "shop", Name: "test", Do: func(tx *kernel.Tx) error {
			if id == "" {
				return area.Delete(tx, key)
			}
			return area.Put(tx, key, reference{id})
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"a", "a", "b", "", "a"} {
		put("k", want)
		for range 2 {
			err := f.read(t.Context(), "test", func(tx *kernel.Tx) error {
				got, ok, err := m.get(tx, area, "k")
				if got.ID != want || ok != (want != "") {
					t.Errorf("%q, %v; stored is %q", got.ID, ok, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range maxMemo {
		m.byKey[strings.Repeat("x", i+2)] = memoized[reference]{}
	}
	put("another", "a")
	if err := f.read(t.Context(), "test", func(tx *kernel.Tx) error {
		_, _, err := m.get(tx, area, "another")
		return err
	}); err != nil || len(m.byKey) != 1 {
		t.Errorf("%d are remembered: %v", len(m.byKey), err)
	}
}
