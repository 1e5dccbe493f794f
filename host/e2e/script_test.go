package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// serve runs `bottega serve` with arguments of the test's own and returns when
// it answers, with what it has said until then. It ends with the test.
func serve(t *testing.T, b built, dir string, args ...string) (*process, string) {
	t.Helper()
	cmd := exec.Command(b.binary, append([]string{"serve", "--modules", b.modules, "--cache", b.cache, "--dir", dir}, args...)...)
	p := &process{cmd: cmd, stderr: &bytes.Buffer{}, exited: make(chan struct{})}
	cmd.Stderr = p.stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.stop)
	var said strings.Builder
	lines := bufio.NewScanner(out)
	for p.base == "" && lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		if _, rest, ok := strings.Cut(lines.Text(), "health   "); ok {
			p.base = strings.TrimSuffix(rest, "/v1/host/health")
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out) // what it says later is nobody's
		_ = cmd.Wait()                  // a killed host ends with an error
		close(p.exited)
	}()
	if p.base == "" {
		<-p.exited
		t.Fatalf("the host did not start: %s", p.stderr)
	}
	if err := owns(p.base, dir); err != nil {
		t.Fatal(err)
	}
	return p, said.String()
}

// TestDemo starts what `make run` starts: the README's own lines work, and so
// do the scripts of testdata/script.
func TestDemo(t *testing.T) {
	t.Parallel()
	b := binaries(t)
	dir := t.TempDir()
	demo, said := serve(t, b, filepath.Join(dir, "demo"), "--demo", "--address", "127.0.0.1:0")
	for _, want := range []string{
		"bottega 0.1.0\n", "apps checked and enabled", "simulated: 18,000 historic receipts",
		`demo retailer "Emporio Demo" (simulated data): 6 stores, 1 warehouse, 1 web shop, 4,200 SKUs, 18,024 receipts`,
		"durable, ", "admin    " + demo.base + "/admin  user demo, first password in ", "API      " + demo.base + "/v1/openapi.json",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	empty, _ := serve(t, b, filepath.Join(dir, "empty"), "--set", "*", "--address", "127.0.0.1:0")
	t.Run("README", func(t *testing.T) { readme(t, demo.base) })
	t.Run("script", func(t *testing.T) { scripts(t, b, demo, empty, dir) })
	t.Run("books", func(t *testing.T) { booksAgree(t, b, demo) })
	t.Run("stop", func(t *testing.T) {
		demo.stop()
		if code := demo.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("after an interrupt the host ended with %d: %s", code, demo.stderr)
		}
	})
}

// booksAgree has the binary hold receipts, stock and cards against each other, when all
// scripts have sold, taken back and synced what they do.
func booksAgree(t *testing.T, b built, demo *process) {
	cmd := exec.Command(b.binary, "verify")
	cmd.Env = append(os.Environ(), "BOTTEGA_HOST="+demo.base, "BOTTEGA_TOKEN="+ownerOf(demo.base))
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"faults":0`) {
		t.Errorf("%v: %s", err, out)
	}
	t.Logf("%s", out)
}

// scripts runs testdata/script/*.txtar. They find the demo retailer at
// $BOTTEGA_HOST, and a host with nothing in it at $EMPTY.
func scripts(t *testing.T, b built, demo, empty *process, dir string) {
	repo, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOROOT"} {
				e.Setenv(name, goEnv(t, name))
			}
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GOPROXY", "off") // everything is in the module cache
			e.Setenv("GOFLAGS", "-mod=mod")
			e.Setenv("PATH", filepath.Dir(b.binary)+string(os.PathListSeparator)+os.Getenv("PATH"))
			e.Setenv("MODULES", b.modules)
			e.Setenv("CACHE", b.cache)
			e.Setenv("REPO", repo)
			e.Setenv("BOTTEGA_HOST", demo.base)
			e.Setenv("BOTTEGA_TOKEN", ownerOf(demo.base))
			e.Setenv("EMPTY", empty.base)
			e.Setenv("EMPTY_TOKEN", ownerOf(empty.base))
			e.Setenv("PORT", strings.TrimPrefix(demo.base, "http://"))
			e.Setenv("EMPTY_DIR", filepath.Join(dir, "empty"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"opened": func(ts *testscript.TestScript, _ bool, args []string) { opened(ts, b, ts.MkAbs(args[0])) },
			"keep":   keepWord,
			"same":   func(ts *testscript.TestScript, _ bool, args []string) { same(ts, args) },
			"damage": func(ts *testscript.TestScript, _ bool, args []string) { damage(ts, ts.MkAbs(args[0])) },
		},
	})
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// opened makes a host folder: a host starts in it, opens shops and is stopped.
func opened(ts *testscript.TestScript, b built, dir string) {
	p, err := start(b, dir)
	ts.Check(err)
	defer p.stop()
	openShops(func(operation, key string, in object) {
		body, err := json.Marshal(in)
		ts.Check(err)
		_, err = post(context.Background(), p.base, operation, key, body)
		ts.Check(err)
	})
}

// damage flips a bit in every page of a file but the first four.
func damage(ts *testscript.TestScript, path string) {
	file, err := os.ReadFile(path)
	ts.Check(err)
	for at := 4*4096 + 100; at < len(file); at += 4096 {
		file[at] ^= 1
	}
	ts.Check(os.WriteFile(path, file, 0o600))
}

// readme runs the README's own curl lines.
func readme(t *testing.T, base string) {
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "## A sale with curl")
	parts := strings.SplitN(section, "```", 5)
	if !ok || len(parts) < 3 {
		t.Fatal("the README has no lines with curl")
	}
	lines := curls(parts[1])
	if len(lines) != 3 {
		t.Fatalf("%d calls in the README, not quote, close and look_up", len(lines))
	}
	var quote, receipt struct {
		ID    string
		Total int
		Lines []struct{ Quantity int }
	}
	type levels struct{ Stores []struct{ Sellable int } }
	var before, after levels
	read(t, curl(t, lines[2], base), &before)
	read(t, curl(t, lines[0], base), &quote)
	closed := curl(t, lines[1], base)
	read(t, closed, &receipt)
	read(t, curl(t, lines[2], base), &after)
	if quote.Total <= 0 || len(quote.Lines) == 0 || receipt.Total != quote.Total || !strings.HasPrefix(receipt.ID, "MI-01/3/") {
		t.Errorf("quoted %d, closed %s with %d", quote.Total, receipt.ID, receipt.Total)
	}
	if len(before.Stores) != 1 || len(after.Stores) != 1 || after.Stores[0].Sellable != before.Stores[0].Sellable-3 {
		t.Errorf("stock before %+v and after %+v", before, after)
	}
	if again := curl(t, lines[1], base); !bytes.Equal(again, closed) {
		t.Errorf("the same sale again\n%s\nwas\n%s", again, closed)
	}
	var end levels
	if read(t, curl(t, lines[2], base), &end); end.Stores[0] != after.Stores[0] {
		t.Errorf("repeating the sale moved stock from %+v to %+v", after, end)
	}
}

