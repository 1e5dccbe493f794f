// Package paper writes receipts, tickets, picking lists and transport documents: one
// [Document] is printed by receipt printers ([Document.ESCPOS]), kept and sent as PDF
// ([Document.PDF]) and read as text ([Document.Plain]). All three say the same in the
// same places.
//
//	var d paper.Document
//	d.Title = "MI-01/3/417"
//	d.Text(paper.Bold|paper.Tall|paper.Centre, "Emporio Demo")
//	d.Pair(0, "Camicia", "59,80")
//	d.Rule()
//	d.Pair(paper.Bold, "TOTALE EURO", "59,80")
//	d.Barcode("MI-01.3.417.26")
//	d.Cut()
//	receipt := d.ESCPOS(paper.Roll80)
//
// It knows paper and how figures and dates are written ([Decimal], [Date]), and nothing of
// what they mean: no money, no tax.
//
// It depends on the standard library alone, without fmt, and reads no clock: the same
// document is the same bytes, in a test, in a year and on another machine.
//
// # What can be written
//
// Latin-1 and the euro sign, which every receipt printer and every PDF reader has without
// a font being sent along. Other letters lose their accents, typographic signs become
// plain ones, and what is left is a question mark. Control characters never reach a
// printer: no text can command it.
package paper

// Style is how a line looks: any of these together.
type Style uint8

// The styles.
const (
	Bold   Style = 1 << iota
	Tall         // twice as high; on a page, larger
	Centre       // between the margins
)

func (s Style) has(t Style) bool { return s&t != 0 }

// Medium is what a document is written on. "" is Roll80.
type Medium string

// The media. A receipt printer's font A has 12 dots per character and 8 dots per
// millimetre: 48 columns on paper of 80 mm, 32 on paper of 58 mm. A page of A4 has 96
// columns, each about as wide as a digit.
const (
	Roll80 Medium = "roll80"
	Roll58 Medium = "roll58"
	A4     Medium = "a4"
)

// Columns is how many characters stand side by side.
func (m Medium) Columns() int {
	switch m {
	case Roll58:
		return 32
	case A4:
		return 96
	}
	return 48
}

// dots is the printed width of a roll, in dots of an eighth of a millimetre.
func (m Medium) dots() int { return 12 * m.Columns() }

// Document is what stands on a paper, from top to bottom. The zero value is empty.
type Document struct {
	Title    string // of the PDF, and at the foot of its pages
	Language string // of the texts, as BCP 47 has it: it, en-GB; "" says nothing

	parts []part
}

// part is one thing on a paper.
type part struct {
	kind  kind
	style Style
	text  string // or a code
	cells []Cell
}

// kind says what a part is.
type kind uint8

const (
	words kind = iota
	row
	heading // a row that comes again on the next page
	rule
	space
	barcode
	qr
	cut
)

// Cell is one field of a row.
type Cell struct {
	Text  string
	Width int  // columns; 0 is a share of what is left, Fit what the text needs
	Right bool // against its right edge, as figures are
}

// Fit is the width of a cell that is as wide as its text.
const Fit = -1

// Text writes a text over as many lines as it needs. Line breaks in it are kept.
func (d *Document) Text(s Style, text string) { d.add(part{kind: words, style: s, text: text}) }

// Row writes cells side by side, with a column between them. A cell whose text is too
// long goes on below; cells that have no room beside each other stand below each other.
func (d *Document) Row(s Style, cells ...Cell) { d.add(part{kind: row, style: s, cells: cells}) }

// Heading is a row over others: it comes again at the top of a page that begins between
// these.
func (d *Document) Heading(s Style, cells ...Cell) {
	d.add(part{kind: heading, style: s, cells: cells})
}

// Pair writes a text, and another against the right edge.
func (d *Document) Pair(s Style, left, right string) {
	d.Row(s, Cell{Text: left}, Cell{Text: right, Width: Fit, Right: true})
}

// Rule draws a line from edge to edge.
func (d *Document) Rule() { d.add(part{kind: rule}) }

// Space leaves a line empty.
func (d *Document) Space() { d.add(part{kind: space}) }

// Barcode prints a code so that a scanner reads it, and the code itself below: thirteen
// digits with the right check digit as EAN-13, other printable ASCII as Code 128. What is
// too wide for the paper is printed as QR, and what is too long for that is not printed:
// the code alone stands there then.
func (d *Document) Barcode(code string) { d.add(part{kind: barcode, text: code}) }

// QR prints a text of at most 213 bytes as a QR code (model 2, level M), without the text
// below.
func (d *Document) QR(text string) { d.add(part{kind: qr, text: text}) }

// Cut ends a paper. The printer feeds and cuts; a PDF begins another page.
func (d *Document) Cut() { d.add(part{kind: cut}) }

// Append writes all of another document behind this one.
func (d *Document) Append(o *Document) { d.parts = append(d.parts, o.parts...) }

func (d *Document) add(p part) { d.parts = append(d.parts, p) }
