package account

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// retry is how long an error says to wait, 0 if it is no such error.
func retry(err error) time.Duration {
	e := public(err)
	if e.Code != abi.Exhausted || e.Reason != ReasonDelay || len(e.Fields) != 1 || e.Fields[0].Name != "retry_after" {
		return 0
	}
	return time.Duration(e.Fields[0].Int) * time.Second
}

// address is one of many networks.
func address(i int) netip.Addr {
	return netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, byte(i >> 8), byte(i), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
}

// TestH19 tries 1,000 times at one name, from one network and spread over all:
// the delays grow, nobody is locked out for good, and few passwords are hashed.
func TestH19(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who  func(i int) string
		from func(i int) netip.Addr
		free int           // attempts without delay
		most time.Duration // a delay
		late bool          // anna has to wait too, from home
	}{
		"one name from one network":   {func(int) string { return "anna" }, func(int) netip.Addr { return address(1) }, 5, 15 * time.Minute, false},
		"many names from one network": {func(i int) string { return fmt.Sprint("user", i) }, func(int) netip.Addr { return address(1) }, 20, 15 * time.Minute, false},
		"one name from many networks": {func(int) string { return "anna" }, address, 20, 30 * time.Second, false},
		"one name from home":          {func(int) string { return "anna" }, func(int) netip.Addr { return home }, 5, 15 * time.Minute, true},
		"one network of many hosts":   {func(int) string { return "anna" }, func(i int) netip.Addr { a := address(1).As16(); a[15] = byte(i); return netip.AddrFrom16(a) }, 5, 15 * time.Minute, false},
		"version 4 dressed as version 6": {func(int) string { return "anna" }, func(i int) netip.Addr {
			if i%2 == 0 {
				return netip.MustParseAddr("198.51.100.1")
			}
			return netip.MustParseAddr("::ffff:198.51.100.1")
		}, 5, 15 * time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			f.hire("anna", nil, "cashier")
			if _, err := f.login("anna", password, home); err != nil { // she has been here before
				t.Fatal(err)
			}
			hashed := 0
			f.hashers.started = func() { hashed++ }
			var waits []time.Duration
			for i := range 1000 {
				_, err := f.login(c.who(i), "a-guess-of-many", c.from(i))
				if w := retry(err); w > 0 {
					waits = append(waits, w)
				} else if public(err).Reason != ReasonLogin {
					t.Fatalf("attempt %d: %v", i, err)
				}
			}
			if hashed != c.free || len(waits) != 1000-c.free {
				t.Errorf("%d of 1,000 attempts were made, %d refused; want %d made", hashed, len(waits), c.free)
			}
			var grown []time.Duration
			for i := 0; i < 30; i++ { // who waits as told, waits longer each time
				_, err := f.login(c.who(i), "a-guess-of-many", c.from(i))
				if w := retry(err); w > 0 {
					grown = append(grown, w)
					f.clock.pass(w)
				}
			}
			if !slices.IsSorted(grown) || grown[0] != time.Second || grown[len(grown)-1] != c.most {
				t.Errorf("the delays are %v, want 1s to %v", grown, c.most)
			}
			_, err := f.login("anna", password, home)
			if w := retry(err); (w > 0) != c.late {
				t.Errorf("anna at home: %v", err)
			} else if c.late {
				f.clock.pass(w)
				_, err = f.login("anna", password, home)
			}
			if err != nil {
				t.Errorf("anna is locked out: %v", err)
			}
		})
	}
}

// TestStrangersAreLetInLater: somebody new to a network waits 30 seconds at most
// for what others did to his name.
func TestStrangersAreLetInLater(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.hire("anna", nil, "cashier")
	for i := range 1000 {
		_, _ = f.login("anna", "a-guess-of-many", address(i))
		if i%2 == 0 {
			f.clock.pass(time.Second)
		}
	}
	_, err := f.login("anna", password, home)
	if w := retry(err); w == 0 || w > 30*time.Second {
		t.Errorf("%v", err)
	}
	f.clock.pass(30 * time.Second)
	if _, err = f.login("anna", password, home); err != nil {
		t.Error(err)
	}
}

