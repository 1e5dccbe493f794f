package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
)

type setVerb struct {
	List  setListVerb  `cmd:"" help:"The ready compositions of the host."`
	Plan  setPlanVerb  `cmd:"" help:"What would follow from a composition."`
	Apply setApplyVerb `cmd:"" help:"Install and enable what a composition names, with one yes."`
}

type setListVerb struct{ hostFlag }

func (setListVerb) Help() string {
	return `Example:
  bottega set list`
}

// setInfo is a set as the host lists it.
type setInfo struct {
	ID      string `json:"id"`
	Name    text   `json:"name"`
	Summary text   `json:"summary"`
	Modules []struct {
		ID        string `json:"id"`
		Available string `json:"available"`
		State     string `json:"state"`
		Optional  bool   `json:"optional"`
	} `json:"modules"`
}

// Run lists the sets.
func (v setListVerb) Run(ctx context.Context) error {
	sets, err := list[setInfo](ctx, v.client(), "sets", nil)
	if err != nil {
		return err
	}
	for _, s := range sets {
		fmt.Printf("%s  %s: %s\n", s.ID, s.Name.EN, s.Summary.EN)
		for _, m := range s.Modules {
			state := m.State
			switch {
			case state == "" && m.Available == "":
				state = "not available"
			case state == "":
				state = "available"
			}
			fmt.Printf("    %-14s %-8s %s\n", m.ID, m.Available, state)
		}
	}
	if len(sets) > 0 {
		fmt.Printf("\nnext:\n  bottega set apply %s\n", sets[0].ID)
	}
	return nil
}

// setArg names a set: of the host, or in a file.
type setArg struct {
	Set string `arg:"" help:"Id of a set of the host, or a file with one (.json)."`
}

// request is where a set is planned or applied, and with what.
func (a setArg) request(verb string) (path string, in object, err error) {
	if !strings.HasSuffix(a.Set, ".json") {
		return "sets/" + url.PathEscape(a.Set) + "/" + verb, object{}, nil
	}
	b, err := os.ReadFile(a.Set)
	if err != nil {
		return "", nil, err
	}
	if !json.Valid(b) {
		return "", nil, fmt.Errorf("%s is no JSON", a.Set)
	}
	return "sets/" + verb, object{"set": json.RawMessage(b)}, nil
}

type setPlanVerb struct {
	setArg
	changeFlags
}

func (setPlanVerb) Help() string {
	return `Changes nothing.

Example:
  bottega set plan store-system`
}

// Run shows the plan.
func (v setPlanVerb) Run(ctx context.Context) error {
	s := v.steward()
	p, err := v.plan(ctx, s)
	if err != nil {
		return err
	}
	s.show(p)
	if p.Possible {
		fmt.Printf("\nnext:\n  bottega set apply %s\n", v.Set)
	}
	return nil
}

func (a setArg) plan(ctx context.Context, s *steward) (*plan, error) {
	path, in, err := a.request("plan")
	if err != nil {
		return nil, err
	}
	var p plan
	return &p, s.resource(ctx, http.MethodPost, path, in, &p)
}

type setApplyVerb struct {
	setArg
	changeFlags
}

func (setApplyVerb) Help() string {
	return `Example:
  bottega set apply store-system
  bottega set apply mine.json --yes`
}

// Run shows the plan, asks, and applies the set.
func (v setApplyVerb) Run(ctx context.Context) error {
	s := v.steward()
	p, err := v.plan(ctx, s)
	if err != nil {
		return err
	}
	if err := s.agree(p); err != nil {
		return err
	}
	path, in, err := v.request("apply")
	if err != nil {
		return err
	}
	in["consent"] = p.Consent
	var j jobInfo
	if err := s.resource(ctx, http.MethodPost, path, in, &j); err != nil {
		return err
	}
	if err := s.finish(ctx, &j); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "  ✓ %s is applied: %s\n\nnext:\n  bottega apps\n", v.Set, strings.Join(j.Apps, ", "))
	return nil
}
