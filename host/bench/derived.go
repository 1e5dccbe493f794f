package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/bench/guests/tariff"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The rows of derived values; each has the number of rules behind it.
const (
	rowDerivedRebuild = "derived.rebuild"
	rowDerivedApply   = "derived.apply"
	rowPublish        = "derived.publish"
	rowPublishLongest = "derived.publish.longest"
)

// derivedSizes are the numbers of rules.
var derivedSizes = []struct {
	suffix string
	rules  int
}{{".10k", 10_000}, {".100k", 100_000}}

// derivedRows measures an index of rules of the size of promotions: how long the
// guest takes to build it anew and to bring it up to one change, how long after
// its commit a change is first seen, and the longest query meanwhile.
var derivedRows = experiment{
	name: "derived values",
	rows: []string{
		rowDerivedRebuild + ".10k", rowDerivedApply + ".10k", rowPublish + ".10k", rowPublishLongest + ".10k",
		rowDerivedRebuild + ".100k", rowDerivedApply + ".100k", rowPublish + ".100k", rowPublishLongest + ".100k",
	},
	run: measureDerived,
}

const (
	rulesAtOnce    = 1000 // written by one command
	ruleText       = 120  // bytes of text in a rule
	derivedTurns   = 5
	derivedClients = 8
	derivedAsked   = 20                   // subjects in one query, as lines in a basket
	derivedPause   = 2 * time.Millisecond // of a client between queries: on few cores, without it, they wait for each other
	// derivedLimit is when a change counts as lost.
	derivedLimit = 30 * time.Second
)

func measureDerived(ctx context.Context, b *bench) ([]result.Row, error) {
	var rows []result.Row
	for _, size := range derivedSizes {
		some, err := measureRules(ctx, b, size.suffix, size.rules)
		rows = append(rows, some...)
		if err != nil {
			return rows, fmt.Errorf("%d rules: %w", size.rules, err)
		}
	}
	return rows, nil
}

// rules is a kernel over a tariff of so many rules.
type rules struct {
	*rig.Rig
	timed   *timedWarming
	n       int
	changes int
}

