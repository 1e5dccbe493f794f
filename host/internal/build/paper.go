package build

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// paper is a module's manifest in the source tree: as it is, and as the code
// says it should be.
type paper struct {
	file      string
	old, text []byte
	manifest  *manifest.Manifest // of text
}

// paper reads a module's manifest and puts provides into it. Nil if it cannot;
// the report says why.
func (m *module) paper(dir string, provides *manifest.Provides) *paper {
	p := &paper{file: filepath.Join(dir, m.id+".json")}
	var err error
	if p.old, err = os.ReadFile(p.file); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			m.report.addFile(p.file, 0, "write it; the least is\n"+skeleton(m.id, provides), "module %s has no manifest", m.id)
		} else {
			m.report.addFile(p.file, 0, "", "%v", err)
		}
		return nil
	}
	lines, err := manifest.Scan(p.old)
	if err == nil {
		p.text = splice(p.old, lines, provides)
		p.manifest, err = manifest.Parse(p.text)
	}
	if err != nil {
		m.paperProblems(p.file, err)
		return nil
	}
	if p.manifest.ID != m.id {
		m.report.addFile(p.file, lines.Line("/id"), "", "the code is the app %q, its manifest says %q", m.id, p.manifest.ID)
	}
	if p.manifest.Digest != "" || p.manifest.Size != 0 {
		m.report.addFile(p.file, lines.Line("/digest"), "remove them: they are written beside the built module", "digest and size are not for the source")
	}
	m.forward(p, lines)
	m.relations(p.file, p.manifest, lines)
	m.rights(p.file, p.manifest, lines)
	return p
}

func (m *module) paperProblems(file string, err error) {
	var problems manifest.Problems
	if !errors.As(err, &problems) {
		m.report.addFile(file, 0, "", "%v", err)
		return
	}
	for _, p := range problems {
		text := p.Text
		if p.Pointer != "" {
			text = p.Pointer + ": " + text
		}
		m.report.addFile(file, p.Line, "", "%s", text)
	}
}

// skeleton is the shortest manifest that says something.
func skeleton(id string, p *manifest.Provides) string {
	kind := manifest.Plugin
	if p.Contract != "" || len(p.Collections) > 0 || len(p.Counters) > 0 {
		kind = manifest.App
	}
	return `{
  "id": "` + id + `",
  "version": "0.1.0",
  "kind": "` + string(kind) + `",
  "name": {"it": "…", "en": "…"},
  "summary": {"it": "…", "en": "…"},
  "vendor": "…",
  "category": "…"
}`
}

// splice puts provides into the text of a manifest and leaves every other byte
// as somebody wrote it.
func splice(text []byte, lines manifest.Lines, provides *manifest.Provides) []byte {
	value := pretty(encode(provides), 2)
	if span, ok := lines.Span("/provides"); ok {
		return bytes.Join([][]byte{text[:span.Start], value, text[span.End:]}, nil)
	}
	root, _ := lines.Span("")
	head := bytes.TrimRight(text[:root.End-1], " \t\r\n")
	comma := ","
	if bytes.HasSuffix(head, []byte("{")) {
		comma = ""
	}
	return bytes.Join([][]byte{head, []byte(comma + "\n  \"provides\": "), value, []byte("\n}"), text[root.End:]}, nil)
}

// settle writes the manifest back, or complains that it is not what the code
// says.
func (p *paper) settle(r *report, update, check bool) error {
	if bytes.Equal(p.old, p.text) {
		return nil
	}
	switch {
	case update:
		return write(p.file, p.text, 0o644)
	case check:
		name := filepath.Base(p.file)
		r.addFile(p.file, 0, head(string(diff.Diff(name, p.old, name+" as the code says", p.text)), 40),
			"not what the code says; run  bottega build --update")
	}
	return nil
}

// head is the first lines of a text, and how many it leaves out.
func head(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) <= n {
		return strings.Join(lines, "\n")
	}
	return strings.Join(lines[:n], "\n") + fmt.Sprintf("\n… and %d lines more", len(lines)-n)
}

// write replaces a file whole or not at all.
func write(file string, b []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".bottega-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(b)
	err = errors.Join(err, tmp.Chmod(mode), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(tmp.Name()))
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
