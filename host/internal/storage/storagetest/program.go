package storagetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"pgregory.net/rapid"
)

// A program is a series of transactions run one after another on an engine and
// on a model, with every answer compared.
type program []transaction

type transaction struct {
	Now     int64
	Steps   []instruction
	Discard bool
	Hold    bool // begin a view first and keep it open
	Reopen  bool // close and open again afterwards
}

// verb of an instruction.
type verb int

const (
	doGet verb = iota
	doPut
	doDelete
	doScan
	doAdd
	doCounter
	doAppend
	doSave
	doRollback
	verbs
)

// instruction is one call; each verb uses the fields that it needs.
type instruction struct {
	Verb            verb
	Key, End        string
	Value           byte
	Expires         int64
	Limit           int
	Reverse         bool
	Delta, Min, Max int64
}

// keys are few and share prefixes, so that programs meet themselves.
var keys = []string{"a", "a\x00", "aa", "ab", "b", "b\xff", "c", "ca"}

func drawProgram() *rapid.Generator[program] {
	key := rapid.SampledFrom(keys)
	step := rapid.Custom(func(t *rapid.T) instruction {
		return instruction{
			Verb: verb(rapid.IntRange(0, int(verbs)-1).Draw(t, "verb")), Key: key.Draw(t, "key"),
			End:   rapid.SampledFrom(append([]string{""}, keys...)).Draw(t, "end"),
			Value: rapid.Byte().Draw(t, "value"), Expires: rapid.Int64Range(0, 9).Draw(t, "expires"),
			Limit: rapid.IntRange(0, 4).Draw(t, "limit"), Reverse: rapid.Bool().Draw(t, "reverse"),
			Delta: rapid.Int64Range(-5, 5).Draw(t, "delta"), Min: rapid.Int64Range(-9, 0).Draw(t, "min"), Max: rapid.Int64Range(0, 9).Draw(t, "max"),
		}
	})
	return rapid.Custom(func(t *rapid.T) program {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) transaction {
			return transaction{
				Now:     rapid.Int64Range(1, 8).Draw(t, "now"),
				Steps:   rapid.SliceOfN(step, 1, 14).Draw(t, "steps"),
				Discard: rapid.IntRange(0, 5).Draw(t, "discard") == 0,
				Hold:    rapid.IntRange(0, 2).Draw(t, "hold") == 0,
				Reopen:  rapid.IntRange(0, 5).Draw(t, "reopen") == 0,
			}
		}), 1, 8).Draw(t, "program")
	})
}

// programs runs random programs, each in an empty place.
func programs(t *testing.T, o EngineOptions, place func(t *testing.T) EnginePlace) {
	if o.Programs > 0 {
		generator := drawProgram()
		for seed := range o.Programs {
			check(t, generator.Example(seed+1), place(t))
		}
		return
	}
	rapid.Check(t, func(r *rapid.T) { check(r, drawProgram().Draw(r, "program"), place(t)) })
}

