package e2e

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var lifecycleCourses = flag.Int("lifecycle.courses", 0, "courses in which every change is killed at another step, -1 for as many as the longest change has moments; 0 is one course in which one change of each kind is killed")

// deed is one change of a tenant's composition.
type deed struct {
	name  string
	often bool // it is killed in every run of the tests
	begin func(d desk, tr troupe) job
}

// deeds are changes of every kind, in an order in which each has something to
// change.
var deeds = []deed{
	{"install", false, func(d desk, _ troupe) job { return d.agreed("install", "back", nil) }},
	{"install and replay", true, func(d desk, _ troupe) job { return d.agreed("install", "tally", object{"replay": true}) }},
	{"install with grants", false, func(d desk, _ troupe) job { return d.agreed("install", "front", nil) }},
	{"settings", true, func(d desk, _ troupe) job {
		return d.fill("front", object{"prefix": "dear ", "secret": "hush hush"})
	}},
	{"set that upgrades", true, upgradeBoth},
	{"disable", true, func(d desk, _ troupe) job { return d.stopped(http.MethodPost, "front/disable", nil) }},
	{"enable", false, func(d desk, _ troupe) job { return d.agreed("enable", "front", nil) }},
	{"remove", false, func(d desk, _ troupe) job { return d.stopped(http.MethodDelete, "front?confirm=front", nil) }},
}

// upgradeBoth leads front and back to their second versions in one change.
func upgradeBoth(d desk, tr troupe) (j job) {
	d.t.Helper()
	for _, app := range []string{"back", "front"} {
		d.upload(tr.second, app)
	}
	text := object{"it": "Due", "en": "Two"}
	set := object{"id": "two", "name": text, "summary": text, "modules": []object{{"id": "back", "range": "^2.0"}, {"id": "front", "range": "^2.0"}}}
	var plan struct{ Consent string }
	d.do(http.MethodPost, "/sets/plan", object{"set": set}, &plan)
	d.do(http.MethodPost, "/sets/apply", object{"set": set, "consent": plan.Consent}, &j)
	return j
}

// stopped begins a change that asks for nothing.
func (d desk) stopped(method, path string, in any) (j job) {
	d.t.Helper()
	if in == nil && method == http.MethodPost {
		in = object{}
	}
	d.do(method, "/apps/"+path, in, &j)
	return j
}

// TestLifecycleKilledAtEveryStep kills the host before and behind the steps of
// changes of every kind. Another host ends each as if nothing had been: what is
// enabled, what the apps keep and what they answer is as in a course in which
// nobody died.
func TestLifecycleKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	b, tr := guestHost(t)
	quiet := course{t: t, built: b, troupe: tr, dir: t.TempDir()}
	p, d := quiet.prepare()
	var want []string
	var moments [][]string
	longest := 0
	for _, deed := range deeds {
		j := d.done(deed.begin(d, tr))
		want = append(want, quiet.state(p, d))
		var all []string
		for _, s := range j.Steps {
			all = append(all, s.Name, s.Name+".done")
		}
		moments, longest = append(moments, all), max(longest, len(all))
	}
	p.kill()
	courses := *lifecycleCourses
	if courses < 0 {
		courses = longest
	}
	kills := 0
	for n := range max(courses, 1) {
		c := course{t: t, built: b, troupe: tr, dir: t.TempDir()}
		p, d := c.prepare()
		for i, deed := range deeds {
			// As many courses as the longest change has moments kill at each of them.
			moment := moments[i][(n+5*i+4)%len(moments[i])]
			if deed.often || courses > 0 {
				p.kill()
				p, d = c.killed(deed, moment)
				kills++
			} else {
				moment = "no step"
				d.done(deed.begin(d, tr))
			}
			state := c.state(p, d)
			if state != want[i] {
				t.Errorf("%s, killed at %s, ends with\n%sand not with\n%s", deed.name, moment, without(state, want[i]), without(want[i], state))
			}
		}
		p.kill()
	}
	t.Logf("%d kills in %d courses of %d changes, which have up to %d moments", kills, max(courses, 1), len(deeds), longest)
}

