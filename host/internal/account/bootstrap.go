package account

import (
	"context"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// Bootstrap makes a token that may do everything if nobody could sign in
// otherwise: there is no user, and no token that is still good. The caller keeps
// it where only the operator of the machine can read it. No request can ask for
// this: who reaches a new host over the network must not become its owner.
func (a *Accounts) Bootstrap(ctx context.Context) (ownerToken string, created bool, err error) {
	secret, err := identity.NewSecret(identity.TokenKind, a.config.Random)
	if err != nil {
		return "", false, err
	}
	by := platform.Caller{Principal: identity.Host()}
	err = a.write(ctx, by, "host.bootstrap", func(tx *kernel.Tx) (deed, error) {
		created = false
		if anybody, err := a.anybody(tx); err != nil || anybody {
			return deed{}, err
		}
		created = true
		t := token{Title: "Owner", Rights: []string{identity.All}, By: tx.Principal().ID, Until: tx.Now().Add(a.config.Token).UTC()}
		return done(tx, tokenPrefix+secret.ID), putToken(tx, secret, t)
	})
	if err != nil || !created {
		return "", false, err
	}
	return secret.Reveal(), true, nil
}

// anybody says whether there is a user, or a token that is not over.
func (a *Accounts) anybody(tx *kernel.Tx) (bool, error) {
	page, err := users().Page(tx, "", "", 1, false)
	if err != nil || len(page) > 0 {
		return true, err
	}
	found := false
	err = each(tx, tokens(), "", func(_ string, t token) error {
		found = found || tx.Now().Before(t.Until)
		return nil
	})
	return found, err
}
