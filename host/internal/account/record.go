package account

import (
	"maps"
	"slices"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// user is a person as stored, under an id that tells nothing of him.
type user struct {
	Name       string    `json:"name"` // folded; to sign in with
	Title      string    `json:"title"`
	Language   string    `json:"language"`
	Roles      []string  `json:"roles"`
	Stores     []string  `json:"stores,omitzero"` // nil: all; never an empty list
	Disabled   bool      `json:"disabled,omitzero"`
	MustChange bool      `json:"must_change,omitzero"`
	Password   string    `json:"password,omitzero"` // PHC; "" before the invitation is accepted
	Invitation string    `json:"invitation,omitzero"`
	Created    time.Time `json:"created"`
	Version    int       `json:"version"`
}

// session is somebody who signed in.
type session struct {
	User    string    `json:"user"`
	Hash    []byte    `json:"hash"`
	Created time.Time `json:"created"`
	Until   time.Time `json:"until"`
}

// invitation lets somebody choose his password.
type invitation struct {
	User  string    `json:"user"`
	Hash  []byte    `json:"hash"`
	Until time.Time `json:"until"`
}

// token is a program that may act.
type token struct {
	Title     string    `json:"title"`
	Hash      []byte    `json:"hash"`
	Rights    []string  `json:"rights"`
	Stores    []string  `json:"stores,omitzero"`
	Addresses []string  `json:"addresses,omitzero"` // networks, nil: anywhere
	Created   time.Time `json:"created"`
	Until     time.Time `json:"until"`
	User      string    `json:"user,omitzero"`   // whose rights bound it, "" for none
	Parent    string    `json:"parent,omitzero"` // token that made it
	By        string    `json:"by"`              // principal that made it
}

// role is a retailer's own role.
type role struct {
	Title   identity.Title `json:"title"`
	Rights  []string       `json:"rights"`
	Version int            `json:"version"`
}

// used is when a credential was last seen.
type used struct {
	At time.Time `json:"at"`
}

// mark is a value of an area whose keys say it all.
type mark struct{}

// reference is a value that names another record.
type reference struct {
	ID string `json:"id"`
}

// The areas of accounts.
func users() platform.Area[user]             { return platform.Area[user]{Name: "user"} }
func names() platform.Area[reference]        { return platform.Area[reference]{Name: "username"} }
func owners() platform.Area[mark]            { return platform.Area[mark]{Name: "owner"} }
func roles() platform.Area[role]             { return platform.Area[role]{Name: "role"} }
func sessions() platform.Area[session]       { return platform.Area[session]{Name: "session"} }
func sessionsOf() platform.Area[mark]        { return platform.Area[mark]{Name: "sessionof"} } // user/session
func invitations() platform.Area[invitation] { return platform.Area[invitation]{Name: "invitation"} }
func tokens() platform.Area[token]           { return platform.Area[token]{Name: "token"} }
func lastUsed() platform.Area[used]          { return platform.Area[used]{Name: "used"} }

// batch is how many rows are read at once where all are.
const batch = 200

// each calls fn for all values of an area whose keys begin with prefix.
func each[T any](tx *kernel.Tx, area platform.Area[T], prefix string, fn func(key string, v T) error) error {
	after := ""
	for {
		page, err := area.Page(tx, prefix, after, batch, false)
		if err != nil {
			return err
		}
		for _, item := range page {
			if err := fn(item.Key, item.Value); err != nil {
				return err
			}
		}
		if len(page) < batch {
			return nil
		}
		after = page[len(page)-1].Key
	}
}

// paged is one page of an area, shown; next is "" at the end.
func paged[T, V any](tx *kernel.Tx, area platform.Area[T], l Listing, show func(key string, v T) (V, error)) (items []V, next string, err error) {
	if l, err = l.checked(); err != nil {
		return nil, "", err
	}
	page, err := area.Page(tx, "", l.After, l.Limit+1, false)
	if err != nil {
		return nil, "", err
	}
	if len(page) > l.Limit {
		page = page[:l.Limit]
		next = page[l.Limit-1].Key
	}
	items = make([]V, 0, len(page))
	for _, item := range page {
		v, err := show(item.Key, item.Value)
		if err != nil {
			return nil, "", err
		}
		items = append(items, v)
	}
	return items, next, nil
}

// userOf reads a user. Errors: not_found (user).
func userOf(tx *kernel.Tx, id string) (user, error) {
	if err := known(id, "user"); err != nil {
		return user{}, err
	}
	u, ok, err := users().Get(tx, id)
	if err == nil && !ok {
		err = missing("user")
	}
	return u, err
}

// owner says whether a user may do everything, and can sign in to do it.
func (u *user) owner() bool {
	return slices.Contains(u.Roles, roleOwner) && !u.Disabled && u.Password != ""
}

// save writes a user that was another before (nil: new) with all that points to
// him, and refuses to leave nobody who may do everything: check and write are one
// transaction.
func save(tx *kernel.Tx, id string, was *user, now user) error {
	if was == nil || was.Name != now.Name {
		if err := takeName(tx, id, was, now.Name); err != nil {
			return err
		}
	}
	if was != nil {
		now.Version = was.Version + 1
	}
	if err := users().Put(tx, id, now); err != nil {
		return err
	}
	tx.Touch("user:" + id)
	return keepOwners(tx, id, was != nil && was.owner(), now.owner())
}

func takeName(tx *kernel.Tx, id string, was *user, name string) error {
	if _, taken, err := names().Get(tx, name); err != nil {
		return err
	} else if taken {
		e := errTaken("Somebody has this name already.")
		e.Pointer = "/name"
		return e
	}
	if was != nil {
		if err := names().Delete(tx, was.Name); err != nil {
			return err
		}
	}
	return names().Put(tx, name, reference{ID: id})
}

// keepOwners notes whether a user is an owner, and refuses to lose the last.
func keepOwners(tx *kernel.Tx, id string, was, is bool) error {
	switch {
	case was == is:
		return nil
	case is:
		return owners().Put(tx, id, mark{})
	}
	if err := owners().Delete(tx, id); err != nil {
		return err
	}
	left, err := owners().Page(tx, "", "", 1, false)
	if err == nil && len(left) == 0 {
		err = errLastOwner()
	}
	return err
}

// remove deletes a user and all that would let him in.
func remove(tx *kernel.Tx, id string, u user) error {
	if err := users().Delete(tx, id); err != nil {
		return err
	}
	if err := names().Delete(tx, u.Name); err != nil {
		return err
	}
	if err := dropInvitation(tx, &u); err != nil {
		return err
	}
	if err := dropSessions(tx, id); err != nil {
		return err
	}
	if err := dropTokens(tx, func(_ string, t token) bool { return t.User == id }); err != nil {
		return err
	}
	tx.Touch("user:" + id)
	return keepOwners(tx, id, u.owner(), false)
}

// dropSessions signs a user out everywhere.
func dropSessions(tx *kernel.Tx, user string) error {
	return each(tx, sessionsOf(), user+"/", func(key string, _ mark) error {
		return dropSession(tx, user, key[len(user)+1:])
	})
}

func dropSession(tx *kernel.Tx, user, id string) error {
	if err := sessionsOf().Delete(tx, user+"/"+id); err != nil {
		return err
	}
	if err := lastUsed().Delete(tx, string(identity.SessionKind)+"/"+id); err != nil {
		return err
	}
	return sessions().Delete(tx, id)
}

func dropInvitation(tx *kernel.Tx, u *user) error {
	if u.Invitation == "" {
		return nil
	}
	err := invitations().Delete(tx, u.Invitation)
	u.Invitation = ""
	return err
}

// dropTokens revokes the tokens that fn says, and those that they made.
func dropTokens(tx *kernel.Tx, which func(id string, t token) bool) error {
	all := map[string]token{}
	if err := each(tx, tokens(), "", func(id string, t token) error {
		all[id] = t
		return nil
	}); err != nil {
		return err
	}
	doomed := map[string]bool{}
	for more := true; more; {
		more = false
		for id, t := range all {
			if !doomed[id] && (which(id, t) || doomed[t.Parent]) {
				doomed[id], more = true, true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(doomed)) {
		if err := dropToken(tx, id); err != nil {
			return err
		}
	}
	return nil
}

func dropToken(tx *kernel.Tx, id string) error {
	if err := lastUsed().Delete(tx, string(identity.TokenKind)+"/"+id); err != nil {
		return err
	}
	if err := tokens().Delete(tx, id); err != nil {
		return err
	}
	tx.Touch("token:" + id)
	return tx.Emit("host.token_revoked", "token:"+id, ids("token", id))
}

// ids are the data of an event of accounts: who it is about, and nothing of him.
func ids(pairs ...string) []byte {
	b := msgp.AppendMapHeader(nil, uint32(len(pairs)/2))
	for _, s := range pairs {
		b = msgp.AppendString(b, s)
	}
	return b
}
