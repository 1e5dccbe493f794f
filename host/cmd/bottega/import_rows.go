package main

import (
	"bufio"
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
	file   *os.File
	step   *step
	at     map[string]int            // field to cell
	zones  map[string]*time.Location // field to zone
}

// openTable opens a CSV file, plain or gzip.
func openTable(path string, s *step) (*table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(f, 1<<20)
	var content io.Reader = in
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if content, err = gzip.NewReader(in); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	t := &table{file: f, step: s, reader: csv.NewReader(content), at: map[string]int{}, zones: map[string]*time.Location{}}
	if s.Comma != "" {
		t.reader.Comma, _ = utf8.DecodeRuneInString(s.Comma)
	}
	t.reader.FieldsPerRecord = -1 // a short row is a rejected row, not the end
	if err := t.readHeader(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return t, nil
}

func (t *table) close() { _ = t.file.Close() } // only read

func (t *table) readHeader() error {
	header, err := t.reader.Read()
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	t.header = header
	for field, c := range t.step.Columns {
		i := slices.Index(header, c.Column)
		if i < 0 {
			return fmt.Errorf("there is no column %q for %s; there are %s", c.Column, field, strings.Join(header, ", "))
		}
		t.at[field] = i
		if t.zones[field], err = time.LoadLocation(c.Zone); err != nil {
			return err
		}
	}
	return nil
}

// next is the next row. An error of the row alone comes with the row.
func (t *table) next() (row, error) {
	cells, err := t.reader.Read()
	line, _ := t.reader.FieldPos(0)
	w := row{line, cells}
	if err == nil && len(cells) != len(t.header) {
		err = fmt.Errorf("%w: %d cells, the header has %d", errRow, len(cells), len(t.header))
	}
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		w.line = syntax.StartLine
		err = fmt.Errorf("%w: %w", errRow, syntax.Err)
	}
	return w, err
}

// errRow marks what is wrong with one row only.
var errRow = errors.New("row")

// text is a field of a row, its constant, or its default.
func (t *table) text(w row, field string) string {
	i, ok := t.at[field]
	if !ok {
		return t.step.Constants[field]
	}
	c := t.step.Columns[field]
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

// instant is an instant as the API writes it.
func (t *table) instant(w row, field string) (string, error) {
	s, layout := t.text(w, field), t.step.Columns[field].Layout
	if layout == "" {
		layout = time.RFC3339
	}
	at, err := time.ParseInLocation(layout, s, t.zones[field])
	if err != nil {
		return "", fmt.Errorf("%w: %s %q is not written like %s", errRow, field, s, layout)
	}
	return at.UTC().Format(time.RFC3339), nil
}
