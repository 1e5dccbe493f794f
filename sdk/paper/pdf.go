package paper

import (
	"strconv"
	"unicode/utf16"
)

// PDF is the document as PDF 1.4: one page as long as the paper for a roll, pages with
// numbers for A4. It uses fonts that every reader has, and embeds none. It has neither a
// date nor an id, so that the same document is the same bytes.
func (d *Document) PDF(m Medium) []byte {
	var pages []page
	f := faces[m == A4]
	if m == A4 {
		pages = d.pages()
	} else {
		pages = d.rolls(m)
	}
	return assemble(d, f, pages)
}

// page is one page and what is drawn on it.
type page struct {
	width, height int // thousandths of a point, as all lengths here
	ops           []byte
}

// dot is an eighth of a millimetre.
func dot(n int) int { return n * 354_331 / 1000 }

// face is a pair of the fourteen standard fonts.
type face struct{ regular, bold string }

var faces = map[bool]face{false: {"Courier", "Courier-Bold"}, true: {"Helvetica", "Helvetica-Bold"}}

// The objects of a file. Pages and what is drawn on them follow by turns.
const (
	objCatalog = 1 + iota
	objPages
	objRegular
	objBold
	objInfo
	objFirstPage
)

// assemble writes a file around pages.
func assemble(d *Document, f face, pages []page) []byte {
	var w objects
	w.raw("%PDF-1.4\n%\xc2\xa5\n")
	w.begin()
	w.raw("<</Type/Catalog/Pages 2 0 R")
	if d.Language != "" {
		w.raw("/Lang")
		w.text(d.Language)
	}
	w.raw("/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>>>")
	w.end()
	w.begin()
	w.raw("<</Type/Pages/Count ", strconv.Itoa(len(pages)), "/Kids[")
	for i := range pages {
		w.raw(strconv.Itoa(objFirstPage+2*i), " 0 R ")
	}
	w.raw("]/Resources<</Font<</R 3 0 R/B 4 0 R>>>>>>")
	w.end()
	for _, name := range [2]string{f.regular, f.bold} {
		w.begin()
		w.raw("<</Type/Font/Subtype/Type1/BaseFont/", name, "/Encoding/WinAnsiEncoding>>")
		w.end()
	}
	w.begin()
	w.raw("<</Title")
	w.text(d.Title)
	w.raw(">>")
	w.end()
	for i := range pages {
		w.page(&pages[i])
	}
	return w.finish()
}

// objects writes a file and remembers where each object begins.
type objects struct {
	out []byte
	at  []int
}

func (w *objects) raw(all ...string) {
	for _, s := range all {
		w.out = append(w.out, s...)
	}
}

func (w *objects) begin() {
	w.at = append(w.at, len(w.out))
	w.raw(strconv.Itoa(len(w.at)), " 0 obj\n")
}

func (w *objects) end() { w.raw("\nendobj\n") }

func (w *objects) page(p *page) {
	w.begin()
	w.raw("<</Type/Page/Parent 2 0 R/MediaBox[0 0 ", length(p.width), " ", length(p.height), "]/Contents ", strconv.Itoa(len(w.at)+1), " 0 R>>")
	w.end()
	w.begin()
	w.raw("<</Length ", strconv.Itoa(len(p.ops)), ">>stream\n", string(p.ops), "endstream")
	w.end()
}

// text is a string of people's words: UTF-16 in hexadecimal.
func (w *objects) text(s string) {
	w.raw("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		const digits = "0123456789ABCDEF"
		w.out = append(w.out, digits[u>>12], digits[u>>8&15], digits[u>>4&15], digits[u&15])
	}
	w.raw(">")
}

// finish writes the table of where objects begin.
func (w *objects) finish() []byte {
	start := len(w.out)
	w.raw("xref\n0 ", strconv.Itoa(len(w.at)+1), "\n0000000000 65535 f \n")
	for _, at := range w.at {
		text := strconv.Itoa(at)
		w.raw("0000000000"[len(text):], text, " 00000 n \n")
	}
	w.raw("trailer\n<</Size ", strconv.Itoa(len(w.at)+1), "/Root 1 0 R/Info 5 0 R>>\nstartxref\n", strconv.Itoa(start), "\n%%EOF\n")
	return w.out
}

// length is a number of points.
func length(milli int) string {
	sign := ""
	if milli < 0 {
		sign, milli = "-", -milli
	}
	whole, part := strconv.Itoa(milli/1000), strconv.Itoa(1000 + milli%1000)[1:]
	for part != "" && part[len(part)-1] == '0' {
		part = part[:len(part)-1]
	}
	if part != "" {
		whole += "." + part
	}
	return sign + whole
}

func (p *page) op(all ...string) {
	for _, s := range all {
		p.ops = append(p.ops, s...)
	}
	p.ops = append(p.ops, '\n')
}

// write draws a text from a point on, in a font of a size that is stretched upwards.
func (p *page) write(x, y, size, stretch int, bold bool, text string) {
	font := "/R "
	if bold {
		font = "/B "
	}
	p.op("BT ", font, length(size), " Tf 1 0 0 ", strconv.Itoa(stretch), " ", length(x), " ", length(y), " Tm ", literal(text), " Tj ET")
}

// literal is a text as a string of a PDF, in ASCII.
func literal(text string) string {
	b := []byte{'('}
	for _, r := range text {
		c := winAnsi(r)
		switch {
		case c == '(' || c == ')' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c > '~':
			b = append(b, '\\', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
		default:
			b = append(b, c)
		}
	}
	return string(append(b, ')'))
}

// line draws a thin line.
func (p *page) line(x, y, width int) {
	p.op("0.5 w ", length(x), " ", length(y), " m ", length(x+width), " ", length(y), " l S")
}

// symbol draws a code with its upper left corner at a point.
func (p *page) symbol(s *symbol, x, top, module int) {
	if s.kind == symbolQR {
		p.square(s, x, top, module)
		return
	}
	bottom := length(top - dot(barHeight))
	for i, w := range s.bars {
		if i%2 == 0 {
			p.op(length(x), " ", bottom, " ", length(int(w)*module), " ", length(dot(barHeight)), " re")
		}
		x += int(w) * module
	}
	p.op("f")
}

// square draws the dark modules of each row, neighbours together.
func (p *page) square(s *symbol, x, top, module int) {
	for row := range s.size {
		y := length(top - (row+1)*module)
		for from := 0; from < s.size; {
			to := from
			for to < s.size && s.dark[row*s.size+to] {
				to++
			}
			if to > from {
				p.op(length(x+from*module), " ", y, " ", length((to-from)*module), " ", length(module), " re")
			}
			from = to + 1
		}
	}
	p.op("f")
}

// drawn is how wide and high a symbol is on a medium, and its module.
func (s *symbol) drawn(m Medium) (width, height, module int) {
	if s.kind == symbolQR {
		module = dot(int(s.module(m)))
		return s.size * module, s.size * module, module
	}
	module = dot(barModule)
	return s.modules() * module, dot(barHeight), module
}
