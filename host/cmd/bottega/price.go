package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/cmd/bottega/casefile"
)

type priceVerb struct {
	Cases   string `help:"File of cases, or a folder whose files *.json are." required:"" type:"path" placeholder:"DIR"`
	Modules string `help:"Ask a private host over the built modules of this folder, rather than a running one." type:"path" placeholder:"DIR"`
	Cache   string `help:"Where a private host keeps compiled modules. Default: a folder in the user's cache." type:"path" placeholder:"DIR"`
	hostFlag
}

func (priceVerb) Help() string {
	return `Runs neutral cases (` + casefile.Schema + `) through the apps that they are
about (carts and prices: pricing; tenders: vouchers, after pricing; stock; returns: till)
and compares what these make of them with what they expect: a line per case, and what
differs. The host that answers at --url is asked; without one, or with --modules, a
private host is started over the built modules and thrown away again. Ends with 1
if a case failed.

What differs is not a failure if the case says that it is derived. A case that
holds under an option that an app does not have is named as such. Kinds of cases
whose app is not installed are counted apart. Where a case's semantics do not say, lines
stay as they are and equal claims are settled for the line that stands first.

Options that cases may name:
` + wrapped(casefile.Meanings()) + `
Example:
  bottega price --cases host/e2e/testdata/cases
  bottega price --cases cases.json --modules .build/modules`
}

// wrapped sets words in lines of two columns of margin.
func wrapped(words []string) string {
	var text strings.Builder
	width := 0
	for _, w := range words {
		if width > 0 && width+len(w) > 78 {
			text.WriteString("\n")
			width = 0
		}
		fmt.Fprint(&text, "  ", w)
		width += len(w) + 2
	}
	return text.String() + "\n"
}

// Run prints a line per case and counts.
func (v priceVerb) Run(ctx context.Context) error {
	cases, err := casefile.Read(v.Cases)
	if err != nil {
		return err
	}
	r := &caseReport{out: os.Stdout, apart: map[string]int{}}
	c := v.client()
	if v.Modules != "" || !reachable(ctx, c) {
		err = v.private(ctx, appsOf(cases), func(c *client) error { return r.run(ctx, c, cases) })
	} else {
		err = r.run(ctx, c, cases)
	}
	if err != nil {
		return err
	}
	r.close()
	if r.failed > 0 {
		return fmt.Errorf("%s failed", many(r.failed, "case"))
	}
	return nil
}

// reachable says whether a host answers.
func reachable(ctx context.Context, c *client) bool {
	_, err := c.get(ctx, "/v1/host/health")
	var p *problem
	return err == nil || errors.As(err, &p)
}

// appsOf are the apps that cases ask, and those that these need.
func appsOf(cases []casefile.Case) []string {
	needs := map[string][]string{"stock": {"catalog"}, "till": {"catalog", "pricing", "stock"}}
	apps := []string{"catalog", "pricing"}
	for i := range cases {
		for _, operation := range casefile.Operations(cases[i].Kind) {
			app, _, _ := strings.Cut(operation, ".")
			apps = append(append(apps, app), needs[app]...)
		}
	}
	slices.Sort(apps)
	return slices.Compact(apps)
}

