package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/lifecycle"
)

// AllModules as a Preset enables everything that Modules holds.
const AllModules = "*"

// operator is who starts the host: it consents to what it was told to enable.
func operator() identity.Principal {
	p := identity.Host()
	p.ID = "operator"
	return p
}

// preset enables what the configuration names, in a tenant that has nothing yet.
func (h *Host) preset(ctx context.Context) error {
	if h.config.Preset == "" {
		return nil
	}
	// A start that was interrupted left its job behind: it goes on, and what comes
	// after the start needs its apps.
	var last struct{ Items []lifecycle.Job }
	if err := h.act(ctx, "host.jobs.list", map[string]int{"limit": 1}, &last); err != nil {
		return err
	}
	if len(last.Items) > 0 && last.Items[0].State == "running" {
		if err := h.finish(ctx, last.Items[0]); err != nil {
			return err
		}
	}
	var have struct{ Items []json.RawMessage }
	if err := h.act(ctx, "host.apps.list", struct{}{}, &have); err != nil || len(have.Items) > 0 {
		return err
	}
	planning, applying := "host.sets.plan", "host.sets.apply"
	in := map[string]any{"id": h.config.Preset}
	if h.config.Preset == AllModules {
		document, err := h.everything()
		if err != nil {
			return err
		}
		planning, applying, in = "host.sets.plan_document", "host.sets.apply_document", map[string]any{"set": document}
	}
	var plan lifecycle.Plan
	if err := h.act(ctx, planning, in, &plan); err != nil {
		return err
	}
	if !plan.Possible {
		return fmt.Errorf("preset %s: %s", h.config.Preset, problems(plan))
	}
	in["consent"] = plan.Consent
	var job lifecycle.Job
	if err := h.act(ctx, applying, in, &job); err != nil {
		return err
	}
	return h.finish(ctx, job)
}

func problems(plan lifecycle.Plan) string {
	var all []string
	for _, p := range plan.Problems {
		all = append(all, p.Text.EN)
	}
	return strings.Join(all, "; ")
}

// finish waits for a job to end, and tells of its apps.
func (h *Host) finish(ctx context.Context, job lifecycle.Job) error {
	for job.State == "running" {
		watch := map[string]any{"id": job.ID, "wait": 30, "since": job.Revision}
		if err := h.act(ctx, "host.jobs.get", watch, &job); err != nil {
			return err
		}
	}
	if job.State != "done" {
		if job.Error != nil {
			return fmt.Errorf("enable %s: %s: %s", strings.Join(job.Apps, ", "), job.Error.Reason, job.Error.Message)
		}
		return fmt.Errorf("enable %s: %s", strings.Join(job.Apps, ", "), job.State)
	}
	if set, ok := h.kernel.Set(h.config.Tenant); ok {
		for _, app := range set.Apps() {
			h.config.Progress(app.String() + " enabled")
		}
	}
	return nil
}

// everything is a set of all modules of the folder, with the settings that lie
// beside.
func (h *Host) everything() (map[string]any, error) {
	paths, err := filepath.Glob(filepath.Join(h.config.Modules, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no modules in %s: build them with `bottega build -o %s ./apps/...`", h.config.Modules, h.config.Modules)
	}
	modules, settings := []map[string]string{}, map[string]json.RawMessage{}
	for _, path := range paths {
		id := strings.TrimSuffix(filepath.Base(path), ".json")
		modules = append(modules, map[string]string{"id": id})
		text, err := h.filledIn(id)
		if err != nil {
			return nil, err
		}
		if text != nil {
			settings[id] = text
		}
	}
	text := map[string]string{"it": "Tutti i moduli", "en": "All modules"}
	return map[string]any{"id": "everything", "name": text, "summary": text, "modules": modules, "settings": settings}, nil
}

// filledIn is what somebody filled in for an app before the host started, nil
// for nothing.
func (h *Host) filledIn(app string) (json.RawMessage, error) {
	if h.config.Settings == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(h.config.Settings, app+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}
