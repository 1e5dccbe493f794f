package rest

import (
	"bytes"
	"errors"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The headers of an operation.
const (
	headerKey      = "Idempotency-Key"
	headerReplayed = "Idempotent-Replayed"
	headerPosition = "X-Log-Position"
	headerRequest  = "X-Request-Id"
)

// The longest parts of a request that are looked at.
const (
	maxBody = abi.MaxInput // bytes of JSON
	maxName = 64           // of a contract or an operation
	maxKey  = 128          // of an idempotency key
)

// post runs a command, or a query with its input in the body.
func (s *Server) post(c echo.Context) error {
	op, err := s.find(c)
	if err != nil {
		return err
	}
	call := kernel.Call{Operation: op.Info.Name}
	if op.Command {
		if call.Key, err = idempotencyKey(c.Request().Header); err != nil {
			return err
		}
	}
	body, err := readJSON(c)
	if err != nil {
		return err
	}
	if call.Input, err = op.Input.ToWire(body); err != nil {
		return err
	}
	return s.run(c, op, call)
}

// get runs a query whose input is flat, with its input in the URL.
func (s *Server) get(c echo.Context) error {
	op, err := s.find(c)
	if err != nil {
		return err
	}
	if op.Command || !op.Input.Flat() {
		c.Response().Header().Set(echo.HeaderAllow, http.MethodPost)
		return refuse(abi.Invalid, reasonMethod, "This operation is called with POST.")
	}
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return refuse(abi.Invalid, abi.ReasonMalformed, "The query string is malformed.")
	}
	input, err := op.Input.FromQuery(values)
	if err != nil {
		return err
	}
	return s.run(c, op, kernel.Call{Operation: op.Info.Name, Input: input})
}

// find answers the operation that the path names, to somebody who may ask.
func (s *Server) find(c echo.Context) (*Operation, error) {
	x := exchangeOf(c)
	if s.draining.Load() {
		return nil, refuse(abi.Unavailable, reasonStopping, "The host is stopping.")
	}
	if err := s.known(c); err != nil {
		return nil, err
	}
	contract, operation := c.Param("contract"), c.Param("operation")
	if !validName(contract) || !validName(operation) {
		return nil, refuse(abi.NotFound, abi.ReasonOperation, "There is no such operation.")
	}
	if contract == hostContract {
		return nil, refuse(abi.NotFound, reasonRoute, "There is nothing at this address.")
	}
	name := contract + "." + operation
	op, ok := s.config.Operations.Operation(s.config.Tenant, name)
	if !ok {
		return nil, refuse(abi.NotFound, abi.ReasonOperation, "No enabled app answers "+name+".")
	}
	x.operation = name
	of := classQuery
	if op.Command {
		of = classCommand
	}
	return op, s.limit(x, c.Response().Header(), of)
}

// run calls the kernel and writes what the operation answered.
func (s *Server) run(c echo.Context, op *Operation, call kernel.Call) error {
	x := exchangeOf(c)
	call.Tenant, call.Principal, call.Request = s.config.Tenant, x.principal, x.request
	result, err := s.config.Operations.Run(c.Request().Context(), call)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	if op.Command {
		x.position = &result.Position
		h.Set(headerPosition, strconv.FormatUint(result.Position, 10))
	}
	if result.Replayed {
		h.Set(headerReplayed, "true")
	}
	if op.Output.IsFile() {
		f, err := op.Output.ReadFile(result.Output)
		if err != nil {
			return misfit(result.App, err)
		}
		if sent, err := file(c, &f); sent || err != nil {
			return err
		}
	}
	out, err := op.Output.ToJSON(result.Output)
	if err != nil {
		return misfit(result.App, err)
	}
	return c.JSONBlob(http.StatusOK, append(out, '\n'))
}

// misfit is an answer that is not what the app's manifest says.
func misfit(app string, cause error) error {
	return &kernel.Error{
		Public: abi.Error{Code: abi.Internal, Reason: abi.ReasonAppFault, Message: "The app's answer does not fit its schema.", App: app},
		Cause:  cause,
	}
}

// validName says whether s can be the name of a contract or an operation.
// Nothing else is looked up, logged or repeated.
func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '_' && c != '-' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != "" && len(s) <= maxName
}

// idempotencyKey is the one key of a command: 1 to 128 visible ASCII characters.
func idempotencyKey(h http.Header) (string, error) {
	keys := h.Values(headerKey)
	if len(keys) == 0 {
		return "", refuse(abi.Invalid, "idempotency_key_missing",
			"A command needs the header "+headerKey+", the same each time it is sent again.")
	}
	key := keys[0]
	valid := len(keys) == 1 && key != "" && len(key) <= maxKey &&
		!strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
	if !valid {
		return "", refuse(abi.Invalid, "idempotency_key_invalid",
			"The header "+headerKey+" has 1 to 128 visible ASCII characters and stands once.")
	}
	return key, nil
}

// readJSON reads a body that says it is JSON, up to maxBody. An empty one is
// an object without fields.
func readJSON(c echo.Context) ([]byte, error) {
	r := c.Request()
	if r.URL.RawQuery != "" {
		e := refuse(abi.Invalid, "query_string", "This address takes its input from the body, and nothing from the URL.")
		if names := slices.Sorted(maps.Keys(r.URL.Query())); len(names) > 0 {
			e.Pointer = pointerTo(names[0])
		}
		return nil, e
	}
	if !isJSON(r.Header) {
		return nil, refuse(abi.Invalid, reasonContentType, "The body is JSON: send Content-Type: application/json.")
	}
	if r.ContentLength > maxBody {
		return nil, tooLarge(c)
	}
	var body bytes.Buffer
	_, err := body.ReadFrom(http.MaxBytesReader(nil, r.Body, maxBody))
	if limit := (*http.MaxBytesError)(nil); errors.As(err, &limit) {
		return nil, tooLarge(c)
	}
	if err != nil {
		return nil, refuse(abi.Invalid, abi.ReasonMalformed, "The body did not arrive whole.")
	}
	if body.Len() == 0 {
		body.WriteString("{}")
	}
	return body.Bytes(), nil
}

// tooLarge refuses a body and the rest of its connection: net/http would read
// another 256 KiB of it first, so reading is over at once.
func tooLarge(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderConnection, "close")
	past := time.Unix(1, 0)
	if err := http.NewResponseController(c.Response().Writer).SetReadDeadline(past); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return refuse(abi.TooLarge, "payload_too_large", "The body is longer than 1 MiB.")
}

// isJSON says whether the headers announce plain JSON in UTF-8. A browser asks
// for permission before it sends that to another site.
func isJSON(h http.Header) bool {
	kind, params, err := mime.ParseMediaType(h.Get(echo.HeaderContentType))
	charset, given := params["charset"]
	return err == nil && kind == echo.MIMEApplicationJSON && h.Get(echo.HeaderContentEncoding) == "" &&
		(!given || strings.EqualFold(charset, "utf-8"))
}
