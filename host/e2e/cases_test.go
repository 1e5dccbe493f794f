package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// lacking are cases that hold under an option that we do not have, and why not.
var lacking = map[string]string{
	"odoo-t035":   "an amount that is shared by what later promotions leave alone depends on the future",
	"odoo-t036":   "as odoo-t035",
	"saleor-t090": "giving a use back is pricing.release, and no question about a budget",
}

// quirks are cases that we fail on purpose, and why.
var quirks = map[string]string{}

// TestCases runs what peers make of carts, tenders, stock and returns through the real apps
// in a real host.
func TestCases(t *testing.T) {
	t.Parallel()
	b := binaries(t)
	t.Run("transcribed", func(t *testing.T) {
		t.Parallel()
		out := priceCases(t, b, filepath.Join("testdata", "cases"))
		judge(t, out, quirks)
		if !strings.Contains(out, "\nof no app here: 15 loyalty\n") {
			t.Errorf("kinds other than loyalty were not run:\n%s", out[summary.FindStringIndex(out)[0]:])
		}
		for id := range lacking {
			if !strings.Contains(out, "\n  "+id+"  ") {
				t.Errorf("%s has its option now: take it off the list", id)
			}
		}
		for _, line := range lines(out) {
			if id := strings.Fields(line)[0]; lacking[id] == "" {
				t.Errorf("%s: say why we do not have the option", line)
			}
		}
	})
	t.Run("shared", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(root, "..", "shared", "cases")
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("the shared cases are not on this machine: %v", err)
		}
		judge(t, priceCases(t, b, dir), quirks)
	})
}

// priceCases runs the verb in a private host and answers what it prints.
func priceCases(t *testing.T, b built, dir string) string {
	t.Helper()
	out, err := exec.Command(b.binary, "price", "--cases", dir, "--modules", b.modules, "--cache", b.cache).Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1 || !summary.Match(out)) {
		t.Fatalf("bottega price: %v\n%s", err, problemsOf(err))
	}
	return string(out)
}

func problemsOf(err error) []byte {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.Stderr
	}
	return nil
}

var summary = regexp.MustCompile(`(?m)^(\d+) passed, (\d+) failed, (\d+) without the option$`)

// judge fails for each case that failed and is no quirk, and for quirks that pass.
func judge(t *testing.T, out string, quirks map[string]string) {
	t.Helper()
	counts := summary.FindStringSubmatch(out)
	if counts == nil || counts[1] == "0" {
		t.Fatalf("no case passed:\n%s", out)
	}
	t.Log(counts[0])
	seen := map[string]bool{}
	for _, part := range strings.Split(out, "\nFAIL  ")[1:] {
		id, _, _ := strings.Cut(part, " ")
		seen[id] = true
		if quirks[id] == "" {
			text, _, _ := strings.Cut(part, "\nok")
			t.Error(text)
		}
	}
	if got := fmt.Sprint(len(seen)); got != counts[2] && !strings.HasPrefix(out, "FAIL") {
		t.Errorf("%s failures are shown and %s counted", got, counts[2])
	}
	for id, why := range quirks {
		if !seen[id] && strings.Contains(out, "  "+id+"  ") {
			t.Errorf("%s passes now and is no quirk any more (%s)", id, why)
		}
	}
}

// lines are the cases that lack an option, as they are listed at the end.
func lines(out string) (all []string) {
	at := summary.FindStringIndex(out)
	for _, line := range strings.Split(out[at[1]:], "\n") {
		if strings.HasPrefix(line, "  ") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return all
}
