package rest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Credentials says whose a secret is. An error is an *abi.Error or *kernel.Error
// that is shown, or anything else, which is logged and answered as
// unauthenticated.
type Credentials interface {
	// Session is who began the session with this secret.
	Session(ctx context.Context, secret string) (identity.Principal, error)
	// Token is whose the API token is; from is the client, zero if unknown.
	Token(ctx context.Context, secret string, from netip.Addr) (identity.Principal, error)
}

// Authenticator finds out who sent a request. Its error is an *abi.Error that
// is shown, or anything else, which is logged and answered as unauthenticated.
type Authenticator func(*http.Request) (identity.Principal, error)

// sessionCookie is bound by its prefix to this host, to TLS and to the path /.
const sessionCookie = "__Host-bottega"

// What begins and ends a session of a browser: an answer to anybody with the
// secret in this field, and the operation with this path.
const (
	fieldSession = "session"
	logoutPath   = "/sessions/current"
)

const headerAuthorization = "Authorization"

// secrets are what a request brought to say who sends it; never logged.
type secrets struct{ bearer, session string }

func (s secrets) none() bool { return s.bearer == "" && s.session == "" }

// given reads the credentials of a request. Only the two headers count: a token
// in a URL would stand in histories and logs.
func given(h http.Header) (s secrets, err error) {
	switch values := h[headerAuthorization]; {
	case len(values) > 1:
		return s, refuse(abi.Invalid, reasonCredentials, "The header Authorization stands twice.")
	case len(values) == 1:
		scheme, token, _ := strings.Cut(values[0], " ")
		if s.bearer = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") || s.bearer == "" {
			return s, refuse(abi.Denied, reasonPrincipal, "The header Authorization is: Bearer and a token.")
		}
	}
	if _, ok := h["Cookie"]; !ok {
		return s, nil
	}
	cookies := (&http.Request{Header: h}).CookiesNamed(sessionCookie)
	if len(cookies) > 1 || len(cookies) == 1 && s.bearer != "" {
		return s, refuse(abi.Invalid, reasonCredentials, "A request has one credential: a token or a session.")
	}
	if len(cookies) == 1 {
		s.session = cookies[0].Value
	}
	return s, nil
}

// known sets the principal of the exchange, or refuses who is nobody.
func (s *Server) known(c echo.Context) error {
	x := exchangeOf(c)
	p, err := s.principal(c)
	if err == nil && p.ID == identity.Nobody().ID {
		err = refuse(abi.Denied, reasonPrincipal, "Log in, or send a token.")
	}
	if err == nil {
		x.principal = p
		return nil
	}
	if err := s.limit(x, c.Response().Header(), classStranger); err != nil {
		return err
	}
	return unauthenticated(err)
}

// perhaps sets the principal of the exchange for what anybody may call: a bad
// credential is none, so that an old cookie keeps nobody from logging in.
func (s *Server) perhaps(c echo.Context) error {
	x := exchangeOf(c)
	var err error
	if x.principal, err = s.principal(c); err != nil {
		x.principal = identity.Nobody()
	}
	return nil
}

func (s *Server) principal(c echo.Context) (identity.Principal, error) {
	r := c.Request()
	if s.config.Authenticate != nil {
		return s.config.Authenticate(r)
	}
	if s.config.Credentials == nil {
		return identity.Local(), nil
	}
	x := exchangeOf(c)
	switch sent := x.secrets; {
	case sent.bearer != "":
		return s.config.Credentials.Token(r.Context(), sent.bearer, x.from)
	case sent.session != "" && !s.site.own(r):
		return identity.Principal{}, errCrossSite()
	case sent.session != "":
		return s.config.Credentials.Session(r.Context(), sent.session)
	}
	return identity.Nobody(), nil
}

// unauthenticated is an error of a Credentials as it is shown.
func unauthenticated(err error) error {
	var ended *kernel.Error
	var shown *abi.Error
	if errors.As(err, &ended) || errors.As(err, &shown) {
		return err
	}
	return &kernel.Error{Public: *refuse(abi.Denied, reasonPrincipal, "Nobody knows who you are."), Cause: err}
}

// authorize is the decision for what the kernel does not run.
func (s *Server) authorize(c echo.Context, operation, right string) error {
	x := exchangeOf(c)
	err := identity.Authorize(x.principal, identity.Need{Right: right})
	var d *identity.Denial
	if !errors.As(err, &d) {
		return err
	}
	s.config.Denied(kernel.Call{Tenant: s.config.Tenant, Operation: operation, Principal: x.principal, Request: x.request}, d)
	e := refuse(abi.Denied, abi.ReasonPermission, "The permission "+d.Right+" is missing.")
	e.Fields = []abi.Field{{Name: "permission", Text: d.Right}}
	return e
}

// keepSession moves the secret of a session that a browser began from the answer
// into a cookie, out of reach of scripts, and takes the cookie away at its end.
func (r *route) keepSession(c echo.Context, out []byte) ([]byte, error) {
	if r.Path == logoutPath && r.Method == http.MethodDelete {
		c.SetCookie(newCookie("", -1))
		return out, nil
	}
	if !r.begins || !browser(c.Request().Header) {
		return out, nil
	}
	var answer map[string]json.RawMessage
	var secret string
	if err := json.Unmarshal(out, &answer); err != nil {
		return nil, err
	}
	if raw, ok := answer[fieldSession]; !ok || json.Unmarshal(raw, &secret) != nil || secret == "" {
		return out, nil
	}
	c.SetCookie(newCookie(secret, 0))
	delete(answer, fieldSession)
	return json.Marshal(answer)
}

// newCookie is the session cookie: it goes when the browser does, and the server
// ends it earlier.
func newCookie(secret string, age int) *http.Cookie {
	return &http.Cookie{Name: sessionCookie, Value: secret, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: age}
}

// browser says whether a browser sent the request: no other client sends these.
func browser(h http.Header) bool {
	return h.Get(echo.HeaderOrigin) != "" || h.Get(headerFetchSite) != ""
}