func read(t *testing.T, answer []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(answer, v); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
}

// curls takes the shell's lines apart into calls of curl.
func curls(text string) (calls [][]string) {
	variable := map[string]string{}
	for _, words := range shell(text) {
		name, value, assigns := strings.Cut(words[0], "=")
		switch {
		case words[0] == "curl":
			calls = append(calls, words[1:])
		case assigns && len(words) == 1:
			variable["$"+name] = value
		}
	}
	for _, call := range calls {
		for i := range call {
			for name, value := range variable {
				call[i] = strings.ReplaceAll(call[i], name, value)
			}
		}
	}
	return calls
}

// shell splits commands into words, as far as a README goes: single quotes, and
// backslashes before line ends.
func shell(text string) (commands [][]string) {
	var words []string
	word, quoted, begun := "", false, false
	end := func() {
		if begun {
			words, word, begun = append(words, word), "", false
		}
	}
	for _, c := range strings.ReplaceAll(text, "\\\n", " ") + "\n" {
		switch {
		case c == '\'':
			quoted, begun = !quoted, true
		case quoted || c != ' ' && c != '\n':
			word, begun = word+string(c), true
		default:
			end()
			if c == '\n' && len(words) > 0 {
				commands, words = append(commands, words), nil
			}
		}
	}
	return commands
}

// curl runs one call of the README against another host than it says: with
// curl if there is one that knows --json, else as curl would.
func curl(t *testing.T, args []string, base string) []byte {
	t.Helper()
	const said = "http://127.0.0.1:8080"
	if !strings.Contains(fmt.Sprint(args), said) {
		t.Fatalf("%q does not call %s", args, said)
	}
	var own []string
	for _, a := range args {
		own = append(own, strings.Replace(strings.Replace(a, said, base, 1), "$T", ownerOf(base), 1))
	}
	if help, err := exec.Command("curl", "--help", "all").Output(); err == nil && bytes.Contains(help, []byte("--json")) {
		out, err := exec.Command("curl", own...).Output()
		if err != nil {
			t.Fatalf("curl %q: %v", own, err)
		}
		return out
	}
	return asCurl(t, own)
}

// asCurl knows -s, --json, -H, --oauth2-bearer and the address.
func asCurl(t *testing.T, args []string) []byte {
	t.Helper()
	var body, address string
	header := http.Header{"Content-Type": {"application/json"}}
	for i := 0; i < len(args); i++ {
		switch args[i] {
		case "-s":
		case "--oauth2-bearer":
			i++
			header.Set("Authorization", "Bearer "+args[i])
		case "--json":
			i++
			body = args[i]
		case "-H":
			i++
			name, value, _ := strings.Cut(args[i], ": ")
			header.Set(name, value)
		default:
			address = args[i]
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header
	res, err := web.Do(asOwner(req))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
