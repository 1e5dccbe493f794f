package develop

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/bottega-retail/bottega/host/internal/develop/source"
	"github.com/bottega-retail/bottega/manifests"
)

// The skeletons. A name ends in .tmpl so that the go command leaves them alone;
// NAME in a path is the package's name, ID the module's.
//
//go:embed all:templates
var templates embed.FS

// Skeleton is what to make a project of.
type Skeleton struct {
	ID     string // of the module
	Slot   *Slot  // that a plugin fills; nil makes an app
	Module string // Go module path; "" is example.com/ID
	Folder string // "" is ID in the current folder
}

// Made is what New has made.
type Made struct {
	Folder string
	Files  []string // relative, sorted
	Golden bool     // the golden file of the test is there; otherwise the first run writes it
}

var goodID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`)

// New makes a project, with the SDK beside it. It refuses a folder that has
// anything in it, and leaves nothing behind if it cannot finish.
func New(s Skeleton, tree *source.Tree) (*Made, error) {
	if !goodID.MatchString(s.ID) {
		return nil, fmt.Errorf("%q is no id: a lower-case letter, then lower-case letters, digits and hyphens, 2 to 63 in all", s.ID)
	}
	if slices.Contains(reserved, strings.ReplaceAll(s.ID, "-", "")) {
		return nil, fmt.Errorf("%q is taken by Go or by the SDK: a package of that name cannot be written; choose another", s.ID)
	}
	if s.Slot != nil && s.Slot.Contract == strings.ReplaceAll(s.ID, "-", "") {
		return nil, fmt.Errorf("%q is the contract whose slot it fills: choose another name", s.ID)
	}
	if s.Module == "" {
		s.Module = "example.com/" + s.ID
	}
	if s.Folder == "" {
		s.Folder = s.ID
	}
	if err := vacant(s.Folder); err != nil {
		return nil, err
	}
	files, err := s.render()
	if err != nil {
		return nil, err
	}
	m := &Made{Folder: s.Folder}
	for name, text := range files {
		m.Golden = m.Golden || strings.Contains(name, "testdata/")
		m.Files = append(m.Files, name)
		if err := writeNew(filepath.Join(s.Folder, filepath.FromSlash(name)), text, 0o644); err != nil {
			return nil, errors.Join(err, os.RemoveAll(s.Folder))
		}
	}
	slices.Sort(m.Files)
	root, err := filepath.Abs(s.Folder)
	if err != nil {
		return nil, err
	}
	if _, err := (&Project{Root: root, Foreign: true}).Unpack(tree); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Folder))
	}
	return m, nil
}

// reserved are names that the skeletons import themselves, and Go's keywords.
var reserved = []string{
	"break", "case", "chan", "const", "continue", "default", "defer", "else", "fallthrough", "for", "func", "go", "goto", "if", "import", "interface",
	"map", "package", "range", "return", "select", "struct", "switch", "type", "var", "sdk", "sdktest", "retail", "testing", "main", "app", "slices",
}

// vacant refuses a folder that has anything in it.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty (%s): choose another name, or another folder with --folder; nothing is overwritten", dir, entries[0].Name())
	}
	return nil
}

// words are what the templates speak of.
type words struct {
	ID, Package, Module, Title string
	Slot                       *Slot
	Func                       string // Go function that fills the slot
	Range                      string // of versions of the slot's contract
}

// render fills the templates in. A plugin for a slot that has a template of its
// own takes that one over the general one.
func (s *Skeleton) render() (map[string][]byte, error) {
	w := words{ID: s.ID, Package: strings.ReplaceAll(s.ID, "-", ""), Module: s.Module, Slot: s.Slot}
	w.Title = strings.ToUpper(s.ID[:1]) + strings.ReplaceAll(s.ID[1:], "-", " ")
	dirs := []string{"templates/common", "templates/app"}
	if s.Slot != nil {
		w.Func = strings.ToLower(s.Slot.Var[:1]) + s.Slot.Var[1:]
		w.Range = rangeOf(s.Slot.Contract)
		dirs = []string{"templates/common", "templates/plugin", "templates/" + s.Slot.Name}
	}
	files := map[string][]byte{}
	for _, dir := range dirs {
		if err := w.folder(files, dir); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// rangeOf is the versions that are compatible with the contract as this binary
// carries it.
func rangeOf(contract string) string {
	var m struct{ Version string }
	if err := json.Unmarshal(manifests.Module(contract), &m); err != nil {
		return "*"
	}
	major, rest, _ := strings.Cut(m.Version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	return "^" + major + "." + minor
}

func (w *words) folder(files map[string][]byte, dir string) error {
	err := fs.WalkDir(templates, dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			return err
		}
		t, err := template.New(path.Base(name)).Delims("«", "»").Parse(string(text))
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, w); err != nil {
			return err
		}
		to := strings.TrimSuffix(strings.TrimPrefix(name, dir+"/"), ".tmpl")
		files[strings.NewReplacer("NAME", w.Package, "ID", w.ID).Replace(to)] = out.Bytes()
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a slot without templates of its own
	}
	return err
}
