package paper

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Readers of PDF that others have written find the same words, and no fault, where this
// machine has them. TestPages reads the same files without.
func TestReaders(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Medium{"80": Roll80, "58": Roll58, "A4": A4} {
		file := filepath.Join(t.TempDir(), name+".pdf")
		if err := os.WriteFile(file, receipt().PDF(m), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, reader := range [][]string{{"pdftotext", "-raw", file, "-"}, {"mutool", "draw", "-F", "txt", file}, {"qpdf", "--check", file}} {
			path, err := exec.LookPath(reader[0])
			if err != nil {
				t.Logf("%s is not on this machine", reader[0])
				continue
			}
			out, err := exec.Command(path, reader[1:]...).CombinedOutput()
			text := string(out)
			found := reader[0] == "qpdf" || strings.Contains(text, "TOTALE EURO") && strings.Contains(text, "com'è") && strings.Contains(text, "Prezzo €") && strings.Contains(text, "Copia")
			if err != nil || !found {
				t.Errorf("%s of %s: %v\n%s", reader[0], name, err, text)
			}
		}
	}
}
