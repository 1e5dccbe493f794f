package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// The world of the model: rights one by one, and no patterns.
var (
	worldRights   = []string{"till.read", "till.write", "stock.read", "stock.write", "host.users", "host.tokens", "host.apps"}
	worldPatterns = append([]string{"*.*", "till.*", "stock.*", "host.*"}, worldRights...)
	worldStores   = []string{"MI-01", "MI-02", "RM-01"}
)

// expanded is what patterns mean, spelled out.
func expanded(patterns []string) map[string]bool {
	set := map[string]bool{}
	for _, r := range worldRights {
		for _, p := range patterns {
			switch {
			case p == "*", p == r, p == "*.*" && !strings.HasPrefix(r, "host."):
				set[r] = true
			case strings.HasSuffix(p, ".*") && p != "*.*" && strings.HasPrefix(r, strings.TrimSuffix(p, "*")):
				set[r] = true
			}
		}
	}
	return set
}

func in(set map[string]bool, all map[string]bool) bool {
	for k := range set {
		if !all[k] {
			return false
		}
	}
	return true
}

// spots are the stores that a limit allows, spelled out.
func spots(stores []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range worldStores {
		set[s] = stores == nil || slices.Contains(stores, s)
		if !set[s] {
			delete(set, s)
		}
	}
	if stores == nil {
		set["every other"] = true
	}
	return set
}

type modelUser struct {
	id       string
	roles    []string
	stores   []string
	disabled bool
	session  SignedIn
	alive    bool
}

type modelToken struct {
	made   MadeToken
	rights map[string]bool
	stores map[string]bool
	user   int // index of its maker, -1 for none
	parent int // index of the token that made it, -1 for none
	gone   bool
}

// world is the accounts beside a model of them that is too simple to be wrong.
type world struct {
	t      *rapid.T
	f      *fixture
	roles  map[string][]string
	users  []modelUser
	tokens []modelToken
}

func (w *world) rights(u *modelUser) map[string]bool {
	set := map[string]bool{}
	for _, r := range u.roles {
		for right := range expanded(w.roles[r]) {
			set[right] = true
		}
	}
	return set
}

func (w *world) patterns() []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(worldPatterns), 1, 4, rapid.ID[string]).Draw(w.t, "rights")
}

func (w *world) stores() []string {
	if rapid.Bool().Draw(w.t, "everywhere") {
		return nil
	}
	return rapid.SliceOfNDistinct(rapid.SampledFrom(worldStores), 1, 3, rapid.ID[string]).Draw(w.t, "stores")
}

func (w *world) user() *modelUser {
	return &w.users[rapid.IntRange(0, len(w.users)-1).Draw(w.t, "user")]
}

func (w *world) editRole(*rapid.T) {
	id := rapid.SampledFrom([]string{"one", "two", "three"}).Draw(w.t, "role")
	rights := w.patterns()
	now := must[Role](w.f, identity.Local(), "host.roles.get", Ref{id})
	_ = must[Role](w.f, identity.Local(), "host.roles.update", RoleChange{NewRole{id, now.Title, rights}, now.ETag})
	w.roles[id] = rights
}

func (w *world) editUser(*rapid.T) {
	u := w.user()
	roles := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"one", "two", "three"}), 0, 3, rapid.ID[string]).Draw(w.t, "roles")
	slices.Sort(roles)
	stores, disabled := w.stores(), rapid.IntRange(0, 3).Draw(w.t, "disabled") == 0
	slices.Sort(stores)
	now := must[User](w.f, identity.Local(), "host.users.get", Ref{u.id})
	p := now.Person
	p.Roles, p.Stores, p.Disabled = roles, stores, disabled
	_ = must[User](w.f, identity.Local(), "host.users.update", UserChange{u.id, p, now.ETag})
	if disabled || fmt.Sprintf("%q", u.roles) != fmt.Sprintf("%q", roles) || fmt.Sprintf("%#v", u.stores) != fmt.Sprintf("%#v", stores) {
		u.alive = false
	}
	u.roles, u.stores, u.disabled = roles, stores, disabled
}

func (w *world) signIn(*rapid.T) {
	u := w.user()
	if u.disabled {
		return // too often, and nobody could sign in
	}
	s, err := w.f.login("user"+u.id[len(u.id)-4:], password, home)
	if err != nil {
		w.t.Fatalf("%+v signs in: %v", u, err)
	}
	u.session, u.alive = s, true
}

