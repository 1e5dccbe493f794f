package sandbox

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
)

func TestGoGuestAnswers(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	cart := `[{"sku":"8001","quantity":2,"price":1000,"Shares":[970,970]}]`
	for _, c := range []struct {
		name        string
		entry       uint32
		input, want string
	}{
		{"empty", entryEmpty, "", ""},
		{"cart", entryCart, `[{"sku":"8001","quantity":2,"price":1000}]`, cart},
		{"echo", entryEcho, "ciao", "ciao"},
		{"larger than the buffer", entryEcho, strings.Repeat("è", 100_000), strings.Repeat("è", 100_000)},
	} {
		if got := run(t, s, m, call(c.entry, c.input)); got != c.want {
			t.Errorf("%s: %.80q, want %.80q", c.name, got, c.want)
		}
	}
	if got, err := m.Describe(context.Background()); err != nil || string(got) != "descriptor" {
		t.Errorf("describe: %q, %v", got, err)
	}
}

func TestHostCallsReachTheHostAndBack(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	for _, c := range []struct {
		name string
		host hostOf
		want string
	}{
		{"short", func(fn abi.Func, in, out []byte) ([]byte, abi.Code, error) {
			return append(append(out, fn.String()...), in...), abi.OK, nil
		}, "0:getkey"},
		{"code", func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
			return append(out, "frame"...), abi.NotFound, nil
		}, "2:frame"},
		{"longer than the guest's room", func(_ abi.Func, _, out []byte) ([]byte, abi.Code, error) {
			return append(out, strings.Repeat("z", 50_000)...), abi.OK, nil
		}, "0:" + strings.Repeat("z", 50_000)},
	} {
		k := call(entryHostCall, "key")
		k.Host = c.host
		if got := run(t, s, m, k); got != c.want {
			t.Errorf("%s: %.80q, want %.80q", c.name, got, c.want)
		}
		if k.Meter.HostCalls != 9_999 {
			t.Errorf("%s: %d host calls left, want 9999", c.name, k.Meter.HostCalls)
		}
	}
}

func TestHostErrorIsTheErrorOfRun(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	conflict := errors.New("conflict")
	k := call(entryHostCall, "key")
	k.Host = hostOf(func(abi.Func, []byte, []byte) ([]byte, abi.Code, error) { return nil, 0, conflict })
	if _, _, err := s.Run(context.Background(), m, k, nil); err != conflict {
		t.Errorf("error %v, want the host's own", err)
	}
	if n := s.Stats().Instances; n != 0 {
		t.Errorf("%d instances are alive, want none", n)
	}
}
