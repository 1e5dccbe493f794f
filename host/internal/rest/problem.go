package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The reasons that only HTTP has.
const (
	reasonMethod      = "method"       // (Invalid) another method
	reasonContentType = "content_type" // (Invalid) not JSON
	reasonRoute       = "route"        // (NotFound) no such path
	reasonHost        = "host"         // (Denied) a Host header that is not this machine
	reasonCrossSite   = "cross_site"   // (Denied) a browser, on behalf of another site
	reasonStopping    = "stopping"     // (Unavailable) the host is stopping

	reasonPrincipal   = "principal"             // (Denied) nobody knows who asks, or the credential is of no use any more
	reasonCredentials = "credentials"           // (Invalid) more than one credential
	reasonRate        = "rate_limited"          // (Exhausted) too many requests
	reasonStreams     = "streams"               // (Exhausted) too many open streams
	reasonVersion     = "version"               // (Conflict) another version than If-Match
	reasonStale       = "stale"                 // (Conflict) the same, as accounts say it
	reasonLogin       = "login"                 // (Denied) name and password do not belong together
	reasonDelay       = "login_delay"           // (Exhausted) too many attempts to log in
	reasonIfMatch     = "precondition_required" // (FailedPrecondition) no If-Match
	reasonCursor      = "cursor_invalid"        // (Invalid) no cursor of this list
)

// The fields of an error of the host that become headers.
const (
	fieldRetry = "retry_after" // seconds
	fieldETag  = "etag"
)

// outcome is how a code is said in HTTP.
type outcome struct {
	status int
	title  string
}

// outcomes has every code once.
var outcomes = map[abi.Code]outcome{
	abi.Invalid:            {http.StatusBadRequest, "The request is not valid"},
	abi.NotFound:           {http.StatusNotFound, "Not found"},
	abi.Conflict:           {http.StatusConflict, "In conflict with what is there"},
	abi.Denied:             {http.StatusForbidden, "Not allowed"},
	abi.FailedPrecondition: {http.StatusConflict, "Not possible in this state"},
	abi.Exhausted:          {http.StatusConflict, "A limit would be passed"},
	abi.Unavailable:        {http.StatusServiceUnavailable, "Not available now"},
	abi.Deadline:           {http.StatusGatewayTimeout, "It took too long"},
	abi.TooLarge:           {http.StatusRequestEntityTooLarge, "Too large"},
	abi.Internal:           {http.StatusInternalServerError, "Something went wrong"},
}

// cause names one reason of the host under its code.
type cause struct {
	code   abi.Code
	reason string
}

// overrides are the reasons of the host that HTTP has a better status for. A
// reason of an app never changes a status.
var overrides = map[cause]int{
	{abi.Invalid, "idempotency_key_reused"}: http.StatusUnprocessableEntity,
	{abi.Invalid, "target_forbidden"}:       http.StatusUnprocessableEntity,
	{abi.Invalid, reasonMethod}:             http.StatusMethodNotAllowed,
	{abi.Invalid, reasonContentType}:        http.StatusUnsupportedMediaType,
	{abi.Exhausted, "storage_full"}:         http.StatusInsufficientStorage,
	{abi.TooLarge, abi.ReasonOutput}:        http.StatusBadGateway,
	{abi.Internal, abi.ReasonAppFault}:      http.StatusBadGateway,

	{abi.Denied, reasonPrincipal}:           http.StatusUnauthorized,
	{abi.Denied, reasonLogin}:               http.StatusUnauthorized,
	{abi.Exhausted, reasonDelay}:            http.StatusTooManyRequests,
	{abi.Conflict, reasonStale}:             http.StatusPreconditionFailed,
	{abi.Exhausted, reasonRate}:             http.StatusTooManyRequests,
	{abi.Exhausted, reasonStreams}:          http.StatusTooManyRequests,
	{abi.Conflict, reasonVersion}:           http.StatusPreconditionFailed,
	{abi.FailedPrecondition, reasonIfMatch}: http.StatusPreconditionRequired,
}

// pauses are how many seconds a caller should wait before it tries again.
var pauses = map[cause]int{
	{abi.Conflict, "idempotency_in_progress"}: 1,
	{abi.Conflict, "contention"}:              1,
	{abi.Unavailable, "degraded"}:             30,
	{abi.Unavailable, reasonStopping}:         5,
}

// status is the HTTP status of an error.
func status(e *abi.Error) int {
	if e.App == "" || e.Reason == abi.ReasonAppFault {
		if s, ok := overrides[cause{e.Code, e.Reason}]; ok {
			return s
		}
	}
	return said(e.Code).status
}

func said(code abi.Code) outcome {
	if o, ok := outcomes[code]; ok {
		return o
	}
	return outcomes[abi.Internal]
}

