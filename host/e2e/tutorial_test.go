package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestDeveloper is what a developer does on a machine that has the binary, Go and
// a shell: no repository, an empty GOPATH, no proxy.
func TestDeveloper(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for _, part := range []struct {
		name string
		do   func(*machine)
	}{{"tutorial", tutorial}, {"stranger", stranger}} {
		if !t.Run(part.name, func(t *testing.T) { m.t = t; part.do(m) }) {
			return
		}
	}
}

// tutorial runs plugins/hello/README.md as printed.
func tutorial(m *machine) {
	t := m.t
	begun := time.Now()
	text, err := os.ReadFile(filepath.Join(root, "plugins", "hello", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlocks(string(text))
	if len(blocks) != 12 {
		t.Fatalf("%d blocks of commands in the tutorial", len(blocks))
	}
	var quotes []quoted
	for _, b := range blocks {
		switch {
		case b.terminal == "shop":
			m.open(b, "").wait("bottega is ready", 1)
		case b.terminal == "dev":
			m.open(b, "y\n").wait("is live", 1)
		case strings.HasPrefix(b.text, "bottega call"):
			quotes = append(quotes, m.quote(b))
		default:
			m.run(b)
		}
		if strings.HasPrefix(b.text, "sed -i") {
			m.terminals["dev"].wait("is live", 2)
		}
	}
	if len(quotes) != 4 {
		t.Fatalf("%d quotes", len(quotes))
	}
	before, after, one, two := quotes[0], quotes[1], quotes[2], quotes[3]
	if off := after.by("hello"); before.Total <= 0 || off == 0 || after.Total != before.Total-off || off != (before.Total+5)/10 {
		t.Errorf("%d cost %d with %d taken off by hello", before.Total, after.Total, off)
	}
	if one.Total != before.Total || one.by("hello") != 0 || two.by("hello") == 0 {
		t.Errorf("after the change one costs %+v, two %+v", one, two)
	}
	m.staysWithTheLastGoodVersion()
	t.Logf("the tutorial took %s", time.Since(begun).Round(time.Second))
}

// block is one fenced block of commands.
type block struct{ terminal, text string }

var fence = regexp.MustCompile("(?ms)^```sh(?: terminal=(\\w+))?\n(.*?)^```$")

func shellBlocks(text string) (blocks []block) {
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, block{m[1], m[2]})
	}
	return blocks
}

// machine is a computer with nothing on it but the binary, Go and a shell.
type machine struct {
	t         *testing.T // of what is done now
	whole     *testing.T // terminals stay open as long
	home      string
	dir       string // where the author stands
	env       []string
	url       string
	terminals map[string]*terminal
	asked     int // operations
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	b := binaries(t)
	dir := t.TempDir()
	m := &machine{t: t, whole: t, home: filepath.Join(dir, "home"), terminals: map[string]*terminal{}}
	m.dir = m.home
	bin := filepath.Join(dir, "bin")
	for _, d := range []string{m.home, bin} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tool := range []string{"go", "sh", "mkdir", "sed"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		m.link(path, filepath.Join(bin, tool))
	}
	m.link(b.binary, filepath.Join(bin, "bottega"))
	// What the binary builds of itself is kept between runs of this test, unless
	// time does not matter: then also this is as on the first day.
	cache := filepath.Join(filepath.Dir(b.binary), "home-cache")
	if os.Getenv("BOTTEGA_LONG") != "" {
		cache = filepath.Join(dir, "cache")
	}
	address := freeAddress(t)
	m.url = "http://" + address
	m.env = []string{
		"HOME=" + m.home, "PATH=" + bin, "GOPATH=" + filepath.Join(dir, "gopath"), "GOCACHE=" + goEnv(t, "GOCACHE"),
		"GOPROXY=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local", "XDG_CACHE_HOME=" + cache,
		"BOTTEGA_URL=" + m.url, "BOTTEGA_ADDRESS=" + address,
	}
	return m
}

func (m *machine) link(from, to string) {
	m.t.Helper()
	if err := os.Symlink(from, to); err != nil {
		m.t.Fatal(err)
	}
}

// freeAddress is a port that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run runs a block where the author stands, and goes where it leads.
func (m *machine) run(b block) string {
	m.t.Helper()
	where := filepath.Join(m.home, ".where")
	out, err := m.command(b.text + "\npwd > " + where).CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s\n%v\n%s%s", b.text, err, out, m.said())
	}
	dir, err := os.ReadFile(where)
	if err != nil {
		m.t.Fatal(err)
	}
	m.dir = strings.TrimSpace(string(dir))
	return string(out)
}

