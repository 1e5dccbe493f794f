package develop

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := Watch(t.Context(), dir, 10*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	noticed := func(what string, want bool) {
		t.Helper()
		limit := 200 * time.Millisecond
		if want {
			limit = 10 * time.Second
		}
		select {
		case <-w.Changes:
			if !want {
				t.Errorf("%s is noticed", what)
			}
		case <-time.After(limit):
			if want {
				t.Errorf("%s is not noticed", what)
			}
		}
	}
	write(".git/HEAD.json")
	write("notes.txt")
	noticed("what is no source", false)
	write("hello.go")
	noticed("a new file", true)
	write("internal/app/app.go")
	noticed("a new folder", true)
	write("internal/app/app.go")
	noticed("a file in a new folder", true)
}
