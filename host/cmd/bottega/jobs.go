package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"text/tabwriter"
)

type jobsVerb struct {
	ID      string `arg:"" optional:"" help:"One job. Default: a line for each, the newest first."`
	App     string `help:"Only those of this app." placeholder:"APP"`
	Limit   int    `help:"How many." default:"20"`
	Consent bool   `help:"Show what the job waits for, and say yes to it."`
	Cancel  bool   `help:"Give the job up, if it has not gone too far."`
	changeFlags
}

func (jobsVerb) Help() string {
	return `Shows what the host does or did with apps, step by step.

Example:
  bottega jobs
  bottega jobs 01JD… --consent`
}

// Run shows jobs, or answers one.
func (v jobsVerb) Run(ctx context.Context) error {
	s := v.steward()
	if v.ID == "" {
		return v.list(ctx, s)
	}
	path := "jobs/" + url.PathEscape(v.ID)
	var j jobInfo
	if err := s.resource(ctx, http.MethodGet, path, nil, &j); err != nil {
		return err
	}
	switch {
	case v.Cancel:
		if err := s.resource(ctx, http.MethodPost, path+"/cancel", object{}, &j); err != nil {
			return err
		}
	case v.Consent:
		return s.finish(ctx, &j)
	}
	j.print()
	return nil
}

func (v *jobsVerb) list(ctx context.Context, s *steward) error {
	query := url.Values{"limit": {fmt.Sprint(v.Limit)}}
	if v.App != "" {
		query.Set("app", v.App)
	}
	var p listPage[jobInfo]
	if err := s.resource(ctx, http.MethodGet, "jobs?"+query.Encode(), nil, &p); err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, j := range p.Items {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", j.ID, j.Begun, j.Kind, j.Subject, j.State, j.By)
	}
	return out.Flush()
}

// print shows a job with its steps.
func (j *jobInfo) print() {
	fmt.Printf("%s %s  %s, begun %s by %s\n", j.Kind, j.Subject, j.State, j.Begun, j.By)
	for _, step := range j.Steps {
		mark := map[string]string{"done": "✓", "running": "…"}[step.State]
		if mark == "" {
			mark = " "
		}
		fmt.Println(" ", mark, step.Name)
	}
	if j.Error != nil {
		fmt.Printf("  ✗ %s (%s): %s\n", j.Error.Code, j.Error.Reason, j.Error.Message)
	}
	if j.State == "waiting_consent" {
		fmt.Printf("\nnext:\n  bottega jobs %s --consent\n", j.ID)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