// course is a tenant that goes through all deeds.
type course struct {
	t      *testing.T
	built  built
	troupe troupe
	dir    string
}

func (c *course) start(env ...string) (*process, desk) {
	c.t.Helper()
	p, err := startSet(c.built, "", c.dir, env...)
	if err != nil {
		c.t.Fatal(err)
	}
	return p, desk{t: c.t, base: p.base}
}

// prepare lets the source tell some facts, for who replays them.
func (c *course) prepare() (*process, desk) {
	c.t.Helper()
	p, d := c.start()
	d.done(d.agreed("install", "source", nil))
	for n := range 3 {
		var facts []object
		for k := range 100 {
			facts = append(facts, fact(fmt.Sprint("k", k), n+1, false))
		}
		p.must(c.t, "source.tell", fmt.Sprint("f", n), object{"facts": facts})
	}
	return p, d
}

// killed does a deed on a host that dies at a moment of its job, and lets another
// host end it.
func (c *course) killed(what deed, moment string) (*process, desk) {
	c.t.Helper()
	p, d := c.start("BOTTEGA_FAILPOINTS=job." + moment + "=1/1")
	d.lost = new(bool)
	j := what.begin(d, c.troupe)
	lost := *d.lost
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		c.t.Fatalf("%s did not come to %s", what.name, moment)
	}
	if at := strings.TrimSpace(p.stderr.String()); !strings.Contains(at, "failpoint job."+moment) {
		c.t.Errorf("%s died at %q, not at %s", what.name, at, moment)
	}
	p, d = c.start()
	if lost { // the host died before it could say which job it is
		var newest struct{ Items []job }
		d.get("/jobs?limit=1", &newest)
		j = newest.Items[0]
	}
	d.get("/jobs/"+j.ID, &j)
	d.done(j)
	return p, d
}

// state is all that can be seen of the tenant that does not depend on the clock.
// Whoever is enabled is called.
func (c *course) state(p *process, d desk) string {
	c.t.Helper()
	var b strings.Builder
	var apps struct {
		Items []struct {
			ID, Version, State, Job string
			Settings                bool
			Data                    int `json:"data_version"`
		}
	}
	d.get("/apps", &apps)
	for _, a := range apps.Items {
		fmt.Fprintf(&b, "%+v\n", a)
		if a.Settings {
			var s struct {
				Values json.RawMessage
				Etag   string
			}
			d.get("/apps/"+a.ID+"/settings", &s)
			fmt.Fprintf(&b, "  settings %s %s\n", s.Etag, s.Values)
		}
		if a.State == "enabled" {
			c.keeps(&b, d, a.ID)
		}
	}
	c.write(&b, p)
	return b.String()
}

// clock is what a record says of the hour in which the test ran.
var clock = regexp.MustCompile(`"hour":\d+,`)

// without is the lines of one text that are not in another.
func without(text, other string) string {
	var b strings.Builder
	there := strings.Split(other, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if !slices.Contains(there, line) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

var kept = map[string][]string{"tally": {"accounts", "reminders", "sents"}, "front": {"notes", "totals"}, "back": {"totals"}}

func (c *course) keeps(b *strings.Builder, d desk, app string) {
	c.t.Helper()
	for _, collection := range kept[app] {
		for _, r := range d.records(app, collection) {
			fmt.Fprintf(b, "  %s %s\n", collection, clock.ReplaceAll(r, nil))
		}
	}
}

// write lets front write some notes, if it is there, and says what it answers.
func (c *course) write(b *strings.Builder, p *process) {
	c.t.Helper()
	for n := range 5 {
		note := object{"id": fmt.Sprint("n", n), "text": fmt.Sprint("note ", n), "turns": 0}
		answer, err := post(c.t.Context(), p.base, "front.put", fmt.Sprint("note-", hostCalls.Add(1)), note.json(c.t))
		if refusal, ok := errors.AsType[*problem](err); ok {
			answer = []byte(refusal.Reason)
		} else if err != nil {
			c.t.Fatal(err)
		}
		fmt.Fprintf(b, "front.put: %s\n", answer)
	}
}
