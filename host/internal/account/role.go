package account

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const roleOwner = "owner"

// The host's own rights.
const (
	rightUsers  = "host.users"
	rightRoles  = "host.roles"
	rightTokens = "host.tokens"
	rightAudit  = "host.audit"
)

// readyRoles are the roles of the house. They name no right of any app: what a
// trade calls its people is Config.Roles.
func readyRoles() []identity.Role {
	return []identity.Role{
		{ID: roleOwner, Title: identity.Title{IT: "Titolare", EN: "Owner"}, Rights: []string{identity.All}},
		{ID: "manager", Title: identity.Title{IT: "Direttore", EN: "Manager"}, Rights: []string{identity.AllApps, rightUsers, rightAudit, "host.data", "host.settings", "host.events", "host.health"}},
		{ID: "developer", Title: identity.Title{IT: "Sviluppatore", EN: "Developer"}, Rights: []string{"host.apps", "host.settings", "host.data", "host.events", "host.webhooks", "host.health"}},
		{ID: "integrator", Title: identity.Title{IT: "Integratore", EN: "Integrator"}, Rights: []string{identity.AllApps, "host.events", "host.webhooks", rightTokens}},
	}
}

// houseRights are the host's own rights for people.
func houseRights() []Permission {
	return []Permission{
		{Right: "host.apps", Title: identity.Title{IT: "Installare, attivare e rimuovere app", EN: "Install, enable and remove apps"}},
		{Right: "host.settings", Title: identity.Title{IT: "Cambiare le impostazioni delle app", EN: "Change the settings of apps"}},
		{Right: "host.data", Title: identity.Title{IT: "Sfogliare tutti i dati delle app", EN: "Browse all data of apps"}},
		{Right: "host.events", Title: identity.Title{IT: "Leggere gli eventi e gestire quelli fermi", EN: "Read events and handle parked ones"}},
		{Right: "host.webhooks", Title: identity.Title{IT: "Gestire i webhook", EN: "Manage webhooks"}},
		{Right: rightUsers, Title: identity.Title{IT: "Gestire gli utenti", EN: "Manage users"}},
		{Right: rightRoles, Title: identity.Title{IT: "Gestire i ruoli", EN: "Manage roles"}},
		{Right: rightTokens, Title: identity.Title{IT: "Gestire i token dei programmi", EN: "Manage tokens of programs"}},
		{Right: rightAudit, Title: identity.Title{IT: "Leggere il registro delle azioni", EN: "Read the audit"}},
		{Right: "host.health", Title: identity.Title{IT: "Vedere lo stato del sistema", EN: "See how the system is"}},
	}
}

func (a *Accounts) readyRole(id string) (identity.Role, bool) {
	i := slices.IndexFunc(a.ready, func(r identity.Role) bool { return r.ID == id })
	if i < 0 {
		return identity.Role{}, false
	}
	return a.ready[i], true
}

// rightsOf are the rights of a role; a role that is gone has none.
func (a *Accounts) rightsOf(tx *kernel.Tx, id string) (rights []string, exists bool, err error) {
	if r, ok := a.readyRole(id); ok {
		return r.Rights, true, nil
	}
	r, ok, err := roles().Get(tx, id)
	return r.Rights, ok, err
}

// rightsOfAll are the rights of several roles together.
func (a *Accounts) rightsOfAll(tx *kernel.Tx, ids []string) ([]string, error) {
	lists := make([][]string, 0, len(ids))
	for _, id := range ids {
		rights, _, err := a.rightsOf(tx, id)
		if err != nil {
			return nil, err
		}
		lists = append(lists, rights)
	}
	return identity.Union(lists...), nil
}

// declared refuses a right that neither the host nor an enabled app declares.
// Patterns may be of what does not exist yet.
func declared(tx *kernel.Tx, rights []string) error {
	for _, r := range rights {
		if strings.HasSuffix(r, "*") {
			continue
		}
		if !slices.ContainsFunc(permissions(tx), func(p Permission) bool { return p.Right == r }) {
			e := failure(abi.Invalid, ReasonRightUnknown, "No enabled app declares this right.")
			e.Pointer, e.Fields = "/rights", []abi.Field{{Name: "right", Text: r}}
			return e
		}
	}
	return nil
}

// holds refuses a caller who would give, or take over, more than he has.
func holds(p identity.Principal, rights, stores []string) error {
	if r := p.Lacks(rights); r != "" {
		return notHeld("right", r)
	}
	if identity.WithinStores(stores, p.Stores) {
		return nil
	}
	for _, s := range stores {
		if !slices.Contains(p.Stores, s) {
			return notHeld("store", s)
		}
	}
	return notHeld("store", identity.All)
}

