package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// room is a room of the host with one operation of each kind, about things.
type room struct {
	*fake
	natives map[string]*platform.Operation
	calls   []kernel.Call // that reached the kernel, in order
	seen    []string      // what the operations were asked
}

type thingsIn struct {
	Limit int      `json:"limit,omitzero"`
	After string   `json:"after,omitzero"`
	Kind  string   `json:"kind,omitzero" jsonschema:"only things of this kind"`
	Big   bool     `json:"big,omitzero"`
	Tags  []string `json:"tags,omitzero"`
}

type thingsOut struct {
	Items []string `json:"items"`
	Next  string   `json:"next,omitzero"`
}

type thing struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	ETag string `json:"etag"`
}

type thingChange struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Count   int64  `json:"count,omitzero"`
	IfMatch string `json:"if_match"`
}

type thingRef struct {
	ID    string `json:"id"`
	Erase bool   `json:"erase,omitzero"`
}

type newThing struct {
	Name  string `json:"name"`
	Price int64  `json:"price,omitzero"`
}

type loginIn struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

type loginOut struct {
	User    string `json:"user"`
	Session string `json:"session"`
}

const rightThings = "host.things"

func (r *room) saw(what string) { r.seen = append(r.seen, what) }

func (r *room) operations() []*platform.Operation {
	about := func(name, method, path string) platform.About {
		return platform.About{Name: name, Method: method, Path: path, Summary: "Things: " + name, Right: rightThings}
	}
	create, update, remove := about("host.things.create", "POST", "/things"), about("host.things.update", "PUT", "/things/{id}"), about("host.things.delete", "DELETE", "/things/{id}")
	create.Status, update.IfMatch, remove.Status, remove.NoKey = 201, true, 204, true
	login, logout := about("host.sessions.create", "POST", "/sessions"), about("host.sessions.delete", "DELETE", logoutPath)
	login.Open, login.NoKey, logout.Open, logout.NoKey = true, true, true, true
	moments := about("host.things.moments", "GET", "/moments")
	moments.Positions = true
	known := about("host.me.get", "GET", "/me")
	known.Known, known.Right = true, ""
	upload, stream := about("host.things.upload", "POST", "/things/upload"), about("host.things.stream", "GET", "/things/stream")
	return []*platform.Operation{
		platform.Query(about("host.things.list", "GET", "/things"), r.list),
		platform.Query(about("host.things.get", "GET", "/things/{id}"), func(_ *kernel.Tx, in thingRef) (thing, error) {
			return thing{ID: in.ID, Name: "a thing", ETag: "v7"}, nil
		}),
		platform.Command(create, func(_ *kernel.Tx, in newThing) (thing, error) { return thing{ID: "t1", Name: in.Name, ETag: "v1"}, nil }),
		platform.Command(update, r.update),
		platform.Command(remove, func(_ *kernel.Tx, in thingRef) (platform.None, error) {
			r.saw("delete " + in.ID)
			if in.Erase {
				r.saw("erase")
			}
			return platform.None{}, nil
		}),
		platform.Query(known, func(_ *kernel.Tx, _ platform.None) (thing, error) { return thing{ID: "me"}, nil }),
		platform.Query(moments, r.list),
		platform.Action(login, r.login),
		platform.Action(logout, func(context.Context, platform.Caller, platform.None) (platform.None, error) {
			return platform.None{}, nil
		}),
		{About: upload, Accepts: "application/wasm", Raw: func(w http.ResponseWriter, req *http.Request, p identity.Principal, request string) error {
			b, err := io.ReadAll(req.Body)
			r.saw(p.ID + " uploads " + string(b) + " in " + request)
			return errors.Join(err, errOf(w.Write([]byte("{}"))))
		}},
		{About: stream, Raw: func(w http.ResponseWriter, req *http.Request, p identity.Principal, _ string) error {
			return (&platform.Streams{}).Serve(w, req, p.ID, func(ctx context.Context, _ *platform.Stream) error { <-ctx.Done(); return nil })
		}},
	}
}

func errOf(_ int, err error) error { return err }

func (r *room) list(_ *kernel.Tx, in thingsIn) (thingsOut, error) {
	return thingsOut{Items: append([]string{in.Kind}, in.Tags...), Next: "after:" + in.After}, nil
}

func (r *room) update(_ *kernel.Tx, in thingChange) (thing, error) {
	if in.IfMatch != "v7" {
		return thing{}, &abi.Error{Code: abi.Conflict, Reason: reasonVersion, Message: "Somebody changed it.", Fields: []abi.Field{{Name: fieldETag, Text: "v7"}}}
	}
	return thing{ID: in.ID, Name: in.Name, ETag: "v8"}, nil
}

