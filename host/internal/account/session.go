package account

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// Session is a session as its user is shown it.
type Session struct {
	ID      string    `json:"id"`
	Current bool      `json:"current,omitzero" jsonschema:"the one that asks"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used" jsonschema:"to the minute"`
	Until   time.Time `json:"until"`
}

// Sessions are a user's sessions, the newest first.
type Sessions struct {
	Items []Session `json:"items"`
}

func (a *Accounts) ofSessions() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.sessions.list", Method: "GET", Path: "/sessions", Known: true,
			Summary: "List one's own sessions", Doc: "For people who are signed in. Errors: denied (principal)."}, a.listSessions),
		platform.Command(platform.About{Name: "host.sessions.end", Method: "DELETE", Path: "/sessions/current", Known: true, NoKey: true,
			Summary: "Sign out", Doc: "The session's secret is of no use from then on. Errors: denied (principal)."}, a.signOut),
		platform.Command(platform.About{Name: "host.sessions.revoke", Method: "DELETE", Path: "/sessions/{id}", Known: true, NoKey: true,
			Summary: "End one of one's own sessions", Doc: "Errors: denied (principal), not_found (session)."}, a.revokeSession),
		platform.Command(platform.About{Name: "host.users.sign_out", Method: "DELETE", Path: "/users/{id}/sessions", Right: rightUsers, NoKey: true,
			Summary: "Sign a user out everywhere", Doc: "Errors: not_found (user), denied (right_not_held)."}, a.signOutUser),
	}
}

// live are the sessions of a user that are not over, the newest first.
func (a *Accounts) live(tx *kernel.Tx, user, current string) ([]Session, error) {
	var all []Session
	err := each(tx, sessionsOf(), user+"/", func(key string, _ mark) error {
		id := key[len(user)+1:]
		s, ok, err := sessions().Get(tx, id)
		if err != nil || !ok {
			return err
		}
		use := string(identity.SessionKind) + "/" + id
		over, err := a.idle(tx, use, s)
		if err != nil || over {
			return err
		}
		at, err := a.lastSeen(tx, use, s.Created)
		all = append(all, Session{ID: id, Current: id == current, Created: s.Created, Used: at.UTC().Truncate(time.Minute), Until: s.Until})
		return err
	})
	slices.SortFunc(all, func(x, y Session) int { return cmp.Or(y.Created.Compare(x.Created), strings.Compare(x.ID, y.ID)) })
	return all, err
}

func (a *Accounts) listSessions(tx *kernel.Tx, _ platform.None) (Sessions, error) {
	user, current, err := person(tx.Principal())
	if err != nil {
		return Sessions{}, err
	}
	all, err := a.live(tx, user, current)
	return Sessions{all}, err
}

func (a *Accounts) signOut(tx *kernel.Tx, _ platform.None) (platform.None, error) {
	user, current, err := person(tx.Principal())
	if err != nil {
		return platform.None{}, err
	}
	tx.Touch(sessionPrefix + current)
	return platform.None{}, dropSession(tx, user, current)
}

func (a *Accounts) revokeSession(tx *kernel.Tx, in Ref) (platform.None, error) {
	user, _, err := person(tx.Principal())
	if err != nil {
		return platform.None{}, err
	}
	if err = known(in.ID, "session"); err != nil {
		return platform.None{}, err
	}
	if _, ok, err := sessionsOf().Get(tx, user+"/"+in.ID); err != nil || !ok {
		return platform.None{}, cmp.Or(err, error(missing("session")))
	}
	tx.Touch(sessionPrefix + in.ID)
	return platform.None{}, dropSession(tx, user, in.ID)
}

func (a *Accounts) signOutUser(tx *kernel.Tx, in Ref) (platform.None, error) {
	if _, err := a.manages(tx, in.ID); err != nil {
		return platform.None{}, err
	}
	tx.Touch(userPrefix + in.ID)
	return platform.None{}, dropSessions(tx, in.ID)
}
