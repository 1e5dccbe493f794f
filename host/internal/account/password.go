package account

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// SetPassword is a password that somebody else chose for a user.
type SetPassword struct {
	ID       string `json:"id"`
	Password string `json:"password"`
}

// ChangePassword is one's own new password.
type ChangePassword struct {
	Current  string `json:"current" jsonschema:"the present password"`
	Password string `json:"password" jsonschema:"the new one"`
}

// Accept is an invitation with the password that was chosen.
type Accept struct {
	Invitation string `json:"invitation"`
	Password   string `json:"password"`
}

// Invited is a new invitation.
type Invited struct {
	Invitation string    `json:"invitation" jsonschema:"secret, shown once: whoever has it chooses the password"`
	Until      time.Time `json:"until"`
}

func (a *Accounts) ofPasswords() []*platform.Operation {
	return []*platform.Operation{
		platform.Action(platform.About{Name: "host.users.set_password", Method: "PUT", Path: "/users/{id}/password", Right: rightUsers, NoKey: true,
			Summary: "Set a user's password", Doc: "The user is signed out everywhere and has to choose another one first. Errors: not_found (user), denied (right_not_held), failed_precondition (own_password), invalid (password_…)."}, a.setPassword),
		platform.Action(platform.About{Name: "host.users.invite", Method: "POST", Path: "/users/{id}/invitation", Right: rightUsers, NoKey: true, Status: 201,
			Summary: "Invite a user to choose a password", Doc: "Also for one who forgot it. An invitation from before is of no use any more; the password is until this one is accepted. Errors: not_found (user), denied (right_not_held), failed_precondition (own_password)."}, a.inviteAgain),
	}
}

// newPassword checks and hashes a password of a user.
func (a *Accounts) newPassword(ctx context.Context, password string, u *user) (string, error) {
	words := append([]string{u.Name, u.Title, "bottega"}, a.config.House...)
	if err := a.policy.Check(password, words...); err != nil {
		return "", weak(err, "/password")
	}
	return a.hashers.hash(ctx, password)
}

func (a *Accounts) setPassword(ctx context.Context, by platform.Caller, in SetPassword) (platform.None, error) {
	u, err := a.reading(ctx, in.ID)
	if err != nil {
		return platform.None{}, err
	}
	hash, err := a.newPassword(ctx, in.Password, &u)
	if err != nil {
		return platform.None{}, err
	}
	return platform.None{}, a.write(ctx, by, "host.users.set_password", func(tx *kernel.Tx) (deed, error) {
		was, err := a.managesOther(tx, in.ID)
		if err != nil {
			return deed{}, err
		}
		now := was
		now.Password, now.MustChange = hash, true
		if err = renew(tx, in.ID, &was, now); err != nil {
			return deed{}, err
		}
		return done(tx, userPrefix+in.ID), nil
	})
}

// managesOther is manages for somebody else: to change one's own password, one
// must know it. Otherwise a session left open would be an account given away.
func (a *Accounts) managesOther(tx *kernel.Tx, id string) (user, error) {
	p := tx.Principal()
	u, err := a.manages(tx, id)
	if err == nil && p.ID == userPrefix+id {
		err = failure(abi.FailedPrecondition, ReasonOwnPassword, "Change your own password by host.me.password.")
	}
	if err != nil || !strings.HasPrefix(p.Credential, tokenPrefix) {
		return u, err
	}
	t, _, err := tokens().Get(tx, strings.TrimPrefix(p.Credential, tokenPrefix))
	if err == nil && t.User == id {
		err = failure(abi.FailedPrecondition, ReasonOwnPassword, "A token cannot change the password of who made it.")
	}
	return u, err
}

// reading reads a user in a transaction of its own.
func (a *Accounts) reading(ctx context.Context, id string) (u user, err error) {
	err = a.read(ctx, "host.users.read", func(tx *kernel.Tx) error {
		u, err = userOf(tx, id)
		return err
	})
	return u, err
}

// renew writes a user with another password: every session and invitation that
// was made with the one before ends.
func renew(tx *kernel.Tx, id string, was *user, now user) error {
	if err := dropInvitation(tx, &now); err != nil {
		return err
	}
	if err := dropSessions(tx, id); err != nil {
		return err
	}
	if err := save(tx, id, was, now); err != nil {
		return err
	}
	return tx.Emit("host.password_changed", userPrefix+id, ids("user", id))
}

func (a *Accounts) changePassword(ctx context.Context, by platform.Caller, in ChangePassword) (SignedIn, error) {
	id, _, err := person(by.Principal)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := a.reading(ctx, id)
	if err != nil {
		return SignedIn{}, err
	}
	if err = a.prove(ctx, by, id, &u, in.Current); err != nil {
		return SignedIn{}, err
	}
	if identity.Normal(in.Password) == identity.Normal(in.Current) {
		return SignedIn{}, &abi.Error{Code: abi.Invalid, Reason: "password_same", Message: "This is the present password.", Pointer: "/password"}
	}
	hash, err := a.newPassword(ctx, in.Password, &u)
	if err != nil {
		return SignedIn{}, err
	}
	return a.open(ctx, by, "host.me.password", id, func(tx *kernel.Tx, now *user) error {
		if now.Password != u.Password {
			return failure(abi.Conflict, "contention", "The password was changed meanwhile.")
		}
		return a.replace(tx, id, now, hash)
	})
}