// TestLoginsAtOnce: many at the same moment are as few as many in a row.
func TestLoginsAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.hire("anna", nil, "cashier")
	var hashed atomic.Int32
	f.hashers.started = func() { hashed.Add(1) }
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() { _, _ = f.login("anna", "a-guess-of-many", home) })
	}
	group.Wait()
	if hashed.Load() != 5 {
		t.Errorf("%d attempts of 100 at once were made", hashed.Load())
	}
}

// TestFourAtOnce: however many people sign in, four passwords are hashed.
func TestFourAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t)
		gate := make(chan struct{})
		var running, overloaded atomic.Int32
		f.hashers.started = func() {
			running.Add(1)
			<-gate
		}
		var group sync.WaitGroup
		const people = hashing + queuing + 10
		for i := range people {
			group.Go(func() {
				if _, err := f.login(fmt.Sprint("user", i), "a-guess-of-many", address(i)); public(err).Reason == "overloaded" {
					overloaded.Add(1)
				}
			})
		}
		synctest.Wait()
		if running.Load() != hashing || overloaded.Load() != 10 {
			t.Errorf("%d at once, %d refused", running.Load(), overloaded.Load())
		}
		close(gate)
		group.Wait()
		if running.Load() != people-10 {
			t.Errorf("%d of %d in the end", running.Load(), people)
		}
		if err := f.engine.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestChangedWhileHashing: who is disabled, or has another password, while the old
// one is verified, is not let in.
func TestChangedWhileHashing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(f *fixture, u User){
		"disabled": func(f *fixture, u User) {
			u.Disabled = true
			_ = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
		},
		"another password": func(f *fixture, u User) {
			_ = must[struct{}](f, identity.Local(), "host.users.set_password", SetPassword{u.ID, "scelta-da-altri"})
		},
		"removed": func(f *fixture, u User) { _ = must[struct{}](f, identity.Local(), "host.users.delete", Ref{u.ID}) },
	} {
		for what, try := range map[string]func(f *fixture, s SignedIn) error{
			"login": func(f *fixture, _ SignedIn) error {
				_, err := f.login("anna", password, home)
				return err
			},
			"change": func(f *fixture, s SignedIn) error {
				p := f.who(s)
				_, err := f.ask(p, home, "host.me.password", ChangePassword{password, "tramontana-9-forte"})
				return err
			},
		} {
			f := setup(t)
			u, s := f.hire("anna", nil, "cashier")
			f.hashers.started = func() {
				f.hashers.started = nil
				change(f, u)
			}
			if err := try(f, s); public(err).Code != abi.Denied && public(err).Reason != "contention" {
				t.Errorf("%s during a %s: %v", name, what, err)
			}
			f.gone(name, s)
			if _, err := f.login("anna", "tramontana-9-forte", home); err == nil {
				t.Errorf("%s during a %s: the password was changed", name, what)
			}
		}
	}
}

// TestDisabledIsCounted: who is disabled and knows the password is one who
// guesses.
func TestDisabledIsCounted(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, _ := f.hire("anna", nil, "cashier")
	u.Disabled = true
	_ = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	for range 5 {
		_, _ = f.login("anna", password, home)
	}
	if _, err := f.login("anna", password, home); retry(err) == 0 {
		t.Errorf("%v", err)
	}
}

