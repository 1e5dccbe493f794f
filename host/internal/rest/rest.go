// Package rest is the way in over HTTP: it turns requests with JSON into calls
// of the kernel and what comes back into JSON, or into problems (RFC 9457). It
// knows HTTP, schemas and the shapes of calls; it must not know storage,
// sandbox, registry or any retail word, and decides nothing that another way
// in would have to decide again.
package rest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/labstack/echo/v4"
	"github.com/oklog/ulid/v2"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
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

// Authenticator finds out who sent a request. Its error is an *abi.Error that
// is shown, or anything else, which is logged and answered as denied.
type Authenticator func(*http.Request) (identity.Principal, error)

// Config is what a Server is made of. Operations is required; nil or zero is
// the default of every other field.
type Config struct {
	Tenant       string
	Operations   Operations
	Logger       hclog.Logger     // default: none
	Authenticate Authenticator    // default: everybody is identity.Local
	Health       func() Health    // default: storage is always ok
	Metrics      http.Handler     // what GET /metrics answers; default: 404
	Observe      func(status int) // told of every answer; default: nothing
	Now          func() time.Time // default time.Now
	NewID        func() string    // of a request, 26 characters; default a ULID

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
	cross    *http.CrossOriginProtection
	draining atomic.Bool
}

// New makes a server; it listens nowhere until Serve.
func New(c Config) (*Server, error) {
	if c.Operations == nil {
		return nil, errors.New("rest: Operations is required")
	}
	s := &Server{config: c.withDefaults(), echo: echo.New(), cross: http.NewCrossOriginProtection()}
	s.echo.IPExtractor = echo.ExtractIPDirect()
	s.echo.SchemeExtractor = echo.ExtractSchemeDirect()
	s.echo.Pre(s.exchange)
	s.routes()
	return s, nil
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Authenticate == nil {
		c.Authenticate = func(*http.Request) (identity.Principal, error) { return identity.Local(), nil }
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
	if c.Drain == 0 {
		c.Drain = 10 * time.Second
	}
	return c
}

func (s *Server) routes() {
	s.echo.GET("/v1/host/health", s.health)
	s.echo.GET("/v1/host/health/live", s.live)
	s.echo.GET("/v1/host/operations", s.operations)
	s.echo.GET("/metrics", echo.WrapHandler(s.config.Metrics))
	s.echo.GET("/v1/:contract/:operation", s.get)
	s.echo.POST("/v1/:contract/:operation", s.post)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }
