package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	soakEvents = flag.Int("soak.events", 3000, "facts that are told to three handlers")
	soakKills  = flag.Int("soak.kills", 3, "how often the host is killed at least; it is killed as long as anything is to be done, then so often")
	soakSeed   = flag.Uint64("soak.seed", 1, "of the moments of the kills")
)

const (
	tellers    = 4  // at once
	keysEach   = 25 // of a teller
	batchFacts = 100

	poisonKey, poisonN = "t0-07", 9 // a fact that no sink can handle
)

var sinks = []string{"abacus", "tally", "ledger"}

// TestEventsExactlyOnce tells facts to three handlers, each of which traps in one
// of 50 attempts, and always on one poisoned fact, while the host is killed again
// and again. Every handler's ledger must be what the facts lead to, one after the
// other, and the poison must have kept back its own key alone.
func TestEventsExactlyOnce(t *testing.T) {
	b, _ := guestHost(t)
	s := &soak{t: t, built: b, dir: t.TempDir(), random: rand.New(rand.NewPCG(*soakSeed, 2))}
	s.prepare()
	begun := time.Now()
	var all sync.WaitGroup
	for i := range tellers {
		all.Go(func() { s.tell(i) })
	}
	told := make(chan struct{})
	go func() { all.Wait(); close(told) }()
	for !s.over(told) {
		s.life()
	}
	p := s.start()
	s.base.Store(&p.base)
	<-told
	d := desk{t: t, base: p.base}
	s.settle(d, len(sinks)*s.behindPoison())
	took := time.Since(begun)
	s.poisoned(d)
	s.relieve(d)
	s.judge(d)
	t.Logf("%d facts to %d handlers in %s, %d kills, %d traps logged; the ledgers are what the facts lead to", s.told.Load(), len(sinks), took.Round(time.Second), s.kills, s.traps)
	s.lateness(d)
	p.stop()
}

// soak is one run.
type soak struct {
	t         *testing.T
	built     built
	dir       string
	random    *rand.Rand // of the kills
	base      atomic.Pointer[string]
	told      atomic.Int64
	kills     int
	traps     int
	discarded int
	handled   bool // in the last life
}

func (s *soak) start() *process {
	s.t.Helper()
	p, err := s.startArmed("")
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *soak) startArmed(failpoints string) (*process, error) {
	return startSet(s.built, "*", s.dir, "BOTTEGA_RETRIES=5ms,10ms,20ms,40ms,80ms", "BOTTEGA_FAILPOINTS="+failpoints)
}

// prepare enables the sinks and poisons them.
func (s *soak) prepare() {
	p := s.start()
	s.poison(desk{t: s.t, base: p.base}, poisonKey, poisonN)
	p.stop()
}

func (s *soak) poison(d desk, key string, n int) {
	s.t.Helper()
	for _, sink := range sinks {
		d.done(d.fill(sink, object{"poison": key, "poison_n": n}))
	}
}

// perKey is how many facts there are of each key.
func (s *soak) perKey() int { return *soakEvents / (tellers * keysEach) }

// behindPoison is how many facts wait in a line: the poisoned one and all later
// ones of its key.
func (s *soak) behindPoison() int { return s.perKey() - poisonN + 1 }

// tell tells the facts of some keys in order, in batches; a batch is repeated
// with its key until a host has acknowledged it.
func (s *soak) tell(teller int) {
	var batch []object
	flush := func(n int) {
		s.until(fmt.Sprintf("t%d-%d", teller, n), object{"facts": batch}.json(s.t))
		s.told.Add(int64(len(batch)))
		batch = nil
	}
	for n := range s.perKey() {
		for k := range keysEach {
			batch = append(batch, fact(fmt.Sprintf("t%d-%02d", teller, k), n+1, true))
			if len(batch) == batchFacts {
				flush(n*keysEach + k)
			}
		}
	}
	if len(batch) > 0 {
		flush(-1)
	}
}

func fact(key string, n int, fragile bool) object {
	return object{"key": key, "n": n, "fragile": fragile, "remind": 0, "send": false}
}

func (s *soak) until(key string, body []byte) {
	for {
		if base := s.base.Load(); base != nil {
			_, err := post(context.Background(), *base, "source.tell", key, body)
			if err == nil {
				return
			}
			if !transient(err) {
				s.t.Errorf("tell %s: %v", key, err)
				return
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// over says whether everything is told and handled, and the host was killed often
// enough.
func (s *soak) over(told <-chan struct{}) bool {
	select {
	case <-told:
		return s.kills >= *soakKills && s.handled || s.kills >= 10*(*soakKills)
	default:
		return s.t.Failed()
	}
}

// life is one life of the host, from its start to its death some 200 to 800 ms
// after it has answered for the first time: from outside, or before that, in half
// of the lives, by itself around the moment in which a commit becomes durable.
func (s *soak) life() {
	s.kills++
	armed := []string{"", "applying=1/40", "", "applied=1/40"}[s.kills%4]
	p, err := s.startArmed(armed)
	if err != nil && armed == "" {
		s.t.Error(err)
	}
	if err != nil {
		return // it has died as it came to life
	}
	s.base.Store(&p.base)
	select {
	case <-p.exited:
		if armed == "" {
			s.t.Errorf("the host ended by itself: %s", p.stderr)
		}
	case <-time.After(time.Duration(200+s.random.IntN(600)) * time.Millisecond):
	}
	done, waiting, err := s.progress(p.base)
	s.handled = err == nil && waiting == len(sinks)*s.behindPoison() && done+waiting == len(sinks)*s.perKey()*tellers*keysEach
	p.kill()
	s.base.Store(nil)
	s.traps += strings.Count(p.stderr.String(), "unlucky")
}

// progress is how many facts all sinks have handled, and how many wait in lines.
func (s *soak) progress(base string) (done, waiting int, err error) {
	d := desk{t: s.t, base: base}
	for _, sink := range sinks {
		all, err := s.accounts(d, sink)
		if err != nil {
			return 0, 0, err
		}
		for _, a := range all {
			done += int(a.Count)
		}
	}
	lines, err := d.lines()
	for _, l := range lines {
		waiting += int(l.Waiting)
	}
	return done, waiting, err
}

// settle waits until all that was told is handled, but for so many that wait in
// lines.
func (s *soak) settle(d desk, left int) {
	s.t.Helper()
	var done, waiting int
	defer func() {
		if s.t.Failed() {
			s.t.Logf("%d handled, %d wait, %d were given up, of %d", done, waiting, s.discarded, int(s.told.Load())*len(sinks))
		}
	}()
	d.until(fmt.Sprintf("everything handled but %d", left), func() bool {
		var err error
		if done, waiting, err = s.progress(d.base); err != nil {
			s.t.Fatal(err)
		}
		return waiting == left && done+waiting+s.discarded == int(s.told.Load())*len(sinks)
	})
}

// poisoned checks that exactly the line of the poisoned key waits, in every sink.
func (s *soak) poisoned(d desk) {
	s.t.Helper()
	d.until("the poison parked", func() bool {
		for _, l := range s.lines(d) {
			if l.State != "parked" {
				return false
			}
		}
		return true
	})
	lines := s.lines(d)
	if len(lines) != len(sinks) {
		s.t.Errorf("%d lines wait: %+v", len(lines), lines)
	}
	for _, l := range lines {
		if l.Key != poisonKey || l.Waiting != uint64(s.behindPoison()) || l.Attempts != 6 {
			s.t.Errorf("a line waits: %+v", l)
		}
	}
	for _, sink := range sinks {
		for key, a := range s.ledger(d, sink) {
			want := s.perKey()
			if key == poisonKey {
				want = poisonN - 1
			}
			if a.Count != int64(want) {
				s.t.Errorf("%s has handled %d of %d facts of %s beside the poison", sink, a.Count, want, key)
			}
		}
	}
}

// relieve gets rid of the poison, by each of the ways that there are: one sink's
// is discarded, one's is replayed in vain and then, like the last one's, after the
// app was mended.
func (s *soak) relieve(d desk) {
	s.t.Helper()
	lines := map[string]string{}
	for _, l := range s.lines(d) {
		lines[l.App] = l.ID
	}
	d.do(http.MethodPost, "/parked/replay", object{"id": lines["tally"]}, nil)
	d.until("the poison parked again", func() bool {
		for _, l := range s.lines(d) {
			if l.App == "tally" && l.State == "parked" && l.Waiting == uint64(s.behindPoison()) {
				return true
			}
		}
		return false
	})
	d.do(http.MethodPost, "/parked/discard", object{"id": lines["abacus"], "head": true, "reason": "poison"}, nil)
	s.discarded++
	for _, sink := range sinks[1:] {
		d.done(d.fill(sink, object{}))
		d.do(http.MethodPost, "/parked/replay", object{"app": sink, "key": poisonKey}, nil)
	}
	s.settle(d, 0)
	if lines := s.lines(d); len(lines) != 0 {
		s.t.Errorf("lines are left: %+v", lines)
	}
}

func (s *soak) lines(d desk) []waitingLine {
	s.t.Helper()
	all, err := d.lines()
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// account is a sink's record of a key.
type account struct {
	Key                         string
	Last, Count, Digest, Faults int64
	Lags                        []int64
}

func (s *soak) accounts(d desk, sink string) (map[string]account, error) {
	rows, err := d.page("/data/" + sink + "/accounts")
	all := map[string]account{}
	for _, raw := range rows {
		var a account
		err = errors.Join(err, json.Unmarshal(raw, &a))
		all[a.Key] = a
	}
	return all, err
}

func (s *soak) ledger(d desk, sink string) map[string]account {
	s.t.Helper()
	all, err := s.accounts(d, sink)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// judge holds every ledger against what was acknowledged.
func (s *soak) judge(d desk) {
	s.t.Helper()
	if n := int64(s.perKey() * tellers * keysEach); s.told.Load() != n {
		s.t.Errorf("%d of %d facts were acknowledged", s.told.Load(), n)
	}
	for _, sink := range sinks {
		accounts := s.ledger(d, sink)
		if len(accounts) != tellers*keysEach {
			s.t.Errorf("%s has %d keys", sink, len(accounts))
		}
		for key, a := range accounts {
			want := expected(s.perKey(), 0)
			if sink == "abacus" && key == poisonKey {
				want = expected(s.perKey(), poisonN)
			}
			if a.Last != want.Last || a.Count != want.Count || a.Digest != want.Digest || a.Faults != want.Faults {
				s.t.Errorf("%s %s: %+v, not %+v", sink, key, a, want)
			}
		}
	}
}

// expected is what the facts 1 to n lead to, each once and in order, but for one
// that was given up.
func expected(n, without int) (a account) {
	for i := int64(1); i <= int64(n); i++ {
		if i == int64(without) {
			a.Faults++
			continue
		}
		a.Last, a.Count, a.Digest = i, a.Count+1, (a.Digest*1_000_003+i)%2_147_483_647
	}
	return a
}

// lateness is P10: with one poisoned fact in all of them, and traps, how late the
// others are, on a host that nobody kills.
func (s *soak) lateness(d desk) {
	s.t.Helper()
	const keys = 64
	perKey := min(*soakEvents, 10_000) / keys
	s.poison(d, "p-00", 1)
	for n, pace := 0, time.NewTicker(keys*time.Second/2000); n < perKey; n++ { // 2,000 a second
		<-pace.C
		var batch []object
		for k := range keys {
			batch = append(batch, fact(fmt.Sprintf("p-%02d", k), n+1, true))
		}
		s.told.Add(keys)
		if _, err := post(s.t.Context(), d.base, "source.tell", fmt.Sprint("late-", n), object{"facts": batch}.json(s.t)); err != nil {
			s.t.Fatal(err)
		}
	}
	s.settle(d, len(sinks)*perKey)
	edges := []string{"<1", "<3", "<10", "<30", "<100", "<300", "<1000", "<3000", "<10000", "≥10000"}
	lags, total := make([]int64, len(edges)), int64(0)
	for _, sink := range sinks {
		for key, a := range s.ledger(d, sink) {
			if !strings.HasPrefix(key, "p-") {
				continue
			}
			if a.Count != int64(perKey) || key == "p-00" {
				s.t.Errorf("%s %s: %d facts handled beside a poisoned key", sink, key, a.Count)
			}
			for i, n := range a.Lags {
				lags[i], total = lags[i]+n, total+n
			}
		}
	}
	quantile := func(share float64) string {
		sum := int64(0)
		for i, n := range lags {
			if sum += n; float64(sum) >= share*float64(total) {
				return edges[i] + " ms"
			}
		}
		return "none"
	}
	s.t.Logf("2,000 facts a second, 1 poisoned in %d and 1 trap in 50: lag p50 %s, p99 %s, most %s", perKey*keys, quantile(.5), quantile(.99), quantile(1))
}