// TestHashersAreBounded holds all places: who comes then waits, and too many do
// not.
func TestHashersAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var leaves []func()
	for range hashing {
		leave, err := f.hashers.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	f.hashers.waiting.Add(queuing)
	if _, err := f.login("anna", "a-guess-of-many", home); public(err).Reason != "overloaded" {
		t.Errorf("%v", err)
	}
	f.hashers.waiting.Add(-queuing)
	for _, leave := range leaves {
		leave()
	}
	for range 5 { // what was never tried was not counted
		if _, err := f.login("anna", "a-guess-of-many", home); public(err).Reason != ReasonLogin {
			t.Errorf("%v", err)
		}
	}
}

// TestH20: names that exist are not told from others, by answer or by work.
func TestH20(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.hire("anna", nil, "cashier")
	u, _ := f.hire("bruno", nil, "cashier")
	u.Disabled = true
	_ = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	_ = must[MadeUser](f, identity.Local(), "host.users.create", NewUser{Person: Person{Name: "carla", Title: "Carla", Language: "it"}})
	var hashed int
	f.hashers.started = func() { hashed++ }
	want := ""
	for i, c := range []struct{ who, password string }{
		{"anna", "a-guess-of-many"}, {"bruno", password}, {"bruno", "a-guess-of-many"}, {"carla", "a-guess-of-many"}, {"carla", ""},
		{"nobody", "a-guess-of-many"}, {"", ""}, {"no such \x00 name", password}, {"NOBODY", password},
	} {
		hashed = 0
		_, err := f.login(c.who, c.password, address(i))
		b, _ := json.Marshal(public(err))
		if want == "" {
			want = string(b)
		}
		if string(b) != want || hashed != 1 || public(err).Reason != ReasonLogin {
			t.Errorf("%q: %s after %d hashes, want %s after 1", c.who, b, hashed, want)
		}
	}
	if f.hashers.with.Outdated(f.hashers.dummy) {
		t.Error("the dummy is less work than a password")
	}
	for i, bad := range []string{"", "btg_join_aaaaaaaa_", "x"} {
		_, err := f.ask(identity.Nobody(), address(100+i), "host.invitations.accept", Accept{bad, password})
		if public(err).Reason != ReasonInvitation {
			t.Errorf("invitation %q: %v", bad, err)
		}
	}
}

// TestBrakeIsBounded: whoever tries millions of names fills no memory.
func TestBrakeIsBounded(t *testing.T) {
	t.Parallel()
	b := newBrake()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 3 * braked {
		b.attempt(now, fmt.Sprint("name", i), fmt.Sprint("network", i))
	}
	for _, tr := range []*tries{b.pairs, b.networks, b.names} {
		if len(tr.byKey) != braked || tr.order.Len() != braked {
			t.Errorf("%d and %d are remembered", len(tr.byKey), tr.order.Len())
		}
	}
}

