package source

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/manifests"
)

// TestCompleteness holds the embedding against what go list says that guests
// and their tests are made of: a folder that a pattern misses would only show
// on a machine without the repository.
func TestCompleteness(t *testing.T) {
	t.Parallel()
	tree, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"GOOS=linux GOARCH=amd64", "GOOS=wasip1 GOARCH=wasm"} {
		for _, file := range listed(t, root, strings.Fields(target)) {
			if tree.File(file) == nil {
				t.Errorf("%s: %s is not unpacked", target, file)
			}
		}
	}
	for _, p := range tree.Paths() {
		if strings.HasSuffix(p, "_test.go") || strings.Contains(p, "/wasm/") || p == "sdk/source.go" || p == "apps/source.go" {
			t.Errorf("%s is unpacked", p)
		}
	}
}

// listed are the files of all that modules and their tests may import.
func listed(t *testing.T, root string, env []string) (files []string) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{$d := .Dir}}{{range .GoFiles}}{{$d}}/{{.}}{{"\n"}}{{end}}{{end}}`,
		"./apps/...", "./sdk/...")
	cmd.Dir, cmd.Env = root, append(cmd.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		rel, err := filepath.Rel(root, strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		if rel = filepath.ToSlash(rel); !left(rel) && rel != "." {
			files = append(files, rel)
		}
	}
	if len(files) < 50 {
		t.Fatalf("only %d files listed", len(files))
	}
	return files
}

// left says what is left out on purpose.
func left(rel string) bool {
	for _, part := range []string{"/conformance/", "/codectest/", "/wasm/", "k/source.go", "s/source.go"} {
		if strings.Contains(rel, part) {
			return true
		}
	}
	return false
}

// TestCatalogue: every module that has a manifest can be built.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	tree, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range manifests.Modules() {
		if tree.File("manifests/"+id+".json") == nil {
			t.Errorf("%s is not in the catalogue", id)
		}
	}
	for _, p := range []string{"apps/till/wasm/main.go", "plugins/hello/wasm/main.go", "plugins/hello/hello.go", "go.mod"} {
		if tree.File(p) == nil {
			t.Errorf("%s is not in the catalogue", p)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	a, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if a.Digest() != b.Digest() || len(a.Digest()) != 16 {
		t.Errorf("%s and %s", a.Digest(), b.Digest())
	}
	b.files["sdk/app.go"] = append(b.files["sdk/app.go"], '\n')
	if a.Digest() == b.Digest() {
		t.Error("another tree has the same digest")
	}
}