// makeToken asks for any token, as a user or as a token, and is given it if and
// only if its maker may make tokens and has all that is asked for.
func (w *world) makeToken(*rapid.T) {
	var p identity.Principal
	var err error
	made := modelToken{user: -1, parent: -1}
	var has, at map[string]bool
	if len(w.tokens) > 0 && rapid.Bool().Draw(w.t, "by a token") {
		made.parent = rapid.IntRange(0, len(w.tokens)-1).Draw(w.t, "parent")
		parent := &w.tokens[made.parent]
		made.user = parent.user
		has, at = w.bearer(parent)
		if p, err = w.f.Token(w.f.t.Context(), parent.made.Secret, home); err != nil {
			return
		}
	} else {
		made.user = rapid.IntRange(0, len(w.users)-1).Draw(w.t, "maker")
		u := &w.users[made.user]
		if !u.alive {
			return
		}
		has, at = w.rights(u), spots(u.stores)
		p = w.f.who(u.session)
	}
	rights, stores := w.patterns(), w.stores()
	made.rights, made.stores = expanded(rights), spots(stores)
	if stores == nil {
		made.stores = at // of its maker, whatever that is
	}
	wide := !p.Holds(rights, nil) && in(made.rights, has) // a pattern is more than the rights that there are today
	b, err := w.f.ask(p, home, "host.tokens.create", NewToken{Title: "x", Rights: rights, Stores: stores})
	may := has["host.tokens"] && in(made.rights, has) && in(made.stores, at)
	narrow := wide && public(err).Reason == ReasonRightNotHeld
	if err == nil != may && !narrow {
		w.t.Fatalf("%v at %v asks for %v at %v: %v", has, at, rights, stores, err)
	}
	if err == nil {
		made.made = decoded[MadeToken](w.t, b)
		w.tokens = append(w.tokens, made)
	}
}

func (w *world) revoke(*rapid.T) {
	if len(w.tokens) == 0 {
		return
	}
	i := rapid.IntRange(0, len(w.tokens)-1).Draw(w.t, "token")
	if w.tokens[i].gone {
		w.f.refuses(identity.Local(), "token", "host.tokens.revoke", Ref{w.tokens[i].made.ID})
		return
	}
	_ = must[platform.None](w.f, identity.Local(), "host.tokens.revoke", Ref{w.tokens[i].made.ID})
	w.tokens[i].gone = true
	for j := range w.tokens { // makers come before what they make
		if p := w.tokens[j].parent; p >= 0 && w.tokens[p].gone {
			w.tokens[j].gone = true
		}
	}
}

// bearer is what a token may do, nothing if it is of no use.
func (w *world) bearer(k *modelToken) (rights, stores map[string]bool) {
	u := &w.users[k.user]
	if k.gone || u.disabled {
		return nil, nil
	}
	rights, stores = map[string]bool{}, map[string]bool{}
	for r := range w.rights(u) {
		if k.rights[r] {
			rights[r] = true
		}
	}
	for s := range spots(u.stores) {
		if k.stores[s] {
			stores[s] = true
		}
	}
	return rights, stores
}

// agree compares what a principal may do with the model, right by right and store
// by store.
func (w *world) agree(who string, p identity.Principal, rights, stores map[string]bool) {
	for _, r := range worldRights {
		for _, s := range append(worldStores, "every other") {
			may := identity.Authorize(p, identity.Need{Right: r, Store: s}) == nil
			whole := r == "host.apps" // of no store, so of nobody who is limited to some
			if may != (rights[r] && stores[s] && (!whole || stores["every other"])) {
				w.t.Fatalf("%s: %s at %s is %v; it has %v at %v, the model %v at %v", who, r, s, may, p.Rights, p.Stores, rights, stores)
			}
		}
	}
	if p.May("") {
		w.t.Fatalf("%s may do everything", who)
	}
}

func (w *world) check(*rapid.T) {
	for i := range w.users {
		u := &w.users[i]
		p, err := w.f.Session(w.f.t.Context(), u.session.Session)
		if (err == nil) != u.alive {
			w.t.Fatalf("the session of %+v: %v", u, err)
		}
		if u.alive {
			w.agree(u.id, p, w.rights(u), spots(u.stores))
		}
	}
	for i := range w.tokens {
		k := &w.tokens[i]
		rights, stores := w.bearer(k)
		p, err := w.f.Token(w.f.t.Context(), k.made.Secret, home)
		if (err == nil) != (rights != nil) {
			w.t.Fatalf("the token %+v: %v", k, err)
		}
		if err == nil {
			w.agree(k.made.ID, p, rights, stores)
		}
	}
}

// TestRightsAreTheModels: whatever is changed in whatever order, everybody may do
// what the model says, at once.
func TestRightsAreTheModels(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := &world{t: r, f: setup(t), roles: map[string][]string{}}
		for _, id := range []string{"one", "two", "three"} {
			w.roles[id] = w.patterns()
			_ = must[Role](w.f, identity.Local(), "host.roles.create", NewRole{id, identity.Title{IT: id, EN: id}, w.roles[id]})
		}
		for range 3 {
			stores := w.stores()
			slices.Sort(stores)
			u, s := w.f.hire("new", stores, "one", "two")
			u = must[User](w.f, identity.Local(), "host.users.get", Ref{u.ID})
			u.Name = "user" + u.ID[len(u.ID)-4:]
			_ = must[User](w.f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
			w.users = append(w.users, modelUser{id: u.ID, roles: []string{"one", "two"}, stores: stores, session: s, alive: true})
		}
		r.Repeat(map[string]func(*rapid.T){
			"role": w.editRole, "user": w.editUser, "sign in": w.signIn, "token": w.makeToken, "more tokens": w.makeToken, "revoke": w.revoke, "": w.check,
		})
	})
}
