package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// keptVersions is how many packages of an id stay that nobody uses and nobody
// chose to bring: enough to go back.
const keptVersions = 3

// going names the packages that a sweep is about to remove. A job that would
// begin with one reads it, so that of the two only one commits.
var going = platform.Area[[]string]{Name: "module.going"}

const goingKey = "now"

// sweep removes packages that no app, no job and nobody else needs. What the
// retailer uploaded stays; in development, where every save is an upload, and of
// what came from the catalogue, the newest few of each id do. It does nothing in a
// folder that tenants of another process use too.
func (r *Room) sweep(ctx context.Context) error {
	r.adding.Lock() // or what is brought back meanwhile would go
	defer r.adding.Unlock()
	tenants := r.all()
	alone, err := r.store.alone(tenants)
	if err != nil || !alone {
		return err
	}
	idle, err := r.store.idle()
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if err := r.announce(ctx, t, idle); err != nil {
			return err
		}
	}
	if err := r.store.remove(idle); err != nil {
		return err
	}
	for _, t := range tenants {
		_, err := r.do(ctx, t.name, "host.modules.sweep", func(tx *kernel.Tx) error {
			if _, there, err := going.Get(tx, goingKey); err != nil || !there {
				return err
			}
			return going.Delete(tx, goingKey)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tidy is sweep where nobody waits for its end: what it could not do, the next
// one does.
func (r *Room) tidy(ctx context.Context) {
	if err := r.sweep(ctx); err != nil && ctx.Err() == nil && !closing(err) {
		r.config.Logger.Warn("modules not tidied", "error", err)
	}
}

// announce takes what a tenant needs out of idle, and writes down the rest.
func (r *Room) announce(ctx context.Context, t *tenant, idle map[string]bool) error {
	if len(idle) == 0 {
		return nil
	}
	var used map[string]bool
	_, err := r.do(ctx, t.name, "host.modules.sweep", func(tx *kernel.Tx) (err error) {
		if used, err = inUse(tx); err != nil {
			return err
		}
		rest := slices.DeleteFunc(slices.Sorted(maps.Keys(idle)), func(digest string) bool { return used[digest] })
		return going.Put(tx, goingKey, rest)
	})
	maps.DeleteFunc(idle, func(digest string, _ bool) bool { return used[digest] })
	return err
}

// inUse are the packages of all apps and of all jobs that have not ended.
func inUse(tx *kernel.Tx) (map[string]bool, error) {
	used := map[string]bool{}
	records, err := all(tx)
	if err != nil {
		return nil, err
	}
	for _, rec := range records {
		used[rec.Package] = true
	}
	for after := ""; ; {
		page, err := open.Page(tx, "", after, 200, false)
		if err != nil {
			return nil, err
		}
		for _, o := range page {
			j, _, err := jobs.Get(tx, o.Key)
			if err != nil {
				return nil, err
			}
			for _, c := range j.Changes {
				used[c.Package] = true
			}
			after = o.Key
		}
		if len(page) < 200 {
			return used, nil
		}
	}
}

// there refuses a change to a package that a sweep is about to remove.
func there(tx *kernel.Tx, c change) error {
	if !c.brings() {
		return nil
	}
	list, _, err := going.Get(tx, goingKey)
	if err == nil && slices.Contains(list, c.Package) {
		err = &abi.Error{Code: abi.NotFound, Reason: "module", Message: "The module " + c.App + "@" + c.Version + " is not in the store any more."}
	}
	return err
}

// users holds an empty file for each tenant that the folder of modules has had.
func (s *store) users() string { return filepath.Join(s.dir, "users") }

// used notes that a tenant's apps are in the folder.
func (s *store) used(tenant string) error {
	if err := os.MkdirAll(s.users(), 0o700); err != nil {
		return fmt.Errorf("modules: %w", err)
	}
	return os.WriteFile(filepath.Join(s.users(), tenant), nil, 0o600)
}

// alone says whether no tenant but these has apps in the folder.
func (s *store) alone(tenants []*tenant) (bool, error) {
	all, err := os.ReadDir(s.users())
	if err != nil {
		return false, fmt.Errorf("modules: %w", err)
	}
	stranger := func(e fs.DirEntry) bool {
		return !slices.ContainsFunc(tenants, func(t *tenant) bool { return t.name == e.Name() })
	}
	return !slices.ContainsFunc(all, stranger), nil
}

// copied is the mark of a package that nobody uploaded: it is a copy of what the
// catalogue offered.
func (s *store) copied(digest string) string { return filepath.Join(s.dir, digest+".copy") }

// idle are the packages of the store that may go if nobody uses them.
func (s *store) idle() (map[string]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	packages, err := s.folder(s.dir, fromUpload)
	if err != nil {
		return nil, err
	}
	came := func(e *entry) time.Time { return s.known(filepath.Join(s.dir, e.digest+".json")).modified }
	slices.SortFunc(packages, func(a, b *entry) int { // the newest to come first
		if c := came(b).Compare(came(a)); c != 0 {
			return c
		}
		return versions(b.manifest.Version, a.manifest.Version)
	})
	idle, kept := map[string]bool{}, map[string]int{}
	for _, e := range packages {
		if _, err := os.Stat(s.copied(e.digest)); err != nil && !s.development {
			continue // uploaded, to stay
		}
		if kept[e.manifest.ID]++; kept[e.manifest.ID] > keptVersions {
			idle[e.digest] = true
		}
	}
	return idle, nil
}

// remove deletes packages, and modules that no manifest names: what is left if the
// host is killed in between. A manifest that cannot be read may name any of them.
func (s *store) remove(digests map[string]bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for digest := range digests {
		path := filepath.Join(s.dir, digest+".json")
		if err := errors.Join(gone(path), gone(s.copied(digest))); err != nil {
			return err
		}
		s.forget(path)
	}
	paths, err := filepath.Glob(filepath.Join(s.dir, "*.json"))
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, path := range paths {
		e, err := s.parsed(path, fromUpload)
		if err != nil || e == nil {
			return err
		}
		named[e.manifest.Digest] = true
	}
	modules, err := filepath.Glob(filepath.Join(s.dir, "*.wasm"))
	if err != nil {
		return err
	}
	for _, path := range modules {
		if !named[strings.TrimSuffix(filepath.Base(path), ".wasm")] {
			if err := gone(path); err != nil {
				return err
			}
		}
	}
	return syncDir(s.dir)
}

func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
