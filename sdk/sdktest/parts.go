package sdktest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
)

// Part is something that New takes beside the app under test. The functions
// below make parts; nobody else can.
type Part interface{ configure(*setup) }

// setup is what parts fill in.
type setup struct {
	apps     []*sdk.App
	settings map[string][]byte // by app id, "" for the app under test
	papers   map[string]*paper
	revoked  []string
	zone     *time.Location
	later    bool
	stubs    []sdk.Part
	seed     uint64
	twice    bool
	err      error
}

type part func(*setup)

func (p part) configure(s *setup) { p(s) }

// With enables more apps beside the one under test.
func With(apps ...*sdk.App) Part {
	return part(func(s *setup) { s.apps = append(s.apps, apps...) })
}

// Settings are the settings of the app under test, without which it has its
// defaults. A field that T does not have keeps its default.
func Settings[T any](v T) Part { return SettingsOf("", v) }

// SettingsOf are the settings of an app by its id.
func SettingsOf[T any](id string, v T) Part {
	return part(func(s *setup) {
		b, err := codec.Append(nil, &v)
		if err != nil {
			s.err = fmt.Errorf("encode the settings of %q: %w", id, err)
		}
		s.settings[id] = b
	})
}

// RawSettings are SettingsOf in MessagePack, as the host keeps them.
func RawSettings(id string, settings []byte) Part {
	return part(func(s *setup) { s.settings[id] = settings })
}

// Stub answers for contracts that are not under test. A stub is what an app
// would register; it wins over the app that provides the same operation.
//
//	sdktest.Stub(
//		catalog.Product.Handle(func(*sdk.View, catalog.ProductIn) (catalog.Product, error) { … }),
//		pricing.Discount.Fill(func(*sdk.View, pricing.DiscountIn) (pricing.DiscountOut, error) { … }),
//	)
//
// Each is an app of its own, named "stub " and its operation, with no data.
func Stub(parts ...sdk.Part) Part {
	return part(func(s *setup) { s.stubs = append(s.stubs, parts...) })
}

// Manifest holds an app to the grants of its manifest, those of calls with their
// bounds and those of hosts with their secrets, and who calls it to their stores,
// as the host does. An app without one may call and reach everything.
func Manifest(data []byte) Part {
	return part(func(s *setup) {
		m := &paper{}
		if err := json.Unmarshal(data, m); err != nil {
			s.err = fmt.Errorf("read a manifest: %w", err)
			return
		}
		for _, g := range m.Grants {
			if strings.HasSuffix(g.HTTP, ":443") { // as the host refuses it
				s.err = fmt.Errorf("manifest of %s: leave the port out of %s: 443 is what no port means", m.ID, g.HTTP)
				return
			}
		}
		s.papers[m.ID] = m
	})
}

// Zone is the tenant's time zone, in which what happens daily happens; UTC
// without it.
func Zone(name string) Part {
	return part(func(s *setup) {
		loc, err := time.LoadLocation(name)
		if err != nil {
			s.err = fmt.Errorf("the tenant's zone: %w", err)
			return
		}
		s.zone = loc
	})
}

// Later leaves the app under test disabled until [Env.Replay]: it hears no
// event, though tests may call it.
var Later Part = part(func(s *setup) { s.later = true })

// Revoke takes operations out of what manifests grant.
func Revoke(operations ...string) Part {
	return part(func(s *setup) { s.revoked = append(s.revoked, operations...) })
}

// Seed chooses other ids and random bytes than the usual ones.
func Seed(seed uint64) Part { return part(func(s *setup) { s.seed = seed }) }

// Twice makes every command run twice, the first time without a trace, as a
// conflict would: what an app keeps outside of its collections shows.
var Twice Part = part(func(s *setup) { s.twice = true })