// prove verifies the present password of who is signed in, as slowly as a login.
func (a *Accounts) prove(ctx context.Context, by platform.Caller, id string, u *user, password string) error {
	if len(password) > identity.MaxPassword {
		return errLogin()
	}
	wait, ended := a.brake.attempt(a.config.Now(), u.Name, network(by.Address))
	if wait > 0 {
		return errDelay(wait)
	}
	ok, err := a.hashers.verify(ctx, u.Password, password)
	switch {
	case err != nil:
		ended(void)
		return err
	case !ok:
		ended(failed)
		a.refused(by, id)
		return errLogin()
	}
	ended(passed)
	return nil
}

// replace gives a user another password inside a transaction that goes on with
// the user: open saves the rest.
func (a *Accounts) replace(tx *kernel.Tx, id string, u *user, hash string) error {
	u.Password, u.MustChange = hash, false
	if err := dropInvitation(tx, u); err != nil {
		return err
	}
	if err := dropSessions(tx, id); err != nil {
		return err
	}
	return tx.Emit("host.password_changed", userPrefix+id, ids("user", id))
}

// invite writes an invitation for a user, whose record must be saved after it.
func (a *Accounts) invite(tx *kernel.Tx, id string, u *user, secret identity.Secret) (time.Time, error) {
	if _, taken, err := invitations().Get(tx, secret.ID); err != nil {
		return time.Time{}, err
	} else if taken {
		return time.Time{}, errTwice()
	}
	if err := dropInvitation(tx, u); err != nil {
		return time.Time{}, err
	}
	u.Invitation = secret.ID
	until := tx.Now().Add(a.config.Invitation).UTC()
	return until, invitations().Put(tx, secret.ID, invitation{User: id, Hash: secret.Hash(), Until: until})
}

func (a *Accounts) inviteAgain(ctx context.Context, by platform.Caller, in Ref) (out Invited, err error) {
	secret, err := identity.NewSecret(identity.InviteKind, a.config.Random)
	if err != nil {
		return Invited{}, err
	}
	err = a.write(ctx, by, "host.users.invite", func(tx *kernel.Tx) (deed, error) {
		was, err := a.managesOther(tx, in.ID)
		if err != nil {
			return deed{}, err
		}
		now := was
		until, err := a.invite(tx, in.ID, &now, secret)
		if err != nil {
			return deed{}, err
		}
		out = Invited{secret.Reveal(), until}
		return done(tx, userPrefix+in.ID), save(tx, in.ID, &was, now)
	})
	return out, err
}

// accept lets whoever has an invitation choose the password. An invitation that
// is not good is one of many attempts: it slows its network down.
func (a *Accounts) accept(ctx context.Context, by platform.Caller, in Accept) (SignedIn, error) {
	secret, err := identity.ParseSecret(identity.InviteKind, in.Invitation)
	if err != nil {
		return SignedIn{}, errInvitation()
	}
	wait, ended := a.brake.attempt(a.config.Now(), "invitation "+secret.ID, network(by.Address))
	if wait > 0 {
		return SignedIn{}, errDelay(wait)
	}
	var id string
	var u user
	guessed := false // anything else that goes wrong is nobody's guess
	err = a.read(ctx, "host.invitations.read", func(tx *kernel.Tx) error {
		id, u, err = invited(tx, secret)
		e, ok := errors.AsType[*abi.Error](err)
		guessed = ok && e.Reason == ReasonInvitation
		return err
	})
	if guessed {
		ended(failed)
		a.refused(by, "")
		return SignedIn{}, err
	}
	ended(void)
	if err != nil {
		return SignedIn{}, err
	}
	hash, err := a.newPassword(ctx, in.Password, &u)
	if err != nil {
		return SignedIn{}, err
	}
	return a.open(ctx, by, "host.invitations.accept", id, func(tx *kernel.Tx, now *user) error {
		if _, _, err := invited(tx, secret); err != nil {
			return err
		}
		return a.replace(tx, id, now, hash)
	})
}

// invited is whose invitation a secret is. Errors: denied (invitation).
func invited(tx *kernel.Tx, secret identity.Secret) (string, user, error) {
	i, ok, err := invitations().Get(tx, secret.ID)
	if err != nil {
		return "", user{}, err
	}
	if !ok || !secret.Matches(i.Hash) || !tx.Now().Before(i.Until) {
		return "", user{}, errInvitation()
	}
	u, ok, err := users().Get(tx, i.User)
	if err == nil && (!ok || u.Disabled) {
		err = errInvitation()
	}
	return i.User, u, err
}
