package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// row is one line of the file. Line is that of an editor, the header being 1.
type row struct {
	line  int
	cells []string
}

// table reads rows of a CSV file by the names of their columns.
type table struct {
	header []string
	reader *csv.Reader
	tape   *tape
	line   int // of the file, that the reader's first is
	file   *os.File
	step   *step
	at     map[string]int            // field to cell
	zones  map[string]*time.Location // field to zone
}

// tape keeps what was read ahead of the last row, so that one can go back.
type tape struct {
	in   io.Reader
	kept []byte
	from int64 // offset of kept
}

func (t *tape) Read(p []byte) (int, error) {
	n, err := t.in.Read(p)
	t.kept = append(t.kept, p[:n]...)
	return n, err
}

// take cuts off what lies before an offset. It is valid until the next Read.
func (t *tape) take(to int64) []byte {
	raw := t.kept[:to-t.from]
	t.kept, t.from = t.kept[len(raw):], to
	return raw
}

// openTable opens a CSV file, plain or gzip.
func openTable(path string, s *step) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &table{file: f, step: s, line: 1, at: map[string]int{}, zones: map[string]*time.Location{}}
	if err := t.open(f); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return t, nil
}

func (t *table) open(f io.Reader) error {
	in := bufio.NewReaderSize(f, 1<<20)
	var content io.Reader = in
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if content, err = gzip.NewReader(in); err != nil {
			return err
		}
	}
	t.read(content)
	return t.readHeader()
}

// read begins to read rows from in.
func (t *table) read(in io.Reader) {
	t.tape = &tape{in: in}
	t.reader = t.newReader(t.tape)
}

func (t *table) newReader(in io.Reader) *csv.Reader {
	r := csv.NewReader(in)
	r.Comma = t.comma()
	r.FieldsPerRecord = -1 // a short row is a rejected row, not the end
	return r
}

func (t *table) comma() rune {
	if t.step.Comma == "" {
		return ','
	}
	r, _ := utf8.DecodeRuneInString(t.step.Comma)
	return r
}

func (t *table) close() { _ = t.file.Close() } // only read

func (t *table) readHeader() error {
	header, err := t.reader.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty: the first line names the columns")
	}
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	t.tape.take(t.reader.InputOffset())
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	t.header = header
	for field, c := range t.step.Columns {
		if t.at[field], err = t.index(c.Column); err != nil {
			return fmt.Errorf("%s: %w", field, err)
		}
		if t.zones[field], err = time.LoadLocation(c.Zone); err != nil {
			return err
		}
	}
	for _, c := range t.step.Count {
		if _, err := t.index(c.Column); err != nil {
			return fmt.Errorf("count: %w", err)
		}
	}
	return nil
}

// index finds a column by its name in the header.
func (t *table) index(column string) (int, error) {
	i := slices.Index(t.header, column)
	switch {
	case i >= 0 && slices.Contains(t.header[i+1:], column):
		return 0, fmt.Errorf("two columns are called %q", column)
	case i >= 0:
		return i, nil
	case len(t.header) == 1:
		return 0, fmt.Errorf(`there is no column %q, and only one column at all: does "comma" fit the file? The header is %.200q`, column, t.header[0])
	}
	return 0, fmt.Errorf("there is no column %q; there are %s", column, strings.Join(t.header, ", "))
}

// errRow marks what is wrong with one row only.
var errRow = errors.New("row")

// next is the next row. An error of the row alone comes with the row, whose
// cells are as good as they could be read.
func (t *table) next() (row, error) {
	cells, err := t.reader.Read()
	raw := t.tape.take(t.reader.InputOffset())
	var syntax *csv.ParseError
	switch {
	case errors.As(err, &syntax):
		return t.broken(raw, syntax)
	case err != nil:
		return row{}, err
	}
	line, _ := t.reader.FieldPos(0)
	w := row{t.line + line - 1, cells}
	switch {
	case !utf8.Valid(raw):
		err = fmt.Errorf("%w: it is not UTF-8; convert the file, for example with iconv -f WINDOWS-1252 -t UTF-8", errRow)
	case len(cells) != len(t.header):
		err = fmt.Errorf("%w: %d cells, the header has %d", errRow, len(cells), len(t.header))
	}
	return w, err
}

// broken gives up the first line of what could not be read, and goes on with
// the second: a quote that is never closed must not swallow the rows after it.
func (t *table) broken(raw []byte, syntax *csv.ParseError) (row, error) {
	line, rest, _ := bytes.Cut(raw, []byte("\n"))
	t.line += syntax.StartLine - 1
	for len(bytes.TrimSpace(line)) == 0 && len(rest) > 0 { // the reader skips empty lines
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
	}
	w := row{t.line, t.guess(line)}
	t.line++
	t.read(io.MultiReader(bytes.NewReader(slices.Concat(rest, t.tape.kept)), t.tape.in))
	return w, fmt.Errorf("%w: %w", errRow, syntax.Err)
}

// guess takes a broken line apart for the file of rejected rows; in the worst
// case it is one cell.
func (t *table) guess(line []byte) []string {
	line = bytes.TrimSuffix(line, []byte("\r"))
	r := t.newReader(bytes.NewReader(line))
	r.LazyQuotes = true
	if cells, err := r.Read(); err == nil && len(cells) == len(t.header) {
		return cells
	}
	return []string{string(line)}
}

// text is a field of a row, its constant, or its default.
func (t *table) text(w row, field string) string {
	i, ok := t.at[field]
	if !ok {
		return t.step.Constants[field]
	}
	c := t.step.Columns[field]
	if i >= len(w.cells) {
		return c.Default
	}
	s := strings.TrimSpace(w.cells[i])
	s = strings.TrimSuffix(s, c.TrimSuffix)
	if s == "" {
		return c.Default
	}
	return s
}

func (t *table) needed(w row, field string) (string, error) {
	if s := t.text(w, field); s != "" {
		return s, nil
	}
	return "", fmt.Errorf("%w: %s is empty", errRow, field)
}

func (t *table) integer(w row, field string) (int64, error) {
	s := t.text(w, field)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n > 1<<53-1 || n < -(1<<53-1) {
		return 0, fmt.Errorf("%w: %s %q is no whole number", errRow, field, s)
	}
	return n, nil
}

func (t *table) decimal(w row, field string) (decimal, error) {
	s := t.text(w, field)
	d, err := parseDecimal(s, t.step.Columns[field].Decimal)
	if err != nil {
		return d, fmt.Errorf("%w: %s %q is no decimal number", errRow, field, s)
	}
	return d, nil
}
