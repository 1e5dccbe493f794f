package build

import (
	"bytes"
	"strings"
)

// lineWidth is how long a line of a manifest may be before its value is broken
// into a line per member: a list of two names is not worth four lines, and the
// difference of two manifests should show what changed.
const lineWidth = 100

// pretty writes compact, valid JSON for people, as it stands at an indent.
func pretty(compact []byte, indent int) []byte {
	p := prettyPrinter{in: compact}
	p.value(indent, indent)
	return p.out.Bytes()
}

type prettyPrinter struct {
	in  []byte // what is left
	out bytes.Buffer
}

// value writes the next value, of which the first line begins at a column.
func (p *prettyPrinter) value(indent, column int) {
	end := valueEnd(p.in)
	line := spaced(p.in[:end])
	if c := p.in[0]; c != '{' && c != '[' || column+len(line) < lineWidth {
		p.out.Write(line)
		p.in = p.in[end:]
		return
	}
	object := p.in[0] == '{'
	margin := "\n" + strings.Repeat(" ", indent+2)
	for {
		p.out.WriteByte(p.in[0]) // bracket or comma
		p.in = p.in[1:]
		p.out.WriteString(margin)
		column := indent + 2
		if object {
			name := valueEnd(p.in)
			p.out.Write(p.in[:name])
			p.out.WriteString(": ")
			p.in = p.in[name+1:]
			column += name + 2
		}
		p.value(indent+2, column)
		if p.in[0] != ',' {
			break
		}
	}
	p.out.WriteString(margin[:len(margin)-2])
	p.out.WriteByte(p.in[0])
	p.in = p.in[1:]
}

// valueEnd is the length of the value that compact JSON begins with.
func valueEnd(in []byte) int {
	depth, text := 0, false
	for i := 0; i < len(in); i++ {
		switch c := in[i]; {
		case text && c == '\\':
			i++
			continue
		case c == '"':
			text = !text
		case text:
			continue
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth == 0 {
				return i
			}
			depth--
		case (c == ',' || c == ':') && depth == 0:
			return i
		}
		if depth == 0 && !text && (in[i] == '"' || in[i] == '}' || in[i] == ']') {
			return i + 1
		}
	}
	return len(in)
}

// spaced writes a value on one line, with a space after commas and colons.
func spaced(in []byte) []byte {
	out := make([]byte, 0, len(in)+len(in)/8)
	text := false
	for i := 0; i < len(in); i++ {
		c := in[i]
		out = append(out, c)
		switch {
		case text && c == '\\':
			i++
			out = append(out, in[i])
		case c == '"':
			text = !text
		case !text && (c == ',' || c == ':'):
			out = append(out, ' ')
		}
	}
	return out
}
