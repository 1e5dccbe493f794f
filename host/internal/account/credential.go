package account

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// Prefixes of principals and credentials.
const (
	userPrefix    = "user:"
	tokenPrefix   = "token:"
	sessionPrefix = "session:"
)

// signedIn refuses nobody.
func signedIn(p identity.Principal) error {
	if p.ID == "" || p.ID == identity.Nobody().ID {
		return errCredential()
	}
	return nil
}

// person is the user who acts, and the session that he came with. A token is no
// person, even one that a person made. Errors: denied (principal).
func person(p identity.Principal) (user, session string, err error) {
	user, isUser := strings.CutPrefix(p.ID, userPrefix)
	session, hasSession := strings.CutPrefix(p.Credential, sessionPrefix)
	if !isUser || !hasSession {
		return "", "", errCredential()
	}
	return user, session, nil
}

// Session answers who a session's secret stands for. It reads storage each time:
// whatever was changed holds for the very next request. Errors: denied
// (principal), the kernel's.
func (a *Accounts) Session(ctx context.Context, secret string) (identity.Principal, error) {
	s, err := identity.ParseSecret(identity.SessionKind, secret)
	if err != nil {
		return identity.Nobody(), errCredential()
	}
	key := string(identity.SessionKind) + "/" + s.ID
	p := identity.Nobody()
	err = a.read(ctx, "host.authenticate", func(tx *kernel.Tx) error {
		rec, ok, err := a.known.sessions.get(tx, sessions(), s.ID)
		if err != nil {
			return err
		}
		if !ok || !s.Matches(rec.Hash) {
			return errCredential()
		}
		if over, err := a.idle(tx, key, rec); err != nil {
			return err
		} else if over {
			return errCredential()
		}
		p, err = a.principal(tx, rec.User)
		p.Credential = sessionPrefix + s.ID
		return err
	})
	if err != nil {
		return identity.Nobody(), err
	}
	a.saw(key)
	return p, nil
}

// idle says whether a session is over: too old, or not used for too long.
func (a *Accounts) idle(tx *kernel.Tx, key string, s session) (bool, error) {
	at, err := a.lastSeen(tx, key, s.Created)
	now := tx.Now()
	return !now.Before(s.Until) || now.Sub(at) >= a.config.Idle, err
}

// principal is a user as he may act now. Who has to choose a password may do
// nothing before. Errors: denied (principal).
func (a *Accounts) principal(tx *kernel.Tx, id string) (identity.Principal, error) {
	u, ok, err := a.known.users.get(tx, users(), id)
	if err != nil {
		return identity.Nobody(), err
	}
	if !ok || u.Disabled {
		return identity.Nobody(), errCredential()
	}
	p := identity.Principal{ID: userPrefix + id, Stores: u.Stores}
	if !u.MustChange {
		p.Rights, err = a.rightsOfAll(tx, u.Roles)
	}
	return p, err
}

// Token answers who a token stands for that comes from an address. The rights
// and stores of one that a person made are never more than that person has now.
// Errors: denied (principal), the kernel's.
func (a *Accounts) Token(ctx context.Context, secret string, from netip.Addr) (identity.Principal, error) {
	s, err := identity.ParseSecret(identity.TokenKind, secret)
	if err != nil {
		return identity.Nobody(), errCredential()
	}
	p := identity.Nobody()
	err = a.read(ctx, "host.authenticate", func(tx *kernel.Tx) error {
		t, ok, err := a.known.tokens.get(tx, tokens(), s.ID)
		if err != nil {
			return err
		}
		if !ok || !s.Matches(t.Hash) || !tx.Now().Before(t.Until) || !inside(t.Addresses, from) {
			return errCredential()
		}
		p, err = a.bearer(tx, s.ID, t)
		return err
	})
	if err != nil {
		return identity.Nobody(), err
	}
	a.saw(string(identity.TokenKind) + "/" + s.ID)
	return p, nil
}

// bearer is a token as it may act now.
func (a *Accounts) bearer(tx *kernel.Tx, id string, t token) (identity.Principal, error) {
	p := identity.Principal{ID: tokenPrefix + id, Credential: tokenPrefix + id, Rights: t.Rights, Stores: t.Stores}
	if t.User == "" {
		return p, nil
	}
	maker, err := a.principal(tx, t.User)
	if err != nil {
		return identity.Nobody(), err
	}
	p.Rights = identity.Intersect(t.Rights, maker.Rights)
	p.Stores = identity.IntersectStores(t.Stores, maker.Stores)
	return p, nil
}

// inside says whether an address lies in one of the networks; nil is anywhere.
func inside(networks []string, a netip.Addr) bool {
	return networks == nil || slices.ContainsFunc(networks, func(n string) bool {
		p, err := netip.ParsePrefix(n)
		return err == nil && p.Contains(a.Unmap().WithZone(""))
	})
}

// saw notes that a credential was used, to be written later.
func (a *Accounts) saw(key string) {
	if a.uses.note(key, a.config.Now()) {
		a.stir()
	}
}

// lastSeen is when a credential was last used, as far as anybody knows.
func (a *Accounts) lastSeen(tx *kernel.Tx, key string, created time.Time) (time.Time, error) {
	at := created
	if u, ok, err := lastUsed().Get(tx, key); err != nil {
		return at, err
	} else if ok && u.At.After(at) {
		at = u.At
	}
	if seen := a.uses.last(key); seen.After(at) {
		at = seen
	}
	return at, nil
}