func openRules(ctx context.Context, b *bench, name string, n int) (*rules, error) {
	s := &rules{n: n}
	var err error
	// As many places that each client has an instance at work: an app may hold half.
	s.Rig, err = b.openGuests(ctx, name, rig.Options{Apps: []string{"tariff"}, Running: 2 * derivedClients, Wrap: func(next sandbox.Runner) sandbox.Runner {
		s.timed = &timedWarming{Runner: next, Warmer: next.(kernel.Warmer)}
		return s.timed
	}})
	if err != nil {
		return nil, err
	}
	if err := fillRules(ctx, s.Rig, n, ruleText); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// timedWarming is a sandbox that says how long the last generation took.
type timedWarming struct {
	sandbox.Runner
	kernel.Warmer
	mu      sync.Mutex
	took    time.Duration
	changed bool // it went on from the one before
}

// Warm implements kernel.Warmer.
func (t *timedWarming) Warm(ctx context.Context, m *sandbox.Module, w sandbox.Warming, out []byte) ([]byte, abi.Code, error) {
	began := time.Now()
	out, code, err := t.Warmer.Warm(ctx, m, w, out)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took, t.changed = time.Since(began), w.From != 0
	return out, code, err
}

// last is how long the last generation took, which must have gone on from the
// one before or not.
func (t *timedWarming) last(changed bool) (time.Duration, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.changed != changed {
		return 0, fmt.Errorf("the last generation went on from the one before: %v", t.changed)
	}
	return t.took, nil
}

// fillRules writes rules with so much text each and waits until they are seen.
func fillRules(ctx context.Context, r *rig.Rig, n, text int) error {
	for first := 0; first < n; first += rulesAtOnce {
		in := fields(field{"first", int64(first)}, field{"count", rulesAtOnce}, field{"text", int64(text)})
		if _, err := r.Run(ctx, "tariff.fill", in); err != nil {
			return fmt.Errorf("fill rules from %d: %w", first, err)
		}
	}
	_, err := publish(ctx, r, 0, 500, true)
	return err
}

// publish gives a rule a percentage above all others and answers how long after
// the answer of that command a query saw it.
func publish(ctx context.Context, r *rig.Rig, id, percent int64, all bool) (time.Duration, error) {
	in := msgp.AppendInt64(msgp.AppendString(msgp.AppendMapHeader(nil, 3), "id"), id)
	in = msgp.AppendInt64(msgp.AppendString(in, "percent"), percent)
	in = msgp.AppendBool(msgp.AppendString(in, "all"), all)
	if _, err := r.Run(ctx, "tariff.change", in); err != nil {
		return 0, err
	}
	committed, question := time.Now(), subjects(id/tariff.PerSubject)
	for {
		res, err := r.Run(ctx, "tariff.best", question)
		took := time.Since(committed)
		if err != nil {
			return 0, err
		}
		got, err := firstPercent(res.Output)
		if err != nil || got == percent {
			return took, err
		}
		if took > derivedLimit {
			return 0, fmt.Errorf("the change of rule %d was not seen in %v", id, derivedLimit)
		}
	}
}

// subjects is a question about subjects in MessagePack.
func subjects(all ...int64) []byte {
	b := msgp.AppendString(msgp.AppendMapHeader(nil, 1), "subjects")
	b = msgp.AppendArrayHeader(b, uint32(len(all)))
	for _, s := range all {
		b = msgp.AppendInt64(b, s)
	}
	return b
}

// firstPercent reads the first percentage of an answer.
func firstPercent(output []byte) (int64, error) {
	_, rest, err := msgp.ReadMapHeaderBytes(output)
	if err == nil {
		_, rest, err = msgp.ReadStringBytes(rest)
	}
	if err != nil {
		return 0, err
	}
	n, rest, err := msgp.ReadArrayHeaderBytes(rest)
	if err != nil || n == 0 {
		return 0, errors.Join(err, errors.New("no percentage in the answer"))
	}
	percent, _, err := msgp.ReadInt64Bytes(rest)
	return percent, err
}

// change publishes the next change, of another rule each time.
func (s *rules) change(ctx context.Context, all bool) (time.Duration, error) {
	s.changes++
	return publish(ctx, s.Rig, int64(s.changes*7919%s.n), int64(1000+s.changes), all)
}

func measureRules(ctx context.Context, b *bench, suffix string, n int) (rows []result.Row, err error) {
	s, err := openRules(ctx, b, "derived"+suffix, n)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var built, applied, seen, longest, quiet []float64
	for range b.rounds(derivedTurns) {
		for all, samples := range map[bool]*[]float64{true: &built, false: &applied} {
			if _, err := s.change(ctx, all); err != nil {
				return nil, err
			}
			took, err := s.timed.last(!all)
			if err != nil {
				return nil, err
			}
			*samples = append(*samples, millis(took))
		}
		m, err := s.meanwhile(ctx)
		if err != nil {
			return nil, err
		}
		seen, longest, quiet = append(seen, millis(m.seen)), append(longest, millis(m.during)), append(quiet, millis(m.after))
	}
	rows = []result.Row{
		{ID: rowDerivedRebuild + suffix, Unit: "ms", Samples: built, Note: fmt.Sprintf("%d rules read and indexed in the guest, collected and captured; instances of %.0f MiB", n, s.size())},
		against(rowDerivedApply+suffix, "ms", applied, "building anew", built),
		{ID: rowPublish + suffix, Unit: "ms", Samples: seen, Note: fmt.Sprintf("one change, from the answer of its command to the first query that sees it, while %d clients ask every %v", derivedClients, derivedPause)},
		against(rowPublishLongest+suffix, "ms", longest, "in as long a time without a change", quiet),
	}
	rows[1].Note = "one change brought into the generation before, collected and captured"
	rows[3].Note = fmt.Sprintf("the longest of all queries of %d subjects meanwhile, %d instances on %d cores", derivedAsked, derivedClients, runtime.GOMAXPROCS(0))
	return rows, nil
}

// size is how many MiB an instance has, of which the sandbox keeps two
// generations.
func (s *rules) size() float64 { return float64(s.Stats().Snapshots) / 2 / (1 << 20) }

// meanwhile is what clients saw of one change.
type meanwhile struct {
	seen          time.Duration // from its commit to the first query that sees it
	during, after time.Duration // the longest query until then, and in as long a time behind
}

// question is one query of a client.
type question struct {
	began time.Time
	took  time.Duration
}

// meanwhile publishes one change while clients ask.
func (s *rules) meanwhile(ctx context.Context) (m meanwhile, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var all [derivedClients][]question
	errs := make(chan error, derivedClients)
	for i := range derivedClients {
		go func() { errs <- s.ask(ctx, i, &all[i]) }()
	}
	time.Sleep(100 * time.Millisecond) // until all have an instance
	began := time.Now()
	m.seen, err = s.change(ctx, false)
	end := time.Now()
	if err == nil {
		time.Sleep(end.Sub(began) + 50*time.Millisecond)
	}
	cancel()
	for range derivedClients {
		err = errors.Join(err, <-errs)
	}
	for _, client := range all {
		m.note(client, began, end)
	}
	return m, err
}

// note counts a client's queries as they fall before or behind the end of a
// change. Those that began before it have instances of before.
func (m *meanwhile) note(client []question, began, end time.Time) {
	settled := end.Add(50 * time.Millisecond)
	for _, q := range client {
		switch over := q.began.Add(q.took); {
		case over.After(began) && q.began.Before(settled):
			m.during = max(m.during, q.took)
		case q.began.After(settled):
			m.after = max(m.after, q.took)
		}
	}
}

// ask asks about other subjects each time, until the context ends.
func (s *rules) ask(ctx context.Context, client int, all *[]question) error {
	for n := client; ctx.Err() == nil; n += derivedClients {
		time.Sleep(derivedPause)
		var about [derivedAsked]int64
		for i := range about {
			about[i] = int64((n*derivedAsked + i) * 31 % (s.n / tariff.PerSubject))
		}
		began := time.Now()
		if _, err := s.Run(context.WithoutCancel(ctx), "tariff.best", subjects(about[:]...)); err != nil {
			return err
		}
		*all = append(*all, question{began, time.Since(began)})
	}
	return nil
}