// check runs one program.
func check(t rapid.TB, p program, place EnginePlace) {
	m := model{rows: map[string]row{}}
	for len(p) > 0 {
		e, err := place()
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		p, err = m.run(e, p)
		if err = errors.Join(err, m.compareLog(e), e.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs transactions until one wants a restart, and returns those behind it.
// A view that an earlier transaction began is open meanwhile: it must not see
// what comes later, and an engine must keep apart for it what it would
// otherwise have forgotten.
func (m *model) run(e EngineLog, p program) (program, error) {
	var views []*view
	var err error
	for len(p) > 0 && err == nil {
		tr := p[0]
		p = p[1:]
		if tr.Hold {
			v, verr := m.hold(e, tr.Now)
			views, err = append(views, v), verr
		}
		if err == nil {
			err = m.transact(e, tr)
		}
		if tr.Reopen {
			break
		}
	}
	for _, v := range views {
		err = errors.Join(err, v.compare())
	}
	return p, err
}

// view is an open read-only transaction and what it must see.
type view struct {
	tx    storage.Txn
	model model
}

func (m *model) hold(e EngineLog, now int64) (*view, error) {
	tx, err := e.Begin(noDeadline, storage.Options{ReadOnly: true, Now: time.UnixMilli(now)})
	v := &view{tx, m.copy()}
	v.model.now = now
	return v, err
}

func (v *view) compare() error {
	if v.tx == nil {
		return nil
	}
	defer v.tx.Discard()
	for _, key := range keys {
		if r, ok := v.model.live(key); !ok || !r.counter {
			if err := v.model.get(v.tx, key); err != nil {
				return fmt.Errorf("view of %q: %w", key, err)
			}
		}
	}
	if err := v.model.scan(v.tx, instruction{}); err != nil {
		return fmt.Errorf("view: %w", err)
	}
	_, err := v.tx.Commit(noDeadline)
	return err
}

// row is a record or a counter of the model.
type row struct {
	counter bool
	count   int64
	value   byte
	expires int64
}

// model is a map that does what an engine must do.
type model struct {
	rows    map[string]row
	entries []byte
	saves   []model
	now     int64
}

func (m model) copy() model {
	return model{rows: maps.Clone(m.rows), entries: slices.Clone(m.entries), now: m.now}
}

// transact runs one transaction on both and keeps its effects if it commits.
func (m *model) transact(e EngineLog, tr transaction) error {
	tx, err := e.Begin(noDeadline, storage.Options{Now: time.UnixMilli(tr.Now)})
	if err != nil {
		return err
	}
	defer tx.Discard()
	work := m.copy()
	work.now = tr.Now
	for i, in := range tr.Steps {
		if err := work.step(tx, in); err != nil {
			return fmt.Errorf("step %d %+v: %w", i, in, err)
		}
	}
	if tr.Discard {
		return nil
	}
	c, err := tx.Commit(noDeadline)
	if err == nil && c.Position != uint64(len(work.entries)) {
		err = fmt.Errorf("position %d, want %d", c.Position, len(work.entries))
	}
	m.rows, m.entries = work.rows, work.entries
	return err
}

// live returns a row unless it is absent or expired.
func (m *model) live(key string) (row, bool) {
	r, ok := m.rows[key]
	return r, ok && (r.expires == 0 || r.expires > m.now)
}

func (m *model) step(tx storage.Txn, in instruction) error {
	key := []byte(in.Key)
	switch in.Verb {
	case doGet:
		return m.get(tx, in.Key)
	case doPut:
		m.rows[in.Key] = row{value: in.Value, expires: in.Expires}
		return tx.Put(key, storage.Record{Value: []byte{in.Value}, Expires: in.Expires})
	case doDelete:
		delete(m.rows, in.Key)
		return tx.Delete(key)
	case doScan:
		return m.scan(tx, in)
	case doAdd:
		return m.add(tx, in)
	case doCounter:
		return m.counter(tx, in.Key)
	case doAppend:
		m.entries = append(m.entries, in.Value)
		return tx.Append([]byte{in.Value})
	case doSave:
		m.saves = append(m.saves, m.copy())
		return want(int(tx.Save()), len(m.saves)-1)
	}
	return m.rollback(tx, in)
}

// rollback goes back to one of the savepoints, if there is any.
func (m *model) rollback(tx storage.Txn, in instruction) error {
	if len(m.saves) == 0 {
		return nil
	}
	i := int(in.Value) % len(m.saves)
	tx.Rollback(storage.Savepoint(i))
	back := m.saves[i].copy()
	m.rows, m.entries, m.saves = back.rows, back.entries, m.saves[:i+1]
	return nil
}

func (m *model) get(tx storage.Txn, key string) error {
	r, ok, err := tx.Get([]byte(key))
	w, exists := m.live(key)
	switch {
	case exists && w.counter:
		return wantError(err, storage.ErrCounter)
	case err != nil || ok != exists:
		return fmt.Errorf("found %v, want %v: %w", ok, exists, err)
	case ok:
		return want(r.Value[0], w.value)
	}
	return nil
}

func (m *model) counter(tx storage.Txn, key string) error {
	n, err := tx.Counter([]byte(key))
	if w, exists := m.live(key); exists && !w.counter {
		return wantError(err, storage.ErrCounter)
	} else if err != nil {
		return err
	} else {
		return want(n, w.count)
	}
}

func (m *model) add(tx storage.Txn, in instruction) error {
	ok, err := tx.Add([]byte(in.Key), in.Delta, in.Min, in.Max)
	w, exists := m.live(in.Key)
	if exists && !w.counter {
		return wantError(err, storage.ErrCounter)
	}
	sum := w.count + in.Delta
	fits := sum >= in.Min && sum <= in.Max
	if fits {
		m.rows[in.Key] = row{counter: true, count: sum}
	}
	return errors.Join(err, want(ok, fits))
}

func (m *model) scan(tx storage.Txn, in instruction) error {
	r := storage.Range{Start: []byte(in.Key), Limit: in.Limit, Reverse: in.Reverse}
	if in.End != "" {
		r.End = []byte(in.End)
	}
	pairs, err := tx.Scan(r)
	if err != nil {
		return err
	}
	var got []string
	for _, p := range pairs {
		got = append(got, shown(p))
	}
	if expect := m.expected(in); !slices.Equal(got, expect) {
		return fmt.Errorf("got %q, want %q", got, expect)
	}
	return nil
}

func shown(p storage.Pair) string {
	if p.Counter {
		return fmt.Sprintf("%s=#%d", p.Key, int64(binary.BigEndian.Uint64(p.Value)))
	}
	return fmt.Sprintf("%s=%d", p.Key, p.Value[0])
}

func (m *model) expected(in instruction) []string {
	all := slices.Sorted(maps.Keys(m.rows))
	if in.Reverse {
		slices.Reverse(all)
	}
	var out []string
	for _, key := range all {
		w, ok := m.live(key)
		if !ok || key < in.Key || in.End != "" && key >= in.End || in.Limit > 0 && len(out) == in.Limit {
			continue
		}
		if w.counter {
			out = append(out, fmt.Sprintf("%s=#%d", key, w.count))
		} else {
			out = append(out, fmt.Sprintf("%s=%d", key, w.value))
		}
	}
	return out
}

func (m *model) compareLog(e EngineLog) error {
	got, err := e.Read(0, len(m.entries)+1)
	if err != nil || len(got) != len(m.entries) {
		return fmt.Errorf("log of %d entries, want %d: %w", len(got), len(m.entries), err)
	}
	for i, entry := range got {
		if entry.Position != uint64(i+1) || entry.Data[0] != m.entries[i] {
			return fmt.Errorf("entry %d is %d at %d", i, entry.Data[0], entry.Position)
		}
	}
	return nil
}

func want[T comparable](got, want T) error {
	if got != want {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return nil
}

func wantError(got, want error) error {
	if !errors.Is(got, want) {
		return fmt.Errorf("got error %q, want %q", fmt.Sprint(got), fmt.Sprint(want))
	}
	return nil
}
