package account

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// maxAddresses is how many networks a token may be limited to.
const maxAddresses = 50

// NewToken is a token to be made.
type NewToken struct {
	Title     string     `json:"title" jsonschema:"what it is for"`
	Rights    []string   `json:"rights" jsonschema:"and patterns of them; never more than who makes it has"`
	Stores    []string   `json:"stores,omitzero" jsonschema:"limits it to these stores; absent for all of who makes it"`
	Addresses []string   `json:"addresses,omitzero" jsonschema:"networks that it may come from, like 203.0.113.0/24; absent for anywhere"`
	Until     *time.Time `json:"until,omitzero" jsonschema:"when it ends, within a year; default in 90 days"`
}

// Token is a token as it is shown.
type Token struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Rights    []string  `json:"rights"`
	Stores    []string  `json:"stores,omitzero"`
	Addresses []string  `json:"addresses,omitzero"`
	Created   time.Time `json:"created"`
	Until     time.Time `json:"until"`
	Used      time.Time `json:"used,omitzero" jsonschema:"to the minute; absent if never"`
	User      string    `json:"user,omitzero" jsonschema:"id of the user who made it, whose rights bound it"`
	Parent    string    `json:"parent,omitzero" jsonschema:"id of the token that made it, with which it ends"`
}

// Tokens is a page of tokens.
type Tokens struct {
	Items []Token `json:"items"`
	Next  string  `json:"next,omitzero"`
}

// MadeToken is a new token.
type MadeToken struct {
	Token
	Secret string `json:"secret" jsonschema:"shown once"`
}

func (a *Accounts) ofTokens() []*platform.Operation {
	return []*platform.Operation{
		platform.Action(platform.About{Name: "host.tokens.create", Method: "POST", Path: "/tokens", Right: rightTokens, NoKey: true, Status: 201,
			Summary: "Make a token for a program",
			Doc:     "It never has more rights or stores than its maker, then and later, and ends with the user or token that made it. Errors: denied (right_not_held), invalid (right_unknown)."}, a.createToken),
		platform.Query(platform.About{Name: "host.tokens.list", Method: "GET", Path: "/tokens", Right: rightTokens,
			Summary: "List tokens", Doc: "Without their secrets."}, a.listTokens),
		platform.Command(platform.About{Name: "host.tokens.revoke", Method: "DELETE", Path: "/tokens/{id}", Right: rightTokens, NoKey: true,
			Summary: "Revoke a token", Doc: "And those that it made; from the next request on. Errors: not_found (token)."}, revokeToken),
	}
}

func (a *Accounts) showToken(tx *kernel.Tx, id string, t token) (Token, error) {
	at, err := a.lastSeen(tx, string(identity.TokenKind)+"/"+id, time.Time{})
	return Token{
		ID: id, Title: t.Title, Rights: t.Rights, Stores: t.Stores, Addresses: t.Addresses, Created: t.Created, Until: t.Until,
		Used: at.UTC().Truncate(time.Minute), User: t.User, Parent: t.Parent,
	}, err
}

func (a *Accounts) listTokens(tx *kernel.Tx, l Listing) (out Tokens, err error) {
	out.Items, out.Next, err = paged(tx, tokens(), l, func(id string, t token) (Token, error) { return a.showToken(tx, id, t) })
	return out, err
}

// checkToken refuses a token that cannot be.
func checkToken(in NewToken) error {
	if err := checkTitle("/title", strings.TrimSpace(in.Title)); err != nil {
		return err
	}
	if err := checkRights(in.Rights); err != nil {
		return err
	}
	if in.Addresses != nil && (len(in.Addresses) == 0 || len(in.Addresses) > maxAddresses) {
		return invalid("/addresses", "Name 1 to 50 networks, or leave the field out.")
	}
	for i, n := range in.Addresses {
		if p, err := netip.ParsePrefix(n); err != nil || p != p.Masked() || p.Addr().Is4In6() {
			return invalid("/addresses/"+strconv.Itoa(i), "This is no network like 203.0.113.0/24.")
		}
	}
	return checkStores(in.Stores)
}

