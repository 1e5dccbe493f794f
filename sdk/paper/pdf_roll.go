package paper

// How a roll is drawn: characters as wide as a printer's, on lines of three millimetres.
const (
	rollMargin  = 32         // dots above and below; beside the text it is what the paper has left
	rollLine    = 27         // dots
	rollSize    = 7_087      // Courier is 0.6 as wide as high: 12 dots
	longestPage = 14_000_000 // a PDF page is 14,400 points high at most
)

// paperWidth is the whole width of a roll, in dots.
func (m Medium) paperWidth() int {
	if m == Roll58 {
		return 58 * 8
	}
	return 80 * 8
}

// rolls draws a document as papers of a printer: each cut begins another.
func (d *Document) rolls(m Medium) (pages []page) {
	var now []line
	height := 0
	turn := func() {
		if len(now) > 0 {
			pages = append(pages, m.roll(now, height))
		}
		now, height = nil, 0
	}
	for _, l := range d.layout(m, m.grid()) {
		h := l.rollHeight(m)
		if l.kind == cut || height+h > longestPage {
			turn()
		}
		if l.kind != cut {
			now, height = append(now, l), height+h
		}
	}
	turn()
	if pages == nil {
		pages = []page{m.roll(nil, 0)}
	}
	return pages
}

// rollHeight is how high a line is.
func (l *line) rollHeight(m Medium) int {
	switch {
	case l.code != nil:
		_, h, _ := l.code.drawn(m)
		return h + dot(rollLine)
	case l.style.has(Tall):
		return 2 * dot(rollLine)
	}
	return dot(rollLine)
}

// roll draws lines on one paper that is as long as they are high.
func (m Medium) roll(lines []line, height int) page {
	left := dot(m.paperWidth()-m.dots()) / 2
	p := page{width: dot(m.paperWidth()), height: height + 2*dot(rollMargin)}
	y := p.height - dot(rollMargin)
	for _, l := range lines {
		h := l.rollHeight(m)
		stretch, below := 1, dot(7) // of the base line
		if l.style.has(Tall) {
			stretch, below = 2, dot(14)
		}
		switch {
		case l.code != nil:
			w, _, module := l.code.drawn(m)
			p.symbol(l.code, (p.width-w)/2, y-dot(rollLine)/2, module)
		case l.kind == rule:
			p.line(left, y-h/2, dot(m.dots()))
		default:
			for _, r := range l.runs {
				p.write(left+dot(12*r.x), y-h+below, rollSize, stretch, l.style.has(Bold), r.text)
			}
		}
		y -= h
	}
	return p
}
