package event

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The kinds of thing that a handler can fail on.
const (
	kindEvent  = "event"
	kindTimer  = "timer"
	kindDaily  = "daily"
	kindEffect = "effect_done"
)

// Line is a waiting line: what of one key failed in one app, and what came
// behind it. It is there as long as anything waits in it.
type Line struct {
	App   string `json:"app"`
	Kind  string `json:"kind"`
	Key   string `json:"key"`
	First uint64 `json:"first"` // number of its head
	End   uint64 `json:"end"`   // number of the next that joins

	Attempts int     `json:"attempts"` // that its head has failed
	Next     int64   `json:"next"`     // when it is tried again, milliseconds since 1970 UTC
	Since    int64   `json:"since"`    // of the first failure
	Parked   bool    `json:"parked"`   // it waits for a person
	Told     bool    `json:"told"`     // host.event_parked was emitted
	Failure  Failure `json:"failure"`
}

// Failure is what a handler answered last.
type Failure struct {
	Code    string `json:"code"`
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty" jsonschema:"the app's own words, at most 1,000 bytes"`
	App     string `json:"app,omitempty" jsonschema:"id@version of the app that raised it"`
}

// item is one thing in a line. An event is only named: the log has it. The input
// of anything else lies beside it.
type item struct {
	Kind     string `json:"kind"`
	Name     string `json:"name"` // type of the event; name of the timer, the daily work or the effect
	ID       string `json:"id"`   // of the event, the timer or the effect
	Position uint64 `json:"position,omitempty"`
	Due      int64  `json:"due,omitempty"`
	Replayed bool   `json:"replayed,omitempty"`
	Time     int64  `json:"time,omitempty"` // what its clock shows; 0 for the time of the attempt
	Input    int    `json:"input,omitempty"`
}

// The areas of waiting lines. The name of a line is app.partition.hash; that of
// an item has its number behind, that of a part of its input one more.
const (
	areaRetry = "event_retry" // due/line, of lines that are tried by themselves
	areaInput = "parked_input"
)

var (
	lines = platform.Area[Line]{Name: "event_line"}
	items = platform.Area[item]{Name: "parked"}
)

func linePrefix(app string, partition uint32) string {
	return app + "." + strconv.Itoa(int(partition)) + "."
}

// timerPrefix is of the lines of everything that is no event.
func timerPrefix(app string) string { return app + ".t." }

// lineHash names a key of any length and any bytes.
func lineHash(kind, key string) string {
	h := sha256.Sum256([]byte(kind + "\x00" + key))
	return hex.EncodeToString(h[:16])
}

func itemKey(line string, n uint64) string { return fmt.Sprintf("%s.%016x", line, n) }

func retryKey(due int64, line string) string { return fmt.Sprintf("%016x/%s", due, line) }

func appOfLine(line string) string {
	app, _, _ := strings.Cut(line, ".")
	return app
}

func eventItem(e *event) item {
	it := item{Kind: kindEvent, Name: e.Type, ID: e.ID, Position: e.position, Replayed: e.Replayed}
	if e.Replayed {
		it.Time = e.Time
	}
	return it
}

// write writes a line as it is after a change; old is as it was.
func (l *Line) write(tx *kernel.Tx, name string, old *Line) error {
	if old != nil && !old.Parked {
		if err := tx.Delete(areaRetry, retryKey(old.Next, name)); err != nil {
			return err
		}
	}
	if l.First == l.End {
		return lines.Delete(tx, name)
	}
	if !l.Parked {
		if err := tx.Put(areaRetry, retryKey(l.Next, name), []byte{}); err != nil {
			return err
		}
	}
	return lines.Put(tx, name, *l)
}

// join puts an item behind a line, if there is one.
func (t *tenant) join(tx *kernel.Tx, name string, it item, input []byte) (bool, error) {
	l, ok, err := lines.Get(tx, name)
	if err != nil || !ok {
		return false, err
	}
	if err = addItem(tx, itemKey(name, l.End), it, input); err != nil {
		return false, err
	}
	l.End++
	return true, lines.Put(tx, name, l)
}

// park begins a line with an item whose first attempt has failed.
func (t *tenant) park(tx *kernel.Tx, name string, l Line, it item, input []byte, failed *kernel.Error) error {
	if err := addItem(tx, itemKey(name, 0), it, input); err != nil {
		return err
	}
	l.End, l.Since = 1, tx.Now().UnixMilli()
	if err := t.fail(tx, &l, name, &it, failed); err != nil {
		return err
	}
	tx.Wake()
	return l.write(tx, name, nil)
}

