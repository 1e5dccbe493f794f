package paper

import "strconv"

// How a page of A4 is drawn.
const (
	pageWidth  = 595_276 // 210 mm
	pageHeight = 841_890 // 297 mm
	margin     = 42_520  // 15 mm
	textSize   = 9_000
	textLine   = 12_000
	tallSize   = 14_000
	tallLine   = 19_000
	footSize   = 7_000
)

// pageSheet is a page whose letters are as wide as Helvetica's.
func pageSheet() sheet {
	width := pageWidth - 2*margin
	return sheet{width: width, column: width / A4.Columns(), measure: helvetica}
}

// helvetica is how wide a text is.
func helvetica(text string, s Style) (sum int) {
	size, widths := sizeOf(s), &widthsRegular
	if s.has(Bold) {
		widths = &widthsBold
	}
	for _, r := range text {
		sum += int(widths[winAnsi(r)])
	}
	return (sum*size + 999) / 1000
}

func sizeOf(s Style) int {
	if s.has(Tall) {
		return tallSize
	}
	return textSize
}

// pages draws a document on as many pages as it needs, and numbers them.
func (d *Document) pages() []page {
	b := book{pages: []page{{width: pageWidth, height: pageHeight}}, y: pageHeight - margin}
	for _, l := range d.layout(A4, pageSheet()) {
		b.line(&l)
	}
	if n := len(b.pages); n > 1 && b.y == pageHeight-margin {
		b.pages = b.pages[:n-1] // a cut at the end begins no page
	}
	for i := range b.pages {
		b.foot(i, d.Title)
	}
	return b.pages
}

// book is pages while they are drawn.
type book struct {
	pages []page
	y     int // from below, of the next line's upper edge
	heads []line
}

func (b *book) line(l *line) {
	if l.kind == cut {
		b.turn()
		return
	}
	b.remember(l)
	if b.y-l.pageHeight() < margin {
		b.turn()
		if l.table && !l.head {
			for i := range b.heads {
				b.draw(&b.heads[i])
			}
		}
	}
	b.draw(l)
}

// remember keeps the heading of the rows that follow.
func (b *book) remember(l *line) {
	switch {
	case l.head:
		if len(b.heads) > 0 && !b.heads[len(b.heads)-1].head {
			b.heads = nil
		}
		b.heads = append(b.heads, *l)
	case !l.table && l.kind != rule:
		b.heads = nil
	}
}

func (b *book) turn() {
	b.pages = append(b.pages, page{width: pageWidth, height: pageHeight})
	b.y = pageHeight - margin
}

func (l *line) pageHeight() int {
	switch {
	case l.code != nil:
		_, h, _ := l.code.drawn(A4)
		return h + textLine
	case l.style.has(Tall):
		return tallLine
	case l.kind == rule:
		return textLine / 2
	}
	return textLine
}

// draw draws a line at the foot of what is drawn already.
func (b *book) draw(l *line) {
	p, h := &b.pages[len(b.pages)-1], l.pageHeight()
	size := sizeOf(l.style)
	switch {
	case l.code != nil:
		w, _, module := l.code.drawn(A4)
		p.symbol(l.code, (pageWidth-w)/2, b.y-textLine/2, module)
	case l.kind == rule:
		p.line(margin, b.y-h/2, pageWidth-2*margin)
	default:
		for _, r := range l.runs {
			p.write(margin+r.x, b.y-size, size, 1, l.style.has(Bold), r.text)
		}
	}
	b.y -= h
}

// foot writes the title and the number below a page.
func (b *book) foot(i int, title string) {
	p := &b.pages[i]
	number := strconv.Itoa(i+1) + "/" + strconv.Itoa(len(b.pages))
	p.write(margin, margin/2, footSize, 1, false, fold(title))
	p.write(pageWidth-margin-helvetica(number, 0)*footSize/textSize, margin/2, footSize, 1, false, number)
}
