package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// conventions hold for every operation.
const conventions = `Commands are POST with an Idempotency-Key: the same key with the same body is
answered with the same bytes for 35 days, and nothing happens twice. Queries are
POST, and GET where their input is flat and holds no code that buys something.

- Money is an integer in minor units of the currency (1240 is 12.40), with the
  currency beside it.
- Percentages are basis points: 2000 is 20 %.
- Quantities are integers in the unit of the goods: pieces, grams, millimetres.
- Instants are RFC 3339 in UTC; rules in civil time carry a zone.
- Integers are at most 2^53-1 in magnitude; there are no fractions.
- Lists take limit (1 to 200, default 50) and after, and answer items and next:
  send next as after for the next page. It is good for the same list and filter.
- What is changed with If-Match answers its version as ETag.
- Errors are application/problem+json (RFC 9457) with a code of a closed list, a
  reason, and a JSON pointer to what is wrong in the input.
- x-permission names the permission that an operation asks for: "*" is for who
  may do everything, "any" for everybody who is known, null for anybody.`

const (
	eventSchema   = "Event"
	problemSchema = "Problem"
	problemType   = "application/problem+json"
)

func reference(kind, name string) *ordered { return newOrdered("$ref", "#/components/"+kind+"/"+name) }

func securitySchemes() *ordered {
	return newOrdered(
		"bearer", newOrdered("type", "http", "scheme", "bearer", "description", "An API token, in the header Authorization only."),
		"cookie", newOrdered("type", "apiKey", "in", "cookie", "name", sessionCookie, "description", "The session of a browser that logged in."),
	)
}

func parameters() *ordered {
	text := func(most int) *ordered { return newOrdered("type", "string", "minLength", 1, "maxLength", most) }
	key := text(maxKey)
	key.set("pattern", "^[!-~]+$")
	header := func(name, doc string, s *ordered) *ordered {
		return newOrdered("name", name, "in", "header", "required", true, "description", doc, "schema", s)
	}
	return newOrdered(
		"IdempotencyKey", header(headerKey, "1 to 128 visible ASCII characters, the same each time the command is sent again.", key),
		"IfMatch", header(headerMatch, "The ETag of what you mean to change, in quotes as it was answered.", text(130)),
		"WebhookID", header("webhook-id", "The same for every attempt to deliver this event to this webhook.", newOrdered("type", "string")),
		"WebhookTimestamp", header("webhook-timestamp", "Seconds since 1970 UTC of this attempt.", newOrdered("type", "string")),
		"WebhookSignature", header("webhook-signature", "v1 and the HMAC-SHA256 of id, timestamp and body, by the Standard Webhooks specification.", newOrdered("type", "string")),
	)
}

func headers() *ordered {
	return newOrdered(
		"LogPosition", newOrdered("description", "Log position of the command's last event, or the newest before it.", "schema", newOrdered("type", "integer")),
		"Replayed", newOrdered("description", "true if this is the answer to an earlier request with the same key.", "schema", newOrdered("type", "string")),
		"ETag", newOrdered("description", "The version of what is answered.", "schema", newOrdered("type", "string")),
		"RetryAfter", newOrdered("description", "Seconds to wait before it is tried again.", "schema", newOrdered("type", "integer")),
	)
}

// refusal is one kind of answer that is no success.
type refusal struct {
	name   string
	status string
	doc    string
	retry  bool
	code   abi.Code
	reason string
}

// refusals are those that operations name; the default has the others.
var refusals = []refusal{
	{"Invalid", "400", "The request is not valid. pointer says where.", false, abi.Invalid, "unknown_field"},
	{"Unauthenticated", "401", "Nobody knows who asks: there is no credential, or it is not good any more.", false, abi.Denied, reasonPrincipal},
	{"Denied", "403", "Who asks may not: permission (fields.permission is missing), store, grant, cross_site, host.", false, abi.Denied, abi.ReasonPermission},
	{"NotFound", "404", "There is no such thing.", false, abi.NotFound, abi.ReasonOperation},
	{"Conflict", "409", "Not as things are: conflict, failed_precondition or exhausted. idempotency_in_progress and contention are worth another try.", true, abi.Conflict, "contention"},
	{"Changed", "412", "It is another version than If-Match by now; ETag is the current one.", false, abi.Conflict, reasonVersion},
	{"KeyReused", "422", "The Idempotency-Key was used with another body.", false, abi.Invalid, "idempotency_key_reused"},
	{"NoVersion", "428", "The header If-Match is missing.", false, abi.FailedPrecondition, reasonIfMatch},
	{"TooMany", "429", "Too many requests of one principal or address.", true, abi.Exhausted, reasonRate},
	{"Other", "default", "Any other trouble: 405 method, 413 too large, 415 not JSON, 500 internal, 502 the app faulted, 503 not available now, 504 too slow, 507 disk full.", true, abi.Unavailable, "overloaded"},
}

