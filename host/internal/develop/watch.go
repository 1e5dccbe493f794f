package develop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher notices changes of a project's source.
type Watcher struct {
	// Changes has a value when something has changed and then been quiet.
	// Changes that nobody has taken yet are one.
	Changes <-chan struct{}

	files   *fsnotify.Watcher
	changes chan struct{}
}

// Watch begins to watch the Go files, manifests and go.mod below root, but for
// folders that begin with a dot. Editors write a file in several steps: quiet
// is how long nothing must have happened. It ends with the context.
func Watch(ctx context.Context, root string, quiet time.Duration) (*Watcher, error) {
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", root, err)
	}
	changes := make(chan struct{}, 1)
	w := &Watcher{Changes: changes, files: files, changes: changes}
	if err := w.add(root); err != nil {
		return nil, errors.Join(err, files.Close())
	}
	go w.run(ctx, quiet)
	return w, nil
}

// add watches a folder and all below it.
func (w *Watcher) add(root string) error {
	return filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone before it was looked at
		case err != nil:
			return err
		case !e.IsDir():
			return nil
		case path != root && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		}
		if err := w.files.Add(path); err != nil {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		return nil
	})
}

func (w *Watcher) run(ctx context.Context, quiet time.Duration) {
	defer func() { _ = w.files.Close() }() // nobody listens any more
	timer := time.NewTimer(quiet)
	timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case event, ok := <-w.files.Events:
			if !ok {
				return
			}
			if w.matters(event) {
				timer.Reset(quiet)
			}
		case _, ok := <-w.files.Errors:
			if !ok {
				return
			}
			timer.Reset(quiet) // events may have been lost: look
		case <-timer.C:
			select {
			case w.changes <- struct{}{}:
			default:
			}
		}
	}
}

// matters says whether an event is about the source. A new folder is watched
// from now on, and what is in it counts.
func (w *Watcher) matters(event fsnotify.Event) bool {
	name := filepath.Base(event.Name)
	if strings.HasPrefix(name, ".") || event.Op == fsnotify.Chmod {
		return false
	}
	switch filepath.Ext(name) {
	case ".go", ".json", ".mod":
		return true
	case "":
		// Add refuses what is no folder, or is gone: then there is nothing to watch.
		return event.Has(fsnotify.Create) && w.add(event.Name) == nil
	}
	return false
}
