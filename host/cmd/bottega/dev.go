package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/develop"
)

type devVerb struct {
	Cache string `help:"Where compiled modules are kept. Default: .build/cache in the project." type:"path" placeholder:"DIR"`
	Once  bool   `help:"Build and install once; neither watch nor tail."`
	changeFlags
}

func (devVerb) Help() string {
	return `Builds the project's module, installs it into a running host, and does so again
whenever a file is saved: the new version takes over between two operations,
data and settings stay. A version that does not build or is refused changes
nothing: the last good one goes on. What the module logs is shown as it comes.
Ctrl-C ends it; the module stays installed.

Example:
  bottega serve --demo     # in another terminal
  bottega dev`
}

// quiet is how long a file must have been left alone after it was saved.
const quiet = 100 * time.Millisecond

// Run builds, installs, watches.
func (v devVerb) Run(ctx context.Context) error {
	w, err := openWorkshop(ctx, v.Cache, os.Stdout)
	if err != nil {
		return err
	}
	defer w.close()
	d := &developing{workshop: w, steward: v.steward(), out: os.Stdout, now: time.Now}
	if _, err := d.get(ctx, "/v1/host/health"); err != nil {
		return fmt.Errorf("%w\n  start one in another terminal: bottega serve --demo", err)
	}
	if v.Once {
		return d.round(ctx, d.now())
	}
	watch, err := develop.Watch(ctx, w.project.Root, quiet)
	if err != nil {
		return err
	}
	return d.loop(ctx, watch.Changes)
}

// developing is one module in the making and the host it lives in.
type developing struct {
	*workshop
	*steward
	out     io.Writer
	now     func() time.Time
	id      string // "" until it was built once
	live    string // digest of the manifest, and so of the module, that the host runs
	tailing bool
}

// loop makes a round at once and after every change, until the context ends.
func (d *developing) loop(ctx context.Context, changes <-chan struct{}) error {
	begun := d.now()
	for {
		if err := d.round(ctx, begun); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if d.live == "" && errors.Is(err, errNo) {
				return err // somebody has thought better of it
			}
			d.failed(err)
		}
		if d.id != "" && !d.tailing && d.live != "" {
			d.tailing = true
			go d.follow(ctx, begun)
		}
		fmt.Fprintln(d.out, "  … watching; save a file, or end with Ctrl-C")
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
			begun = d.now()
		}
	}
}

// failed says why nothing has changed.
func (d *developing) failed(err error) {
	say(d.out, err)
	if d.live != "" {
		fmt.Fprintf(d.out, "  ✗ not taken over: the last good version of %s goes on\n", d.id)
	}
}

// round builds the module and brings it into the host.
func (d *developing) round(ctx context.Context, begun time.Time) error {
	results, err := d.build(ctx, build.Options{}, nil)
	if err != nil {
		return err
	}
	if len(results) != 1 {
		return fmt.Errorf("there are %d modules here, and dev works on one: go to the folder of its go.mod", len(results))
	}
	r := results[0]
	m, digest, err := devModule(&r, d.now())
	if err != nil {
		return err
	}
	if d.id = r.ID; digest == d.live {
		fmt.Fprintf(d.out, "  ✓ %s is unchanged\n", r.ID)
		return nil
	}
	if err := d.bring(ctx, m); err != nil {
		return err
	}
	d.live = digest
	fmt.Fprintf(d.out, "  ✓ %s %s is live, %s after the save\n", r.ID, m.manifest.Version, d.now().Sub(begun).Round(10*time.Millisecond))
	return nil
}

// devModule is a built module under a version of its own: a pre-release of the
// source's, later than those before, so that the host can tell them apart.
func devModule(r *build.Result, at time.Time) (m *moduleFile, digest string, err error) {
	man := *r.Manifest
	plain, err := json.Marshal(&man)
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(plain)
	tag := "-dev."
	if strings.Contains(man.Version, "-") {
		tag = ".dev."
	}
	man.Version += tag + strconv.FormatInt(at.UnixMilli(), 10)
	paper, err := json.Marshal(&man)
	return &moduleFile{manifest: &man, paper: paper, wasm: r.Wasm}, hex.EncodeToString(sum[:]), err
}

// bring uploads a module and puts it in the place of what is there. Only what
// the retailer has not allowed yet is asked for.
func (d *developing) bring(ctx context.Context, m *moduleFile) error {
	id, version := m.manifest.ID, m.manifest.Version
	installed, err := d.app(ctx, id)
	if err != nil {
		return err
	}
	if err := d.upload(ctx, m); err != nil {
		return err
	}
	if installed == nil {
		return d.do(ctx, wish{Action: "install", ID: id, Version: version})
	}
	if err := d.do(ctx, wish{Action: "upgrade", ID: id, Version: version}); err != nil {
		return err
	}
	if installed.State == "installed" || installed.State == "disabled" {
		return d.do(ctx, wish{Action: "enable", ID: id})
	}
	return nil
}

// do carries one wish, and asks if it asks for more than was allowed before.
func (d *developing) do(ctx context.Context, w wish) error {
	p, err := d.plan(ctx, w)
	if err != nil {
		return err
	}
	if p.AsksMore || !p.Possible {
		if err := d.agree(p); err != nil {
			return err
		}
	}
	in := object{"consent": p.Consent}
	if w.Version != "" {
		in["version"] = w.Version
	}
	var j jobInfo
	if err := d.resource(ctx, http.MethodPost, "apps/"+url.PathEscape(w.ID)+"/"+w.Action, in, &j); err != nil {
		return err
	}
	return d.finish(ctx, &j)
}

// follow shows what the module logs from now on.
func (d *developing) follow(ctx context.Context, from time.Time) {
	err := d.tail(ctx, logPath("debug", d.id), func(m message) error {
		if l := readLogLine(m.Data); !l.at.Before(from) {
			fmt.Fprintln(d.out, "  │ "+l.String())
		}
		return nil
	})
	if err != nil && !errors.Is(err, io.EOF) {
		fmt.Fprintf(d.out, "  │ the log cannot be shown: %v\n", err)
	}
}