// reasonsOf names the answers that operations of a kind have.
func reasonsOf(keyed, match bool) []string {
	all := []string{"Invalid", "Unauthenticated", "Denied", "NotFound"}
	if keyed || match {
		all = append(all, "Conflict")
	}
	if match {
		all = append(all, "Changed")
	}
	if keyed {
		all = append(all, "KeyReused")
	}
	if match {
		all = append(all, "NoVersion")
	}
	return append(all, "TooMany")
}

// problems are the answers as components.
func problems() *ordered {
	all := newOrdered()
	for _, a := range refusals {
		status, err := strconv.Atoi(a.status)
		if err != nil {
			status = http.StatusServiceUnavailable
		}
		example := newOrdered("type", problemTypes+a.code.String(), "title", said(a.code).title, "status", status,
			"code", a.code.String(), "reason", a.reason, "request", "req_01JD7Z0K3V6Q8S1T2W4X5Y6Z7A", "position", nil)
		r := newOrdered("description", a.doc)
		if a.retry {
			r.set("headers", newOrdered("Retry-After", reference("headers", "RetryAfter")))
		}
		r.set("content", newOrdered(problemType, newOrdered("schema", newOrdered("$ref", schemasPrefix+problemSchema), "example", example)))
		all.set(a.name, r)
	}
	return all
}

// success is the good answer of an operation.
type success struct {
	status   int // 0 is 200
	content  *ordered
	position bool // it was a command
	tagged   bool
}

// responses are all answers of an operation: the good one, those that are named,
// and the others.
func (d *composer) responses(s success, named []string) *ordered {
	good, head := newOrdered("description", "Done."), newOrdered()
	if s.position {
		head.set(headerPosition, reference("headers", "LogPosition"))
		head.set(headerReplayed, reference("headers", "Replayed"))
	}
	if s.tagged {
		head.set("ETag", reference("headers", "ETag"))
	}
	if len(head.names) > 0 {
		good.set("headers", head)
	}
	if s.content != nil {
		good.set("content", s.content)
	}
	status := s.status
	if status == 0 {
		status = http.StatusOK
	}
	all := newOrdered(strconv.Itoa(status), good)
	for _, a := range refusals {
		if slices.Contains(named, a.name) {
			all.set(a.status, reference("responses", a.name))
		}
	}
	all.set("default", reference("responses", "Other"))
	return all
}

// parts adds the schemas that every document has.
func (d *composer) parts() {
	text := func(doc string) *ordered { return newOrdered("type", "string", "description", doc) }
	number := func(doc string) *ordered { return newOrdered("type", "integer", "description", doc) }
	var codes []any
	for _, code := range slices.Sorted(maps.Keys(outcomes)) {
		codes = append(codes, code.String())
	}
	code := text("What kind of trouble it is; the list is closed.")
	code.set("enum", codes)
	d.schemas.set(problemSchema, newOrdered("type", "object", "description", "An error by RFC 9457.", "properties", newOrdered(
		"type", text("Address of the code's description."),
		"title", text("The code in words."),
		"status", number("The status of HTTP."),
		"code", code,
		"reason", text("Which trouble exactly; operations name theirs."),
		"detail", text("One sentence for a person."),
		"pointer", text("JSON pointer to what is wrong in the input."),
		"fields", newOrdered("type", "object", "description", "Parameters of the reason.", "additionalProperties", true),
		"request", text("Id of the request, for support."),
		"app", text("id@version of the app that refused."),
		"position", newOrdered("type", []any{"integer", "null"}, "description", "Set if it was committed and only the answer failed."),
	), "required", []any{"type", "title", "status", "code", "request", "position"}))
	d.schemas.set("Health", newOrdered("type", "object", "properties", newOrdered(
		"status", text("ready, degraded or stopping"),
		"storage", text("ok, or why it does not write"),
		"position", number("Newest durable log position."),
		"degraded", newOrdered("type", "array", "items", text("id@version"), "description", "Apps that are not called because they only fault."),
	), "required", []any{"status", "storage", "position"}))
	if len(d.webhooks.names) == 0 {
		return
	}
	instant := text("When it happened.")
	instant.set("format", "date-time")
	example := eventExample("contract.event")
	example.set("data", json.RawMessage(`{}`))
	d.schemas.set(eventSchema, newOrdered("type", "object", "description", "An event of the log, with the names of CloudEvents where it has one.", "properties", newOrdered(
		"specversion", text("of CloudEvents: 1.0"),
		"id", text("ULID; the same however often it is delivered."),
		"type", text("contract.event"),
		"source", text("id@version of the app that emitted it."),
		"subject", text("What it is about; events of one subject stay in order."),
		"time", instant,
		"version", number("Of the data's shape; left out for the first. An event keeps the version that it was emitted in."),
		"position", number("In the log."),
		"replayed", newOrdered("type", "boolean", "description", "Emitted while old events were handled."),
		"principal", text("Who acted."),
		"request", text("Id of the request that started it."),
		"datacontenttype", text("application/json"),
		"data", newOrdered("description", "By the schema of the event; left out if no enabled app knows it any more."),
	), "required", []any{"specversion", "id", "type", "source", "time", "position"}, "examples", []any{example}))
}
