package host

import (
	"os"
	"path/filepath"
	"testing"
)

// TestKeepToken: the owner's token is for the operator alone, whatever lay there,
// and nothing else is left behind.
func TestKeepToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, OwnerToken)
	if err := os.WriteFile(path, []byte("over, and longer than the new one\n"), 0o644); err != nil { //nolint:gosec // what a copy may look like
		t.Fatal(err)
	}
	if err := keepToken(path, "btg_new"); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "btg_new\n" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, mode %v, %v", text, info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if err := keepToken(filepath.Join(dir, "gone", OwnerToken), "btg_new"); err == nil {
		t.Error("no error without a folder")
	}
}
