package lifecycle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// stored lists the packages and modules of the store, as id@version.
func (f *fixture) stored() (packages []string, modules int) {
	f.t.Helper()
	all, err := f.room.store.folder(f.room.store.dir, fromUpload)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range all {
		packages = append(packages, e.manifest.ID+"@"+e.manifest.Version)
		if _, err := os.Stat(e.wasm); err != nil {
			f.t.Error(err)
		}
	}
	slices.Sort(packages)
	files, err := filepath.Glob(filepath.Join(f.dir, "modules", "*.wasm"))
	if err != nil {
		f.t.Fatal(err)
	}
	return packages, len(files)
}

// holds sweeps and compares what is left.
func (f *fixture) holds(what string, want ...string) {
	f.t.Helper()
	if err := f.room.sweep(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	if got, modules := f.stored(); !slices.Equal(got, want) || modules != len(want) {
		f.t.Errorf("%s: %q with %d modules, want %q", what, got, modules, want)
	}
}

func (f *fixture) develop(development bool) {
	f.close()
	f.config.Development = development
	f.open()
}

// bring uploads a version and puts it in the place of the one before.
func (f *fixture) bring(version string) *program {
	f.t.Helper()
	p := app("base", version).query("ask", says(version))
	f.machine.add(p)
	if _, err := f.upload(part{"module", p.wasm()}, part{"manifest", p.text()}); err != nil {
		f.t.Fatal(err)
	}
	return p
}

// Ten saves under `bottega dev` leave what runs and three to go back to.
func TestSweepInDevelopment(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.develop(true)
	f.bring("0.1.0")
	f.install("base")
	for i := range 10 {
		version := fmt.Sprintf("0.1.0-dev.%d", i)
		f.bring(version)
		if i != 4 { // that one stays for the rest
			continue
		}
		f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "base", Version: version}))
	}
	f.holds("one is used", "base@0.1.0-dev.4", "base@0.1.0-dev.7", "base@0.1.0-dev.8", "base@0.1.0-dev.9")
	f.refuses("host.apps.upgrade", Upgrade{ID: "base", Version: "0.1.0"}, abi.NotFound, "module")
	f.bring("0.1.0-dev.7") // again: it has just come
	f.bring("0.1.0-dev.90")
	f.holds("brought again", "base@0.1.0-dev.4", "base@0.1.0-dev.7", "base@0.1.0-dev.9", "base@0.1.0-dev.90")
	f.done(must[Job](f, "host.apps.remove", Remove{ID: "base", Confirm: "base"}))
	f.holds("nothing is used", "base@0.1.0-dev.7", "base@0.1.0-dev.9", "base@0.1.0-dev.90")
}

// Elsewhere an upload is the retailer's, and only copies of the catalogue go.
func TestSweepKeepsUploads(t *testing.T) {
	t.Parallel()
	f := setup(t, app("copied", "1.0.0").query("ask", says("1")))
	for i := range 5 {
		f.bring(fmt.Sprintf("1.%d.0", i))
	}
	f.install("copied")
	for i := 1; i < 6; i++ {
		f.offer(app("copied", fmt.Sprintf("1.%d.0", i)).query("ask", says("x")))
		f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "copied"}))
	}
	all := []string{"base@1.0.0", "base@1.1.0", "base@1.2.0", "base@1.3.0", "base@1.4.0", "copied@1.3.0", "copied@1.4.0", "copied@1.5.0"}
	f.holds("three copies", all...)
	orphan := filepath.Join(f.dir, "modules", sum(nil)+".wasm")
	if err := os.WriteFile(orphan, nil, 0o600); err != nil { // the host was killed in a sweep
		t.Fatal(err)
	}
	f.close()
	f.open()
	f.holds("an orphan", all...)
	if err := os.WriteFile(filepath.Join(f.dir, "modules", sum(nil)+".json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(orphan, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.room.sweep(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(orphan); err != nil {
		t.Errorf("a module that a damaged manifest may name: %v", err)
	}
}

// What a job runs with stays, and what a sweep takes no job begins with.
func TestSweepAndJobs(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.develop(true)
	f.bring("0.1.0")
	f.install("base")
	p := app("base", "0.1.1").query("ask", says("more")).grant(manifestGrant("base.ask"))
	f.machine.add(p)
	if _, err := f.upload(part{"module", p.wasm()}, part{"manifest", p.text()}); err != nil {
		t.Fatal(err)
	}
	j := must[Job](f, "host.apps.upgrade", Upgrade{ID: "base"}) // asks for more: it waits
	if j.State != jobWaiting {
		t.Fatalf("the job is %s", j.State)
	}
	for i := range 4 {
		f.bring(fmt.Sprintf("0.2.0-dev.%d", i))
	}
	want := []string{"base@0.1.0", "base@0.1.1", "base@0.2.0-dev.1", "base@0.2.0-dev.2", "base@0.2.0-dev.3"}
	f.holds("a job waits with 0.1.1", want...)
	f.done(must[Job](f, "host.jobs.consent", Agree{ID: j.ID, Consent: j.Plan.Consent}))

	e, err := f.room.store.find("base", "0.2.0-dev.3")
	if err != nil {
		t.Fatal(err)
	}
	f.announced(e.digest)
	if got := f.refuses("host.apps.upgrade", Upgrade{ID: "base", Version: "0.2.0-dev.3"}, abi.NotFound, "module"); !strings.Contains(got.Message, "any more") {
		t.Errorf("it says %q", got.Message)
	}
	f.holds("the sweep ends", "base@0.1.1", "base@0.2.0-dev.1", "base@0.2.0-dev.2", "base@0.2.0-dev.3")
	f.done(must[Job](f, "host.apps.upgrade", Upgrade{ID: "base", Version: "0.2.0-dev.3"}))
}

// announced is a sweep that has said what it takes, and no more.
func (f *fixture) announced(digest string) {
	f.t.Helper()
	_, err := f.kernel.Do(context.Background(), kernel.Task{Tenant: shop, Name: "test", Do: func(tx *kernel.Tx) error {
		return going.Put(tx, goingKey, []string{digest})
	}})
	if err != nil {
		f.t.Fatal(err)
	}
}

// A folder that another tenant's host uses too is left alone.
func TestSweepLeavesOtherTenants(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.develop(true)
	if err := f.room.store.used("other"); err != nil { // first: the room sweeps once as it starts
		t.Fatal(err)
	}
	var want []string
	for i := range 5 {
		f.bring(fmt.Sprintf("0.1.%d", i))
		want = append(want, fmt.Sprintf("base@0.1.%d", i))
	}
	f.holds("another tenant", want...)
	if err := os.Remove(filepath.Join(f.room.store.users(), "other")); err != nil {
		t.Fatal(err)
	}
	f.holds("alone", want[2:]...)
}
