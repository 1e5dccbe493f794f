package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// hostContract is what no app may be called: the operations of the host itself
// are below it.
const hostContract = "host"

const (
	hostPath    = "/v1/" + hostContract
	headerETag  = "Etag"
	headerMatch = "If-Match"
)

// methods are all that a path of the host may answer.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// route is an operation of the host with what its requests look like.
type route struct {
	*platform.Operation
	vars   []param // fields of the input that the path holds
	query  []param // fields that the URL holds; none if the body holds them
	body   bool    // the other fields come in a JSON body
	list   bool    // it answers pages with a cursor
	tagged bool    // it answers a version
	begins bool    // it answers a session to who had none
}

// platformRoutes serves the operations of the host, and says which methods a
// path has when it is asked for another.
func (s *Server) platformRoutes() error {
	byPath := map[string][]string{}
	var paths []string // in the order of registration, for the same router every time
	for _, op := range s.config.Platform {
		r, err := newRoute(op)
		if err != nil {
			return fmt.Errorf("rest: operation %s: %w", op.Name, err)
		}
		path := echoPath(op.Path)
		if slices.Contains(byPath[path], op.Method) {
			return fmt.Errorf("rest: operation %s: %s %s is another's", op.Name, op.Method, op.Path)
		}
		if byPath[path] == nil {
			paths = append(paths, path)
		}
		byPath[path] = append(byPath[path], op.Method)
		s.echo.Add(op.Method, path, func(c echo.Context) error { return s.serve(c, r) })
		if op.Method == http.MethodGet && op.Raw == nil {
			byPath[path] = append(byPath[path], http.MethodHead)
			s.echo.HEAD(path, func(c echo.Context) error { return s.serve(c, r) })
		}
	}
	for _, path := range paths {
		s.refuseOthers(path, byPath[path])
	}
	return nil
}

// refuseOthers answers the methods that a path does not have.
func (s *Server) refuseOthers(path string, has []string) {
	allow := strings.Join(has, ", ")
	for _, m := range methods {
		if slices.Contains(has, m) {
			continue
		}
		s.echo.Add(m, path, func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderAllow, allow)
			return refuse(abi.Invalid, reasonMethod, "This address does not answer that method.")
		})
	}
	s.echo.OPTIONS(path, func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderAllow, allow)
		return c.NoContent(http.StatusNoContent)
	})
}

