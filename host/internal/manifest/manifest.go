// Package manifest knows what a module says of itself on paper: who made it,
// what it provides, needs and may do. It knows JSON and schemas; it must not
// know wasm, storage or what is enabled.
package manifest

import "encoding/json"

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

	Needs  []Need  `json:"needs,omitempty"`
	Grants []Grant `json:"grants,omitempty"`
	Limits Limits  `json:"limits,omitzero"`

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

// Grant is one thing the module asks to be allowed.
type Grant struct {
	Call string `json:"call"` // contract.operation
	Why  Text   `json:"why"`  // what the retailer reads
}

// Limits are what a module asks for; zero is the default of the house.
// What it asks for is what it gets until installing asks for consent to more.
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
	Subscribes  []string                   `json:"subscribes,omitempty"` // events
	Timers      []string                   `json:"timers,omitempty"`
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
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
}

// Event is an event that the contract emits.
type Event struct {
	Name    string          `json:"name"`
	Doc     string          `json:"doc,omitempty"`
	Payload json.RawMessage `json:"payload"`
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
