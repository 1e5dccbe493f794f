package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// steward carries wishes of a person to a host: he is shown the plan, says yes,
// and is told how it goes.
type steward struct {
	*client
	language string
	yes      bool // he has said so already
	in       *bufio.Reader
	out      io.Writer
	terminal bool // out is one
}

// changeFlags are those of the verbs that change which apps there are.
type changeFlags struct {
	Yes      bool   `short:"y" help:"Say yes to the plan without being asked."`
	Language string `help:"Language of what is asked: it or en." enum:"it,en" default:"en" env:"BOTTEGA_LANGUAGE"`
	hostFlag
}

func (f changeFlags) steward() *steward {
	return &steward{client: f.client(), language: f.Language, yes: f.Yes, in: bufio.NewReader(os.Stdin), out: os.Stdout, terminal: term.IsTerminal(int(os.Stdout.Fd()))}
}

// errNo is a person who does not want to.
var errNo = errors.New("nothing was changed")

// carry shows the plan of a wish, asks, sends what do says with the consent, and
// follows the job.
func (s *steward) carry(ctx context.Context, w wish, do func(consent string) (method, path string, in any)) error {
	p, err := s.plan(ctx, w)
	if err != nil {
		return err
	}
	if err := s.agree(p); err != nil {
		return err
	}
	method, path, in := do(p.Consent)
	var j jobInfo
	if err := s.resource(ctx, method, path, in, &j); err != nil {
		return err
	}
	return s.finish(ctx, &j)
}

func (s *steward) plan(ctx context.Context, w wish) (*plan, error) {
	var p plan
	err := s.resource(ctx, http.MethodPost, "apps/plan", w, &p)
	return &p, err
}

// agree shows a plan and asks, unless it is not possible.
func (s *steward) agree(p *plan) error {
	s.show(p)
	if !p.Possible {
		return errors.New("this is not possible as it stands; " + errNo.Error())
	}
	return s.ask("Go on?")
}

// show says in plain words what would happen. What to mind and what is in the
// way stand behind the rest, with a mark.
func (s *steward) show(p *plan) {
	marked := map[string]bool{}
	var mind []string
	for _, a := range p.Apps {
		for _, t := range a.Telling {
			if line := t.Text.in(s.language); t.Level == "high" && !marked[line] {
				marked[line], mind = true, append(mind, line)
			}
		}
	}
	for _, x := range p.Problems {
		marked[x.Text.in(s.language)] = true
	}
	words := p.Words.EN
	if s.language == "it" {
		words = p.Words.IT
	}
	for _, line := range words {
		if !marked[line] {
			fmt.Fprintln(s.out, "  "+line)
		}
	}
	for _, line := range mind {
		fmt.Fprintln(s.out, "  ! "+line)
	}
	for _, x := range p.Problems {
		fmt.Fprintf(s.out, "  ✗ %s (%s)\n", x.Text.in(s.language), x.Reason)
		for _, m := range x.Modules {
			fmt.Fprintf(s.out, "      bottega install %s   would help\n", m.ID)
		}
	}
}

// ask wants a yes; anything else is a no.
func (s *steward) ask(question string) error {
	if s.yes {
		return nil
	}
	fmt.Fprintf(s.out, "%s [y/N] ", question)
	line, err := s.in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if errors.Is(err, io.EOF) {
		fmt.Fprint(s.out, "\n")
	}
	switch strings.ToLower(strings.TrimSpace(line)) {
	case "y", "yes", "s", "sì", "si":
		return nil
	}
	return fmt.Errorf("%w (answer y, or give --yes)", errNo)
}

// finish follows a job, gives consent if it is asked on the way, and says how it
// ended.
func (s *steward) finish(ctx context.Context, j *jobInfo) error {
	for {
		if err := s.follow(ctx, j, s.progress()); err != nil {
			return err
		}
		if j.State != "waiting_consent" || j.Plan == nil {
			return j.outcome()
		}
		if err := s.agree(j.Plan); err != nil {
			return errors.Join(err, j.outcome())
		}
		if err := s.resource(ctx, http.MethodPost, "jobs/"+url.PathEscape(j.ID)+"/consent", object{"consent": j.Plan.Consent}, j); err != nil {
			return err
		}
	}
}

// progress shows the steps of a job: a line per step, rewritten on a terminal.
func (s *steward) progress() func(*jobInfo) {
	said := ""
	return func(j *jobInfo) {
		line := fmt.Sprintf("  … %s %s  %d/%d %s", j.Kind, j.Subject, j.steps(), len(j.Steps), j.step())
		if j.Progress.Total > 0 && !j.ended() {
			line += fmt.Sprintf(" %d %%", 100*j.Progress.Done/j.Progress.Total)
		}
		switch {
		case s.terminal && j.ended():
			fmt.Fprint(s.out, "\r\x1b[K")
		case s.terminal:
			fmt.Fprint(s.out, "\r\x1b[K"+line)
		case line != said && !j.ended():
			fmt.Fprintln(s.out, line)
		}
		said = line
	}
}

// done says what is now, and what to do next: "" is to fill in the settings, if
// there are any.
func (s *steward) done(ctx context.Context, id, next string) error {
	a, err := s.app(ctx, id)
	switch {
	case err != nil:
		return err
	case a == nil:
		fmt.Fprintf(s.out, "  ✓ %s is gone\n", id)
	default:
		fmt.Fprintf(s.out, "  ✓ %s %s is %s\n", a.ID, a.Version, a.State)
		if next == "" && a.Settings {
			next = "bottega settings " + id
		}
	}
	fmt.Fprintln(s.out, "\nnext:\n  "+cmp.Or(next, "bottega apps"))
	return nil
}

// module is a built module on disk: its manifest in full beside it.
type moduleFile struct {
	manifest *manifest.Manifest
	paper    []byte
	wasm     []byte
}

// readModuleFile reads <id>.wasm or <id>.json and the other one beside it.
func readModuleFile(path string) (*moduleFile, error) {
	base := strings.TrimSuffix(path, filepath.Ext(path))
	paper, err := os.ReadFile(base + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the manifest beside the module: %w", err)
	}
	m, err := manifest.Parse(paper)
	if err != nil {
		return nil, fmt.Errorf("%s.json: %w", base, err)
	}
	wasm, err := os.ReadFile(base + ".wasm")
	if err != nil {
		return nil, fmt.Errorf("read the module beside its manifest: %w", err)
	}
	return &moduleFile{manifest: m, paper: paper, wasm: wasm}, nil
}

// upload hands a module to the host, which looks at it as closely as at a
// stranger's.
func (c *client) upload(ctx context.Context, m *moduleFile) error {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, part := range []struct {
		name, file string
		bytes      []byte
	}{{"manifest", m.manifest.ID + ".json", m.paper}, {"module", m.manifest.ID + ".wasm", m.wasm}} {
		w, err := form.CreateFormFile(part.name, part.file)
		if err != nil {
			return err
		}
		if _, err := w.Write(part.bytes); err != nil {
			return err
		}
	}
	if err := form.Close(); err != nil {
		return err
	}
	req, err := c.request(ctx, http.MethodPost, "/v1/host/modules", body.Bytes())
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Idempotency-Key", "module-"+m.manifest.Digest)
	if _, _, err = c.do(req); err != nil {
		return fmt.Errorf("upload %s@%s: %w", m.manifest.ID, m.manifest.Version, c.advise(err))
	}
	return nil
}
