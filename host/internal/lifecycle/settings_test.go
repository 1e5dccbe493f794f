package lifecycle

import (
	"context"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/schema"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const form = `{"type":"object","properties":{
	"percent":{"type":"integer","minimum":0,"maximum":90},
	"lines":{"type":"array","items":{"type":"string"},"maxItems":3},
	"token":{"type":"string","format":"secret","minLength":8},
	"other":{"type":"string","format":"secret"}},"additionalProperties":false}`

// formApp answers its settings as it reads them.
func formApp(version string) *program { return formOf("form", version) }

// formOf is formApp under another id.
func formOf(id, version string) *program {
	return app(id, version).settings(form).query("read", func(call hostCall, _ []byte) ([]byte, abi.Code) {
		out, code := call(abi.FuncSettings, nil)
		if len(out) == 0 {
			out = []byte{0x80}
		}
		return out, code
	})
}

func (f *fixture) filled(values map[string]any) Settings {
	f.t.Helper()
	now := must[Settings](f, "host.settings.get", ByID{ID: "form"})
	f.done(must[Job](f, "host.settings.put", Fill{ID: "form", IfMatch: now.Etag, Values: values}))
	return must[Settings](f, "host.settings.get", ByID{ID: "form"})
}

func TestH41SettingsFollowTheirSchema(t *testing.T) {
	t.Parallel()
	f := setup(t, formApp("1.0.0"))
	f.install("form")
	for name, c := range map[string]struct {
		values          map[string]any
		reason, pointer string
	}{
		"out of range":         {map[string]any{"percent": 91}, schema.ReasonRange, "/values/percent"},
		"another type":         {map[string]any{"percent": "much"}, schema.ReasonType, "/values/percent"},
		"not whole":            {map[string]any{"percent": 1.5}, schema.ReasonType, "/values/percent"},
		"unknown":              {map[string]any{"per-cent": 1}, schema.ReasonUnknownField, "/values/per-cent"},
		"wrong case":           {map[string]any{"Percent": 1}, schema.ReasonUnknownField, "/values/Percent"},
		"too many":             {map[string]any{"lines": []string{"a", "b", "c", "d"}}, schema.ReasonLength, "/values/lines"},
		"inside of a list":     {map[string]any{"lines": []any{"a", 1}}, schema.ReasonType, "/values/lines/1"},
		"a secret of numbers":  {map[string]any{"token": 12345678}, schema.ReasonType, "/values/token"},
		"a secret too short":   {map[string]any{"token": "short"}, schema.ReasonLength, "/values/token"},
		"a secret of megabyte": {map[string]any{"token": strings.Repeat("x", 5000)}, schema.ReasonType, "/values/token"},
	} {
		e := f.refuses("host.settings.put", Fill{ID: "form", IfMatch: "0", Values: c.values}, abi.Invalid, c.reason)
		if e.Pointer != c.pointer {
			t.Errorf("%s: at %s", name, e.Pointer)
		}
	}
	f.refuses("host.settings.put", Fill{ID: "form", IfMatch: "7", Values: map[string]any{}}, abi.Conflict, "stale")
	f.refuses("host.settings.put", Fill{ID: "form", Values: map[string]any{}}, abi.Conflict, "stale")
	f.refuses("host.settings.put", Fill{ID: "none", IfMatch: "0"}, abi.NotFound, "app")
}

// A secret goes in and never comes out again: not to who asks for the settings,
// not to the guest, not into the storage.
func TestH41SecretsAreWriteOnly(t *testing.T) {
	t.Parallel()
	const secret = "sk-very-secret"
	f := setup(t, formApp("1.0.0"))
	f.install("form")
	f.machine.retired = nil
	s := f.filled(map[string]any{"percent": 10, "token": secret})
	shown, _ := s.Values["token"].(map[string]any)
	if other, _ := s.Values["other"].(map[string]any); shown["set"] != true || other["set"] != false || s.Values["percent"] != float64(10) {
		t.Errorf("shown: %v", s.Values)
	}
	if len(f.machine.retired) == 0 || f.machine.retired[0] != "shop\x00form" {
		t.Errorf("retired: %q", f.machine.retired)
	}
	out, err := f.run("form.read", []byte{0x80})
	if err != nil || abi.FieldText(out, "token") != "token" || abi.FieldText(out, "other") != "" {
		t.Errorf("the guest reads %q, %v", out, err)
	}
	if n, _ := abi.FieldInt(out, "percent"); n != 10 {
		t.Errorf("the guest reads %d", n)
	}
	plain, err := f.room.Secret(context.Background(), shop, "form", "token")
	if err != nil || plain != secret {
		t.Errorf("the sender reads %q, %v", plain, err)
	}
	// Left out, and sent as it was shown, it stays; null takes it away.
	f.filled(map[string]any{"percent": 20})
	f.filled(map[string]any{"percent": 20, "token": map[string]any{"set": true}})
	if plain, err = f.room.Secret(context.Background(), shop, "form", "token"); plain != secret {
		t.Errorf("kept: %q, %v", plain, err)
	}
	for _, space := range f.everything() {
		if strings.Contains(space, secret) {
			t.Errorf("the storage holds it: %q", space)
		}
	}
	f.filled(map[string]any{"token": nil})
	if plain, err = f.room.Secret(context.Background(), shop, "form", "token"); plain != "" || err != nil {
		t.Errorf("cleared: %q, %v", plain, err)
	}
	if out, err = f.run("form.read", []byte{0x80}); err != nil || abi.FieldText(out, "token") != "" {
		t.Errorf("the guest reads %q, %v", out, err)
	}
}

// Settings of an app that is not enabled change at once, and hold when it is; a
// version that does not know a field any more reads the others.
func TestSettingsOutliveVersions(t *testing.T) {
	t.Parallel()
	f := setup(t, formApp("1.0.0"))
	f.done(must[Job](f, "host.apps.install", Install{ID: "form", Hold: true, Consent: f.consentTo(Wish{Action: "install", ID: "form"})}))
	if a := f.state("form"); a.State != "installed" || !a.Settings {
		t.Errorf("it is %+v", a)
	}
	f.filled(map[string]any{"percent": 30, "lines": []string{"basic"}})
	f.done(must[Job](f, "host.apps.enable", Enable{ID: "form"}))
	if out, err := f.run("form.read", []byte{0x80}); err != nil {
		t.Error(err)
	} else if n, _ := abi.FieldInt(out, "percent"); n != 30 {
		t.Errorf("the guest reads %q", out)
	}
	next := formApp("1.1.0")
	next.settings(`{"type":"object","properties":{"percent":{"type":"integer"}}}`)
	f.offer(next)
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "form"}))
	out, err := f.run("form.read", []byte{0x80})
	if n, _ := abi.FieldInt(out, "percent"); err != nil || n != 30 {
		t.Errorf("the guest reads %q, %v", out, err)
	}
	worse := formApp("1.2.0")
	worse.settings(`{"type":"object","properties":{"percent":{"type":"string"}}}`)
	f.offer(worse)
	if j := f.ended(must[Job](f, "host.apps.upgrade", Upgrade{ID: "form"})); j.State != jobFailed || j.Error.Reason != schema.ReasonType {
		t.Errorf("a version that cannot read them: %s %+v", j.State, j.Error)
	}
	if a := f.state("form"); a.Version != "1.1.0" || a.State != "enabled" {
		t.Errorf("it is %+v", a)
	}
}
