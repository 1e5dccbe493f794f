package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
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
		h.Set(echo.HeaderXContentTypeOptions, "nosniff")
		h.Set(echo.HeaderCacheControl, "no-store")
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
	if !loopbackHost(c.Request().Host) {
		return refuse(abi.Denied, reasonHost, "The Host header does not name this machine.")
	}
	if s.cross.Check(c.Request()) != nil {
		return refuse(abi.Denied, reasonCrossSite, "Another site may not call this one from a browser.")
	}
	return next(c)
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

// loopbackHost says whether a Host header names this machine by a name that
// no stranger's DNS can give it.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
