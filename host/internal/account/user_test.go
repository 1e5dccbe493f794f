package account

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var made []User
	for i := range 5 {
		u, _ := f.hire(fmt.Sprint("user", i), []string{"MI-01"}, "cashier")
		made = append(made, u)
		f.clock.pass(time.Millisecond) // ids are in the order of time
	}
	var listed []User
	for after := ""; ; {
		page := must[Users](f, identity.Local(), "host.users.list", Listing{Limit: 2, After: after})
		listed = append(listed, page.Items...)
		if after = page.Next; after == "" {
			break
		}
		if len(page.Items) != 2 {
			t.Errorf("a page of %d", len(page.Items))
		}
	}
	if fmt.Sprint(listed) != fmt.Sprint(made) {
		t.Errorf("listed %v, made %v", listed, made)
	}
	f.refuses(identity.Local(), abi.ReasonExists, "host.users.create", NewUser{Person: Person{Name: "USER1", Title: "x", Language: "it"}})
	u := made[1]
	u.Name, u.Title, u.Language, u.Stores = "Bruna", "Bruna B.", "en", nil
	changed := must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	if changed.Name != "bruna" || changed.Stores != nil || changed.ETag == u.ETag {
		t.Errorf("changed: %+v", changed)
	}
	e := f.refuses(identity.Local(), ReasonStale, "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	if e.Code != abi.Conflict || e.Fields[0].Text != changed.ETag {
		t.Errorf("%+v", e)
	}
	if _, err := f.login("user1", password, home); public(err).Reason != ReasonLogin {
		t.Errorf("the old name: %v", err)
	}
	if _, err := f.login("bruna", password, home); err != nil {
		t.Error(err)
	}
	f.hire("user1", nil, "cashier") // the name is free again
	_ = must[platform.None](f, identity.Local(), "host.users.delete", Ref{u.ID})
	f.refuses(identity.Local(), "user", "host.users.get", Ref{u.ID})
	if _, err := f.login("bruna", password, home); public(err).Reason != ReasonLogin {
		t.Errorf("removed: %v", err)
	}
	if !slices.Contains(f.audited(), "local host.users.delete user:"+u.ID+" done") {
		t.Errorf("the audit does not know of it: %q", f.audited())
	}
}