// fail counts a failed attempt of a line's head. After the last one the line is
// parked, and the log says so, once.
func (t *tenant) fail(tx *kernel.Tx, l *Line, name string, head *item, failed *kernel.Error) error {
	l.Attempts++
	l.Failure = failureOf(failed)
	wait, again := t.retry(name, l.Attempts)
	if again && l.Failure.Reason != abi.ReasonEventVersion { // which only an upgrade mends
		l.Next = tx.Now().Add(wait).UnixMilli()
		return nil
	}
	l.Parked = true
	if l.Told {
		return nil
	}
	l.Told = true
	return tx.Emit("host.event_parked", l.App+"/"+l.Key, parkedData(name, l, head))
}

func failureOf(e *kernel.Error) Failure {
	return Failure{Code: e.Public.Code.String(), Reason: capped(e.Public.Reason, 100), Message: capped(e.Public.Message, 1000), App: e.Public.App}
}

// capped cuts a text between characters.
func capped(s string, most int) string {
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return s
}

// parkedData is the payload of host.event_parked and host.event_discarded but for
// its reason: what failed and how.
func parkedData(name string, l *Line, head *item) []byte {
	b := msgp.AppendMapHeader(nil, 8)
	for _, f := range [][2]string{
		{"line", name}, {"app", l.App}, {"kind", l.Kind}, {"key", l.Key},
		{"name", head.Name}, {"code", l.Failure.Code}, {"reason", l.Failure.Reason},
	} {
		b = msgp.AppendString(msgp.AppendString(b, f[0]), f[1])
	}
	return msgp.AppendUint64(msgp.AppendString(b, "position"), head.Position)
}

// inputPart is how much of an input lies under one key.
const inputPart = 200 << 10

func addItem(tx *kernel.Tx, key string, it item, input []byte) error {
	var err error
	if it.Input, err = putLong(tx, areaInput, key, input, time.Time{}); err != nil {
		return err
	}
	return items.Put(tx, key, it)
}

func removeItem(tx *kernel.Tx, key string, it *item) error {
	if err := deleteLong(tx, areaInput, key, it.Input); err != nil {
		return err
	}
	return items.Delete(tx, key)
}

// putLong writes a value of any length in parts and says in how many. They count
// as absent from an instant on, or never with the zero time.
func putLong(tx *kernel.Tx, area, key string, value []byte, until time.Time) (parts int, err error) {
	for ; len(value) > 0; parts++ {
		part, name := value[:min(inputPart, len(value))], key+"."+strconv.Itoa(parts)
		if until.IsZero() {
			err = tx.Put(area, name, part)
		} else {
			err = tx.PutUntil(area, name, part, until)
		}
		if err != nil {
			return 0, err
		}
		value = value[len(part):]
	}
	return parts, nil
}

func getLong(tx *kernel.Tx, area, key string, parts int) ([]byte, error) {
	var value []byte
	for i := range parts {
		part, ok, err := tx.Get(area, key+"."+strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("part %d of %s is missing", i, key)
		}
		value = append(value, part...)
	}
	return value, nil
}

func deleteLong(tx *kernel.Tx, area, key string, parts int) error {
	for i := range parts {
		if err := tx.Delete(area, key+"."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

const reasonGone = "gone"

// gone is the failure of what cannot be handled any more.
func gone(message string) *kernel.Error {
	return &kernel.Error{Public: abi.Error{Code: abi.NotFound, Reason: reasonGone, Message: message}}
}

// retrial is how a line's head is handled once more; nil if the app, as it is
// now, has no handler for it.
func (t *tenant) retrial(tx *kernel.Tx, a *registry.App, key string, it *item, attempt int) (*kernel.Handling, *kernel.Error, error) {
	if it.Kind == kindEvent {
		return t.eventAgain(a, it, attempt)
	}
	input, err := getLong(tx, areaInput, key, it.Input)
	if err != nil {
		return nil, nil, err
	}
	var h kernel.Handling
	var ok bool
	switch it.Kind {
	case kindTimer:
		h, ok = t.timerHandling(a, it.Name, it.ID, it.Due, input)
	case kindDaily:
		h, ok = t.dailyHandling(a, it.Name, it.Due)
	case kindEffect:
		h, ok = t.effectDone(a, it.Name, it.ID, it.Due, input)
	}
	if !ok {
		return nil, nil, nil
	}
	h.Info.Attempt, h.Info.Replayed = attempt, it.Replayed
	if it.Time != 0 {
		h.Time = time.UnixMilli(it.Time).UTC()
	}
	return &h, nil, nil
}

func (t *tenant) eventAgain(a *registry.App, it *item, attempt int) (*kernel.Handling, *kernel.Error, error) {
	sub, ok := handlers(a)[it.Name]
	if !ok {
		return nil, nil, nil
	}
	e, ok, err := t.feed.at(it.Position)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, gone("The log does not hold this event any more."), nil
	}
	h := t.handling(a, sub.Entry, &e, attempt)
	if it.Replayed {
		h.Info.Replayed, h.Time = true, time.UnixMilli(it.Time).UTC()
	}
	return &h, nil, nil
}
