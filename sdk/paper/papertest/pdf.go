package papertest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Read is what stands on each page of a PDF that package paper has written: its lines from
// top to bottom, pieces of a line from left to right with two spaces between them, and a
// line "<n bars>" for a symbol. It checks what a reader goes by: that the table of objects
// is right, that streams are as long as they say, and that nothing is drawn beside the
// page.
func Read(data []byte) (pages []string, err error) {
	all, err := objectsOf(data)
	if err != nil {
		return nil, err
	}
	for i := 5; i+1 < len(all); i += 2 {
		box := mediaBox.FindSubmatch(all[i])
		if box == nil {
			return nil, fmt.Errorf("object %d is no page: %s", i+1, all[i])
		}
		ops, err := stream(all[i+1])
		if err != nil {
			return nil, fmt.Errorf("object %d: %w", i+2, err)
		}
		text, err := onPage(ops, number(string(box[1])), number(string(box[2])))
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", len(pages)+1, err)
		}
		pages = append(pages, text)
	}
	if want := fmt.Sprintf("/Count %d/", len(pages)); len(all) < 7 || !bytes.Contains(all[1], []byte(want)) {
		return nil, fmt.Errorf("%d objects, and %q is not among the pages", len(all), want)
	}
	return pages, nil
}

var (
	mediaBox  = regexp.MustCompile(`^<</Type/Page/Parent 2 0 R/MediaBox\[0 0 ([0-9.]+) ([0-9.]+)\]/Contents`)
	lengthOf  = regexp.MustCompile(`^<</Length ([0-9]+)>>stream\n`)
	startAt   = regexp.MustCompile(`\nstartxref\n([0-9]+)\n%%EOF\n$`)
	operators = map[string]*regexp.Regexp{
		"ET": regexp.MustCompile(`^BT /([RB]) ([0-9.]+) Tf 1 0 0 [12] ([0-9.]+) ([0-9.]+) Tm \((.*)\) Tj ET$`),
		"re": regexp.MustCompile(`^([0-9.]+) ([0-9.]+) ([0-9.]+) ([0-9.]+) re$`),
		"S":  regexp.MustCompile(`^0\.5 w ([0-9.]+) ([0-9.]+) m ([0-9.]+) ([0-9.]+) l S$`),
		"f":  regexp.MustCompile(`^f$`),
	}
)

// objectsOf finds the objects where the table says that they are.
func objectsOf(data []byte) (all [][]byte, err error) {
	m := startAt.FindSubmatch(data)
	if m == nil || !bytes.HasPrefix(data, []byte("%PDF-1.4\n")) {
		return nil, errors.New("this is no PDF, or not whole")
	}
	at, _ := strconv.Atoi(string(m[1]))
	if at >= len(data) || !bytes.HasPrefix(data[at:], []byte("xref\n0 ")) {
		return nil, errors.New("startxref is not where the table is")
	}
	rows := strings.Split(string(data[at:]), "\n")
	count, _ := strconv.Atoi(strings.TrimPrefix(rows[1], "0 "))
	for i := 1; i < count && i+2 < len(rows); i++ {
		row := rows[i+2]
		offset, err := strconv.Atoi(strings.TrimSuffix(row, " 00000 n "))
		head := fmt.Sprintf("%d 0 obj\n", i)
		if err != nil || len(row) != 19 || offset >= at || !bytes.HasPrefix(data[offset:at], []byte(head)) {
			return nil, fmt.Errorf("object %d is not where the table says: %q", i, row)
		}
		body, _, ok := bytes.Cut(data[offset+len(head):at], []byte("\nendobj\n"))
		if !ok {
			return nil, fmt.Errorf("object %d does not end", i)
		}
		all = append(all, body)
	}
	return all, nil
}

func stream(object []byte) (string, error) {
	m := lengthOf.FindSubmatch(object)
	if m == nil {
		return "", errors.New("no stream")
	}
	body, ok := bytes.CutSuffix(object[len(m[0]):], []byte("endstream"))
	if n, _ := strconv.Atoi(string(m[1])); !ok || n != len(body) {
		return "", fmt.Errorf("a stream of %d bytes says that it has %s", len(body), m[1])
	}
	return string(body), nil
}

// piece is a text and where its base line begins.
type piece struct {
	x, y float64
	text string
}

// onPage is the text of a page of a size.
func onPage(ops string, width, height float64) (string, error) {
	var all []piece
	bars := 0
	for _, op := range strings.Split(strings.TrimSuffix(ops, "\n"), "\n") {
		m := operators[op[strings.LastIndexByte(op, ' ')+1:]].FindStringSubmatch(op)
		switch {
		case op == "":
			continue
		case m == nil:
			return "", fmt.Errorf("no operator: %q", op)
		case strings.HasSuffix(op, "ET"):
			all = append(all, piece{number(m[3]), number(m[4]), unescaped(m[5])})
		case strings.HasSuffix(op, "re"):
			bars++
			if number(m[1])+number(m[3]) > width || number(m[2])+number(m[4]) > height {
				return "", fmt.Errorf("%q is beside the page", op)
			}
			continue
		case op == "f":
			all = append(all, piece{0, lastY(all), fmt.Sprintf("<%d bars>", bars)})
			bars = 0
		}
		if len(all) > 0 && (all[len(all)-1].x > width || all[len(all)-1].y > height) {
			return "", fmt.Errorf("%q is beside the page", op)
		}
	}
	return lines(all), nil
}

// lastY is just below what stands last.
func lastY(all []piece) float64 {
	if len(all) == 0 {
		return 0
	}
	return all[len(all)-1].y - 0.001
}

// lines sets pieces in lines.
func lines(all []piece) string {
	slices.SortStableFunc(all, func(a, b piece) int {
		if a.y != b.y {
			return int((b.y - a.y) * 1000)
		}
		return int((a.x - b.x) * 1000)
	})
	var b strings.Builder
	for i, p := range all {
		switch {
		case i == 0:
		case p.y == all[i-1].y:
			b.WriteString("  ")
		default:
			b.WriteByte('\n')
		}
		b.WriteString(p.text)
	}
	return b.String() + "\n"
}

// unescaped is a string of a PDF as text.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:min(i+4, len(s))], 8, 8); err == nil && s[i+1] <= '3' {
				c, i = byte(n), i+3
			} else {
				i++
				c = s[i]
			}
		}
		if c == 0x80 { // WinAnsi is Latin-1 with more in the rows of the control characters
			b.WriteRune('€')
			continue
		}
		b.WriteRune(rune(c))
	}
	return b.String()
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}
