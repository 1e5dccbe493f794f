package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

type importVerb struct {
	File     string `arg:"" help:"CSV file with a header line, gzip too." type:"existingfile"`
	Profile  string `help:"Mapping of columns: a file, or the name of one that comes with bottega (uci-online-retail)." required:""`
	DryRun   bool   `help:"Check every row, here and on the host, and write nothing."`
	Rejected string `help:"File for the rows that were not taken, with the reason. Default: FILE.rejected.csv." type:"path"`
	State    string `help:"File that remembers how far the import is. Default: FILE.import.json." type:"path"`
	Restart  bool   `help:"Forget how far an earlier run came. Nothing is imported twice all the same."`
	hostFlag
}

func (importVerb) Help() string {
	return `A profile is JSON: what to call first, and steps that turn rows into products,
prices, deliveries or receipts. Batches carry keys made of their content and
documents carry ids of their own, so a run that was killed is simply repeated:
it goes on where it was, and a complete run adds nothing.

Example:
  bottega import --profile uci-online-retail --dry-run transactions.csv.gz
  bottega import --profile uci-online-retail transactions.csv.gz

A profile for price entries:
  {"steps":[{"as":"prices","constants":{"list":"retail"},"columns":{
    "sku":{"column":"Codice"},"amount":{"column":"Prezzo","decimal":","}}}]}`
}

// Run imports step by step and prints what became of every row.
func (v importVerb) Run(ctx context.Context) error {
	p, err := readProfile(v.Profile)
	if err != nil {
		return err
	}
	if v.Rejected == "" {
		v.Rejected = v.File + ".rejected.csv"
	}
	if v.State == "" {
		v.State = v.File + ".import.json"
	}
	state, err := v.openState(p)
	if err != nil {
		return err
	}
	c := v.client()
	if !v.DryRun {
		for _, call := range p.Before {
			if err := c.patient(ctx, call.Operation, contentKey(call.Operation, call.Input), call.Input, nil); err != nil {
				return fmt.Errorf("%s: %w", call.Operation, err)
			}
		}
	}
	rejects := &rejects{path: v.Rejected}
	for i := range p.Steps {
		r := &importRun{client: c, step: &p.Steps[i], state: state, number: i, dryRun: v.DryRun, rejects: rejects, out: os.Stdout}
		if err := r.run(ctx, v.File); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, p.Steps[i].As, err)
		}
	}
	if err := rejects.close(); err != nil {
		return err
	}
	if n := rejects.rows; n > 0 {
		return fmt.Errorf("%d rows were not taken; they are in %s with the reason", n, v.Rejected)
	}
	return nil
}

// openState reads how far an earlier run of the same file and profile came. A
// dry run has no memory.
func (v importVerb) openState(p *profile) (*importState, error) {
	digest, err := fileDigest(v.File)
	if err != nil {
		return nil, err
	}
	state := &importState{path: v.State, File: digest, Profile: p.digest, Host: v.Host, Steps: make([]stepState, len(p.Steps))}
	if v.DryRun {
		state.path = ""
		return state, nil
	}
	if v.Restart {
		return state, nil
	}
	if err := os.MkdirAll(filepath.Dir(v.State), 0o700); err != nil {
		return nil, err
	}
	return state, state.read()
}
