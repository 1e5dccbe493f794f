// Package rest is the way in over HTTP: it turns requests with JSON into calls
// of the kernel and what comes back into JSON, or into problems (RFC 9457). It
// knows HTTP, schemas, who sends a request and the shapes of calls, and writes
// all of that down as OpenAPI; it must not know storage, sandbox, registry or
// any retail word, and decides nothing that another way in would have to decide
// again.
package rest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/schema"
)

// Operations are what can be called.
type Operations interface {
	// Operation finds an enabled operation by its full name.
	Operation(tenant, name string) (*Operation, bool)
	// Operations lists the enabled operations, those of one app together.
	Operations(tenant string) []*Operation
	// Run runs one operation; the error is a *kernel.Error.
	Run(ctx context.Context, c kernel.Call) (kernel.Result, error)
}

// Operation is one operation with the schemas of both sides. It does not
// change once it is made.
type Operation struct {
	App           string // id@version that answers
	Command       bool
	Info          *manifest.Operation
	Types         map[string]json.RawMessage // that the schemas of Info refer to
	Input, Output *schema.Schema
}

// NewOperation compiles the schemas of an operation of app, id@version.
func NewOperation(app string, info *manifest.Operation, types map[string]json.RawMessage) (*Operation, error) {
	o := &Operation{App: app, Command: info.Kind == "command", Info: info, Types: types}
	var err error
	if o.Input, err = schema.Compile(info.Input, types); err != nil {
		return nil, fmt.Errorf("input of %s: %w", info.Name, err)
	}
	if o.Output, err = schema.Compile(info.Output, types); err != nil {
		return nil, fmt.Errorf("output of %s: %w", info.Name, err)
	}
	return o, nil
}

// Config is what a Server is made of. Operations is required; nil or zero is
// the default of every other field.
type Config struct {
	Tenant     string
	Operations Operations
	// Platform are the operations of the host itself; Operations runs those that
	// have a Native.
	Platform []*platform.Operation
	// Manifests are those of the enabled modules, for the OpenAPI document; the
	// same pointers as long as they are the same. Default: none.
	Manifests func(tenant string) []*manifest.Manifest
	// Credentials finds out who sends a request. Default: everybody is
	// identity.Local, and the server listens on loopback only.
	Credentials Credentials
	// Authenticate takes the place of Credentials, in tests.
	Authenticate Authenticator
	// Denied is told of operations that were refused here for a right; the kernel
	// tells of the others itself. Default: nothing.
	Denied  func(kernel.Call, *identity.Denial)
	Logger  hclog.Logger     // default: none
	Health  func() Health    // default: storage is always ok
	Metrics http.Handler     // what GET /metrics answers; default: 404
	Admin   http.Handler     // what answers /admin and below to anybody; nil: nothing
	Observe func(status int) // told of every answer; default: nothing
	Now     func() time.Time // default time.Now
	NewID   func() string    // of a request, 26 characters; default a ULID

	// Base is the address that clients use, e.g. https://shop.example: its host is
	// accepted beside those of loopback, and links and the OpenAPI document name
	// it. Default: loopback only.
	Base string
	// Origins are the web origins, e.g. https://app.example, whose scripts may call
	// with a bearer token. Sessions are for this site alone. Default: none.
	Origins []string
	// Proxies are the addresses whose X-Forwarded-For is believed. Default: none.
	Proxies []netip.Prefix
	// Limits are how much one principal may ask for.
	Limits Limits
	// CursorKey authenticates the cursors of lists. Default: a key of this process,
	// so that cursors end with it.
	CursorKey func(data []byte) []byte

	// Notice is how long the server goes on after it said that it is not ready,
	// for a balancer to look elsewhere. Default 0.
	Notice time.Duration
	// Drain is how long running requests may take to finish. Default 10 s.
	Drain time.Duration
}

// Server answers requests. Safe for concurrent use.
type Server struct {
	config   Config
	echo     *echo.Echo
	site     *site
	limiter  *limiter
	draining atomic.Bool
	stopping chan struct{} // closed when draining begins: streams end
	composed atomic.Pointer[composed]
}

// New makes a server; it listens nowhere until Serve.
func New(c Config) (*Server, error) {
	if c.Operations == nil {
		return nil, errors.New("rest: Operations is required")
	}
	site, err := newSite(c)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c.withDefaults(), echo: echo.New(), site: site, stopping: make(chan struct{})}
	s.limiter = newLimiter(s.config.Limits, s.config.Now)
	s.echo.IPExtractor = echo.ExtractIPDirect()
	s.echo.SchemeExtractor = echo.ExtractSchemeDirect()
	s.echo.Pre(s.exchange)
	if err := s.routes(); err != nil {
		return nil, err
	}
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Manifests == nil {
		c.Manifests = func(string) []*manifest.Manifest { return nil }
	}
	if c.Denied == nil {
		c.Denied = func(kernel.Call, *identity.Denial) {}
	}
	if c.Health == nil {
		c.Health = func() Health { return Health{Storage: StorageOK} }
	}
	if c.Metrics == nil {
		c.Metrics = http.NotFoundHandler()
	}
	if c.Observe == nil {
		c.Observe = func(int) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		now := c.Now
		c.NewID = func() string { return ulid.MustNew(ulid.Timestamp(now()), rand.Reader).String() }
	}
	if c.CursorKey == nil {
		c.CursorKey = processKey()
	}
	if c.Drain == 0 {
		c.Drain = 10 * time.Second
	}
	return c
}

// processKey is a key that lives as long as the process.
func processKey() func([]byte) []byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // it never fails
	return func(data []byte) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write(data)
		return mac.Sum(nil)
	}
}

func (s *Server) routes() error {
	s.echo.GET("/v1/host/health", s.health)
	s.echo.GET("/v1/host/health/live", s.live)
	s.echo.GET("/v1/host/operations", s.operations)
	s.echo.GET("/v1/openapi.json", s.openapi)
	s.echo.GET("/metrics", s.metrics)
	if s.config.Admin != nil {
		for _, path := range []string{"/admin", "/admin/*"} {
			s.echo.GET(path, s.admin)
			s.echo.HEAD(path, s.admin)
		}
	}
	s.echo.GET("/v1/:contract/:operation", s.get)
	s.echo.POST("/v1/:contract/:operation", s.post)
	return s.platformRoutes()
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }
