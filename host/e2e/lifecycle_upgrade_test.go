package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// turnsFor is how many turns of front's idle loop take so long, roughly, as it
// runs here and now.
func turnsFor(t *testing.T, base string, long time.Duration) int {
	t.Helper()
	for turns := 1 << 18; ; turns *= 2 {
		begun := time.Now()
		if _, err := look(t, base, turns); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > long/8 {
			return int(float64(turns) * float64(long) / float64(took))
		}
	}
}

// sight is what front.look saw, both times.
type sight struct {
	Version              int64
	Notes, Counts, Backs []int64
}

func look(t *testing.T, base string, turns int) (s sight, err error) {
	t.Helper()
	answer, err := post(t.Context(), base, "front.look", "", object{"turns": turns / 2}.json(t))
	if err == nil {
		err = json.Unmarshal(answer, &s)
	}
	return s, err
}

// whole says whether a query has seen one cut of code and data: one version of
// both apps, and what they count is the same, all the time.
func (s *sight) whole() bool {
	n := s.Notes[0]
	other := func(v int64) bool { return v != n }
	return !slices.ContainsFunc(s.Notes, other) && !slices.ContainsFunc(s.Counts, other) &&
		!slices.ContainsFunc(s.Backs, func(v int64) bool { return v != s.Version })
}

// TestUpgradeUnderWay upgrades two apps that need each other's versions in one
// change, while queries look twice and call from one into the other, and commands
// write in both. A query that was on its way ends with the code and the data that
// it began with, although others are already answered by the new version; a
// command that was on its way runs again with the new one.
func TestUpgradeUnderWay(t *testing.T) {
	t.Parallel()
	for range 3 { // that a query is overtaken is a matter of milliseconds
		if w := upgradeUnderWay(t); w.overtaken > 0 || t.Failed() {
			t.Logf("%d queries, %d of them older than what was answered before they ended; %d commands, %d of them begun before the new version had answered anybody and answered by it", len(w.looks), w.overtaken, len(w.puts), w.again)
			return
		}
	}
	t.Error("no query was overtaken by an upgrade")
}

func upgradeUnderWay(t *testing.T) *underway {
	t.Helper()
	_, d, tr := guestTenant(t, nil)
	d.done(d.agreed("install", "back", nil))
	d.done(d.agreed("install", "front", nil))
	w := &underway{t: t, base: d.base, newest: 1}
	w.write("first", 0)
	w.begin(turnsFor(t, d.base, 400*time.Millisecond))
	d.done(upgradeBoth(d, tr))
	w.end()
	w.judge()
	return w
}

// underway is what runs while something is upgraded.
type underway struct {
	t    *testing.T
	base string
	stop context.CancelFunc
	all  sync.WaitGroup

	mu        sync.Mutex
	newest    int64 // version that has answered anybody; the first is 1
	looks     []sight
	overtaken int // queries that ended with an older one
	puts      []written
	again     int // commands that began before anybody was answered by the version that answered them
}

type written struct {
	id                   string
	newest               int64 // version that had answered somebody before it began
	Version, Back, Count int64
}

// begin lets queries and commands run until end, slow ones and quick ones.
func (w *underway) begin(long int) {
	ctx, stop := context.WithCancel(w.t.Context())
	w.stop = stop
	for i, turns := range []int{long, long, 0} {
		w.all.Go(func() {
			for ctx.Err() == nil {
				w.look(turns)
			}
		})
		w.all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				w.write(fmt.Sprintf("w%d-%d", i, n), turns/4)
			}
		})
	}
}

func (w *underway) end() {
	w.stop()
	w.all.Wait()
}

func (w *underway) look(turns int) {
	s, err := look(w.t, w.base, turns)
	if err != nil {
		if !transient(err) {
			w.t.Error(err)
		}
		return // the machine is too slow for it just now
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks = append(w.looks, s)
	if s.Version < w.newest {
		w.overtaken++
	}
	w.newest = max(w.newest, s.Version)
}

func (w *underway) write(id string, turns int) {
	w.mu.Lock()
	p := written{id: id, newest: w.newest}
	w.mu.Unlock()
	answer, err := post(w.t.Context(), w.base, "front.put", id, object{"id": id, "text": "two words", "turns": turns}.json(w.t))
	if err == nil {
		err = json.Unmarshal(answer, &p)
	}
	if err != nil {
		if !transient(err) {
			w.t.Error(err)
		}
		return // it wrote nothing, as the counts will say
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.newest = max(w.newest, p.Version)
	w.puts = append(w.puts, p)
}

// judge checks every answer, and that the notes are whose answer it was.
func (w *underway) judge() {
	w.t.Helper()
	for _, s := range w.looks {
		if len(s.Notes) != 2 || !s.whole() {
			w.t.Errorf("a query saw %+v", s)
		}
	}
	by := map[string]int64{}
	for _, raw := range (desk{t: w.t, base: w.base}).records("front", "notes") {
		var n struct {
			ID, Text, Word, Rest string
			By                   int64
		}
		if err := json.Unmarshal(raw, &n); err != nil {
			w.t.Fatal(err)
		}
		by[n.ID] = n.By
		if n.Text != "" || n.Word != "two" || n.Rest != "words" {
			w.t.Errorf("a note was not led to version 2: %s", raw)
		}
	}
	versions := map[int64]int{}
	slices.SortFunc(w.puts, func(a, b written) int { return int(a.Count - b.Count) })
	for i, p := range w.puts {
		versions[p.Version]++
		if i > 0 && p.Version < w.puts[i-1].Version {
			w.t.Errorf("version %d has committed %+v behind version %d", p.Version, p, w.puts[i-1].Version)
		}
		if p.newest < p.Version {
			w.again++
		}
		if p.Version != p.Back || p.Version < p.newest || by[p.id] != p.Version {
			w.t.Errorf("a command answered %+v, and wrote as version %d", p, by[p.id])
		}
	}
	if versions[1] == 0 || versions[2] == 0 {
		w.t.Errorf("commands by version: %v", versions)
	}
	last, err := look(w.t, w.base, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	if last.Version != 2 || last.Notes[0] != int64(len(by)) || !last.whole() {
		w.t.Errorf("in the end there are %d notes, and %+v is seen", len(by), last)
	}
}
