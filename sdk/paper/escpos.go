package paper

// ESCPOS is the document as a receipt printer takes it: the commands of ESC/POS that all
// printers of the kind know, in code page 858. Bytes go to the printer as they are.
//
// A printer of another make that numbers its code pages otherwise is told so by its own
// settings; 19 is Epson's number of page 858, which others follow.
func (d *Document) ESCPOS(m Medium) []byte {
	if m == A4 {
		m = Roll80 // no receipt printer takes pages
	}
	p := printer{out: []byte{
		esc, '@', // as after switching on
		esc, 't', 19, // code page 858
		esc, 'M', 0, // font A
	}}
	for _, l := range d.layout(m, m.grid()) {
		p.line(m, &l)
	}
	return p.out
}

// The bytes that begin commands.
const (
	esc = 0x1b
	gs  = 0x1d
)

// printer collects bytes, and knows which style is on.
type printer struct {
	out   []byte
	style Style
}

func (p *printer) put(b ...byte) { p.out = append(p.out, b...) }

func (p *printer) line(m Medium, l *line) {
	switch {
	case l.kind == cut:
		p.look(0)
		p.put(gs, 'V', 'B', 0) // feed to the knife and cut
	case l.code != nil:
		p.look(0)
		p.put(esc, 'a', 1)
		p.symbol(m, l.code)
		p.put(esc, 'a', 0)
	case l.kind == rule:
		p.look(0)
		for range m.Columns() {
			p.put('-')
		}
		p.put('\n')
	default:
		p.look(l.style &^ Centre) // columns do that
		for _, r := range l.text() {
			p.put(byte858(r))
		}
		p.put('\n')
	}
}

// look changes the style if it is another one.
func (p *printer) look(s Style) {
	if s.has(Bold) != p.style.has(Bold) {
		p.put(esc, 'E', flag(s.has(Bold)))
	}
	if s.has(Tall) != p.style.has(Tall) {
		p.put(gs, '!', flag(s.has(Tall))) // twice as high, and as wide as before
	}
	p.style = s
}

func flag(on bool) byte {
	if on {
		return 1
	}
	return 0
}

func (p *printer) symbol(m Medium, s *symbol) {
	if s.kind == symbolQR {
		p.square(m, s)
		return
	}
	p.put(gs, 'w', barModule, gs, 'h', barHeight, gs, 'H', 0) // the text below is ours
	if s.kind == symbolEAN {
		p.put(gs, 'k', 67, 13)
		p.out = append(p.out, s.text...)
	} else {
		p.put(gs, 'k', 73, byte(len(s.data)))
		p.put(s.data...)
	}
	p.put('\n')
}

// square has the printer draw a QR code by itself.
func (p *printer) square(m Medium, s *symbol) {
	set := func(function byte, parameters ...byte) {
		n := len(parameters) + 2
		p.put(gs, '(', 'k', byte(n), byte(n>>8), 49, function)
		p.put(parameters...)
	}
	set(65, 50, 0)       // model 2
	set(67, s.module(m)) // dots of a module
	set(69, 49)          // level M
	set(80, append([]byte{48}, s.text...)...)
	set(81, 48) // print
	p.put('\n')
}

// module is how many dots a module of a QR code has on a medium.
func (s *symbol) module(m Medium) byte {
	return byte(min(squareModule, m.dots()/(s.size+2*quietSquare)))
}
