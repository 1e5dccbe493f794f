package sandbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
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
	if _, _, err := s.Run(context.Background(), m, k, nil); !errors.Is(err, conflict) {
		t.Errorf("error %v, want the host's own", err)
	}
	if n := s.Stats().Instances; n != 0 {
		t.Errorf("%d instances are alive, want none", n)
	}
}

// cartJSON is a cart of n lines.
func cartJSON(n int) string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"sku":"8001%04d","quantity":%d,"price":%d}`, i, i%5, 999+i)
	}
	return "[" + strings.Join(lines, ",") + "]"
}

func TestPooledGuestStaysFlat(t *testing.T) {
	t.Parallel()
	const calls = 45_000
	s := open(t, Config{InstanceCalls: 2 * calls, GrowthMark: 1 << 30})
	m := loadGo(t, s, ModuleLimits{})
	var early int64
	for i := range calls {
		run(t, s, m, call(entryChurn, "8001505005479"))
		if i == calls/3 {
			early = s.Stats().Memory
		}
	}
	st := s.Stats()
	if st.Started != 1 {
		t.Errorf("%d instances were started, want one", st.Started)
	}
	// A call leaves 2 KiB of garbage: if a hundredth of it stayed, it would show.
	if st.Memory > early+mib/2 {
		t.Errorf("the memory grew from %d to %d bytes", early, st.Memory)
	}
	t.Logf("memory after %d calls: %d KiB, after %d calls: %d KiB", calls/3, early>>10, calls, st.Memory>>10)
}

// zeros is randomness that is the same every time.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestEnginesAgree(t *testing.T) {
	t.Parallel()
	input := cartJSON(20)
	var answer string
	var units int64
	for i, c := range []struct {
		engine Engine
		slice  int64
	}{{Compiler, 0}, {Compiler, 0}, {Interpreter, 0}, {Compiler, 1}, {Compiler, 777}} {
		s := open(t, Config{Random: zeros{}, Slice: c.slice})
		m := loadGo(t, s, ModuleLimits{Engine: c.engine})
		k := call(entryCart, input)
		got := run(t, s, m, k)
		used := int64(1<<40) - k.Meter.Units
		if i == 0 {
			answer, units = got, used
		}
		if got != answer {
			t.Errorf("%+v answers %.200q, want %.200q", c, got, answer)
		}
		if used != units {
			t.Errorf("%+v used %d units, want %d as in every fresh instance", c, used, units)
		}
	}
}

func TestShortCallsAreCharged(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := load(t, s, tiny(1), ModuleLimits{})
	k := call(0, "")
	k.Meter.Units = 10
	for range 10 {
		run(t, s, m, k)
	}
	if k.Meter.Units != 0 {
		t.Errorf("%d units left, want 0: one for each call", k.Meter.Units)
	}
	if f := faultOf(t, s, m, k); f.Kind != FaultFuel {
		t.Errorf("%v, want fuel", f)
	}
}

func TestG21OutputIsEscapedAndCapped(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	f := faultOf(t, s, m, call(entryPrintAndPanic, "\x1b[2Jred\r\n2026 [INFO] forged\xff"))
	if f.Kind != FaultTrap || !strings.HasPrefix(f.Stderr, `\x1b[2Jred\r\n2026 [INFO] forged\xff`) || !strings.Contains(f.Stderr, "panic: a bug in the guest") {
		t.Errorf("%v", f)
	}
	if strings.ContainsAny(f.Stderr, "\x1b\r\n") {
		t.Errorf("control characters are left in %q", f.Stderr)
	}
	k := call(entryPrintAndPanic, strings.Repeat("y", 100_000))
	if f := faultOf(t, s, m, k); len(f.Stderr) > outputTail+100 || !strings.HasSuffix(f.Stderr, "[truncated]") || k.Meter.LogBytes != 0 {
		t.Errorf("%d bytes kept, %d may still be logged: %.100q", len(f.Stderr), k.Meter.LogBytes, f.Stderr)
	}
	k = call(entryPrintALot, "")
	run(t, s, m, k)
	if k.Meter.LogBytes != 0 {
		t.Errorf("%d bytes may still be logged, want 0", k.Meter.LogBytes)
	}
}

func TestG30ClocksStandStill(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	k := call(entryClocks, "")
	for i := range 3 { // the monotonic clock must not go back when the other does
		k.Now = noon.Add(time.Duration(1-i) * time.Hour)
		want := fmt.Sprintf("%d %d", k.Now.UnixMilli(), k.Now.UnixMilli())
		if got := run(t, s, m, k); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if a, b := run(t, s, m, call(entryRandom, "")), run(t, s, m, call(entryRandom, "")); a == b {
		t.Errorf("the same random bytes %x twice", a)
	}
}

func TestGuestsThatGiveUp(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	for _, c := range []struct {
		name   string
		entry  uint32
		kind   FaultKind
		stderr string
	}{
		{"exit", entryExit, FaultExit, ""},
		{"deadlock", entryDeadlock, FaultTrap, "deadlock"},
		{"out of memory", entryExhaust, FaultMemory, "out of memory"},
		{"no such entry", 999, FaultTrap, "index out of range"},
	} {
		f := faultOf(t, s, m, call(c.entry, ""))
		if f.Kind != c.kind || !strings.Contains(f.Stderr, c.stderr) {
			t.Errorf("%s: %v, want %s with %q", c.name, f, c.kind, c.stderr)
		}
		if f.Module != m.Digest() {
			t.Errorf("%s: module %s", c.name, f.Module)
		}
	}
	// Sleeping is no use, but it does no harm either.
	if got := run(t, s, m, call(entrySleep, "")); got != "awake" {
		t.Errorf("sleep: %q", got)
	}
}

func TestAnswersThatBreakTheABI(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	const max = 2000
	for _, c := range []struct {
		name string
		pack uint64
	}{
		{"an unknown code", uint64(abi.Internal+1) << 32},
		{"a code beyond a byte", 1 << 40},
		{"longer than allowed", max + 1},
		{"longer than the buffer", 1025},
		{"longer than anything", 0xffffffff},
	} {
		m := load(t, s, hostile(wasmtest.Module{}, nil, wasmtest.I64Const(int64(c.pack))), ModuleLimits{Output: max})
		if f := faultOf(t, s, m, call(0, "")); f.Kind != FaultContract {
			t.Errorf("%s: %v, want contract", c.name, f)
		}
	}
	m := load(t, s, tiny(1), ModuleLimits{})
	if f := faultOf(t, s, m, call(0, strings.Repeat("x", 1025))); f.Kind != FaultContract {
		t.Errorf("an input that the guest has no room for: %v, want contract", f)
	}
}

func TestPanicOfTheHostIsNotTheGuests(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	m := loadGo(t, s, ModuleLimits{})
	k := call(entryHostCall, "")
	k.Host = hostOf(func(abi.Func, []byte, []byte) ([]byte, abi.Code, error) { panic("secret") })
	_, _, err := s.Run(context.Background(), m, k, nil)
	var f *Fault
	if err == nil || errors.As(err, &f) || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v, want an error that is no fault and tells no secret", err)
	}
}
