package lifecycle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Sealer keeps secrets so that the storage alone does not tell them.
type Sealer interface {
	Seal(purpose, about string, plain []byte, random io.Reader) ([]byte, error)
	Unseal(purpose, about string, sealed []byte) ([]byte, error)
}

const (
	sealPurpose = "setting"
	// secretFormat marks a text of the settings that only the host reads.
	secretFormat = "secret"
	// maxSecret bounds one secret, in bytes.
	maxSecret = 4 << 10
)

// filled is what the retailer filled in for an app.
type filled struct {
	Version uint64                     `json:"version"`
	Values  map[string]json.RawMessage `json:"values"`            // without the secrets
	Secrets map[string][]byte          `json:"secrets,omitempty"` // sealed
}

func (f *filled) etag() string { return strconv.FormatUint(f.Version, 10) }

// field is one top-level field of the settings.
type field struct {
	raw    json.RawMessage
	secret bool
}

// fields are the top-level fields of a manifest's settings.
func fields(m *manifest.Manifest) (map[string]field, error) {
	raw := m.Provides.Settings
	var root struct {
		Ref        string                     `json:"$ref"`
		Properties map[string]json.RawMessage `json:"properties"`
	}
	for range 2 { // the root may be a named type
		root.Ref = ""
		if err := json.Unmarshal(raw, &root); err != nil {
			return nil, fmt.Errorf("schema of the settings: %w", err)
		}
		if root.Ref == "" {
			break
		}
		raw = m.Provides.Types[strings.TrimPrefix(root.Ref, "#/types/")]
	}
	out := make(map[string]field, len(root.Properties))
	for name, p := range root.Properties {
		var kind struct {
			Format string `json:"format"`
		}
		if err := json.Unmarshal(p, &kind); err != nil {
			return nil, fmt.Errorf("schema of the setting %s: %w", name, err)
		}
		out[name] = field{p, kind.Format == secretFormat}
	}
	return out, nil
}

// wire is what the guest reads as its settings: of a secret that is set only its
// name, by which it asks the host to use it; nil if nothing was filled in. Fields
// that this version does not know any more are left out.
func (f *filled) wire(m *manifest.Manifest) ([]byte, error) {
	if len(m.Provides.Settings) == 0 || f.Values == nil && f.Secrets == nil {
		return nil, nil
	}
	known, err := fields(m)
	if err != nil {
		return nil, err
	}
	doc, properties := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for name, of := range known {
		properties[name] = of.raw
		if of.secret { // the guest's is a handle, whatever the secret's bounds are
			properties[name] = json.RawMessage(`{"type":"string"}`)
		}
		if v, ok := f.Values[name]; ok && !of.secret {
			doc[name] = v
		}
		if _, ok := f.Secrets[name]; ok && of.secret {
			doc[name] = quote(name)
		}
	}
	return encode(properties, m, doc)
}

func quote(s string) json.RawMessage {
	b, _ := json.Marshal(s) // a text always has one
	return b
}

// encode turns a document into MessagePack under a schema of these properties.
func encode(properties map[string]json.RawMessage, m *manifest.Manifest, doc map[string]json.RawMessage) ([]byte, error) {
	raw, err := json.Marshal(map[string]any{"type": "object", "properties": properties})
	if err != nil {
		return nil, err
	}
	s, err := schema.Compile(raw, m.Provides.Types)
	if err != nil {
		return nil, fmt.Errorf("schema of the settings: %w", err)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	return s.ToWire(text)
}

// change is f with values that somebody sent. A secret that is left out stays,
// null clears it. The error is an *abi.Error with a pointer below /values.
func (r *Room) change(tx *kernel.Tx, app string, m *manifest.Manifest, f filled, values map[string]json.RawMessage) (filled, error) {
	known, err := fields(m)
	if err != nil {
		return f, err
	}
	next := filled{Version: f.Version + 1, Values: map[string]json.RawMessage{}, Secrets: maps.Clone(f.Secrets)}
	if next.Secrets == nil {
		next.Secrets = map[string][]byte{}
	}
	whole := map[string]json.RawMessage{}
	for name, v := range values {
		if !known[name].secret {
			next.Values[name], whole[name] = v, v
		}
	}
	for name, of := range known {
		if !of.secret {
			continue
		}
		v, sent := values[name]
		if whole[name], err = r.secret(tx, app, name, v, sent, next.Secrets); err != nil {
			return f, err
		}
		if whole[name] == nil {
			delete(whole, name)
		}
	}
	return next, validate(m, whole)
}

// validate checks a whole document against the schema as the manifest has it.
func validate(m *manifest.Manifest, doc map[string]json.RawMessage) error {
	s, err := schema.Compile(m.Provides.Settings, m.Provides.Types)
	if err != nil {
		return fmt.Errorf("schema of the settings: %w", err)
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	_, err = s.ToWire(text)
	if e, ok := errors.AsType[*abi.Error](err); ok {
		e.Pointer = "/values" + e.Pointer
		return e
	}
	return err
}

// secret keeps, clears or sets one secret and answers its plain text as JSON, nil
// if there is none.
func (r *Room) secret(tx *kernel.Tx, app, name string, v json.RawMessage, sent bool, sealed map[string][]byte) (json.RawMessage, error) {
	about := tx.Tenant() + "\x00" + app + "\x00" + name
	switch {
	case r.config.Seal == nil && sent:
		return nil, &abi.Error{Code: abi.FailedPrecondition, Reason: "seal", Message: "This host has no key for secrets."}
	case !sent || string(v) == `{"set":true}`: // as GET shows it
		if sealed[name] == nil {
			return nil, nil
		}
		plain, err := r.config.Seal.Unseal(sealPurpose, about, sealed[name])
		return quote(string(plain)), err
	case string(v) == "null" || string(v) == `""` || string(v) == `{"set":false}`:
		delete(sealed, name)
		return nil, nil
	}
	var plain string
	if err := json.Unmarshal(v, &plain); err != nil || len(plain) > maxSecret {
		return nil, &abi.Error{Code: abi.Invalid, Reason: schema.ReasonType, Pointer: "/values/" + name, Message: "A secret is a text of at most 4 KiB, or null to clear it."}
	}
	box, err := r.config.Seal.Seal(sealPurpose, about, []byte(plain), bytes.NewReader(tx.Random(64)))
	sealed[name] = box
	return v, err
}

// shown are the values as anybody may read them.
func (f *filled) shown(known map[string]field) map[string]any {
	out := map[string]any{}
	for name, v := range f.Values {
		if of, ok := known[name]; ok && !of.secret {
			out[name] = v
		}
	}
	for name, of := range known {
		if of.secret {
			out[name] = map[string]bool{"set": f.Secrets[name] != nil}
		}
	}
	return out
}

// Secret is the plain text of a secret setting, for the one who sends it outside
// and nobody else; "" if it is not set.
func (r *Room) Secret(ctx context.Context, tenant, app, setting string) (plain string, err error) {
	_, err = r.read(ctx, tenant, func(tx *kernel.Tx) error {
		f, _, err := settings.Get(tx, app)
		if err != nil || f.Secrets[setting] == nil {
			plain = ""
			return err
		}
		if r.config.Seal == nil {
			return errors.New("no key for secrets")
		}
		b, err := r.config.Seal.Unseal(sealPurpose, tenant+"\x00"+app+"\x00"+setting, f.Secrets[setting])
		plain = string(b)
		return err
	})
	return plain, err
}