// holdsRole is holds for a role, which is for no stores of its own. Who is limited
// to stores makes none: others may have the role everywhere.
func holdsRole(p identity.Principal, rights []string) error { return holds(p, rights, nil) }

// Permission is a right that can be given.
type Permission struct {
	Right string         `json:"right" jsonschema:"contract.right"`
	App   string         `json:"app,omitzero" jsonschema:"id of the app that declares it; absent for the host's own"`
	Title identity.Title `json:"title"`
	Audit bool           `json:"audit,omitzero" jsonschema:"each use is recorded"`
}

// Permissions are all rights that can be given now.
type Permissions struct {
	Items []Permission `json:"items"`
}

func permissions(tx *kernel.Tx) []Permission {
	all := houseRights()
	for _, app := range tx.Set().Apps() {
		for _, p := range app.Manifest.Permissions {
			all = append(all, Permission{Right: p.Name, App: app.ID, Title: identity.Title(p.Title), Audit: p.Audit})
		}
	}
	return all
}

// Role is a role as it is shown.
type Role struct {
	ID     string         `json:"id"`
	Title  identity.Title `json:"title"`
	Rights []string       `json:"rights" jsonschema:"contract.right, contract.* for all of a contract, *.* for all of every app, * for everything"`
	Ready  bool           `json:"ready" jsonschema:"of the house; it cannot be changed"`
	ETag   string         `json:"etag,omitzero"`
}

// Roles are all roles, those of the house first.
type Roles struct {
	Items []Role `json:"items"`
}

// NewRole is a role to be made.
type NewRole struct {
	ID     string         `json:"id" jsonschema:"1 to 32 lower case letters, digits, - and _"`
	Title  identity.Title `json:"title"`
	Rights []string       `json:"rights"`
}

// RoleChange is a role as it shall be.
type RoleChange struct {
	NewRole
	IfMatch string `json:"if_match" jsonschema:"etag of the role that is changed"`
}

// Ref names one thing.
type Ref struct {
	ID string `json:"id"`
}

func (a *Accounts) ofRoles() []*platform.Operation {
	const held = "Errors: denied (right_not_held), invalid (right_unknown)."
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.permissions.list", Method: "GET", Path: "/permissions", Known: true,
			Summary: "List the rights that can be given", Doc: "For everybody who is signed in: the host's own rights and those that enabled apps declare. Errors: denied (principal)."},
			func(tx *kernel.Tx, _ platform.None) (Permissions, error) {
				return Permissions{permissions(tx)}, signedIn(tx.Principal())
			}),
		platform.Query(platform.About{Name: "host.roles.list", Method: "GET", Path: "/roles", Right: rightRoles,
			Summary: "List roles", Doc: "The roles of the house first, then the retailer's own."}, a.listRoles),
		platform.Query(platform.About{Name: "host.roles.get", Method: "GET", Path: "/roles/{id}", Right: rightRoles,
			Summary: "Read a role", Doc: "Errors: not_found (role)."}, a.getRole),
		platform.Command(platform.About{Name: "host.roles.create", Method: "POST", Path: "/roles", Right: rightRoles, Status: 201,
			Summary: "Make a role of one's own", Doc: "Its rights must be declared by the host or an enabled app, but for patterns, and held by who makes it. " + held + " conflict (exists)."}, a.createRole),
		platform.Command(platform.About{Name: "host.roles.update", Method: "PUT", Path: "/roles/{id}", Right: rightRoles, IfMatch: true, NoKey: true,
			Summary: "Change a role", Doc: "It holds from the next request of everybody who has the role. " + held + " not_found (role), failed_precondition (role_ready), conflict (stale)."}, a.updateRole),
		platform.Command(platform.About{Name: "host.roles.delete", Method: "DELETE", Path: "/roles/{id}", Right: rightRoles, NoKey: true,
			Summary: "Remove a role", Doc: "Errors: not_found (role), denied (right_not_held), failed_precondition (role_ready; role_in_use: somebody has it)."}, a.deleteRole),
	}
}

func showRole(id string, r role) Role {
	return Role{ID: id, Title: r.Title, Rights: r.Rights, ETag: etag(r.Version)}
}

