package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/bottega-retail/bottega/host/internal/build"
)

type appsVerb struct {
	ID string `arg:"" optional:"" help:"One app, with all that is known of it. Default: a line for each."`
	hostFlag
}

func (appsVerb) Help() string {
	return `Lists what is installed, and what could be.

Example:
  bottega apps
  bottega apps happyhour`
}

// Run lists apps and the modules that are not installed.
func (v appsVerb) Run(ctx context.Context) error {
	c := v.client()
	if v.ID != "" {
		body, err := c.get(ctx, "/v1/host/apps/"+url.PathEscape(v.ID))
		if err != nil {
			return c.advise(err)
		}
		return printJSON(os.Stdout, body)
	}
	apps, err := list[appInfo](ctx, c, "apps", nil)
	if err != nil {
		return err
	}
	modules, err := list[appInfo](ctx, c, "modules", nil)
	if err != nil {
		return err
	}
	installed := map[string]bool{}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, a := range apps {
		installed[a.ID] = true
		state := a.State
		if a.Reason != "" {
			state += ": " + a.Reason
		}
		newer := ""
		if a.Newest != "" && a.Newest != a.Version {
			newer = "newer: " + a.Newest
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", a.ID, a.Version, a.Name.EN, state, newer)
	}
	for _, m := range modules {
		if !installed[m.ID] {
			installed[m.ID] = true
			fmt.Fprintf(out, "%s\t%s\t%s\tavailable\t\n", m.ID, m.Version, m.Name.EN)
		}
	}
	return out.Flush()
}

type installVerb struct {
	Module  string   `arg:"" optional:"" help:"Id of an available module, ID@VERSION for another than the newest, or a built one: <id>.wasm with <id>.json beside it. Default: the project of the current folder, built now."`
	Replace []string `help:"Apps to disable in the same instant, because this one takes their contract." placeholder:"APP"`
	Replay  bool     `help:"Also hear the events from before it was enabled, where its handlers allow it."`
	changeFlags
}

func (installVerb) Help() string {
	return `Shows what would happen and what is asked for, in plain words; asks; installs,
and enables.

Example:
  bottega install happyhour
  bottega install .build/modules/happyhour.wasm
  bottega install shelves --replace stock --yes`
}

// Run installs one module.
func (v installVerb) Run(ctx context.Context) error {
	s := v.steward()
	id, version, err := bring(ctx, s, v.Module)
	if err != nil {
		return err
	}
	err = s.carry(ctx, wish{Action: "install", ID: id, Version: version, Replace: v.Replace}, func(consent string) (string, string, any) {
		in := object{"consent": consent, "replay": v.Replay}
		if version != "" {
			in["version"] = version
		}
		if len(v.Replace) > 0 {
			in["replace"] = v.Replace
		}
		return http.MethodPost, "apps/" + url.PathEscape(id) + "/install", in
	})
	if p := (*problem)(nil); errors.As(err, &p) && p.Reason == "installed" {
		return fmt.Errorf("%w\n  `bottega upgrade` puts another version in its place", err)
	}
	if err != nil {
		return err
	}
	return s.done(ctx, id, "")
}

// bring makes a module available: one on disk is uploaded, the project of the
// current folder is built and uploaded, anything else is the id of one that is
// there. The version is "" for the newest.
func bring(ctx context.Context, s *steward, module string) (id, version string, err error) {
	path := module
	switch {
	case module == "":
		if path, err = s.buildHere(ctx); err != nil {
			return "", "", err
		}
	case filepath.Ext(module) != ".wasm" && filepath.Ext(module) != ".json":
		id, version, _ = strings.Cut(module, "@")
		return id, version, nil
	}
	m, err := readModuleFile(path)
	if err != nil {
		return "", "", err
	}
	if err := s.upload(ctx, m); err != nil {
		return "", "", err
	}
	fmt.Fprintf(s.out, "  ✓ %s@%s uploaded, %d KiB: the host takes it\n", m.manifest.ID, m.manifest.Version, len(m.wasm)>>10)
	return m.manifest.ID, m.manifest.Version, nil
}

// buildHere builds the one module of the current folder's project.
func (s *steward) buildHere(ctx context.Context) (string, error) {
	w, err := openWorkshop(ctx, "", s.out)
	if err != nil {
		return "", fmt.Errorf("%w\n  or name what to install: `bottega apps` lists what is available", err)
	}
	defer w.close()
	results, err := w.build(ctx, build.Options{}, nil)
	if err != nil {
		return "", err
	}
	if len(results) != 1 {
		return "", fmt.Errorf("there are %d modules here: name one, such as %s", len(results), relative(results[0].File))
	}
	return results[0].File, nil
}

type upgradeVerb struct {
	Module string `arg:"" optional:"" help:"Id of an installed app, ID@VERSION for another than the newest, or a built module. Default: the project of the current folder, built now."`
	changeFlags
}

func (upgradeVerb) Help() string {
	return `Puts another version in the place of an app. Data and settings stay. If it asks
for more than was allowed before, it says so first and the old version goes on
until somebody says yes.

Example:
  bottega upgrade happyhour
  bottega upgrade happyhour@0.2.0
  bottega upgrade .build/modules/happyhour.wasm --yes`
}

// Run upgrades one app.
func (v upgradeVerb) Run(ctx context.Context) error {
	s := v.steward()
	id, version, err := bring(ctx, s, v.Module)
	if err != nil {
		return err
	}
	err = s.carry(ctx, wish{Action: "upgrade", ID: id, Version: version}, func(consent string) (string, string, any) {
		in := object{"consent": consent}
		if version != "" {
			in["version"] = version
		}
		return http.MethodPost, "apps/" + url.PathEscape(id) + "/upgrade", in
	})
	if err != nil {
		return err
	}
	return s.done(ctx, id, "bottega log "+id)
}

type enableVerb struct {
	ID      string   `arg:"" help:"Id of an installed app."`
	Replace []string `help:"Apps to disable in the same instant, because this one takes their contract." placeholder:"APP"`
	Replay  bool     `help:"Also hear the events from before it was enabled, where its handlers allow it."`
	changeFlags
}

func (enableVerb) Help() string {
	return `Lets an installed app answer. Its data and settings are those it was disabled
with.

Example:
  bottega enable happyhour`
}

// Run enables one app.
func (v enableVerb) Run(ctx context.Context) error {
	s := v.steward()
	err := s.carry(ctx, wish{Action: "enable", ID: v.ID, Replace: v.Replace}, func(consent string) (string, string, any) {
		in := object{"consent": consent, "replay": v.Replay}
		if len(v.Replace) > 0 {
			in["replace"] = v.Replace
		}
		return http.MethodPost, "apps/" + url.PathEscape(v.ID) + "/enable", in
	})
	if err != nil {
		return err
	}
	return s.done(ctx, v.ID, "bottega log "+v.ID)
}

type disableVerb struct {
	ID      string `arg:"" help:"Id of an enabled app."`
	Cascade bool   `help:"Disable also the apps that need it."`
	changeFlags
}

func (disableVerb) Help() string {
	return `Takes an app out of service: what runs is finished, nothing new begins. Its
data stays.

Example:
  bottega disable happyhour`
}

// Run disables one app.
func (v disableVerb) Run(ctx context.Context) error {
	s := v.steward()
	err := s.carry(ctx, wish{Action: "disable", ID: v.ID, Cascade: v.Cascade}, func(string) (string, string, any) {
		return http.MethodPost, "apps/" + url.PathEscape(v.ID) + "/disable", object{"cascade": v.Cascade}
	})
	if err != nil {
		return err
	}
	return s.done(ctx, v.ID, "bottega enable "+v.ID+"   or   bottega remove "+v.ID)
}

type removeVerb struct {
	ID      string `arg:"" help:"Id of an installed app."`
	Cascade bool   `help:"Disable also the apps that need it."`
	changeFlags
}

func (removeVerb) Help() string {
	return `Removes an app and all that it keeps. There is no way back.

Example:
  bottega remove happyhour`
}

// Run removes one app. Without --yes its id has to be typed: what it keeps is
// gone afterwards.
func (v removeVerb) Run(ctx context.Context) error {
	s := v.steward()
	p, err := s.plan(ctx, wish{Action: "remove", ID: v.ID, Cascade: v.Cascade})
	if err != nil {
		return err
	}
	s.show(p)
	if !p.Possible {
		return errors.New("this is not possible as it stands; " + errNo.Error())
	}
	if err := s.typed(v.ID); err != nil {
		return err
	}
	var j jobInfo
	if err := s.resource(ctx, http.MethodDelete, "apps/"+url.PathEscape(v.ID)+"?"+v.query().Encode(), nil, &j); err != nil {
		return err
	}
	if err := s.finish(ctx, &j); err != nil {
		return err
	}
	return s.done(ctx, v.ID, "bottega apps")
}

// query says again what is to go: a request to remove must name it twice.
func (v removeVerb) query() url.Values {
	q := url.Values{"confirm": {v.ID}}
	if v.Cascade {
		q.Set("cascade", "true")
	}
	return q
}

// typed wants an id to be typed.
func (s *steward) typed(id string) error {
	if s.yes {
		return nil
	}
	fmt.Fprintf(s.out, "Type %s to remove it with all its data: ", id)
	line, err := s.in.ReadString('\n')
	if strings.TrimSpace(line) != id {
		return errors.Join(errNo, ignoreEnd(err))
	}
	return nil
}
