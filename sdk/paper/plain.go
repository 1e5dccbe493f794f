package paper

import "strings"

// Plain is the document as text, as a roll shows it: what a mail says, and a screen.
// Symbols are the code in brackets, a cut is a line of scissors' marks.
func (d *Document) Plain(m Medium) string {
	var b strings.Builder
	for _, l := range d.layout(m, m.grid()) {
		switch {
		case l.kind == rule:
			b.WriteString(strings.Repeat("-", m.Columns()))
		case l.kind == cut:
			b.WriteString(strings.Repeat("- ", m.Columns()/2))
		case l.code != nil:
			b.WriteString(centred("["+l.code.name()+"]", m.Columns()))
		default:
			b.WriteString(l.text())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// text is a line of a grid as it stands there.
func (l *line) text() string {
	var b strings.Builder
	at := 0
	for _, r := range l.runs {
		for ; at < r.x; at++ {
			b.WriteByte(' ')
		}
		b.WriteString(r.text)
		at += runes(r.text)
	}
	return strings.TrimRight(b.String(), " ")
}

func centred(text string, width int) string {
	return strings.Repeat(" ", max(0, (width-runes(text))/2)) + text
}
