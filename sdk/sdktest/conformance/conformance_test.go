package conformance_test

import (
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/sdktest"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha/alphatest"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta/betatest"
)

func TestSdktest(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T, s conformance.Setup) conformance.Host { return native{open(t, s)} })
}

// TestSdktestTwice runs every command twice: guests keep nothing outside of
// their data, and a discarded attempt leaves no trace.
func TestSdktestTwice(t *testing.T) {
	t.Parallel()
	conformance.Run(t, func(t *testing.T, s conformance.Setup) conformance.Host { return native{open(t, s, sdktest.Twice)} })
}

func open(t *testing.T, s conformance.Setup, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	parts = append(parts, sdktest.With(betatest.New()), sdktest.Manifest(conformance.Alpha), sdktest.Manifest(conformance.Beta))
	for app, settings := range s.Settings {
		parts = append(parts, sdktest.RawSettings(app, settings))
	}
	parts = append(parts, sdktest.Revoke(s.Revoked...))
	return sdktest.New(t, alphatest.New(), parts...)
}

type native struct{ env *sdktest.Env }

func (n native) Call(operation string, input []byte) ([]byte, error) {
	return n.env.Invoke(operation, input)
}

func (n native) Events() (out []conformance.Event) {
	for _, e := range n.env.Events() {
		out = append(out, conformance.Event{Name: e.Name, Key: e.Key, Payload: e.Payload})
	}
	return out
}

func (n native) Timers() (out []conformance.Timer) {
	for _, x := range n.env.Timers() {
		out = append(out, conformance.Timer{App: x.App, Name: x.Name, ID: x.ID, At: int64(x.At), Payload: x.Payload})
	}
	return out
}

func (n native) Waiting() (out []conformance.Waiting) {
	for _, x := range n.env.Effects() {
		out = append(out, conformance.Waiting{Kind: "effect", App: x.App, Name: x.Name, ID: x.ID, Payload: x.Payload})
	}
	for _, x := range n.env.Jobs() {
		if !x.Finished {
			out = append(out, conformance.Waiting{Kind: "job", App: x.App, Name: x.Name, ID: x.ID})
		}
	}
	return out
}

func (n native) Descriptor(app string) abi.Descriptor {
	return map[string]*sdk.App{"alpha": alphatest.New(), "beta": betatest.New()}[app].Descriptor()
}

// Hear implements conformance.Past with what a test of alpha would write.
func (n native) Hear(name string, version int, payload []byte) error {
	switch version {
	case 1:
		return hear[alpha.PriceV1](n.env, name, version, payload)
	case 2:
		return hear[alpha.PriceV2](n.env, name, version, payload)
	}
	return hear[alpha.Price](n.env, name, version, payload)
}

func hear[T any](env *sdktest.Env, name string, version int, payload []byte) error {
	var v T
	if err := codec.Parse(payload, &v); err != nil {
		return err
	}
	return sdktest.Deliver(env, sdk.Event[T]{Name: name, Version: version}, v)
}

// Derive has nothing to do: sdktest builds when an operation has committed.
func (n native) Derive() error { return nil }

func (n native) Deliver() error { return n.env.Deliver() }

func (n native) Replay() error { return n.env.Replay() }
