package lifecycle

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// model is what the things of a store should be.
type model map[string]string

// list is what things.all answers.
func (f *fixture) list() model {
	f.t.Helper()
	out, err := f.run("things.all", []byte{0x80})
	if err != nil {
		f.t.Fatal(err)
	}
	got := model{}
	for _, pair := range strings.Fields(abi.FieldText(out, "list")) {
		id, value, _ := strings.Cut(pair, "=")
		got[id] = value
	}
	return got
}

func (f *fixture) same(want model, when string) {
	f.t.Helper()
	got := f.list()
	for id, v := range want {
		if got[id] != v {
			f.t.Fatalf("%s: %s is %q, want %q", when, id, got[id], v)
		}
	}
	if len(got) != len(want) {
		f.t.Fatalf("%s: %d things, want %d", when, len(got), len(want))
	}
}

func (f *fixture) write(r *rand.Rand, m model, n int) {
	f.t.Helper()
	for range n {
		id, v := fmt.Sprint("t", r.IntN(40)), fmt.Sprint("v", r.IntN(1000))
		if _, err := f.run("things.put", record2("id", id, "value", v)); err != nil {
			f.t.Fatal(err)
		}
		m[id] = v
	}
}

// Whatever is written before, while and after version 1 becomes version 2, and
// wherever the host is killed, no record is lost and the index is complete.
func TestMigrationKeepsEveryRecord(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r, want := rand.New(rand.NewPCG(seed, 1)), model{}
			f := setup(t, things1("1.0.0"))
			f.config.Batch = 1 + r.IntN(5)
			f.install("things")
			f.write(r, want, 30)
			f.offer(things2("2.0.0"))
			k := newKiller(1 + r.IntN(8))
			f.watch(k.step)
			j := must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"})
			for more := true; more; {
				at := <-k.hit
				f.write(r, want, 3) // the old or the new version serves
				f.same(want, "at "+at)
				f.close()
				more = r.IntN(4) > 0
				if k = newKiller(1 + r.IntN(8)); !more {
					k = newKiller(0)
				}
				f.watch(k.step)
				f.open()
				if now := must[Job](f, "host.jobs.get", Watch{ID: j.ID}); now.State == jobDone {
					break
				}
				f.same(want, "opened again after "+at)
				more = more && !f.over(j, k)
			}
			f.done(j)
			f.same(want, "in the end")
			out, err := f.run("things.by_new", []byte{0x80})
			if err != nil || abi.FieldText(out, "n") != fmt.Sprint(len(want)) {
				t.Errorf("the index has %s entries of %d: %v", abi.FieldText(out, "n"), len(want), err)
			}
			for key, v := range f.dump() {
				if key[0] == 'd' && fieldOf([]byte(v), "old") != "" {
					t.Errorf("%q still has its old field", key)
				}
			}
			f.idle()
		})
	}
}

// over says whether a job ends before its killer strikes.
func (f *fixture) over(j Job, k *killer) bool {
	for since := 0; ; {
		now := must[Job](f, "host.jobs.get", Watch{ID: j.ID, Wait: 1, Since: since})
		select {
		case at := <-k.hit:
			k.hit <- at
			return false
		default:
		}
		if now.State != jobRunning {
			return true
		}
		since = now.Revision
	}
}

// counted is things1 with an index and a query that counts its entries.
func counted(version, field string, unique bool) *program {
	p := things1(version)
	p.manifest.Provides.Collections[0].Indexes = []manifest.Index{{Name: "by", Fields: []string{field}, Unique: unique}}
	return p.query("count", func(call hostCall, _ []byte) ([]byte, abi.Code) {
		page, code := scan(call, "by", nil, 100)
		if code != abi.OK {
			return (&abi.Error{Code: code, Reason: abi.ReasonIndex}).Append(nil), code
		}
		return text(text([]byte{0x81}, "n"), fmt.Sprint(len(page.Records))), abi.OK
	})
}

func (f *fixture) put(id, value string) {
	f.t.Helper()
	if _, err := f.run("things.put", record2("id", id, "value", value)); err != nil {
		f.t.Fatal(err)
	}
}

// A unique index that the data does not allow fails the job after its switch: the
// app serves, the index cannot be read, and when the data is right the rest of
// the work is done by enabling it again.
func TestUniqueIndexWaitsForTheData(t *testing.T) {
	t.Parallel()
	f := setup(t, things1("1.0.0"))
	f.install("things")
	f.put("a", "same")
	f.put("b", "same")
	f.offer(counted("1.1.0", "old", true))
	j := f.ended(must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"}))
	if j.State != jobFailed || j.Error.Reason != abi.ReasonUnique {
		t.Fatalf("the job is %s: %+v", j.State, j.Error)
	}
	if a := f.state("things"); a.State != "enabled" || a.Version != "1.1.0" || !a.Unfinished || len(a.Building) != 1 || a.Building[0] != "things.by" {
		t.Errorf("the app is %+v", a)
	}
	f.same(model{"a": "same", "b": "same"}, "after the job failed")
	if _, err := f.run("things.count", []byte{0x80}); err == nil || !strings.Contains(err.Error(), abi.ReasonIndex) {
		t.Errorf("the index answers: %v", err)
	}
	f.put("b", "other")
	f.done(must[Job](f, "host.apps.enable", Enable{ID: "things"}))
	if out, err := f.run("things.count", []byte{0x80}); err != nil || abi.FieldText(out, "n") != "2" {
		t.Errorf("%q, %v", abi.FieldText(out, "n"), err)
	}
	if a := f.state("things"); a.Unfinished || a.Building != nil {
		t.Errorf("the app is %+v", a)
	}
}

func TestDowngradeIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t, things1("1.0.0"), things2("2.0.0"))
	f.install("things")
	f.refuses("host.apps.upgrade", Upgrade{ID: "things", Version: "1.0.0"}, abi.Conflict, "data_version")
	f.refuses("host.apps.upgrade", Upgrade{ID: "things", Version: "3.0.0"}, abi.NotFound, "module")
	f.refuses("host.apps.upgrade", Upgrade{ID: "things"}, abi.FailedPrecondition, "same_version")
	f.refuses("host.apps.upgrade", Upgrade{ID: "nobody"}, abi.NotFound, "app")
}

// An index of the same name and another meaning holds nothing of the old one.
func TestChangedIndexIsBuiltAnew(t *testing.T) {
	t.Parallel()
	f := setup(t, counted("1.0.0", "old", false))
	f.install("things")
	for i := range 5 {
		f.put(fmt.Sprint(i), "x")
	}
	f.offer(counted("1.1.0", "gone", false))
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"}))
	for key := range f.dump() {
		if key[0] == 'i' {
			t.Errorf("%q is left", key)
		}
	}
	f.offer(counted("1.2.0", "id", false))
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "things"}))
	if out, err := f.run("things.count", []byte{0x80}); err != nil || abi.FieldText(out, "n") != "5" {
		t.Errorf("%s, %v", abi.FieldText(out, "n"), err)
	}
}