// TestUsersRefuse: people who cannot be.
func TestUsersRefuse(t *testing.T) {
	t.Parallel()
	f := setup(t)
	good := Person{Name: "anna", Title: "Anna", Language: "it"}
	for name, change := range map[string]func(p *Person){
		"no name":        func(p *Person) { p.Name = "" },
		"one letter":     func(p *Person) { p.Name = "a" },
		"a look-alike":   func(p *Person) { p.Name = "аnna" },
		"a line":         func(p *Person) { p.Name = "anna\nbruna" },
		"a path":         func(p *Person) { p.Name = "../anna" },
		"too long":       func(p *Person) { p.Name = strings.Repeat("a", 65) },
		"no title":       func(p *Person) { p.Title = " " },
		"a control":      func(p *Person) { p.Title = "Anna\x1b[31m" },
		"French":         func(p *Person) { p.Language = "fr" },
		"no store":       func(p *Person) { p.Stores = []string{} },
		"a store twice":  func(p *Person) { p.Stores = []string{"MI-01", "MI-01"} },
		"an odd store":   func(p *Person) { p.Stores = []string{"MI 01"} },
		"too many roles": func(p *Person) { p.Roles = make([]string, 51) },
	} {
		p := good
		change(&p)
		if e := f.refuses(identity.Local(), abi.ReasonMalformed, "host.users.create", NewUser{Person: p, Password: password}); e.Code != abi.Invalid || e.Pointer == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	p := good
	p.Roles = []string{"nonesuch"}
	f.refuses(identity.Local(), ReasonRoleUnknown, "host.users.create", NewUser{Person: p, Password: password})
	if got := f.events(); len(got) != 0 {
		t.Errorf("refused, and all the same: %v", got)
	}
}

// TestH15: fields that nobody may set.
func TestH15(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, field := range []string{"id", "version", "must_change", "created", "etag", "hash", "tenant", "rights"} {
		if e := f.refuses(identity.Local(), abi.ReasonMalformed, "host.users.create", map[string]any{"name": "anna", "title": "Anna", "language": "it", "roles": []string{}, field: "x"}); e.Pointer != "/"+field {
			t.Errorf("%s: %+v", field, e)
		}
	}
	if got := f.events(); len(got) != 0 {
		t.Errorf("refused, and all the same: %v", got)
	}
}

// TestH12: ids and cursors that nothing can have.
func TestH12(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, id := range []string{"", "../x", "%2e%2e", "a\x00b", strings.Repeat("x", 4096), "😀", "a b"} {
		for _, operation := range []string{"host.users.get", "host.users.delete", "host.users.sign_out"} {
			if e := f.refuses(identity.Local(), "user", operation, Ref{id}); e.Code != abi.NotFound {
				t.Errorf("%s of %.20q: %+v", operation, id, e)
			}
		}
		f.refuses(identity.Local(), "token", "host.tokens.revoke", Ref{id})
		f.refuses(identity.Local(), "role", "host.roles.delete", Ref{id})
		f.refuses(identity.Local(), "role", "host.roles.get", Ref{id})
	}
	for _, l := range []Listing{{After: "\x00"}, {After: strings.Repeat("x", 2000)}, {After: "a b"}} {
		f.refuses(identity.Local(), ReasonCursor, "host.users.list", l)
		f.refuses(identity.Local(), ReasonCursor, "host.audit.list", AuditQuery{Listing: l})
	}
	f.refuses(identity.Local(), abi.ReasonMalformed, "host.tokens.list", Listing{Limit: -1})
	_ = must[Users](f, identity.Local(), "host.users.list", Listing{Limit: 1e9})
}

// TestChangesHoldAtOnce: disabling, other roles, stores and rights of a role.
func TestChangesHoldAtOnce(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_ = must[Role](f, identity.Local(), "host.roles.create", NewRole{"stock-hand", identity.Title{IT: "Magazzino", EN: "Stock"}, []string{"stock.read", "till.read"}})
	u, s := f.hire("anna", []string{"MI-01"}, "stock-hand")
	p := f.who(s)
	if err := f.use(p, "stock.read", "MI-01"); err != nil {
		t.Error(err)
	}
	if err := f.use(p, "stock.read", "RM-01"); public(err).Reason != abi.ReasonStore {
		t.Errorf("another store: %v", err)
	}
	if err := f.use(p, "stock.write", "MI-01"); public(err).Reason != abi.ReasonPermission {
		t.Errorf("another right: %v", err)
	}
	r := must[Role](f, identity.Local(), "host.roles.get", Ref{"stock-hand"})
	r = must[Role](f, identity.Local(), "host.roles.update", RoleChange{NewRole{r.ID, r.Title, []string{"stock.write"}}, r.ETag})
	p = f.who(s)
	if err := f.use(p, "stock.read", "MI-01"); public(err).Reason != abi.ReasonPermission {
		t.Errorf("a right that was taken: %v", err)
	}
	if err := f.use(p, "stock.write", "MI-01"); err != nil {
		t.Errorf("a right that was given: %v", err)
	}
	u.Stores = []string{"RM-01"}
	u = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	f.gone("other stores", s)
	s, _ = f.login("anna", password, home)
	if err := f.use(f.who(s), "stock.write", "RM-01"); err != nil {
		t.Error(err)
	}
	_ = must[platform.None](f, identity.Local(), "host.users.sign_out", Ref{u.ID})
	f.gone("signed out by another", s)
	s, _ = f.login("anna", password, home)
	u.Disabled = true
	_ = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	f.gone("disabled", s)
	_ = r
}

// TestNobodyGivesMoreThanHeHas.
func TestNobodyGivesMoreThanHeHas(t *testing.T) {
	t.Parallel()
	f := setup(t)
	_ = must[Role](f, identity.Local(), "host.roles.create", NewRole{"head", identity.Title{IT: "Capo", EN: "Head"}, []string{"host.users", "host.roles", "host.tokens", "till.*"}})
	_ = must[Role](f, identity.Local(), "host.roles.create", NewRole{"stocker", identity.Title{IT: "Magazzino", EN: "Stock"}, []string{"stock.read"}})
	boss, _ := f.hire("boss", nil, "owner")
	stocker, _ := f.hire("stocker", []string{"MI-01"}, "stocker")
	roman, _ := f.hire("roman", []string{"RM-01"}, "cashier")
	everywhere, _ := f.hire("everywhere", nil, "cashier")
	head, s := f.hire("head", []string{"MI-01", "MI-02"}, "head")
	p := f.who(s)
	person := func(stores []string, roles ...string) Person {
		return Person{Name: "new", Title: "New", Language: "it", Roles: roles, Stores: stores}
	}
	for name, c := range map[string]struct {
		operation string
		in        any
	}{
		"a role above his own":      {"host.users.create", NewUser{Person: person([]string{"MI-01"}, "owner"), Password: password}},
		"a right beside his own":    {"host.users.create", NewUser{Person: person([]string{"MI-01"}, "stocker"), Password: password}},
		"a store beside his own":    {"host.users.create", NewUser{Person: person([]string{"RM-01"}, "cashier"), Password: password}},
		"all stores":                {"host.users.create", NewUser{Person: person(nil, "cashier"), Password: password}},
		"all stores, without roles": {"host.users.create", NewUser{Person: person(nil), Password: password}},
		"himself as owner":          {"host.users.update", UserChange{head.ID, Person{Name: "head", Title: "x", Language: "it", Roles: []string{"owner"}, Stores: head.Stores}, head.ETag}},
		"himself everywhere":        {"host.users.update", UserChange{head.ID, Person{Name: "head", Title: "x", Language: "it", Roles: head.Roles}, head.ETag}},
		"the owner's password":      {"host.users.set_password", SetPassword{boss.ID, "scelta-da-altri"}},
		"the owner's invitation":    {"host.users.invite", Ref{boss.ID}},
		"the owner's account":       {"host.users.delete", Ref{boss.ID}},
		"the owner's sessions":      {"host.users.sign_out", Ref{boss.ID}},
		"the owner disabled":        {"host.users.update", UserChange{boss.ID, Person{Name: "boss", Title: "x", Language: "it", Disabled: true, Stores: head.Stores}, boss.ETag}},
		"who has another right":     {"host.users.set_password", SetPassword{stocker.ID, "scelta-da-altri"}},
		"who has another store":     {"host.users.set_password", SetPassword{roman.ID, "scelta-da-altri"}},
		"who has all stores":        {"host.users.set_password", SetPassword{everywhere.ID, "scelta-da-altri"}},
		"a role of everywhere":      {"host.roles.create", NewRole{"mine", identity.Title{IT: "x", EN: "x"}, []string{"till.read"}}},
		"a token above his own":     {"host.tokens.create", NewToken{Title: "x", Rights: []string{"*"}}},
		"a token of all apps":       {"host.tokens.create", NewToken{Title: "x", Rights: []string{"*.*"}}},
		"a token beside his own":    {"host.tokens.create", NewToken{Title: "x", Rights: []string{"stock.read"}}},
		"a token for a store":       {"host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}, Stores: []string{"RM-01"}}},
	} {
		if e := f.refuses(p, ReasonRightNotHeld, c.operation, c.in); e.Code != abi.Denied || len(e.Fields) != 1 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	f.hireBy(p, "helper", []string{"MI-02"}, "cashier")
	token := must[MadeToken](f, p, "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}})
	if fmt.Sprint(token.Stores) != fmt.Sprint(head.Stores) {
		t.Errorf("a token of who is limited to %v is for %v", head.Stores, token.Stores)
	}
	_, everyHead := f.hire("allhead", nil, "head")
	p = f.who(everyHead)
	for _, u := range []User{boss, stocker} {
		f.refuses(p, ReasonRightNotHeld, "host.users.set_password", SetPassword{u.ID, "scelta-da-altri"})
	}
	f.refuses(p, ReasonRightNotHeld, "host.roles.create", NewRole{"mine", identity.Title{IT: "x", EN: "x"}, []string{"stock.*"}})
	f.refuses(p, ReasonRightNotHeld, "host.roles.update", RoleChange{NewRole{"stocker", identity.Title{IT: "x", EN: "x"}, []string{"till.read"}}, "1"})
	f.refuses(p, ReasonRightNotHeld, "host.roles.delete", Ref{"stocker"})
	_ = must[Role](f, p, "host.roles.create", NewRole{"mine", identity.Title{IT: "x", EN: "x"}, []string{"till.*"}})
}

// TestLastOwner: nobody can take away the last who may do everything.
func TestLastOwner(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, s := f.hire("anna", nil, "owner")
	_ = must[MadeUser](f, identity.Local(), "host.users.create", NewUser{Person: Person{Name: "invited", Title: "I", Language: "it", Roles: []string{"owner"}}}) // has not come yet
	for name, in := range map[string]UserChange{
		"demoted":  {u.ID, Person{Name: "anna", Title: "x", Language: "it", Roles: []string{"manager"}}, u.ETag},
		"disabled": {u.ID, Person{Name: "anna", Title: "x", Language: "it", Roles: []string{"owner"}, Disabled: true}, u.ETag},
	} {
		if e := f.refuses(f.who(s), ReasonLastOwner, "host.users.update", in); e.Code != abi.FailedPrecondition {
			t.Errorf("%s: %+v", name, e)
		}
	}
	f.refuses(identity.Local(), ReasonLastOwner, "host.users.delete", Ref{u.ID})
	f.who(s)
	f.hire("bruno", nil, "owner")
	_ = must[User](f, f.who(s), "host.users.update", UserChange{u.ID, Person{Name: "anna", Title: "x", Language: "it", Roles: []string{"manager"}}, u.ETag})
	f.gone("demoted", s)
}

// TestLastTwoOwners: two owners who demote each other, or themselves, at once: one
// stays.
func TestLastTwoOwners(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		f := setup(t)
		a, _ := f.hire("anna", nil, "owner")
		b, _ := f.hire("bruno", nil, "owner")
		errs := make([]error, 2)
		var group sync.WaitGroup
		for i, u := range []User{a, b} {
			group.Go(func() {
				if round%2 == 0 {
					_, errs[i] = f.ask(identity.Local(), home, "host.users.delete", Ref{u.ID})
					return
				}
				u.Roles = []string{"manager"}
				_, errs[i] = f.ask(identity.Local(), home, "host.users.update", UserChange{u.ID, u.Person, u.ETag})
			})
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || public(errs[0]).Reason != ReasonLastOwner && public(errs[1]).Reason != ReasonLastOwner {
			t.Fatalf("round %d: %v and %v", round, errs[0], errs[1])
		}
	}
}

// TestOneName: of many who want a name at once, one has it.
func TestOneName(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var group sync.WaitGroup
	reasons := make([]string, 8)
	for i := range reasons {
		group.Go(func() {
			_, err := f.ask(identity.Local(), home, "host.users.create", NewUser{Person: Person{Name: "anna", Title: "x", Language: "it"}, Password: password})
			if reasons[i] = "made"; err != nil {
				reasons[i] = public(err).Reason
			}
		})
	}
	group.Wait()
	slices.Sort(reasons)
	if reasons[6] != "exists" || reasons[7] != "made" {
		t.Errorf("%v", reasons)
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	f := setup(t)
	local := identity.Local()
	title := identity.Title{IT: "Magazzino", EN: "Stock"}
	for name, c := range map[string]struct {
		in     NewRole
		reason string
	}{
		"no id":                {NewRole{"", title, []string{"till.read"}}, abi.ReasonMalformed},
		"a path":               {NewRole{"../x", title, []string{"till.read"}}, abi.ReasonMalformed},
		"no right":             {NewRole{"x", title, nil}, abi.ReasonMalformed},
		"a right that is none": {NewRole{"x", title, []string{"till"}}, abi.ReasonMalformed},
		"a right twice":        {NewRole{"x", title, []string{"till.read", "till.read"}}, abi.ReasonMalformed},
		"everything":           {NewRole{"x", title, []string{"*"}}, abi.ReasonMalformed},
		"nobody declares it":   {NewRole{"x", title, []string{"till.steal"}}, ReasonRightUnknown},
		"no such app":          {NewRole{"x", title, []string{"loyalty.read"}}, ReasonRightUnknown},
		"no such host right":   {NewRole{"x", title, []string{"host.root"}}, ReasonRightUnknown},
		"no title":             {NewRole{"x", identity.Title{IT: "x"}, []string{"till.read"}}, abi.ReasonMalformed},
		"one of the house":     {NewRole{"owner", title, []string{"till.read"}}, abi.ReasonExists},
		"one of the trade":     {NewRole{"cashier", title, []string{"till.read"}}, abi.ReasonExists},
	} {
		if e := f.refuses(local, c.reason, "host.roles.create", c.in); e.Message == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	r := must[Role](f, local, "host.roles.create", NewRole{"stocker", title, []string{"stock.*", "stock.read", "loyalty.*", "host.audit"}})
	if fmt.Sprint(r.Rights) != "[host.audit loyalty.* stock.*]" {
		t.Errorf("%v", r.Rights)
	}
	f.refuses(local, ReasonRoleReady, "host.roles.update", RoleChange{NewRole{"owner", title, []string{"till.read"}}, "1"})
	f.refuses(local, ReasonRoleReady, "host.roles.delete", Ref{"cashier"})
	f.refuses(local, ReasonStale, "host.roles.update", RoleChange{NewRole{"stocker", title, []string{"till.read"}}, "7"})
	u, _ := f.hire("anna", nil, "stocker")
	f.refuses(local, ReasonRoleInUse, "host.roles.delete", Ref{"stocker"})
	_ = must[platform.None](f, local, "host.users.delete", Ref{u.ID})
	_ = must[platform.None](f, local, "host.roles.delete", Ref{"stocker"})
	ids := []string{}
	for _, r := range must[Roles](f, local, "host.roles.list", nil).Items {
		ids = append(ids, r.ID)
	}
	if fmt.Sprint(ids) != "[owner manager developer integrator cashier]" {
		t.Errorf("%v", ids)
	}
	rights := []string{}
	for _, p := range must[Permissions](f, local, "host.permissions.list", nil).Items {
		if p.Title.IT == "" || p.Title.EN == "" {
			t.Errorf("%s has no title", p.Right)
		}
		rights = append(rights, p.Right)
	}
	for _, want := range []string{"host.apps", "host.health", "till.read", "stock.write"} {
		if !slices.Contains(rights, want) {
			t.Errorf("%s is not listed", want)
		}
	}
	f.refuses(identity.Nobody(), ReasonPrincipal, "host.permissions.list", nil)
}