func (m *machine) command(text string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(filepath.Dir(m.home), "bin", "sh"), "-e", "-c", text)
	cmd.Dir, cmd.Env = m.dir, m.env
	return cmd
}

// said is what the other terminals show.
func (m *machine) said() string {
	var all strings.Builder
	for name, term := range m.terminals {
		fmt.Fprintf(&all, "\n--- terminal %s\n%s", name, term.text())
	}
	return all.String()
}

// quoted is what a quote answers.
type quoted struct {
	Total   int
	Applied []struct {
		Filler string
		Amount int
	}
}

// by is what a filler took off.
func (q quoted) by(filler string) (amount int) {
	for _, a := range q.Applied {
		if a.Filler == filler {
			amount += a.Amount
		}
	}
	return amount
}

func (m *machine) quote(b block) (q quoted) {
	m.t.Helper()
	out := m.run(b)
	if err := json.Unmarshal([]byte(out), &q); err != nil {
		m.t.Fatalf("%s\n%v in\n%s", b.text, err, out)
	}
	return q
}

// staysWithTheLastGoodVersion saves a mistake, as the tutorial proposes, and
// mends it.
func (m *machine) staysWithTheLastGoodVersion() {
	m.t.Helper()
	file := filepath.Join(m.home, "shop", "hello", "hello.go")
	good, err := os.ReadFile(file)
	if err != nil {
		m.t.Fatal(err)
	}
	m.run(block{text: "bottega enable hello --yes"})
	m.save(file, bytes.Replace(good, []byte("break\n\t\t}"), []byte("break\n\t\t"), 1))
	m.terminals["dev"].wait("hello.go:", 1)
	m.terminals["dev"].wait("the last good version of hello goes on", 1)
	if q := m.quote(block{text: `bottega call pricing.quote '{"store":"MI-01","lines":[{"sku":"P0001-M","quantity":2}]}'`}); q.by("hello") == 0 {
		m.t.Error("after a mistake the version before is gone")
	}
	m.save(file, good)
	m.terminals["dev"].wait("hello is unchanged", 1)
}

func (m *machine) save(file string, text []byte) {
	m.t.Helper()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// terminal is a shell that goes on beside the author's.
type terminal struct {
	m    *machine
	name string

	mu      sync.Mutex
	out     bytes.Buffer
	changed chan struct{} // closed when out grows or ends
	ended   bool
}

// open runs a block in a terminal of its own until the test ends.
func (m *machine) open(b block, typed string) *terminal {
	m.t.Helper()
	term := &terminal{m: m, name: b.terminal, changed: make(chan struct{})}
	cmd := m.command(b.text)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(typed), term, term
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended shows in what it said
		term.end()
		close(done)
	}()
	m.whole.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // Ctrl-C goes to all of the terminal; they may have ended
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			m.whole.Errorf("terminal %s does not end:\n%s", b.terminal, term.text())
		}
	})
	m.terminals[b.terminal] = term
	return term
}

// Write implements io.Writer.
func (s *terminal) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
	return s.out.Write(b)
}

func (s *terminal) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.wake()
}

func (s *terminal) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *terminal) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// wait waits until the terminal has said something so many times.
func (s *terminal) wait(what string, times int) {
	s.m.t.Helper()
	limit := time.After(150 * time.Second)
	for {
		s.mu.Lock()
		there, ended, changed := strings.Count(s.out.String(), what) >= times, s.ended, s.changed
		s.mu.Unlock()
		if there {
			return
		}
		if ended {
			s.m.t.Fatalf("terminal %s ended without saying %q:%s", s.name, what, s.m.said())
		}
		select {
		case <-changed:
		case <-limit:
			s.m.t.Fatalf("terminal %s does not say %q:%s", s.name, what, s.m.said())
		}
	}
}

var _ io.Writer = (*terminal)(nil)

// ask calls an operation with the token of the demo's owner.
func (m *machine) ask(operation string, in object) ([]byte, error) {
	m.t.Helper()
	return m.post(m.t.Context(), "/v1/"+strings.Replace(operation, ".", "/", 1), in)
}

func (m *machine) post(ctx context.Context, path string, in object) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.url+path, bytes.NewReader(in.json(m.t)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	m.asked++
	req.Header.Set("Idempotency-Key", fmt.Sprintf("stranger-%d", m.asked))
	token, err := os.ReadFile(filepath.Join(m.home, "shop", ".bottega", "demo", "owner.token"))
	if err == nil {
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	res, err := web.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s: %s: %s", path, res.Status, body)
	}
	return body, err
}