func TestLoginRenewsHash(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, _ := f.hire("anna", nil, "cashier")
	f.open(func(c *Config) { c.Hashing = identity.Hashing{Memory: 128, Time: 1, Threads: 1} })
	if _, err := f.login("anna", password, home); err != nil {
		t.Fatal(err)
	}
	stored, err := f.reading(t.Context(), u.ID)
	if err != nil || f.config.Hashing.Outdated(stored.Password) {
		t.Errorf("%s was not made anew: %v", stored.Password, err)
	}
	if _, err := f.login("anna", password, home); err != nil {
		t.Error(err)
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	made := must[MadeUser](f, identity.Local(), "host.users.create", NewUser{Person: Person{Name: "anna", Title: "Anna", Language: "it", Roles: []string{"cashier"}}})
	if !made.User.Invited || made.User.Password || made.Until.Sub(f.clock.Now()) != 72*time.Hour {
		t.Errorf("made: %+v", made)
	}
	f.refuses(identity.Nobody(), "password_common", "host.invitations.accept", Accept{made.Invitation, "password1"})
	f.refuses(identity.Nobody(), "password_context", "host.invitations.accept", Accept{made.Invitation, "anna-emporio"})
	again := must[Invited](f, identity.Local(), "host.users.invite", Ref{made.User.ID})
	f.refuses(identity.Nobody(), ReasonInvitation, "host.invitations.accept", Accept{made.Invitation, password})
	s := must[SignedIn](f, identity.Nobody(), "host.invitations.accept", Accept{again.Invitation, password})
	if p := f.who(s); !p.May("till.write") {
		t.Errorf("%+v", p)
	}
	f.refuses(identity.Nobody(), ReasonInvitation, "host.invitations.accept", Accept{again.Invitation, password})
	late := must[Invited](f, identity.Local(), "host.users.invite", Ref{made.User.ID})
	f.who(s) // an invitation changes nothing before it is accepted
	f.clock.pass(72 * time.Hour)
	f.refuses(identity.Nobody(), ReasonInvitation, "host.invitations.accept", Accept{late.Invitation, password})
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_, s := f.hire("anna", nil, "cashier")
	p := f.who(s)
	f.refuses(p, ReasonLogin, "host.me.password", ChangePassword{"not-the-present", "tramontana-9-forte"})
	f.refuses(p, "password_same", "host.me.password", ChangePassword{password, password})
	f.refuses(p, "password_short", "host.me.password", ChangePassword{password, "corta"})
	f.refuses(identity.Local(), ReasonPrincipal, "host.me.password", ChangePassword{password, "tramontana-9-forte"})
	f.refuses(identity.Nobody(), ReasonPrincipal, "host.me.password", ChangePassword{password, "tramontana-9-forte"})
	f.who(s)
	for range 5 {
		_, _ = f.ask(p, home, "host.me.password", ChangePassword{"not-the-present", "tramontana-9-forte"})
	}
	if e := f.refuses(p, ReasonDelay, "host.me.password", ChangePassword{password, "tramontana-9-forte"}); e.Code != abi.Exhausted {
		t.Errorf("%+v", e)
	}
}

// TestOwnPassword: a session left open, or a stolen token, is not enough to take
// an account over.
func TestOwnPassword(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, s := f.hire("anna", nil, "owner")
	made := must[MadeToken](f, f.who(s), "host.tokens.create", NewToken{Title: "x", Rights: []string{"*"}})
	for _, p := range []identity.Principal{f.who(s), f.bearerOf(made)} {
		f.refuses(p, ReasonOwnPassword, "host.users.set_password", SetPassword{u.ID, "scelta-da-altri"})
		f.refuses(p, ReasonOwnPassword, "host.users.invite", Ref{u.ID})
	}
	other, _ := f.hire("bruno", nil, "owner")
	_ = must[Invited](f, f.bearerOf(made), "host.users.invite", Ref{other.ID})
	_ = must[struct{}](f, f.who(s), "host.users.set_password", SetPassword{other.ID, "scelta-da-altri"})
	f.who(s)
}

// TestInvitationsAreSlowedDown: who guesses waits; who only could not be answered
// has guessed nothing.
func TestInvitationsAreSlowedDown(t *testing.T) {
	t.Parallel()
	f := setup(t)
	made := must[MadeUser](f, identity.Local(), "host.users.create", NewUser{Person: Person{Name: "anna", Title: "Anna", Language: "it", Roles: []string{"cashier"}}})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	by := platform.Caller{Principal: identity.Nobody(), Request: "req", Address: home}
	for range 30 {
		if _, err := f.accept(gone, by, Accept{made.Invitation, password}); err == nil || retry(err) > 0 || public(err).Reason == ReasonInvitation {
			t.Fatalf("without an answer: %v", err)
		}
	}
	forged, err := identity.NewSecret(identity.InviteKind, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		_, err := f.accept(t.Context(), by, Accept{forged.Reveal(), password})
		if retry(err) > 0 {
			break
		}
		if public(err).Reason != ReasonInvitation && i == 0 || i > 30 {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	if err := f.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(time.Hour)
	must[SignedIn](f, identity.Nobody(), "host.invitations.accept", Accept{made.Invitation, password})
}