// echoPath is a path of About as the router reads it.
func echoPath(path string) string {
	return hostPath + strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// newRoute reads from the schemas where each field of the input comes from. The
// error is a mistake of the programmer.
func newRoute(op *platform.Operation) (*route, error) {
	r := &route{Operation: op}
	bodies := 0
	for _, has := range []bool{op.Native != nil, op.Act != nil, op.Raw != nil} {
		if has {
			bodies++
		}
	}
	switch {
	case bodies != 1:
		return nil, errors.New("exactly one of Native, Act and Raw")
	case op.Right == "" && !op.Open && !op.Known:
		return nil, errors.New("no permission: set Right, Known or Open")
	case op.Method != http.MethodGet && !slices.Contains(methods[2:], op.Method) || !strings.HasPrefix(op.Path, "/"):
		return nil, fmt.Errorf("no address: %q %q", op.Method, op.Path)
	case op.Raw != nil:
		return r, r.readRaw()
	}
	return r, r.read()
}

// readRaw reads which parameters an operation knows that answers the request
// itself: those of its path come from there, and the body of a command is its own.
func (r *route) readRaw() error {
	if r.Input == nil || r.Command() {
		return nil
	}
	fields, err := fieldsOf(r.Input)
	inPath := pathNames(r.Path)
	r.query = slices.DeleteFunc(fields, func(p param) bool { return slices.Contains(inPath, p.name) })
	return err
}

func (r *route) read() error {
	fields, err := fieldsOf(r.Input)
	if err != nil {
		return err
	}
	for _, name := range pathNames(r.Path) {
		i := slices.IndexFunc(fields, func(p param) bool { return p.name == name })
		if i < 0 || !fields[i].scalar() || fields[i].list {
			return fmt.Errorf("the path has {%s}, and the input no such plain field", name)
		}
		r.vars = append(r.vars, fields[i])
		fields = slices.Delete(fields, i, i+1)
	}
	if r.IfMatch {
		i := slices.IndexFunc(fields, func(p param) bool { return p.name == fieldIfMatch })
		if i < 0 {
			return errors.New("IfMatch, and the input has no field " + fieldIfMatch)
		}
		fields = slices.Delete(fields, i, i+1)
	}
	flat := !slices.ContainsFunc(fields, func(p param) bool { return !p.scalar() })
	r.body = r.Method != http.MethodGet && (r.Method != http.MethodDelete || !flat)
	if !r.body {
		if r.query = fields; !flat {
			return errors.New("the URL carries plain fields and lists of them only")
		}
	}
	r.begins = r.Open && has(r.Output, fieldSession) && kindOf(r.Output.Properties[fieldSession]) == kindString
	r.tagged = has(r.Output, fieldETag)
	r.list = !r.Positions && has(r.Output, fieldNext) && slices.ContainsFunc(r.query, func(p param) bool { return p.name == fieldAfter && p.kind == kindString })
	return nil
}

// serve answers one request for an operation of the host.
func (s *Server) serve(c echo.Context, r *route) error {
	x := exchangeOf(c)
	x.operation = r.Name
	if s.draining.Load() {
		return refuse(abi.Unavailable, reasonStopping, "The host is stopping.")
	}
	if err := s.admit(c, r); err != nil {
		return err
	}
	if r.Raw != nil {
		return s.raw(c, r)
	}
	key := ""
	if r.keyed() {
		var err error
		if key, err = idempotencyKey(c.Request().Header); err != nil {
			return err
		}
	}
	scope := s.scope(r)
	input, err := r.input(c, scope)
	if err != nil {
		return err
	}
	out, err := s.answer(c, r, input, key)
	if err != nil {
		return err
	}
	return r.write(c, out, scope)
}

// admit finds out who asks, whether so often, and whether he may if nobody
// decides that later.
func (s *Server) admit(c echo.Context, r *route) error {
	who := s.known
	if r.Open {
		who = s.perhaps
	}
	if err := who(c); err != nil {
		return err
	}
	if err := s.limit(exchangeOf(c), c.Response().Header(), r.class(exchangeOf(c))); err != nil {
		return err
	}
	if r.Native != nil || r.Open || r.Known {
		return nil
	}
	return s.authorize(c, r.Name, r.Right)
}

func (r *route) class(x *exchange) class {
	switch {
	case r.Open && (r.Command() || x.secrets.none()):
		return classOpen
	case r.Command():
		return classCommand
	}
	return classQuery
}

// keyed says whether a command needs an Idempotency-Key.
func (r *route) keyed() bool { return r.Native != nil && r.Command() && !r.NoKey }

// answer runs the operation. A command's position stands in the headers even if
// its answer fails.
func (s *Server) answer(c echo.Context, r *route, input []byte, key string) ([]byte, error) {
	x, ctx := exchangeOf(c), c.Request().Context()
	if r.Act != nil {
		return r.Act(ctx, platform.Caller{Principal: x.principal, Request: x.request, Address: x.from}, input)
	}
	result, err := s.config.Operations.Run(ctx, kernel.Call{
		Tenant: s.config.Tenant, Operation: r.Name, Input: input, Principal: x.principal, Request: x.request, Key: key,
	})
	if err != nil {
		return nil, err
	}
	h := c.Response().Header()
	if r.Command() {
		x.position = &result.Position
		h.Set(headerPosition, strconv.FormatUint(result.Position, 10))
	}
	if result.Replayed {
		h.Set(headerReplayed, "true")
	}
	return result.Output, nil
}

// raw lets an operation answer by itself. One that only reads may be a stream
// without end, so it ends when the host stops, and when whoever asked may not any
// more.
func (s *Server) raw(c echo.Context, r *route) error {
	x, req := exchangeOf(c), c.Request()
	values, err := url.ParseQuery(req.URL.RawQuery)
	if err != nil {
		return refuse(abi.Invalid, abi.ReasonMalformed, "The query string is malformed.")
	}
	if err = r.foreign(values); err != nil {
		return err
	}
	if !r.Command() {
		ctx, cancel := context.WithCancel(req.Context())
		var watch sync.WaitGroup
		defer watch.Wait()
		defer cancel()
		watch.Go(func() {
			defer cancel()
			s.watch(ctx, c, r)
		})
		req = req.WithContext(ctx)
	}
	for i, name := range c.ParamNames() {
		req.SetPathValue(name, c.ParamValues()[i])
	}
	return r.Raw(c.Response(), req, x.principal, x.request)
}

// admitEvery is how often a request that goes on and on is admitted again: so
// long at most does a stream outlive the session, the token or the right that
// opened it.
const admitEvery = 15 * time.Second

// watch returns when the host stops, the context ends, or the one who asks may
// not ask any more.
func (s *Server) watch(ctx context.Context, c echo.Context, r *route) {
	again := time.NewTicker(admitEvery)
	defer again.Stop()
	for {
		select {
		case <-s.stopping:
			return
		case <-ctx.Done():
			return
		case <-again.C:
		}
		if r.Open {
			continue
		}
		p, err := s.principal(c)
		if err == nil && !r.Known {
			err = identity.Authorize(p, identity.Need{Right: r.Right})
		}
		if err != nil || p.ID != exchangeOf(c).principal.ID {
			return
		}
	}
}

// write sends what the operation answered.
func (r *route) write(c echo.Context, out []byte, scope scope) error {
	out, err := r.keepSession(c, out)
	if err == nil && r.list {
		out, err = scope.seal(out)
	}
	if err == nil && r.tagged {
		err = tag(c.Response().Header(), out)
	}
	if err != nil {
		return &kernel.Error{Public: abi.Error{Code: abi.Internal}, Cause: fmt.Errorf("answer of %s: %w", r.Name, err)}
	}
	status := r.success()
	if status == http.StatusNoContent {
		return c.NoContent(status)
	}
	if c.Request().Method != http.MethodHead {
		return c.JSONBlob(status, append(out, '\n'))
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(out)+1))
	c.Response().WriteHeader(status)
	return nil
}

func (r *route) success() int {
	if r.Status == 0 {
		return http.StatusOK
	}
	return r.Status
}

// tag makes the version in an answer its ETag.
func tag(h http.Header, out []byte) error {
	var answer struct {
		ETag string `json:"etag"`
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return err
	}
	if answer.ETag != "" {
		h.Set(headerETag, quoted(answer.ETag))
	}
	return nil
}

// quoted is a version as HTTP writes it.
func quoted(etag string) string { return `"` + etag + `"` }