func (a *Accounts) listRoles(tx *kernel.Tx, _ platform.None) (Roles, error) {
	var all Roles
	for _, r := range a.ready {
		all.Items = append(all.Items, Role{ID: r.ID, Title: r.Title, Rights: r.Rights, Ready: true})
	}
	err := each(tx, roles(), "", func(id string, r role) error {
		all.Items = append(all.Items, showRole(id, r))
		return nil
	})
	return all, err
}

func (a *Accounts) getRole(tx *kernel.Tx, in Ref) (Role, error) {
	if r, ok := a.readyRole(in.ID); ok {
		return Role{ID: r.ID, Title: r.Title, Rights: r.Rights, Ready: true}, nil
	}
	r, err := a.ownRole(tx, in.ID)
	return showRole(in.ID, r), err
}

// ownRole reads a role of the retailer's. Errors: not_found (role),
// failed_precondition (role_ready).
func (a *Accounts) ownRole(tx *kernel.Tx, id string) (role, error) {
	if _, ok := a.readyRole(id); ok {
		return role{}, failure(abi.FailedPrecondition, ReasonRoleReady, "The roles of the house cannot be changed.")
	}
	if err := known(id, "role"); err != nil {
		return role{}, err
	}
	r, ok, err := roles().Get(tx, id)
	if err == nil && !ok {
		err = missing("role")
	}
	return r, err
}

// checkRole refuses a role that cannot be, or that the caller cannot give.
func checkRole(tx *kernel.Tx, in NewRole) error {
	if err := checkTitle("/title/it", in.Title.IT); err != nil {
		return err
	}
	if err := checkTitle("/title/en", in.Title.EN); err != nil {
		return err
	}
	if err := checkRights(in.Rights); err != nil {
		return err
	}
	if slices.Contains(in.Rights, identity.All) {
		return invalid("/rights", "Only the role owner has every right.")
	}
	if err := declared(tx, in.Rights); err != nil {
		return err
	}
	return holdsRole(tx.Principal(), in.Rights)
}

func (a *Accounts) createRole(tx *kernel.Tx, in NewRole) (Role, error) {
	if !slug(in.ID) {
		return Role{}, invalid("/id", "An id has 1 to 32 lower case letters, digits, - and _, the first a letter.")
	}
	if err := checkRole(tx, in); err != nil {
		return Role{}, err
	}
	if _, exists, err := a.rightsOf(tx, in.ID); err != nil {
		return Role{}, err
	} else if exists {
		return Role{}, errTaken("There is such a role already.")
	}
	r := role{Title: in.Title, Rights: identity.Union(in.Rights), Version: 1}
	return showRole(in.ID, r), saveRole(tx, in.ID, r, "host.role_created")
}

func saveRole(tx *kernel.Tx, id string, r role, event string) error {
	if err := roles().Put(tx, id, r); err != nil {
		return err
	}
	tx.Touch("role:" + id)
	return tx.Emit(event, "role:"+id, ids("role", id))
}

func (a *Accounts) updateRole(tx *kernel.Tx, in RoleChange) (Role, error) {
	was, err := a.ownRole(tx, in.ID)
	if err != nil {
		return Role{}, err
	}
	if err = matches(in.IfMatch, was.Version); err != nil {
		return Role{}, err
	}
	if err = holdsRole(tx.Principal(), was.Rights); err != nil {
		return Role{}, err
	}
	if err = checkRole(tx, in.NewRole); err != nil {
		return Role{}, err
	}
	r := role{Title: in.Title, Rights: identity.Union(in.Rights), Version: was.Version + 1}
	return showRole(in.ID, r), saveRole(tx, in.ID, r, "host.role_changed")
}

func (a *Accounts) deleteRole(tx *kernel.Tx, in Ref) (platform.None, error) {
	r, err := a.ownRole(tx, in.ID)
	if err != nil {
		return platform.None{}, err
	}
	if err = holdsRole(tx.Principal(), r.Rights); err != nil {
		return platform.None{}, err
	}
	err = each(tx, users(), "", func(_ string, u user) error {
		if slices.Contains(u.Roles, in.ID) {
			return failure(abi.FailedPrecondition, ReasonRoleInUse, "Somebody has this role.")
		}
		return nil
	})
	if err != nil {
		return platform.None{}, err
	}
	if err = roles().Delete(tx, in.ID); err != nil {
		return platform.None{}, err
	}
	tx.Touch("role:" + in.ID)
	return platform.None{}, tx.Emit("host.role_deleted", "role:"+in.ID, ids("role", in.ID))
}
