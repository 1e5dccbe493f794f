package account

import (
	"strings"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// Me is who asks, and what they may do.
type Me struct {
	Principal  string   `json:"principal" jsonschema:"user:… or token:…"`
	Name       string   `json:"name,omitzero" jsonschema:"of a person"`
	Title      string   `json:"title,omitzero"`
	Language   string   `json:"language,omitzero" jsonschema:"it or en"`
	Rights     []string `json:"rights" jsonschema:"and patterns of them; empty before a first password was changed"`
	Stores     []string `json:"stores,omitzero" jsonschema:"absent: all"`
	MustChange bool     `json:"must_change,omitzero" jsonschema:"a new password has to be chosen first"`
}

func (a *Accounts) ofMe() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{Name: "host.me.get", Method: "GET", Path: "/me", Known: true,
			Summary: "Say who asks and what they may do", Doc: "For everybody who is signed in, and for tokens. Errors: denied (principal)."}, a.getMe),
		platform.Action(platform.About{Name: "host.me.password", Method: "POST", Path: "/me/password", Known: true, NoKey: true,
			Summary: "Choose another password",
			Doc:     "Ends all sessions of the user and answers a new one. Errors: denied (principal; login: the present password is wrong), invalid (password_…), exhausted (login_delay), conflict (contention)."}, a.changePassword),
	}
}

func me(p identity.Principal, u *user) Me {
	m := Me{Principal: p.ID, Rights: p.Rights, Stores: p.Stores}
	if m.Rights == nil {
		m.Rights = []string{}
	}
	if u != nil {
		m.Name, m.Title, m.Language, m.MustChange = u.Name, u.Title, u.Language, u.MustChange
	}
	return m
}

func (a *Accounts) getMe(tx *kernel.Tx, _ platform.None) (Me, error) {
	p := tx.Principal()
	if err := signedIn(p); err != nil {
		return Me{}, err
	}
	id, ok := strings.CutPrefix(p.ID, userPrefix)
	if !ok {
		return me(p, nil), nil
	}
	u, err := userOf(tx, id)
	if err != nil {
		return Me{}, err
	}
	return me(p, &u), nil
}