func (a *Accounts) createToken(ctx context.Context, by platform.Caller, in NewToken) (MadeToken, error) {
	if err := checkToken(in); err != nil {
		return MadeToken{}, err
	}
	secret, err := identity.NewSecret(identity.TokenKind, a.config.Random)
	if err != nil {
		return MadeToken{}, err
	}
	var out MadeToken
	err = a.write(ctx, by, "host.tokens.create", func(tx *kernel.Tx) (deed, error) {
		t := token{Title: strings.TrimSpace(in.Title), Rights: identity.Union(in.Rights), Stores: in.Stores, Addresses: in.Addresses}
		if t.Stores == nil {
			t.Stores = tx.Principal().Stores
		}
		if err := a.derive(tx, &t, in.Until); err != nil {
			return deed{}, err
		}
		if err := declared(tx, t.Rights); err != nil {
			return deed{}, err
		}
		if err := holds(tx.Principal(), t.Rights, t.Stores); err != nil {
			return deed{}, err
		}
		if err := putToken(tx, secret, t); err != nil {
			return deed{}, err
		}
		shown, err := a.showToken(tx, secret.ID, t)
		out = MadeToken{Token: shown, Secret: secret.Reveal()}
		return done(tx, tokenPrefix+secret.ID), err
	})
	return out, err
}

// putToken writes a new token.
func putToken(tx *kernel.Tx, secret identity.Secret, t token) error {
	if _, taken, err := tokens().Get(tx, secret.ID); err != nil {
		return err
	} else if taken {
		return errTwice()
	}
	t.Hash, t.Created = secret.Hash(), tx.Now().UTC()
	if err := tokens().Put(tx, secret.ID, t); err != nil {
		return err
	}
	return tx.Emit("host.token_created", tokenPrefix+secret.ID, ids("token", secret.ID))
}

// derive binds a new token to who makes it: a user's rights bound it for ever, and
// that of a token ends with it, comes from nowhere else and lasts no longer.
// Otherwise a stolen token could outlive its revocation.
func (a *Accounts) derive(tx *kernel.Tx, t *token, until *time.Time) error {
	p := tx.Principal()
	t.By = p.ID
	t.User, _ = strings.CutPrefix(p.ID, userPrefix)
	if t.User == p.ID {
		t.User = ""
	}
	now := tx.Now()
	t.Until = now.Add(a.config.Token).UTC()
	if until != nil {
		t.Until = until.UTC().Truncate(time.Second)
	}
	if !t.Until.After(now) || t.Until.After(now.Add(maxToken)) {
		return invalid("/until", "A token ends in the future, within a year.")
	}
	id, ok := strings.CutPrefix(p.Credential, tokenPrefix)
	if !ok {
		return nil
	}
	parent, ok, err := tokens().Get(tx, id)
	if err != nil {
		return err
	}
	if !ok {
		return errCredential() // revoked since it came in
	}
	t.Parent, t.User = id, parent.User
	if t.Until.After(parent.Until) {
		if until != nil {
			return invalid("/until", "A token that a token makes ends no later.")
		}
		t.Until = parent.Until
	}
	if t.Addresses == nil {
		t.Addresses = parent.Addresses
	}
	return narrower(t.Addresses, parent.Addresses)
}

// narrower refuses networks that are not all inside others; nil is everywhere.
func narrower(networks, bounds []string) error {
	if bounds == nil {
		return nil
	}
	for i, n := range networks {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(bounds, func(b string) bool {
			o, err := netip.ParsePrefix(b)
			return err == nil && o.Bits() <= p.Bits() && o.Contains(p.Addr())
		}) {
			return invalid("/addresses/"+strconv.Itoa(i), "A token that a token makes comes from nowhere else.")
		}
	}
	return nil
}

func revokeToken(tx *kernel.Tx, in Ref) (platform.None, error) {
	if err := known(in.ID, "token"); err != nil {
		return platform.None{}, err
	}
	if _, ok, err := tokens().Get(tx, in.ID); err != nil {
		return platform.None{}, err
	} else if !ok {
		return platform.None{}, missing("token")
	}
	return platform.None{}, dropTokens(tx, func(id string, _ token) bool { return id == in.ID })
}
