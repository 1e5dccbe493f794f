package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// exchange is one request and what is known of its answer. Nothing of it is
// text that a client chose.
type exchange struct {
	request   string
	from      netip.Addr // of the client, zero if unknown
	secrets   secrets
	principal identity.Principal
	operation string // full name, "" before it was found
	position  *uint64
	code      abi.Code
	reason    string
	err       error // what was answered with a problem
}

// exchangeKey is where echo keeps the exchange.
const exchangeKey = "exchange"

func exchangeOf(c echo.Context) *exchange { return c.Get(exchangeKey).(*exchange) }

// exchange goes around everything, the router too: it names the request,
// refuses strangers, answers errors and panics, and logs one line.
func (s *Server) exchange(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		begun := s.config.Now()
		x := &exchange{request: "req_" + s.config.NewID()}
		c.Set(exchangeKey, x)
		h := c.Response().Header()
		h.Set(headerRequest, x.request)
		protect(h)
		x.from = s.site.client(c.Request())
		if err := s.guarded(next, c); err != nil {
			s.fail(c, err)
		}
		s.config.Observe(c.Response().Status)
		s.log(c, x, s.config.Now().Sub(begun))
		return nil
	}
}

// guarded runs next unless the request should not be here, and turns a panic
// into an error.
func (s *Server) guarded(next echo.HandlerFunc, c echo.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &kernel.Error{Public: abi.Error{Code: abi.Internal}, Cause: fmt.Errorf("panic: %v\n%s", r, debug.Stack())}
		}
	}()
	r, x := c.Request(), exchangeOf(c)
	preflight := s.site.share(r, c.Response().Header())
	if x.secrets, err = given(r.Header); err != nil {
		return err
	}
	if err := s.site.check(r, x.secrets); err != nil {
		return err
	}
	if preflight {
		return c.NoContent(http.StatusNoContent)
	}
	return next(c)
}

// protect sets the headers of every answer: nothing of it is a page, is kept, or
// is shown within another.
func protect(h http.Header) {
	for name, value := range protection {
		h[name] = value
	}
}

// protection is shared by all answers and never written to. It is short because
// a map of more than eight headers costs every request another allocation.
var protection = map[string][]string{
	echo.HeaderXContentTypeOptions:   {"nosniff"},
	echo.HeaderCacheControl:          {"no-store"},
	echo.HeaderContentSecurityPolicy: {"default-src 'none'; frame-ancestors 'none'"},
}

// log writes the one line of a request; the cause of a failure of ours stands
// there and nowhere else.
func (s *Server) log(c echo.Context, x *exchange, took time.Duration) {
	status := c.Response().Status
	level := hclog.Info
	args := []any{"request", x.request, "method", method(c.Request()), "operation", cmp.Or(x.operation, c.Path()), "status", status,
		"duration", took.String(), "code", x.code.String(), "reason", x.reason}
	if status >= http.StatusInternalServerError {
		level = hclog.Warn
		if x.code == abi.Internal {
			level = hclog.Error
		}
		if ended := (*kernel.Error)(nil); errors.As(x.err, &ended) && ended.Cause != nil {
			args = append(args, "cause", clip(ended.Cause.Error()))
		} else if x.err != nil {
			args = append(args, "cause", clip(x.err.Error()))
		}
	}
	s.config.Logger.Log(level, "request", args...)
}

// method is the method of a request if it has a usual one.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodPost, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}
