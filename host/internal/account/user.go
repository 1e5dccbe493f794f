package account

import (
	"context"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Person is what can be said and changed of a user.
type Person struct {
	Name     string   `json:"name" jsonschema:"to sign in with: 2 to 64 letters, digits and . _ - @ +; case does not count"`
	Title    string   `json:"title" jsonschema:"shown to people"`
	Language string   `json:"language" jsonschema:"it or en"`
	Roles    []string `json:"roles" jsonschema:"ids of roles"`
	Stores   []string `json:"stores,omitzero" jsonschema:"limits the user to these stores; absent for all"`
	Disabled bool     `json:"disabled,omitzero"`
}

// User is a user as it is shown.
type User struct {
	ID string `json:"id"`
	Person
	MustChange bool      `json:"must_change,omitzero" jsonschema:"the user has to choose a password before anything else"`
	Invited    bool      `json:"invited,omitzero" jsonschema:"an invitation waits to be accepted"`
	Password   bool      `json:"password" jsonschema:"the user has one"`
	Created    time.Time `json:"created"`
	ETag       string    `json:"etag"`
}

// Users is a page of users.
type Users struct {
	Items []User `json:"items"`
	Next  string `json:"next,omitzero"`
}

// NewUser is a user to be made.
type NewUser struct {
	Person
	Password string `json:"password,omitzero" jsonschema:"a first one, which the user must change; absent: an invitation is made"`
}

// MadeUser is a new user and, unless he was given a password, the invitation.
type MadeUser struct {
	User       User      `json:"user"`
	Invitation string    `json:"invitation,omitzero" jsonschema:"secret, shown once: whoever has it chooses the password"`
	Until      time.Time `json:"until,omitzero" jsonschema:"of the invitation"`
}

// UserChange is a user as he shall be.
type UserChange struct {
	ID string `json:"id"`
	Person
	IfMatch string `json:"if_match" jsonschema:"etag of the user who is changed"`
}

func (a *Accounts) ofUsers() []*platform.Operation {
	const held = "Errors: denied (right_not_held: nobody gives, or takes over, more than he has), invalid (role_unknown), "
	return []*platform.Operation{
		platform.Action(platform.About{Name: "host.users.create", Method: "POST", Path: "/users", Right: rightUsers, NoKey: true, Status: 201,
			Summary: "Make a user", Doc: held + "conflict (exists: the name is taken), invalid (password_…)."}, a.createUser),
		platform.Query(platform.About{Name: "host.users.list", Method: "GET", Path: "/users", Right: rightUsers,
			Summary: "List users", Doc: "In the order in which they were made."}, listUsers),
		platform.Query(platform.About{Name: "host.users.get", Method: "GET", Path: "/users/{id}", Right: rightUsers,
			Summary: "Read a user", Doc: "Errors: not_found (user)."}, getUser),
		platform.Command(platform.About{Name: "host.users.update", Method: "PUT", Path: "/users/{id}", Right: rightUsers, IfMatch: true, NoKey: true,
			Summary: "Change a user", Doc: "Other roles, other stores or disabling sign the user out everywhere. " + held + "not_found (user), conflict (stale, exists), failed_precondition (last_owner)."}, a.updateUser),
		platform.Command(platform.About{Name: "host.users.delete", Method: "DELETE", Path: "/users/{id}", Right: rightUsers, NoKey: true,
			Summary: "Remove a user", Doc: "With his sessions and tokens; the audit keeps his id. Errors: not_found (user), denied (right_not_held), failed_precondition (last_owner)."}, a.deleteUser),
	}
}

func showUser(id string, u user) User {
	return User{
		ID: id, Person: Person{Name: u.Name, Title: u.Title, Language: u.Language, Roles: u.Roles, Stores: u.Stores, Disabled: u.Disabled},
		MustChange: u.MustChange, Invited: u.Invitation != "", Password: u.Password != "", Created: u.Created, ETag: etag(u.Version),
	}
}

func listUsers(tx *kernel.Tx, l Listing) (out Users, err error) {
	out.Items, out.Next, err = paged(tx, users(), l, func(id string, u user) (User, error) { return showUser(id, u), nil })
	return out, err
}

func getUser(tx *kernel.Tx, in Ref) (User, error) {
	u, err := userOf(tx, in.ID)
	if err != nil {
		return User{}, err
	}
	return showUser(in.ID, u), nil
}

// checked is a person in the form that is stored. Errors: invalid.
func (p Person) checked() (Person, error) {
	p.Name = fold(p.Name)
	p.Title = strings.TrimSpace(p.Title)
	if err := checkName(p.Name); err != nil {
		return p, err
	}
	if err := checkTitle("/title", p.Title); err != nil {
		return p, err
	}
	if err := checkLanguage(p.Language); err != nil {
		return p, err
	}
	if p.Roles == nil {
		p.Roles = []string{} // an array in every answer
	}
	if len(p.Roles) > maxRoles {
		return p, invalid("/roles", "A user has at most 50 roles.")
	}
	return p, checkStores(p.Stores)
}

// gives refuses a caller who cannot give these roles and stores to anybody.
func (a *Accounts) gives(tx *kernel.Tx, p Person) error {
	for _, id := range p.Roles {
		rights, exists, err := a.rightsOf(tx, id)
		if err != nil {
			return err
		}
		if !exists {
			e := failure(abi.Invalid, ReasonRoleUnknown, "There is no such role.")
			e.Pointer = "/roles"
			return e
		}
		if err := holds(tx.Principal(), rights, p.Stores); err != nil {
			return err
		}
	}
	return holds(tx.Principal(), nil, p.Stores)
}

// manages reads a user whom the caller may change: one who has no more than he
// has himself. Otherwise whoever sets passwords could sign in as the owner.
func (a *Accounts) manages(tx *kernel.Tx, id string) (user, error) {
	u, err := userOf(tx, id)
	if err != nil {
		return u, err
	}
	rights, err := a.rightsOfAll(tx, u.Roles)
	if err != nil {
		return u, err
	}
	return u, holds(tx.Principal(), rights, u.Stores)
}

// createUser hashes before its transaction begins.
func (a *Accounts) createUser(ctx context.Context, by platform.Caller, in NewUser) (MadeUser, error) {
	p, err := in.checked()
	if err != nil {
		return MadeUser{}, err
	}
	u := user{Name: p.Name, Title: p.Title, Language: p.Language, Roles: p.Roles, Stores: p.Stores, Disabled: p.Disabled, Version: 1}
	var invite identity.Secret
	if in.Password == "" {
		invite, err = identity.NewSecret(identity.InviteKind, a.config.Random)
	} else {
		u.MustChange = true
		u.Password, err = a.newPassword(ctx, in.Password, &u)
	}
	if err != nil {
		return MadeUser{}, err
	}
	var out MadeUser
	err = a.write(ctx, by, "host.users.create", func(tx *kernel.Tx) (deed, error) {
		if err := a.gives(tx, p); err != nil {
			return deed{}, err
		}
		id, made := tx.NewID(), u
		made.Created = tx.Now().UTC()
		out = MadeUser{}
		if in.Password == "" {
			until, err := a.invite(tx, id, &made, invite)
			if err != nil {
				return deed{}, err
			}
			out.Invitation, out.Until = invite.Reveal(), until
		}
		out.User = showUser(id, made)
		if err := save(tx, id, nil, made); err != nil {
			return deed{}, err
		}
		return done(tx, "user:"+id), tx.Emit("host.user_created", "user:"+id, ids("user", id))
	})
	return out, err
}

func (a *Accounts) updateUser(tx *kernel.Tx, in UserChange) (User, error) {
	p, err := in.checked()
	if err != nil {
		return User{}, err
	}
	was, err := a.manages(tx, in.ID)
	if err != nil {
		return User{}, err
	}
	if err = matches(in.IfMatch, was.Version); err != nil {
		return User{}, err
	}
	if err = a.gives(tx, p); err != nil {
		return User{}, err
	}
	now := was
	now.Name, now.Title, now.Language, now.Roles, now.Stores, now.Disabled = p.Name, p.Title, p.Language, p.Roles, p.Stores, p.Disabled
	if now.Disabled || !equal(was.Roles, now.Roles) || !equal(was.Stores, now.Stores) {
		if err = dropSessions(tx, in.ID); err != nil {
			return User{}, err
		}
	}
	if err = save(tx, in.ID, &was, now); err != nil {
		return User{}, err
	}
	now.Version++
	return showUser(in.ID, now), tx.Emit("host.user_changed", "user:"+in.ID, ids("user", in.ID))
}

// equal says whether two lists are the same; no list is not an empty one.
func equal(a, b []string) bool {
	if len(a) != len(b) || (a == nil) != (b == nil) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (a *Accounts) deleteUser(tx *kernel.Tx, in Ref) (platform.None, error) {
	u, err := a.manages(tx, in.ID)
	if err != nil {
		return platform.None{}, err
	}
	if err = remove(tx, in.ID, u); err != nil {
		return platform.None{}, err
	}
	return platform.None{}, tx.Emit("host.user_deleted", "user:"+in.ID, ids("user", in.ID))
}