func (r *room) login(_ context.Context, by platform.Caller, in loginIn) (loginOut, error) {
	r.saw("login from " + by.Address.String())
	if in.Name != "anna" || in.Password != "correct horse" {
		return loginOut{}, &abi.Error{Code: abi.Denied, Reason: reasonLogin, Message: "Name and password do not belong together."}
	}
	return loginOut{User: "anna", Session: "session-of-anna"}, nil
}

// Run is a kernel that knows the operations of the room and the rights of apps.
func (r *room) Run(ctx context.Context, c kernel.Call) (kernel.Result, error) {
	r.calls = append(r.calls, c)
	op, ok := r.natives[c.Operation]
	if !ok {
		return r.fake.Run(ctx, c)
	}
	if err := identity.Authorize(c.Principal, identity.Need{Right: op.Right}); err != nil && !op.Native.Open {
		return kernel.Result{}, &kernel.Error{Public: *refuse(abi.Denied, abi.ReasonPermission, "")}
	}
	out, err := op.Native.Run(nil, c.Input)
	if refused := (*abi.Error)(nil); errors.As(err, &refused) {
		return kernel.Result{}, &kernel.Error{Public: *refused}
	}
	return kernel.Result{Output: out, Position: 42}, err
}

// people are whom the server under test knows.
type people struct{ tokens, sessions map[string]identity.Principal }

func (p people) Session(_ context.Context, secret string) (identity.Principal, error) {
	return found(p.sessions, secret)
}

func (p people) Token(_ context.Context, secret string, _ netip.Addr) (identity.Principal, error) {
	return found(p.tokens, secret)
}

func found(known map[string]identity.Principal, secret string) (identity.Principal, error) {
	if who, ok := known[secret]; ok {
		return who, nil
	}
	return identity.Principal{}, refuse(abi.Denied, reasonPrincipal, "Nobody knows who you are.")
}

var demoPeople = people{
	tokens: map[string]identity.Principal{
		"owner":   {ID: "token:owner", Rights: []string{identity.All}},
		"things":  {ID: "token:things", Rights: []string{rightThings}},
		"nothing": {ID: "token:nothing", Rights: []string{}},
	},
	sessions: map[string]identity.Principal{"session-of-anna": {ID: "user:anna", Rights: []string{identity.All}}},
}

// newRoom is a server with a room and people to know.
func newRoom(t testing.TB, change func(*Config)) (*Server, *room, *bytes.Buffer) {
	t.Helper()
	r := &room{fake: newFake(t), natives: map[string]*platform.Operation{}}
	r.run = func(context.Context, kernel.Call) (kernel.Result, error) { return sold, nil }
	all := r.operations()
	for _, op := range all {
		r.natives[op.Name] = op
	}
	c := Config{Operations: r, Platform: all, Credentials: demoPeople}
	if change != nil {
		change(&c)
	}
	s, log := newServer(t, c)
	return s, r, log
}

// ask is one request to a room, by who has the right to things.
type ask struct {
	method string // default GET
	url    string // below /v1/host, or from /v1 on
	body   string // JSON
	token  string // default things; "-" for none
	header map[string]string
	host   string
	peer   string // default 192.0.2.1:1234
}

func (a ask) request() *http.Request {
	if a.method == "" {
		a.method = http.MethodGet
	}
	if !strings.HasPrefix(a.url, "/v1/") && a.url != "/metrics" {
		a.url = "/v1/host" + a.url
	}
	r := httptest.NewRequest(a.method, a.url, strings.NewReader(a.body))
	r.Host = "127.0.0.1:8080"
	if a.host != "" {
		r.Host = a.host
	}
	if a.peer != "" {
		r.RemoteAddr = a.peer
	}
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.method != http.MethodGet {
		r.Header.Set("Idempotency-Key", "k-1")
	}
	switch a.token {
	case "":
		r.Header.Set("Authorization", "Bearer things")
	case "-":
	default:
		r.Header.Set("Authorization", "Bearer "+a.token)
	}
	for k, v := range a.header {
		r.Header.Set(k, v)
		if v == "" {
			r.Header.Del(k)
		}
	}
	return r
}

func (a ask) of(s *Server) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, a.request())
	return w
}

// want checks the status and a text of an answer.
func want(t *testing.T, what string, w *httptest.ResponseRecorder, status int, has ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%s: %d, want %d: %s", what, w.Code, status, w.Body)
	}
	for _, text := range has {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s: no %s in %s", what, text, w.Body)
		}
	}
	if w.Code >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%s: a problem of type %q", what, w.Header().Get("Content-Type"))
	}
}
