package manifest

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// The reasons of problems. They are stable: who uploads a module acts on them.
const (
	ReasonManifest   = "manifest_invalid"   // anything that has no reason of its own
	ReasonSize       = "manifest_size"      // longer than MaxSize
	ReasonID         = "id_invalid"         // of the module: its form, or a reserved word
	ReasonVersion    = "version_invalid"    // not three numbers with an optional pre-release tag
	ReasonDependency = "dependency_invalid" // a need that is malformed, twice, of itself, or one of too many
	ReasonRoute      = "route_conflict"     // a contract or operation under which the host answers, or somebody else
	ReasonCapability = "capability_invalid" // a grant that nobody could give
	ReasonSchemaRef  = "schema_ref"         // of the settings: remote, unknown or recursive
	ReasonSchemaSize = "schema_size"        // of the settings: longer than 64 KiB with all that it refers to
	ReasonSchema     = "schema_invalid"     // of anything, outside of the subset that the host reads
)

// reasoned gives every problem its reason, by where it stands.
func reasoned(p Problems) Problems {
	for i := range p {
		if p[i].Reason == "" {
			p[i].Reason = reasonAt(p[i].Pointer)
		}
	}
	return p
}

func reasonAt(pointer string) string {
	parts := append(strings.Split(pointer, "/"), "", "", "")
	switch parts[1] {
	case "id":
		return ReasonID
	case "version":
		return ReasonVersion
	case "needs":
		return ReasonDependency
	case "grants":
		if parts[3] == "why" {
			return ReasonManifest
		}
		return ReasonCapability
	case "provides":
		return reasonIn(parts[2:])
	}
	return ReasonManifest
}

// reasonIn is the reason of a problem below /provides.
func reasonIn(parts []string) string {
	last := ""
	for _, p := range parts {
		if p != "" {
			last = p
		}
	}
	switch {
	case parts[0] == "contract", (parts[0] == "operations" || parts[0] == "slots" || parts[0] == "events") && last == "name":
		return ReasonRoute
	case last == "$ref":
		return ReasonSchemaRef
	case parts[0] == "settings" || parts[0] == "types":
		return ReasonSchema
	}
	return ReasonManifest
}

// reserved are words that the host, the command line or a principal's name
// stands under; as an id or a contract they would lead people and routes astray.
var reserved = []string{
	"admin", "api", "app", "apps", "bottega", "data", "events", "health", "host", "jobs", "local", "metrics", "modules", "nobody",
	"openapi", "plugin", "root", "sdk", "sets", "settings", "system", "tenant", "token", "user", "users", "v1", "v2", "webhooks",
}

// Reserved says whether a word can be neither an id nor a contract.
func Reserved(word string) bool { return slices.Contains(reserved, word) }

// versioned checks that a version is three numbers that fit, with a pre-release
// tag at most: a build tag would let two modules have one version.
func versioned(version string) bool {
	v, err := semver.StrictNewVersion(version)
	const most = 1 << 30
	return err == nil && v.Metadata() == "" && v.Major() < most && v.Minor() < most && v.Patch() < most
}

// reachable says whether a grant may name a host at all: a name on the internet,
// not an address and not this machine.
func reachable(host string) bool {
	name, port, _ := strings.Cut(host, ":")
	if n, err := strconv.Atoi(port); port != "" && (err != nil || n < 1 || n > 65535) {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	last := name[strings.LastIndexByte(name, '.')+1:]
	if _, err := strconv.ParseUint(last, 0, 64); err == nil {
		return false // 0x7f.1 and the like are read as addresses by some
	}
	return name != "localhost" && last != "localhost" && strings.Contains(name, ".")
}

// maxSettings bounds the schema of the settings with all that it refers to, in
// bytes.
const maxSettings = 64 << 10

// settings checks what the subset's schema cannot say: references, secrets and
// the size of the whole.
func (p *Provides) settings() Problems {
	w := walk{types: p.Types, open: map[string]bool{}}
	if len(p.Settings) > 0 {
		w.schema("/provides/settings", p.Settings, 0)
	}
	return w.found
}

// walk visits a schema and the types that it refers to.
type walk struct {
	types map[string]json.RawMessage
	open  map[string]bool
	size  int
	found Problems
}

func (w *walk) say(at, reason, text string) {
	if len(w.found) == 0 {
		w.found = append(w.found, Problem{Pointer: at, Reason: reason, Text: text})
	}
}

// schema visits one schema; level counts the objects and arrays around it.
func (w *walk) schema(at string, raw json.RawMessage, level int) {
	if w.size += len(raw); w.size > maxSettings {
		w.say(at, ReasonSchemaSize, "the settings and what they refer to are longer than 64 KiB")
		return
	}
	var s struct {
		Ref        string                     `json:"$ref"`
		Type       string                     `json:"type"`
		Format     string                     `json:"format"`
		Properties map[string]json.RawMessage `json:"properties"`
		Items      json.RawMessage            `json:"items"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		w.say(at, ReasonSchema, "not a schema")
		return
	}
	if s.Ref != "" {
		w.named(at+"/$ref", s.Ref, level)
		return
	}
	if s.Format == "secret" && (level != 1 || s.Type != "string") {
		w.say(at, ReasonSchema, "a secret is a text at the top level of the settings")
	}
	for name, p := range s.Properties {
		w.schema(at+"/properties/"+escape(name), p, level+1)
	}
	if len(s.Items) > 0 {
		w.schema(at+"/items", s.Items, level+2)
	}
}

func (w *walk) named(at, ref string, level int) {
	name, ok := strings.CutPrefix(ref, "#/types/")
	raw, known := w.types[name]
	switch {
	case !ok || !known:
		w.say(at, ReasonSchemaRef, "the settings refer to "+ref+", which is no type of this manifest")
	case w.open[name]:
		w.say(at, ReasonSchemaRef, "the settings contain themselves through "+ref)
	default:
		w.open[name] = true
		w.schema("/provides/types/"+escape(name), raw, level)
		delete(w.open, name)
	}
}
