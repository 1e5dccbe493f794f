package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/oklog/ulid/v2"
)

type importVerb struct {
	File     string `arg:"" help:"CSV file in UTF-8 with a header line, gzip too." type:"existingfile"`
	Profile  string `help:"Mapping of columns: a file, or the name of one that comes with bottega (uci-online-retail)." required:""`
	DryRun   bool   `help:"Check every row, here and on the host, and write nothing."`
	Rejected string `help:"File for the rows that were not taken, with the reason. Default: FILE.rejected.csv." type:"path"`
	State    string `help:"File that remembers how far the import is, until it is done. Default: FILE.import.json." type:"path"`
	Restart  bool   `help:"Forget how far an earlier run came. Nothing is imported twice all the same."`
	hostFlag
}

func (importVerb) Help() string {
	return `A profile is JSON: what to call first, and steps that turn rows into products,
prices, deliveries or receipts. Batches carry keys and documents carry ids of
their own, so a run that was stopped is simply repeated: it goes on where it
was. Repeating one that is complete adds nothing and says "known".

Every row is taken, known already, or rejected. Rejected rows are in a file of
their own, as they were, with line and reason; correct them there and import
that file. A receipt is taken whole or not at all.

Example:
  bottega import --profile uci-online-retail --dry-run transactions.csv.gz
  bottega import --profile uci-online-retail transactions.csv.gz

A profile for goods with further attributes, which their SKUs have:
  {"steps":[{"as":"products","constants":{"vat_class":"standard"},"columns":{
    "sku":{"column":"Codice"},"name":{"column":"Nome"},"size":{"column":"Taglia"},
    "attribute.material":{"column":"Materiale","split":"/"}}}]}

A profile for price entries, and one for goods received:
  {"steps":[{"as":"prices","comma":";","constants":{"list":"retail"},"columns":{
    "sku":{"column":"Codice"},"amount":{"column":"Prezzo","decimal":","}}}]}
  {"steps":[{"as":"deliveries","constants":{"place":"MI-01-floor"},"columns":{
    "document":{"column":"DDT"},"sku":{"column":"Codice"},"quantity":{"column":"Pezzi"}}}]}`
}

// Run imports step by step and prints what became of every row.
func (v importVerb) Run(ctx context.Context) error {
	j, err := v.job()
	if err != nil {
		return err
	}
	if _, err := j.client.get(ctx, "/v1/host/health"); err != nil {
		return err
	}
	return v.finish(ctx, j)
}

// finish runs a job to its end, from the beginning if it must.
func (v importVerb) finish(ctx context.Context, j *importJob) error {
	err := j.run(ctx, v.File)
	var again errRestart
	if errors.As(err, &again) {
		fmt.Fprintf(j.out, "beginning anew: %s; nothing is imported twice\n", again.why)
		if err = j.begin(); err == nil {
			err = j.run(ctx, v.File)
		}
	}
	err = errors.Join(err, j.rejects.close())
	switch {
	case err != nil && j.underWay():
		return fmt.Errorf("%w\n  what was sent is kept: run the same command again and it goes on where it stopped", err)
	case err != nil:
		return err
	}
	return j.finish()
}

// importJob is what the steps of an import share.
type importJob struct {
	profile  *profile
	client   *client
	state    *importState
	rejects  *rejects
	dryRun   bool
	promised promised
	out      io.Writer
	progress func(what string, total, done int) progress
	newID    func() string
}

// job reads the profile and how far an earlier run came.
func (v importVerb) job() (*importJob, error) {
	p, err := readProfile(v.Profile)
	if err != nil {
		return nil, err
	}
	if v.Rejected == "" {
		v.Rejected = v.File + ".rejected.csv"
	}
	if v.State == "" {
		v.State = v.File + ".import.json"
	}
	if same, err := sameFile(v.Rejected, v.File); err != nil || same {
		return nil, errors.Join(err, fmt.Errorf("--rejected %s is the file to import: it would be overwritten", v.Rejected))
	}
	digest, err := fileDigest(v.File)
	if err != nil {
		return nil, err
	}
	state := &importState{path: v.State, File: digest, Profile: p.digest, Host: v.Host, Rejected: v.Rejected, Steps: make([]stepState, len(p.Steps))}
	if v.DryRun {
		state.path = ""
	}
	j := &importJob{
		profile: p, client: v.client(), state: state, rejects: &rejects{path: v.Rejected}, dryRun: v.DryRun,
		promised: promises(p.Before), out: os.Stdout, progress: newProgress(os.Stderr),
		newID: func() string { return ulid.Make().String() },
	}
	return j, j.resume(v.Restart)
}

func sameFile(a, b string) (bool, error) {
	a, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	b, err = filepath.Abs(b)
	return a == b, err
}

// resume takes over what an earlier run has done, or begins.
func (j *importJob) resume(restart bool) error {
	if restart {
		return j.begin()
	}
	there, err := j.state.resume()
	if err != nil {
		return err
	}
	if there {
		there, err = j.rejects.resume(j.state.Bytes)
	}
	if err != nil || there {
		return err
	}
	return j.begin()
}

// begin forgets what was done.
func (j *importJob) begin() error {
	j.state.begin(j.newID())
	return j.rejects.remove()
}

// underWay says whether a next run has something to go on with.
func (j *importJob) underWay() bool {
	return !j.dryRun && slices.ContainsFunc(j.state.Steps, func(s stepState) bool { return s.Listed })
}

// save remembers how far the import is.
func (j *importJob) save() error {
	bytes, err := j.rejects.flush(j.state.Bytes)
	if err != nil {
		return err
	}
	j.state.Bytes = bytes
	return j.state.write()
}

func (j *importJob) run(ctx context.Context, path string) error {
	if j.dryRun {
		fmt.Fprintln(j.out, "dry run: nothing is written to the host")
	} else if err := j.before(ctx); err != nil {
		return err
	}
	for i := range j.profile.Steps {
		r := &importRun{importJob: j, step: &j.profile.Steps[i], number: i, waiting: map[string]bool{}}
		if err := r.run(ctx, path); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, r.step.As, err)
		}
	}
	return nil
}

// before makes what must be there first. The calls may be repeated.
func (j *importJob) before(ctx context.Context) error {
	for _, call := range j.profile.Before {
		if err := j.client.patient(ctx, call.Operation, contentKey(call.Operation, call.Input), call.Input, nil); err != nil {
			return fmt.Errorf("before the steps, %s: %w", call.Operation, err)
		}
	}
	return nil
}

// finish forgets the way and says what is left to do.
func (j *importJob) finish() error {
	if err := j.state.remove(); err != nil {
		return err
	}
	bad := 0
	for _, s := range j.state.Steps {
		bad += s.RowsBad
	}
	if bad == 0 {
		return nil
	}
	return fmt.Errorf("%s rows were not taken; they are in %s, each with line and reason", grouped(bad), j.rejects.path)
}
