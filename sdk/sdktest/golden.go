package sdktest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files of sdktest.Golden anew")

// Golden compares v, as indented JSON, with testdata/<name of the test>.json,
// which `go test -update` writes. Once in a test or subtest.
func Golden[T any](t testing.TB, v T) {
	t.Helper()
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatalf("golden: %v", err)
	}
	file := filepath.Join("testdata", strings.ReplaceAll(t.Name(), "/", "_")+".json")
	if *update {
		writeGolden(t, file, got.Bytes())
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("golden: %v; `go test -update` writes it", err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s: %s", file, difference(string(want), got.String()))
	}
}

func writeGolden(t testing.TB, file string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatalf("golden: %v", err)
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatalf("golden: %v", err)
	}
}

// difference shows the first lines that differ.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	line := func(list []string) string {
		if i < len(list) {
			return strings.TrimSpace(list[i])
		}
		return "(end)"
	}
	return fmt.Sprintf("from line %d", i+1) + "\n\twant " + line(w) + "\n\tgot  " + line(g) + "\n" + got
}
