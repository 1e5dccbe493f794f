package paper

// symbol is a code that scanners read.
type symbol struct {
	kind symbolKind
	text string
	data []byte // of Code 128: what a printer is sent
	bars []byte // widths of bars and spaces by turns, in modules; not of QR
	size int    // of QR: modules of a side
	dark []bool // of QR: row by row
}

type symbolKind uint8

const (
	symbol128 symbolKind = iota
	symbolEAN
	symbolQR
)

// What a symbol is drawn with, in dots of an eighth of a millimetre: a module of 0.25 mm
// is what scanners at a counter read, and one of 0.75 mm what telephones do.
const (
	barModule    = 2
	squareModule = 6
	barHeight    = 80
	quietSquare  = 4 // modules around a QR code
)

func (s *symbol) name() string {
	return [...]string{symbol128: "CODE128 ", symbolEAN: "EAN13 ", symbolQR: "QR "}[s.kind] + s.text
}

// modules is how wide a symbol is.
func (s *symbol) modules() (n int) {
	if s.kind == symbolQR {
		return s.size
	}
	for _, w := range s.bars {
		n += int(w)
	}
	return n
}

// scannable is the symbol of a code that a medium has room for, nil if there is none.
func scannable(m Medium, code string) *symbol {
	s := ean13(code)
	if s == nil {
		s = code128(code)
	}
	if s == nil || barModule*s.modules() > m.dots() {
		return square(code)
	}
	return s
}

// ean13 is thirteen digits with their check digit as EAN-13, nil if they are not.
func ean13(code string) *symbol {
	if len(code) != 13 || digits(code) != 13 || !checked(code) {
		return nil
	}
	s := &symbol{kind: symbolEAN, text: code, bars: []byte{1, 1, 1}}
	for i := 1; i < 7; i++ {
		w := widthsEAN[code[i]-'0']
		if parityEAN[code[0]-'0'][i-1] == 'G' {
			w = [4]byte{w[3], w[2], w[1], w[0]}
		}
		s.bars = append(s.bars, w[:]...)
	}
	s.bars = append(s.bars, 1, 1, 1, 1, 1)
	for i := 7; i < 13; i++ {
		w := widthsEAN[code[i]-'0']
		s.bars = append(s.bars, w[:]...)
	}
	s.bars = append(s.bars, 1, 1, 1)
	return s
}

// checked says whether the last of thirteen digits is their check digit.
func checked(code string) bool {
	sum := 0
	for i := range 13 {
		sum += int(code[i]-'0') * (1 + 2*(i%2))
	}
	return sum%10 == 0
}

// widthsEAN and parityEAN are the two tables of EAN-13 (ISO/IEC 15420): the widths of a
// digit, and which of the left ones are mirrored so that they tell the first digit.
var (
	widthsEAN = [10][4]byte{
		{3, 2, 1, 1}, {2, 2, 2, 1}, {2, 1, 2, 2}, {1, 4, 1, 1}, {1, 1, 3, 2},
		{1, 2, 3, 1}, {1, 1, 1, 4}, {1, 3, 1, 2}, {1, 2, 1, 3}, {3, 1, 1, 2},
	}
	parityEAN = [10]string{"LLLLLL", "LLGLGG", "LLGGLG", "LLGGGL", "LGLLGG", "LGGLLG", "LGGGLL", "LGLGLG", "LGLGGL", "LGGLGL"}
)
