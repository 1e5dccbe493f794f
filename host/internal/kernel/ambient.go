package kernel

import (
	"context"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// ambient answers what touches no data: ids, randomness, who and where.
func (s *session) ambient(fn abi.Func, in, out []byte) ([]byte, error) {
	switch fn {
	case abi.FuncNewID:
		return append(out, s.op.newID()...), nil
	case abi.FuncRandom:
		return s.randomBytes(in, out)
	case abi.FuncSettings:
		return append(out, s.app.Settings...), nil
	case abi.FuncInfo:
		i := s.info()
		return i.Append(out), nil
	case abi.FuncZone:
		return zone(in, out)
	case abi.FuncSign:
		return s.sign(in, out)
	case abi.FuncLog:
		return out, s.log(in)
	}
	return out, fmt.Errorf("host call %s is not the kernel's", fn)
}

// info is what the guest may know of what it runs in.
func (s *session) info() abi.Info {
	var i abi.Info
	if h := s.handled(); h != nil {
		i = h.Info
	}
	if s.from != nil {
		i.Version = 0 // others are not handed the event, and may not know the field
	}
	p := s.op.call.Principal
	i.Operation, i.Request, i.Principal, i.Stores, i.Caller = s.op.id(), s.op.call.Request, p.ID, p.Stores, s.caller()
	if p.Stores != nil && len(p.Stores) == 0 {
		i.Stores = []string{noStore} // none at all, which an empty list does not say
	}
	return i
}

// noStore is the id of no store.
const noStore = "-"

// outsideCall answers a guest that runs without a transaction.
func (s *session) outsideCall(ctx context.Context, fn abi.Func, in, out []byte) ([]byte, error) {
	switch fn {
	case abi.FuncNewID, abi.FuncRandom, abi.FuncSettings, abi.FuncInfo, abi.FuncZone, abi.FuncSign, abi.FuncLog:
		return s.ambient(fn, in, out)
	case abi.FuncHTTP:
		r, err := frame(abi.ParseHTTPRequest(in))
		if err != nil {
			return out, err
		}
		answer, err := s.send(ctx, s.app, r)
		return answer.Append(out), err
	}
	return out, failure(abi.Denied, abi.ReasonOutside, "An effect handler has no transaction.")
}

func (s *session) randomBytes(in, out []byte) ([]byte, error) {
	d := abi.NewDecoder(in)
	n := d.Uint()
	if _, err := frame(n, d.Done()); err != nil {
		return out, err
	}
	if n > abi.MaxRandom {
		return out, failure(abi.TooLarge, abi.ReasonRandom, "More than 4,096 random bytes in one call.")
	}
	b := make([]byte, n)
	_, _ = s.op.entropy().Read(b) // ChaCha8 does not fail
	return append(out, b...), nil
}

// sign signs for the app and nobody else: in a nested call for the one that was
// called.
func (s *session) sign(in, out []byte) ([]byte, error) {
	if len(in) > abi.MaxSign {
		return out, failure(abi.TooLarge, abi.ReasonSign, "More than 65,536 bytes to sign in one call.")
	}
	if s.op.k.config.Sign == nil {
		return out, failure(abi.FailedPrecondition, abi.ReasonSign, "This host has no key to sign with.")
	}
	return append(out, s.op.k.config.Sign(s.op.tenant.name, s.app.ID, in)...), nil
}

// zones caches the machine's zone database, which does not change while we run.
var zones sync.Map

func zone(in, out []byte) ([]byte, error) {
	f, err := frame(abi.ParseZoneAt(in))
	if err != nil {
		return out, err
	}
	loc, err := location(f.Zone)
	if err != nil {
		return out, failure(abi.NotFound, abi.ReasonZone, "There is no zone "+f.Zone+".")
	}
	t := time.UnixMilli(f.At).In(loc)
	name, offset := t.Zone()
	start, end := t.ZoneBounds()
	span := abi.ZoneSpan{Offset: offset, Name: name, Start: milli(start), End: milli(end)}
	return span.Append(out), nil
}

func location(name string) (*time.Location, error) {
	if loc, ok := zones.Load(name); ok {
		return loc.(*time.Location), nil
	}
	// A zone has one name here, or a guest could fill the cache with its spellings.
	if name == "" || name == "Local" || len(name) > 64 || strings.Contains(name, ".") || path.Clean(name) != name {
		return nil, fmt.Errorf("no zone %q", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	zones.Store(name, loc)
	return loc, nil
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// lineCost is what a line counts beside its own bytes: the host's words around
// it, so that a storm of empty lines ends as soon as one of long ones.
const lineCost = 256

// log writes a guest's line, as long as its operation has bytes left for it.
func (s *session) log(in []byte) error {
	f, err := frame(abi.ParseLog(in))
	if err != nil {
		return err
	}
	if s.op.meter.LogBytes -= len(in) + lineCost; s.op.meter.LogBytes < 0 {
		return quota("log")
	}
	args := []any{"app", s.app.String(), "operation", s.op.call.Operation, "request", s.op.call.Request}
	for _, field := range f.Fields {
		if field.IsInt {
			args = append(args, "app."+printable(field.Name), field.Int)
		} else {
			args = append(args, "app."+printable(field.Name), printable(field.Text))
		}
	}
	log := s.op.k.config.Logger
	switch f.Level {
	case abi.LogDebug:
		log.Debug(printable(f.Message), args...)
	case abi.LogInfo:
		log.Info(printable(f.Message), args...)
	case abi.LogWarn:
		log.Warn(printable(f.Message), args...)
	case abi.LogError:
		log.Error(printable(f.Message), args...)
	}
	return nil
}

// printable keeps a guest from forging log lines or driving a terminal: control
// characters are shown, not sent, and a line ends after 1 KiB.
func printable(s string) string {
	const most = 1 << 10
	cut := len(s) > most
	if cut {
		s = s[:most]
	}
	clean := make([]rune, 0, len(s))
	for _, r := range s {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError {
			r = '?' // no longer than what it stands for
		}
		clean = append(clean, r)
	}
	if cut {
		return string(clean) + "… truncated=true"
	}
	return string(clean)
}
