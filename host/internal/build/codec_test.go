package build

import (
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tinylib/msgp/gen"
	"github.com/tinylib/msgp/parse"
	"github.com/tinylib/msgp/printer"
	"golang.org/x/tools/go/packages"
)

const samplePath = sdkPath + "/internal/codec/codectest"

// Three codecs write the same bytes: reflection, the generated one, and, for
// the types that it knows, msgp's own. The first two also accept and refuse
// the same damaged bytes.
func TestCodecsAgree(t *testing.T) {
	t.Parallel()
	reflected := transcript(t, nil)
	generated := transcript(t, generateSamples(t))
	for _, name := range []string{"bytes", "local", "foreign"} {
		if get(t, reflected, name) != get(t, generated, name) {
			t.Errorf("%s differs: compare %s and %s", name, reflected, generated)
		}
	}
	original := transcript(t, originalSamples(t), "-run=Bytes")
	if get(t, reflected, "bytes") != get(t, original, "bytes") {
		t.Errorf("msgp writes other bytes: compare %s and %s", reflected, original)
	}
}

// transcript runs the samples' test with an overlay and answers with the
// folder of what it wrote.
func transcript(t *testing.T, overlay map[string]string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	list := filepath.Join(dir, "overlay.json")
	put(t, dir, "overlay.json", string(encode(map[string]any{"Replace": overlay})))
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"test", "-count=1", "-overlay", list, samplePath}, args...)...)
	cmd.Env = append(os.Environ(), "BOTTEGA_TRANSCRIPTS="+dir)
	cmd.Dir = repository(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return dir
}

// generateSamples is the overlay with the codec that this package generates.
func generateSamples(t *testing.T) map[string]string {
	t.Helper()
	s := &source{dir: repository(t), packages: map[string]*packages.Package{}}
	list, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax, Dir: s.dir}, samplePath, retailPath)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		s.packages[p.PkgPath] = p
	}
	m := &module{report: &report{}, src: s}
	sample := s.packages[samplePath]
	m.cross = &crossing{report: m.report, fset: sample.Fset, local: s.overlayable, records: map[*types.TypeName]*record{}, asked: map[string]bool{}}
	for _, name := range []string{"Local", "Foreign"} {
		m.cross.root(sample.Types.Scope().Lookup(name).Type(), sample.Syntax[0].Pos())
	}
	// Null is there to hold the codecs to what msgp does without omitempty.
	if len(m.report.problems) != 1 {
		t.Fatalf("got %v", m.report.problems)
	}
	files, err := m.overlay()
	if err != nil {
		t.Fatal(err)
	}
	overlay, dir := map[string]string{}, t.TempDir()
	for path, text := range files {
		file := filepath.Base(filepath.Dir(path)) + ".go"
		put(t, dir, file, string(text))
		overlay[path] = filepath.Join(dir, file)
	}
	return overlay
}

// originalSamples is the overlay with the codec of msgp's own generator.
func originalSamples(t *testing.T) map[string]string {
	t.Helper()
	dir := filepath.Join(repository(t), "sdk", "internal", "codec", "codectest")
	fs, err := parse.File(filepath.Join(dir, "sample.go"), false, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out.go")
	if err := printer.PrintFile(out, fs, gen.Marshal|gen.Unmarshal|gen.Size); err != nil {
		t.Fatal(err)
	}
	return map[string]string{filepath.Join(dir, codecFile): out}
}
