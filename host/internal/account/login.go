package account

import (
	"context"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// actionLogin is what the audit calls a login, done or not.
const actionLogin = "host.sessions.create"

// maxSessions is how many sessions of one user there may be; the oldest goes.
const maxSessions = 100

// Login is what somebody signs in with.
type Login struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

// SignedIn is a new session.
type SignedIn struct {
	Session string    `json:"session,omitzero" jsonschema:"secret of the session, shown once; browsers have it in a cookie instead"`
	Until   time.Time `json:"until" jsonschema:"the session ends then at the latest"`
	Idle    int       `json:"idle_seconds" jsonschema:"it ends after so many seconds without a request"`
	Me      Me        `json:"me"`
}

func (a *Accounts) signingIn() []*platform.Operation {
	return []*platform.Operation{
		platform.Action(platform.About{Name: actionLogin, Method: "POST", Path: "/sessions", Open: true, NoKey: true, Status: 201,
			Summary: "Sign in with name and password",
			Doc:     "Errors: denied (login: the same for an unknown name, a wrong password and a disabled user), exhausted (login_delay, field retry_after in seconds), unavailable (overloaded)."}, a.login),
		platform.Action(platform.About{Name: "host.invitations.accept", Method: "POST", Path: "/invitations", Open: true, NoKey: true, Status: 201,
			Summary: "Accept an invitation: choose a password and sign in",
			Doc:     "Errors: denied (invitation: unknown, used or over), invalid (password_…), exhausted (login_delay)."}, a.accept),
	}
}

// login does the same work for every name: one read, one hash, one line of the
// audit, whether the name exists or not.
func (a *Accounts) login(ctx context.Context, by platform.Caller, in Login) (SignedIn, error) {
	name := fold(in.Name)
	if len(name) > maxName || len(in.Password) > identity.MaxPassword {
		return SignedIn{}, errLogin()
	}
	wait, ended := a.brake.attempt(a.config.Now(), name, network(by.Address))
	if wait > 0 {
		return SignedIn{}, errDelay(wait)
	}
	out, v, err := a.tryLogin(ctx, by, name, in.Password)
	ended(v)
	return out, err
}

func (a *Accounts) tryLogin(ctx context.Context, by platform.Caller, name, password string) (SignedIn, verdict, error) {
	id, u, err := a.byName(ctx, name)
	if err != nil {
		return SignedIn{}, void, err
	}
	ok, err := a.hashers.verify(ctx, u.Password, password)
	if err != nil {
		return SignedIn{}, void, err
	}
	if !ok || u.Disabled {
		a.refused(by, id)
		return SignedIn{}, failed, errLogin()
	}
	renewed := ""
	if a.config.Hashing.Outdated(u.Password) {
		if renewed, err = a.hashers.hash(ctx, password); err != nil {
			return SignedIn{}, void, err
		}
	}
	out, err := a.open(ctx, by, actionLogin, id, func(_ *kernel.Tx, now *user) error {
		if now.Password != u.Password || now.Disabled {
			return errLogin() // changed since it was verified
		}
		if renewed != "" {
			now.Password = renewed
		}
		return nil
	})
	if err != nil {
		return SignedIn{}, void, err
	}
	return out, passed, nil
}

// byName finds who signs in with a name; a zero user if nobody does.
func (a *Accounts) byName(ctx context.Context, name string) (id string, u user, err error) {
	if checkName(name) != nil {
		name = "." // too short to be anybody's; looked up like every other
	}
	err = a.read(ctx, "host.login", func(tx *kernel.Tx) error {
		ref, ok, err := names().Get(tx, name)
		if err != nil {
			return err
		}
		if !ok {
			id, u = "", user{}
			ref.ID = "nobody" // and read it: the work is the same
		}
		found, ok, err := users().Get(tx, ref.ID)
		if ok {
			id, u = ref.ID, found
		}
		return err
	})
	return id, u, err
}

// open makes a session for a user, whom check may change or refuse first, in one
// transaction. Its secret is new each time: nobody can prepare one for another.
func (a *Accounts) open(ctx context.Context, by platform.Caller, action, id string, check func(tx *kernel.Tx, u *user) error) (SignedIn, error) {
	secret, err := identity.NewSecret(identity.SessionKind, a.config.Random)
	if err != nil {
		return SignedIn{}, err
	}
	var out SignedIn
	err = a.write(ctx, by, action, func(tx *kernel.Tx) (deed, error) {
		was, ok, err := users().Get(tx, id)
		if err != nil {
			return deed{}, err
		}
		if !ok {
			return deed{}, errLogin() // removed since it was verified
		}
		now := was
		if err = check(tx, &now); err != nil {
			return deed{}, err
		}
		if now.Password != was.Password || now.MustChange != was.MustChange {
			if err = save(tx, id, &was, now); err != nil {
				return deed{}, err
			}
		}
		if out, err = a.begin(tx, id, now, secret); err != nil {
			return deed{}, err
		}
		d := done(tx, userPrefix+id)
		d.principal, d.credential = userPrefix+id, sessionPrefix+secret.ID
		return d, nil
	})
	return out, err
}

// begin writes a new session and tidies up the user's old ones.
func (a *Accounts) begin(tx *kernel.Tx, id string, u user, secret identity.Secret) (SignedIn, error) {
	if _, taken, err := sessions().Get(tx, secret.ID); err != nil {
		return SignedIn{}, err
	} else if taken {
		return SignedIn{}, errTwice()
	}
	if err := a.tidy(tx, id); err != nil {
		return SignedIn{}, err
	}
	s := session{User: id, Hash: secret.Hash(), Created: tx.Now().UTC(), Until: tx.Now().Add(a.config.Absolute).UTC()}
	if err := sessions().Put(tx, secret.ID, s); err != nil {
		return SignedIn{}, err
	}
	if err := sessionsOf().Put(tx, id+"/"+secret.ID, mark{}); err != nil {
		return SignedIn{}, err
	}
	p, err := a.principal(tx, id)
	if err != nil {
		return SignedIn{}, err
	}
	p.Credential = sessionPrefix + secret.ID
	return SignedIn{Session: secret.Reveal(), Until: s.Until, Idle: int(a.config.Idle / time.Second), Me: me(p, &u)}, nil
}

// tidy removes sessions of a user that are over, and the oldest beyond the most
// that there may be.
func (a *Accounts) tidy(tx *kernel.Tx, user string) error {
	all, err := a.live(tx, user, "")
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	for _, s := range all[:min(len(all), maxSessions-1)] {
		kept[s.ID] = true
	}
	return each(tx, sessionsOf(), user+"/", func(key string, _ mark) error {
		if id := key[len(user)+1:]; !kept[id] {
			return dropSession(tx, user, id)
		}
		return nil
	})
}
