package conformance_test

import (
	"testing"

	"github.com/bottega-retail/bottega/sdk/sdktest"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance"
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
