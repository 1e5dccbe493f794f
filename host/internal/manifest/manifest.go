// Package manifest knows what a module says of itself on paper: who made it,
// what it provides, needs and may do. It knows JSON and schemas; it must not
// know wasm, storage or what is enabled.
package manifest

import (
	"encoding/json"
	"slices"
	"strings"
)

// Manifest describes one module. The fields above Provides are written by
// hand; Provides is written by `bottega build` from the code.
type Manifest struct {
	Schema   string `json:"$schema,omitempty"`
	ID       string `json:"id"`      // lower case letters, digits and hyphens
	Version  string `json:"version"` // semantic version
	Kind     Kind   `json:"kind"`
	Name     Text   `json:"name"`
	Summary  Text   `json:"summary"`
	Vendor   string `json:"vendor"`
	Category string `json:"category"`
	Icon     string `json:"icon,omitempty"`

	Needs       []Need            `json:"needs,omitempty"`
	Grants      []Grant           `json:"grants,omitempty"`
	Permissions []Permission      `json:"permissions,omitempty"`
	Limits      Limits            `json:"limits,omitzero"`
	Screens     []json.RawMessage `json:"screens,omitempty"` // by the vocabulary of the schema

	Provides *Provides `json:"provides,omitempty"`

	// Digest is the SHA-256 of the module in hex and Size its length in bytes:
	// only in the manifest that lies beside a built module, never in the source.
	Digest string `json:"digest,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// Kind tells apps, which own data, from plugins, which only fill slots.
type Kind string

// The kinds of module.
const (
	App    Kind = "app"
	Plugin Kind = "plugin"
)

// Text is a text in the languages of the house.
type Text struct {
	IT string `json:"it"`
	EN string `json:"en"`
}

// Need is another contract that the module calls.
type Need struct {
	Contract string `json:"contract"`
	Range    string `json:"range,omitempty"` // of the contract's version, e.g. ^1.2; "" any
	Optional bool   `json:"optional,omitempty"`
}

// Unanswered lists the operations of a needed contract that the module asks to
// call and whoever provides the contract does not answer: an app that stands in
// for another need not answer all that the contract names. What a module needs
// optionally, or calls optionally, it can do without.
func (m *Manifest) Unanswered(n Need, by *Manifest) (missing []string) {
	if n.Optional || by.Provides == nil {
		return nil
	}
	for _, g := range m.Grants {
		if g.Optional || !strings.HasPrefix(g.Call, n.Contract+".") {
			continue
		}
		if !slices.ContainsFunc(by.Provides.Operations, func(o Operation) bool { return o.Name == g.Call }) {
			missing = append(missing, g.Call)
		}
	}
	return missing
}

// Grant is one thing the module asks to be allowed: to call an operation, or to
// reach a host on the internet from its effect handlers. Exactly one of Call and
// HTTP is set.
type Grant struct {
	Call   string       `json:"call,omitempty"` // contract.operation
	HTTP   string       `json:"http,omitempty"` // host name, with :port if it is not 443; always TLS
	Secret *GrantSecret `json:"secret,omitempty"`
	Bounds *Bounds      `json:"bounds,omitempty"`
	// Optional says that the module does without where nobody answers Call.
	Optional bool `json:"optional,omitempty"`
	Why      Text `json:"why"` // what the retailer reads
}

// Name is what the grant is of, as it is written in consent.
func (g *Grant) Name() string {
	if g.HTTP != "" {
		return "http:" + g.HTTP
	}
	return g.Call
}

// GrantSecret binds a secret setting to a host: the host itself puts it into a
// header of the requests that name it, and into no others.
type GrantSecret struct {
	Setting string `json:"setting"`          // top-level field of the settings
	Header  string `json:"header"`           // e.g. Authorization
	Prefix  string `json:"prefix,omitempty"` // e.g. "Bearer "
}

// Bounds narrow a grant. The retailer may narrow them further, never widen.
type Bounds struct {
	Max    []Max    `json:"max,omitempty"`    // of integers in the input
	Stores []string `json:"stores,omitempty"` // the operation's store must be one of them
	Slot   string   `json:"slot,omitempty"`   // only while the module fills this slot
}

// Max bounds one top-level integer field of the input; an absent field is 0.
type Max struct {
	Field string `json:"field"`
	Max   int64  `json:"max"`
}

// Permission is a right that the retailer gives to people, for some of the
// operations of the module's contract. Every operation belongs to exactly one.
type Permission struct {
	Name       string   `json:"name"` // contract.right, e.g. till.refund
	Title      Text     `json:"title"`
	Operations []string `json:"operations"` // contract.operation
	// ActsForUser: who started the operation needs the right also when another
	// app makes the call.
	ActsForUser bool `json:"acts_for_user,omitempty"`
	// Audit: each use is recorded, not only refusals.
	Audit bool `json:"audit,omitempty"`
}

// Limits are what a module asks for; zero is the default of the house.
// More than the default is part of what the retailer consents to.
type Limits struct {
	MemoryBytes  int64 `json:"memory_bytes,omitempty"`  // of linear memory; default 32 MiB
	Units        int64 `json:"units,omitempty"`         // of fuel for a whole operation; default 200 M
	SlotUnits    int64 `json:"slot_units,omitempty"`    // of fuel for one slot call; default 10 M
	TimeMillis   int64 `json:"time_millis,omitempty"`   // for a whole operation; default 2,000
	StorageBytes int64 `json:"storage_bytes,omitempty"` // of records, keys included; default 1 GiB
}

// Provides is what the code registers and declares.
type Provides struct {
	Contract    string                     `json:"contract,omitempty"` // "" for a plugin
	Operations  []Operation                `json:"operations,omitempty"`
	Events      []Event                    `json:"events,omitempty"`
	Slots       []Slot                     `json:"slots,omitempty"`
	Fills       []Fill                     `json:"fills,omitempty"`
	Subscribes  []Subscription             `json:"subscribes,omitempty"`
	Timers      []string                   `json:"timers,omitempty"`
	Daily       []Daily                    `json:"daily,omitempty"`
	Effects     []Effect                   `json:"effects,omitempty"`
	Jobs        []Job                      `json:"jobs,omitempty"`
	Migrations  []Migration                `json:"migrations,omitempty"`
	DataVersion int                        `json:"data_version,omitempty"` // of what the module keeps
	Derived     []string                   `json:"derived,omitempty"`      // names of derived values
	Collections []Collection               `json:"collections,omitempty"`
	Counters    []string                   `json:"counters,omitempty"`
	Settings    json.RawMessage            `json:"settings,omitempty"` // schema
	Types       map[string]json.RawMessage `json:"types,omitempty"`    // named schemas, referred to as #/types/Name
}

// Operation is one query or command with the schemas of both sides.
type Operation struct {
	Name   string          `json:"name"` // contract.operation
	Kind   string          `json:"kind"` // query or command
	Doc    string          `json:"doc,omitempty"`
	Store  string          `json:"store,omitempty"` // top-level field of the input that holds the store it is about
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Subscription is an event that the module handles.
type Subscription struct {
	Event      string `json:"event"`                // contract.event
	Replayable bool   `json:"replayable,omitempty"` // also events from before it was enabled
	Replayed   bool   `json:"replayed,omitempty"`   // also what others emit while they replay
	Version    int    `json:"version,omitempty"`    // newest of the event that it understands, if not the first
}

// Daily is something the module does once a day.
type Daily struct {
	Name string `json:"name"`
	At   string `json:"at"` // civil time in the tenant's zone, HH:MM
}

// Effect is something the module does outside, at least once.
type Effect struct {
	Name   string          `json:"name"`
	Doc    string          `json:"doc,omitempty"`
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Job is long work of the module, in many transactions.
type Job struct {
	Name   string          `json:"name"`
	Doc    string          `json:"doc,omitempty"`
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Migration leads what the module keeps to a data version.
type Migration struct {
	Version int    `json:"version"`
	Phase   string `json:"phase"` // expand or contract
}

// Event is an event that the contract emits.
type Event struct {
	Name    string            `json:"name"`
	Doc     string            `json:"doc,omitempty"`
	Version int               `json:"version,omitempty"` // of the payload, if not the first
	Payload json.RawMessage   `json:"payload"`
	Earlier []json.RawMessage `json:"earlier,omitempty"` // payloads of the versions before, the first one first
}

// In is the payload's schema in a version, 0 for the first; nil for one that the
// manifest does not know.
func (e *Event) In(version int) json.RawMessage {
	version, now := max(version, 1), max(e.Version, 1)
	switch {
	case version == now:
		return e.Payload
	case version < now && version <= len(e.Earlier):
		return e.Earlier[version-1]
	}
	return nil
}

// Slot is an extension point of the contract.
type Slot struct {
	Name   string          `json:"name"`
	Kind   string          `json:"kind"` // query or command
	Doc    string          `json:"doc,omitempty"`
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Fill is a slot that the module fills; Key only for command slots.
type Fill struct {
	Slot string `json:"slot"`
	Key  string `json:"key,omitempty"`
}

// Collection is a set of records that the module keeps.
type Collection struct {
	Name    string          `json:"name"`
	Doc     string          `json:"doc,omitempty"`
	Key     []string        `json:"key"`
	Indexes []Index         `json:"indexes,omitempty"`
	Expires string          `json:"expires,omitempty"`
	Subject string          `json:"subject,omitempty"`
	Record  json.RawMessage `json:"record"`
}

// Index is a second order of a collection.
type Index struct {
	Name   string   `json:"name"`
	Fields []string `json:"fields"`
	Unique bool     `json:"unique,omitempty"`
}
