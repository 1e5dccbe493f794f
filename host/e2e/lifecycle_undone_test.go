package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLifecycleUndoneAfterKill: an installation whose module is gone when the
// next host goes on with it ends as if nobody had asked for it, and can be asked
// for again.
func TestLifecycleUndoneAfterKill(t *testing.T) {
	t.Parallel()
	b, tr := guestHost(t)
	b.modules = t.TempDir()
	files := []string{"source.json", "source.wasm", "back.json", "back.wasm"}
	for _, name := range files {
		if err := os.Link(filepath.Join(tr.first, name), filepath.Join(b.modules, name)); err != nil {
			t.Fatal(err)
		}
	}
	c := course{t: t, built: b, troupe: tr, dir: t.TempDir()}
	p, d := c.prepare()
	before := c.state(p, d)
	p.kill()

	p, d = c.start("BOTTEGA_FAILPOINTS=job.verify=1/1")
	d.lost = new(bool)
	deeds[0].begin(d, tr)
	<-p.exited
	for _, name := range files[2:] {
		if err := os.Remove(filepath.Join(b.modules, name)); err != nil {
			t.Fatal(err)
		}
	}
	p, d = c.start()
	var newest struct{ Items []job }
	d.get("/jobs?limit=1", &newest)
	j := newest.Items[0]
	for j.State == "running" {
		d.get("/jobs/"+j.ID+"?wait=5", &j)
	}
	if j.State != "failed" || len(j.Error) == 0 {
		t.Errorf("the job is %s: %s", j.State, j.Error)
	}
	if after := c.state(p, d); after != before {
		t.Errorf("what was undone left\n%sand took\n%s", without(after, before), without(before, after))
	}

	for _, name := range files[2:] {
		if err := os.Link(filepath.Join(tr.first, name), filepath.Join(b.modules, name)); err != nil {
			t.Fatal(err)
		}
	}
	d.done(deeds[0].begin(d, tr))
	p.kill()
}
