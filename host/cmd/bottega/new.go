package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/develop"
	"github.com/bottega-retail/bottega/host/internal/develop/source"
)

type newVerb struct {
	Plugin newPluginVerb `cmd:"" help:"A plugin: a small module that owns no data and fills a slot of somebody's contract."`
	App    newAppVerb    `cmd:"" help:"An app: a contract with data, operations and events of its own."`
}

// newFlags are the same for both kinds.
type newFlags struct {
	Name   string `arg:"" help:"Id of the module: lower-case letters, digits and hyphens."`
	Module string `help:"Go module path. Default: example.com/NAME." placeholder:"PATH"`
	Folder string `help:"Folder to make. Default: NAME." type:"path" placeholder:"DIR"`
}

type newPluginVerb struct {
	Slot string `help:"Slot to fill, contract.slot; without it, the slots there are." placeholder:"SLOT"`
	newFlags
}

func (newPluginVerb) Help() string {
	return `Makes a folder with the plugin, its test, its manifest, and the SDK that this
binary carries: nothing is downloaded, then or later.

Example:
  bottega new plugin happyhour --slot pricing.discount`
}

// Run makes the project, or lists the slots.
func (v newPluginVerb) Run() error {
	tree, err := source.Read()
	if err != nil {
		return err
	}
	slots, err := develop.Slots(tree)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(slots, func(s develop.Slot) bool { return s.Name == v.Slot })
	if i < 0 {
		return noSlot(v.Slot, slots)
	}
	return v.make(&slots[i], tree)
}

// noSlot says which slots there are.
func noSlot(name string, slots []develop.Slot) error {
	var text strings.Builder
	if name == "" {
		text.WriteString("which slot? Add --slot with one of these:")
	} else {
		fmt.Fprintf(&text, "there is no slot %q; there are:", name)
	}
	for _, s := range slots {
		kind := "query"
		if s.Command {
			kind = "command"
		}
		doc, _, _ := strings.Cut(strings.ReplaceAll(s.Doc, "\n", " "), ". ")
		fmt.Fprintf(&text, "\n  %-20s %-8s %s", s.Name, kind, strings.TrimSuffix(doc, "."))
	}
	return fmt.Errorf("%s", text.String())
}

type newAppVerb struct{ newFlags }

func (newAppVerb) Help() string {
	return `Makes a folder with a contract, its handlers, their test and its manifest, and
the SDK that this binary carries: nothing is downloaded, then or later.

Example:
  bottega new app wishlist`
}

// Run makes the project.
func (v newAppVerb) Run() error {
	tree, err := source.Read()
	if err != nil {
		return err
	}
	return v.make(nil, tree)
}

func (f newFlags) make(slot *develop.Slot, tree *source.Tree) error {
	made, err := develop.New(develop.Skeleton{ID: f.Name, Slot: slot, Module: f.Module, Folder: f.Folder}, tree)
	if err != nil {
		return err
	}
	fmt.Printf("made %s\n", relative(made.Folder))
	for _, file := range made.Files {
		fmt.Println("  ", file)
	}
	fmt.Printf("   %s/  the SDK of this binary, %d files\n", develop.SDKFolder, len(tree.Paths()))
	test := "bottega test"
	if !made.Golden {
		test += " --update"
	}
	fmt.Printf("\nnext:\n  cd %s && %s\n", relative(made.Folder), test)
	return nil
}
