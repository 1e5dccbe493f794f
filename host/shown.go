package host

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/schema"
)

// shown turns what apps wrote in MessagePack into JSON for people and programs,
// by the schemas of their manifests. An app that is not enabled any more has
// none; the error says so.
type shown struct {
	kernel *kernel.Kernel
	mu     sync.Mutex
	// compiled schemas by the manifest that they are of and their name in it
	compiled map[schemaKey]*schema.Schema
}

type schemaKey struct {
	manifest *manifest.Manifest
	name     string
}

// maxCompiled bounds the cache over upgrades; it is emptied when it is full.
const maxCompiled = 4096

// event shows the data of an event as it was emitted. The host's own are flat
// maps without a schema.
func (s *shown) event(tenant string, e *outbox.Envelope) (json.RawMessage, error) {
	if strings.HasPrefix(e.Type, "host.") {
		var out bytes.Buffer
		_, err := msgp.UnmarshalAsJSON(&out, e.Data)
		return out.Bytes(), err
	}
	name := "event " + e.Type
	if e.Version > 1 {
		name += " in version " + strconv.Itoa(e.Version)
	}
	return s.find(tenant, func(p *manifest.Provides) json.RawMessage {
		for i := range p.Events {
			if p.Events[i].Name == e.Type {
				return p.Events[i].In(e.Version)
			}
		}
		return nil
	}, name, e.Data)
}

// job shows what a job of an app has answered.
func (s *shown) job(tenant, app, name string, data []byte) (json.RawMessage, error) {
	set, ok := s.kernel.Set(tenant)
	if !ok {
		return nil, fmt.Errorf("no tenant %s", tenant)
	}
	a, ok := set.App(app)
	if !ok {
		return nil, fmt.Errorf("%s is not enabled", app)
	}
	for i := range a.Manifest.Provides.Jobs {
		if j := &a.Manifest.Provides.Jobs[i]; j.Name == name {
			return s.show(a.Manifest, "job "+name, j.Output, data)
		}
	}
	return nil, fmt.Errorf("%s has no job %s", app, name)
}

// find looks for a schema among the enabled apps.
func (s *shown) find(tenant string, of func(*manifest.Provides) json.RawMessage, name string, data []byte) (json.RawMessage, error) {
	set, ok := s.kernel.Set(tenant)
	if !ok {
		return nil, fmt.Errorf("no tenant %s", tenant)
	}
	for _, a := range set.Apps() {
		if text := of(a.Manifest.Provides); text != nil {
			return s.show(a.Manifest, name, text, data)
		}
	}
	return nil, fmt.Errorf("no enabled app declares the %s", name)
}

func (s *shown) show(m *manifest.Manifest, name string, text json.RawMessage, data []byte) (json.RawMessage, error) {
	c, err := s.compile(m, name, text)
	if err != nil {
		return nil, err
	}
	return c.ToJSON(data)
}

func (s *shown) compile(m *manifest.Manifest, name string, text json.RawMessage) (*schema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := schemaKey{m, name}
	if c := s.compiled[key]; c != nil {
		return c, nil
	}
	c, err := schema.Compile(text, m.Provides.Types)
	if err != nil {
		return nil, fmt.Errorf("schema of the %s of %s: %w", name, m.ID, err)
	}
	if len(s.compiled) >= maxCompiled || s.compiled == nil {
		s.compiled = map[schemaKey]*schema.Schema{}
	}
	s.compiled[key] = c
	return c, nil
}
