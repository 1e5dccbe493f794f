package account

import (
	"context"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// Bootstrap makes a token that may do everything if nobody is left who may: no
// owner among the users, and no such token that is still good. keep puts it where
// only the operator of the machine can read it, before it is good for anything: if
// keep fails, or the host dies behind it, there is no token, and the next start
// makes another. No request can ask for this: who reaches a new host over the
// network must not become its owner.
func (a *Accounts) Bootstrap(ctx context.Context, keep func(ownerToken string) error) (created bool, err error) {
	needed := false
	err = a.read(ctx, "host.bootstrap", func(tx *kernel.Tx) error {
		owned, err := a.owned(tx)
		needed = !owned
		return err
	})
	if err != nil || !needed {
		return false, err
	}
	secret, err := identity.NewSecret(identity.TokenKind, a.config.Random)
	if err != nil {
		return false, err
	}
	if err = keep(secret.Reveal()); err != nil {
		return false, err
	}
	err = a.write(ctx, platform.Caller{Principal: identity.Host()}, "host.bootstrap", func(tx *kernel.Tx) (deed, error) {
		t := token{Title: "Owner", Rights: []string{identity.All}, By: tx.Principal().ID, Until: tx.Now().Add(a.config.Token).UTC()}
		return done(tx, tokenPrefix+secret.ID), putToken(tx, secret, t)
	})
	return err == nil, err
}

// owned says whether anybody may do everything: an owner who can sign in, or a
// token that is not over. What a user's token may is what he may.
func (a *Accounts) owned(tx *kernel.Tx) (bool, error) {
	page, err := owners().Page(tx, "", "", 1, false)
	if err != nil || len(page) > 0 {
		return true, err
	}
	found := false
	err = each(tx, tokens(), "", func(_ string, t token) error {
		all := t.User == "" && t.Stores == nil && slices.Contains(t.Rights, identity.All)
		found = found || all && tx.Now().Before(t.Until)
		return nil
	})
	return found, err
}