// pause is the value of Retry-After, 0 for none.
func pause(e *abi.Error) int {
	if f, ok := field(e, fieldRetry); ok && f.IsInt && e.App == "" {
		return int(f.Int)
	}
	if p, ok := pauses[cause{e.Code, e.Reason}]; ok {
		return p
	}
	if e.Code == abi.Unavailable {
		return 1
	}
	return 0
}

func field(e *abi.Error, name string) (abi.Field, bool) {
	for _, f := range e.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return abi.Field{}, false
}

// problem is an RFC 9457 answer.
type problem struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	Status  int    `json:"status"`
	Code    string `json:"code"`
	Reason  string `json:"reason,omitempty"`
	Detail  string `json:"detail,omitempty"`
	Pointer string `json:"pointer,omitempty"`
	Fields  fields `json:"fields,omitempty"`
	Request string `json:"request"`
	App     string `json:"app,omitempty"`
	// Position is set if the operation was committed and only its answer failed.
	Position *uint64 `json:"position"`
}

// fields are the parameters of an error as a JSON object, in their order.
type fields []abi.Field

// MarshalJSON writes the first field of each name. An integer that JSON does
// not carry is a string.
func (f fields) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	seen := map[string]bool{}
	for _, field := range f {
		if seen[field.Name] {
			continue
		}
		seen[field.Name] = true
		name, err := json.Marshal(field.Name)
		if err != nil {
			return nil, err
		}
		value, err := fieldValue(field)
		if err != nil {
			return nil, err
		}
		out = append(append(append(append(out, name...), ':'), value...), ',')
	}
	out[len(out)-1] = '}'
	return out, nil
}

func fieldValue(f abi.Field) ([]byte, error) {
	switch {
	case !f.IsInt:
		return json.Marshal(clip(f.Text))
	case f.Int > schema.MaxInteger || f.Int < -schema.MaxInteger:
		return json.Marshal(strconv.FormatInt(f.Int, 10))
	}
	return strconv.AppendInt(nil, f.Int, 10), nil
}

const problemTypes = "https://bottega.dev/errors/"

// fail answers with a problem, unless an answer has begun, and remembers why
// for the log.
func (s *Server) fail(c echo.Context, err error) {
	x := exchangeOf(c)
	e := public(err)
	x.code, x.reason, x.err = e.Code, token(e.Reason), err
	if c.Response().Committed {
		return
	}
	h := c.Response().Header()
	if after := pause(e); after > 0 {
		h.Set(echo.HeaderRetryAfter, strconv.Itoa(after))
	}
	if e.Reason == reasonStopping {
		h.Set(echo.HeaderConnection, "close")
	}
	switch status(e) {
	case http.StatusUnauthorized:
		h.Set(echo.HeaderWWWAuthenticate, `Bearer realm="bottega"`)
	case http.StatusPreconditionFailed:
		if f, ok := field(e, fieldETag); ok {
			h.Set(headerETag, quoted(f.Text))
		}
	}
	body, err := json.Marshal(x.problem(e))
	if err == nil {
		err = c.Blob(status(e), "application/problem+json", append(body, '\n'))
	}
	x.err = errors.Join(x.err, err)
}

func (x *exchange) problem(e *abi.Error) problem {
	return problem{
		Type:     problemTypes + e.Code.String(),
		Title:    said(e.Code).title,
		Status:   status(e),
		Code:     e.Code.String(),
		Reason:   token(e.Reason),
		Detail:   clip(e.Message),
		Pointer:  clip(e.Pointer),
		Fields:   e.Fields,
		Request:  x.request,
		App:      clip(e.App),
		Position: x.position,
	}
}

// public is what may be shown of an error.
func public(err error) *abi.Error {
	var ended *kernel.Error
	var refused *abi.Error
	var routed *echo.HTTPError
	switch {
	case errors.As(err, &ended):
		e := ended.Public
		return &e
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &routed) && routed.Code == http.StatusNotFound:
		return refuse(abi.NotFound, reasonRoute, "There is nothing at this address.")
	case errors.As(err, &routed) && routed.Code == http.StatusMethodNotAllowed:
		return refuse(abi.Invalid, reasonMethod, "This address does not answer that method.")
	}
	return &abi.Error{Code: abi.Internal}
}

func refuse(code abi.Code, reason, message string) *abi.Error {
	return &abi.Error{Code: code, Reason: reason, Message: message}
}

// The limits of what an app may say in an error.
const (
	maxReason = 64   // characters
	maxText   = 2048 // bytes
)

// token is a reason if it can be one: an app could write anything, and reasons
// stand in logs.
func token(reason string) string {
	if len(reason) > maxReason {
		return ""
	}
	for _, c := range []byte(reason) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' {
			return ""
		}
	}
	return reason
}

// clip cuts a text to maxText bytes between two characters.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
