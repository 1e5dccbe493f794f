package paper

import "strings"

// sheet is how wide things are on a medium, in a unit of the sheet's own: columns on a
// roll, thousandths of a point on a page.
type sheet struct {
	width   int // between the margins
	column  int
	measure func(text string, s Style) int
}

// grid is a sheet of equal columns.
func (m Medium) grid() sheet {
	return sheet{width: m.Columns(), column: 1, measure: func(text string, _ Style) int { return runes(text) }}
}

// line is one line of a laid out document.
type line struct {
	kind  kind // words, rule, space, barcode (of any symbol) or cut
	style Style
	runs  []run
	head  bool // it comes again on the next page, while table is true of the lines there
	table bool
	code  *symbol
}

// run is a piece of text and where it begins.
type run struct {
	x    int
	text string
}

// layout sets a document on a sheet. How symbols are drawn depends on the medium.
func (d *Document) layout(m Medium, sh sheet) (lines []line) {
	for i := range d.parts {
		p := &d.parts[i]
		switch p.kind {
		case words:
			lines = append(lines, sh.words(p)...)
		case row, heading:
			lines = append(lines, sh.row(p)...)
		case barcode:
			lines = append(lines, sh.barcode(m, fold(p.text))...)
		case qr:
			if s := square(p.text); s != nil {
				lines = append(lines, line{kind: barcode, code: s})
			} else {
				lines = append(lines, sh.words(&part{style: Centre, text: p.text})...)
			}
		default:
			lines = append(lines, line{kind: p.kind})
		}
	}
	return lines
}

// words are the lines of a text.
func (sh *sheet) words(p *part) (lines []line) {
	for _, text := range sh.wrap(fold(p.text), sh.width, p.style) {
		x := 0
		if p.style.has(Centre) {
			x = (sh.width - sh.measure(text, p.style)) / 2
		}
		lines = append(lines, line{kind: words, style: p.style, runs: []run{{x, text}}})
	}
	return lines
}

// barcode is a symbol and the code below it.
func (sh *sheet) barcode(m Medium, code string) []line {
	below := sh.words(&part{style: Centre, text: code})
	if s := scannable(m, code); s != nil {
		return append([]line{{kind: barcode, code: s}}, below...)
	}
	return below
}

// row sets cells side by side, or below each other where they do not fit.
func (sh *sheet) row(p *part) []line {
	cells := make([]Cell, len(p.cells))
	for i, c := range p.cells {
		c.Text = fold(c.Text)
		cells[i] = c
	}
	widths, ok := sh.widths(cells, p.style)
	if !ok {
		return sh.stack(cells, p)
	}
	var lines []line
	x := 0
	for i, c := range cells {
		for j, text := range sh.wrap(c.Text, widths[i], p.style) {
			if j == len(lines) {
				lines = append(lines, line{kind: words, style: p.style, head: p.kind == heading, table: true})
			}
			lines[j].put(sh.place(text, x, widths[i], c.Right, p.style))
		}
		x += widths[i] + sh.column
	}
	return lines
}

func (l *line) put(r run) {
	if r.text != "" {
		l.runs = append(l.runs, r)
	}
}

// place is a text in a cell.
func (sh *sheet) place(text string, x, width int, right bool, s Style) run {
	if right {
		x += width - sh.measure(text, s)
	}
	return run{x, text}
}

// stack sets the cells of a row below each other.
func (sh *sheet) stack(cells []Cell, p *part) (lines []line) {
	for _, c := range cells {
		if c.Text == "" {
			continue
		}
		for _, text := range sh.wrap(c.Text, sh.width, p.style) {
			lines = append(lines, line{kind: words, style: p.style, runs: []run{sh.place(text, 0, sh.width, c.Right, p.style)}})
		}
	}
	return lines
}

// least is the fewest columns that a cell without a width is given.
const least = 6

// widths shares a line among cells. It is not ok if they do not fit.
func (sh *sheet) widths(cells []Cell, s Style) (widths []int, ok bool) {
	widths = make([]int, len(cells))
	left, free := sh.width-(len(cells)-1)*sh.column, 0
	for i, c := range cells {
		switch c.Width {
		case 0:
			free++
		case Fit:
			widths[i] = sh.measure(c.Text, s)
		default:
			widths[i] = c.Width * sh.column
		}
		left -= widths[i]
	}
	if left < free*least*sh.column {
		return nil, false
	}
	for i, c := range cells {
		if c.Width == 0 {
			widths[i] = left / free
			left, free = left-widths[i], free-1
		}
	}
	return widths, true
}

// wrap breaks a text into lines of a width: at spaces, or within a word that is longer
// than a line. A text without letters is one empty line.
func (sh *sheet) wrap(text string, width int, s Style) (lines []string) {
	for _, paragraph := range strings.Split(text, "\n") {
		lines = append(lines, sh.paragraph(paragraph, width, s)...)
	}
	return lines
}

func (sh *sheet) paragraph(text string, width int, s Style) (lines []string) {
	if sh.measure(text, s) <= width { // most are, and keep their own spaces
		return []string{strings.TrimRight(text, " ")}
	}
	now := ""
	for _, word := range strings.Fields(text) {
		longer := word
		if now != "" {
			longer = now + " " + word
		}
		if sh.measure(longer, s) <= width {
			now = longer
			continue
		}
		if now != "" {
			lines = append(lines, now)
		}
		for now = word; sh.measure(now, s) > width; {
			n := sh.fitting(now, width, s)
			lines, now = append(lines, now[:n]), now[n:]
		}
	}
	return append(lines, now)
}

// fitting is how many bytes of a word fit on a line, at least one letter's.
func (sh *sheet) fitting(word string, width int, s Style) int {
	end := 0
	for i, r := range word {
		next := i + len(string(r))
		if end > 0 && sh.measure(word[:next], s) > width {
			break
		}
		end = next
	}
	return end
}

// runes counts letters.
func runes(text string) (n int) {
	for range text {
		n++
	}
	return n
}
