package build

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// Problem is one thing that the developer has to change.
type Problem struct {
	File string // relative to Options.Dir if it lies below it; "" for none
	Line int    // 0 for none
	Text string
	Help string // what to do; "" if Text says it
}

// String is the problem as the CLI prints it: one line, or two with the help.
func (p Problem) String() string {
	var s strings.Builder
	if p.File != "" {
		s.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&s, ":%d", p.Line)
		}
		s.WriteString("  ")
	}
	s.WriteString(p.Text)
	if p.Help != "" {
		s.WriteString("\n    " + strings.ReplaceAll(p.Help, "\n", "\n    "))
	}
	return s.String()
}

// Problems is the error of a module that the build refuses: all that it found,
// in the order of files and lines.
type Problems []Problem

// Error is one problem after the other.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// report collects problems.
type report struct {
	dir      string // names of files are relative to it
	problems Problems
}

// add notes a problem at a position of the source.
func (r *report) add(at token.Position, help, format string, args ...any) {
	r.addFile(at.Filename, at.Line, help, format, args...)
}

// addFile notes a problem in any file.
func (r *report) addFile(file string, line int, help, format string, args ...any) {
	if rel, err := filepath.Rel(r.dir, file); err == nil && file != "" && !strings.HasPrefix(rel, "..") {
		file = filepath.ToSlash(rel)
	}
	p := Problem{File: file, Line: line, Text: fmt.Sprintf(format, args...), Help: help}
	if !slices.Contains(r.problems, p) {
		r.problems = append(r.problems, p)
	}
}

// err is all that was noted, nil if nothing was.
func (r *report) err() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
	})
	return r.problems
}
