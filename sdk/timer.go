package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Timer is an app's own durable alarm clock.
type Timer[T any] struct {
	Name string // unique in the app
}

// Schedule asks for the timer at or after an instant, once, with v. A second
// one with the same id replaces the first. Errors: invalid, reason "key" (id is
// longer than 384 bytes or holds a NUL); too_large.
func (t Timer[T]) Schedule(tx *Tx, id string, at retail.Instant, v T) error {
	return put(&tx.c, hostcall.Schedule, abi.Schedule{Name: t.Name, ID: id, At: int64(at)}, &v)
}

// Cancel takes a timer back. One that has run, or never was, is no error.
// Errors: invalid, reason "key".
func (t Timer[T]) Cancel(tx *Tx, id string) error {
	s := abi.Schedule{Name: t.Name, ID: id}
	return outcome(tx.c.send(hostcall.Cancel, s.Append(tx.c.frame())))
}

// On makes fn the timer's handler, in a transaction of its own. Info.Key is the
// id that it was scheduled with.
func (t Timer[T]) On(fn func(tx *Tx, v T) error) Part {
	return part(func(a *App) { a.handle(abi.Entry{Kind: abi.EntryTimer, Name: t.Name}, onHappening(fn)) })
}

// put sends what is to be done later, with what the pointer v points to.
func put(c *context, fn hostcall.Func, s abi.Schedule, v any) error {
	payload, err := encode(c, v, s.Name)
	if err != nil {
		return err
	}
	s.Payload = payload
	return outcome(c.send(fn, s.Append(c.frame())))
}

// Daily runs fn once a day in a transaction of its own, at or after a civil time
// in the tenant's zone: "04:00". On a day on which the clock skips that time it
// runs behind the gap; on one that has it twice, the first time. A day on which
// the host did not run is not made up for. name is the app's own, and stays when
// the time changes. It panics on what is no time of day.
func Daily(name, at string, fn func(tx *Tx) error) Part {
	return part(func(a *App) {
		if !timeOfDay(at) {
			panic("sdk: " + a.id + " does " + name + ` daily at "` + at + `": times are like 04:00`)
		}
		a.handle(abi.Entry{Kind: abi.EntryDaily, Name: name, Key: at}, func(port hostcall.Port, _, out []byte) ([]byte, abi.Code) {
			tx := Tx{newContext(port)}
			if err := fn(&tx); err != nil {
				return fail(&tx.c, out, err)
			}
			return out, abi.OK
		})
	})
}

// timeOfDay says whether s is HH:MM.
func timeOfDay(s string) bool {
	if len(s) != 5 || s[2] != ':' {
		return false
	}
	digit := func(i int, most byte) bool { return s[i] >= '0' && s[i] <= most }
	return (digit(0, '1') && digit(1, '9') || s[0] == '2' && digit(1, '3')) && digit(3, '5') && digit(4, '9')
}