// private starts a host of some apps in a temporary folder for as long as something asks
// it. An app that was not built is not there.
func (v priceVerb) private(ctx context.Context, apps []string, ask func(*client) error) (err error) {
	modules, err := serveVerb{Modules: v.Modules}.modules(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bottega-price-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	chosen, err := choose(modules, filepath.Join(dir, "modules"), apps...)
	if err != nil {
		return err
	}
	cache, err := v.compiled()
	if err != nil {
		return err
	}
	h, err := host.New(ctx, host.Config{Dir: filepath.Join(dir, "host"), Cache: cache, Modules: chosen, Preset: host.AllModules, Address: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- h.Run(ctx) }()
	err = ask(hostFlag{Host: "http://" + h.Address(), Token: tokenOf(filepath.Join(dir, "host"))}.client())
	stop()
	return errors.Join(err, <-served, h.Close())
}

// compiled is where a private host keeps compiled modules.
func (v priceVerb) compiled() (string, error) {
	if v.Cache != "" {
		return v.Cache, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for compiled modules, or name one with --cache: %w", err)
	}
	dir := filepath.Join(base, "bottega", "compiled")
	return dir, os.MkdirAll(dir, 0o700)
}

// choose copies some built modules into a folder of their own; without pricing there is
// nothing to ask.
func choose(from, to string, ids ...string) (string, error) {
	if err := os.Mkdir(to, 0o700); err != nil {
		return "", err
	}
	for _, id := range ids {
		for _, ending := range []string{".wasm", ".json"} {
			body, err := os.ReadFile(filepath.Join(from, id+ending))
			if errors.Is(err, fs.ErrNotExist) && id != "catalog" && id != "pricing" {
				continue
			}
			if err != nil {
				return "", fmt.Errorf("read a built module (see `bottega build`): %w", err)
			}
			if err := os.WriteFile(filepath.Join(to, id+ending), body, 0o600); err != nil {
				return "", err
			}
		}
	}
	return to, nil
}

// caseReport counts what became of cases.
type caseReport struct {
	out     io.Writer
	passed  int
	failed  int
	without []string       // cases and the option that each lacks
	apart   map[string]int // cases of apps that are not here, by kind
}

// errNoApp says that no app here answers an operation.
var errNoApp = errors.New("no app answers this")

// run asks about every case in turn. Errors: those that are no answer to a case.
func (r *caseReport) run(ctx context.Context, c *client, cases []casefile.Case) error {
	ask := func(operation string, question, answer any) error { return asked(ctx, c, operation, question, answer) }
	for i := range cases {
		of := &cases[i]
		if len(casefile.Operations(of.Kind)) == 0 {
			r.apart[of.Kind]++
			continue
		}
		differences, err := of.Run(ask)
		var lacks *casefile.Missing
		switch {
		case errors.Is(err, errNoApp):
			r.apart[of.Kind]++
		case errors.As(err, &lacks):
			r.without = append(r.without, of.ID+"  "+lacks.Option)
			fmt.Fprintf(r.out, "–     %s  without the option %s\n", of.ID, lacks.Option)
		case err != nil:
			return fmt.Errorf("%s: %w", of.ID, err)
		case len(differences) == 0:
			r.passed++
			fmt.Fprintf(r.out, "ok    %s  %s\n", of.ID, of.Title)
		default:
			r.failed++
			fmt.Fprintf(r.out, "FAIL  %s  %s\n        %s\n", of.ID, of.Title, strings.Join(differences, "\n        "))
		}
	}
	return nil
}

// asked puts a question to an operation of a host. Errors: errNoApp; *casefile.Refusal if
// what it refuses is the question; others are none of the case's.
func asked(ctx context.Context, c *client, operation string, question, answer any) error {
	body, err := json.Marshal(question)
	if err != nil {
		return err
	}
	out, err := c.repeat(ctx, operation, "", body, patience)
	var p *problem
	switch {
	case errors.As(err, &p) && p.Code == "not_found" && p.Reason == "operation":
		return errNoApp
	case errors.As(err, &p) && refusesCase(p):
		return &casefile.Refusal{Operation: operation, Reason: p.Reason, Text: p.Error()}
	case err != nil:
		return err
	}
	return json.Unmarshal(out.body, answer)
}

// refusesCase says whether a problem is with what was asked, and not with the
// host or who asks.
func refusesCase(p *problem) bool {
	return slices.Contains([]string{"invalid", "not_found", "too_large", "conflict", "failed_precondition", "internal", "exhausted"}, p.Code)
}

// close prints the counts.
func (r *caseReport) close() {
	fmt.Fprintf(r.out, "\n%d passed, %d failed, %d without the option\n", r.passed, r.failed, len(r.without))
	for _, line := range r.without {
		fmt.Fprintln(r.out, "  "+line)
	}
	if len(r.apart) == 0 {
		return
	}
	var kinds []string
	for _, kind := range slices.SortedFunc(maps.Keys(r.apart), cmp.Compare) {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.apart[kind], kind))
	}
	fmt.Fprintf(r.out, "of no app here: %s\n", strings.Join(kinds, ", "))
}
