package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a manifest.
const maxDepth = 64

// Lines knows where the values of a JSON document stand.
type Lines struct {
	spans map[string]Span // by pointer
	text  []byte
}

// Span is where a value stands, in bytes. Key is where its name begins, or the
// value itself in a list.
type Span struct{ Key, Start, End int }

// Scan finds every value of a JSON document. It refuses a document that is too
// long or too deep, is not UTF-8, or has a name twice. The error is Problems.
func Scan(b []byte) (Lines, error) {
	l := Lines{spans: map[string]Span{}, text: b}
	if len(b) > MaxSize {
		return l, Problems{{Reason: ReasonSize, Text: "longer than " + strconv.Itoa(MaxSize) + " bytes"}}
	}
	if !utf8.Valid(b) {
		return l, Problems{{Text: "not UTF-8"}}
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	err := l.value(d, "", -1, 0)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return l, nil
		}
		err = errors.New("more than one document")
	}
	var p Problems
	if !errors.As(err, &p) {
		p = Problems{{Line: l.lineAt(int(d.InputOffset())), Text: err.Error()}}
	}
	return l, p
}

// Line is the line, from 1, of the value at a pointer or of the nearest one
// around it; 0 if there is none.
func (l Lines) Line(pointer string) int {
	for {
		if s, ok := l.spans[pointer]; ok {
			return l.lineAt(s.Key)
		}
		i := strings.LastIndexByte(pointer, '/')
		if i < 0 {
			return 0
		}
		pointer = pointer[:i]
	}
}

// Span is where the value at a pointer stands.
func (l Lines) Span(pointer string) (Span, bool) {
	s, ok := l.spans[pointer]
	return s, ok
}

func (l Lines) lineAt(offset int) int {
	return 1 + bytes.Count(l.text[:min(offset, len(l.text))], []byte("\n"))
}

// value reads one value; key is where its name begins, -1 for none.
func (l Lines) value(d *json.Decoder, at string, key, depth int) error {
	if depth > maxDepth {
		return errors.New("nested too deep")
	}
	start := l.skip(int(d.InputOffset()))
	t, err := d.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err != nil {
		return err
	}
	switch t {
	case json.Delim('{'):
		err = l.object(d, at, depth)
	case json.Delim('['):
		err = l.array(d, at, depth)
	}
	if err != nil {
		return err
	}
	if key < 0 {
		key = start
	}
	l.spans[at] = Span{Key: key, Start: start, End: int(d.InputOffset())}
	return nil
}

// skip is the next offset that is neither space nor punctuation between values.
func (l Lines) skip(at int) int {
	for at < len(l.text) && strings.IndexByte(" \t\r\n,:", l.text[at]) >= 0 {
		at++
	}
	return at
}

func (l Lines) object(d *json.Decoder, at string, depth int) error {
	seen := map[string]bool{}
	for d.More() {
		key := l.skip(int(d.InputOffset()))
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, ok := t.(string)
		if !ok {
			return errors.New("a name is a text")
		}
		child := at + "/" + escape(name)
		if seen[name] {
			return Problems{{Line: l.lineAt(key), Pointer: child, Reason: ReasonManifest, Text: "given twice"}}
		}
		seen[name] = true
		if err := l.value(d, child, key, depth+1); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func (l Lines) array(d *json.Decoder, at string, depth int) error {
	for i := 0; d.More(); i++ {
		if err := l.value(d, at+"/"+strconv.Itoa(i), -1, depth+1); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// escape writes a name as a token of a pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func pointer(tokens []string) string {
	var s strings.Builder
	for _, t := range tokens {
		s.WriteString("/" + escape(t))
	}
	return s.String()
}
