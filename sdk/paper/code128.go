package paper

import "strings"

// The symbols of Code 128 that are no data (ISO/IEC 15417).
const (
	switchC = 99 // also 100 to 102 are none of the data of set B
	switchB = 100
	startB  = 104
	startC  = 105
	stop128 = 106
)

// code128 is a text of printable ASCII as Code 128: sets B and C, the latter for
// digits by twos where that is shorter. Nil if it is empty or has other letters.
func code128(text string) *symbol {
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil
	}
	s := &symbol{kind: symbol128, text: text}
	values := s.encode128(text)
	sum := int(values[0])
	for i, v := range values {
		sum += i * int(v)
	}
	for _, v := range append(values, byte(sum%103), stop128) {
		for _, w := range []byte(widths128[v]) {
			s.bars = append(s.bars, w-'0')
		}
	}
	return s
}

// encode128 chooses sets as the standard's annex does. It writes what a printer is sent,
// and answers the values of the symbol, from the start on.
func (s *symbol) encode128(text string) (values []byte) {
	inC := false
	enter := func(c bool, start, change byte, mark string) {
		switch {
		case len(values) == 0:
			values = append(values, start)
		case inC != c:
			values = append(values, change)
		default:
			return
		}
		inC, s.data = c, append(s.data, mark...)
	}
	for i := 0; i < len(text); {
		n := digits(text[i:])
		whole := i+n == len(text)
		if n >= 6 || n >= 4 && (i == 0 || whole) || n == 2 && i == 0 && whole || inC && n >= 2 {
			if n%2 == 1 && !inC && i > 0 {
				values, s.data, i = append(values, text[i]-' '), append(s.data, text[i]), i+1
			}
			enter(true, startC, switchC, "{C")
			v := (text[i]-'0')*10 + text[i+1] - '0'
			values, s.data, i = append(values, v), append(s.data, v), i+2
			continue
		}
		enter(false, startB, switchB, "{B")
		if text[i] == '{' {
			s.data = append(s.data, '{')
		}
		values, s.data, i = append(values, text[i]-' '), append(s.data, text[i]), i+1
	}
	return values
}

// digits is how many digits a text begins with.
func digits(text string) int {
	return len(text) - len(strings.TrimLeft(text, "0123456789"))
}

// widths128 has the widths of bars and spaces of each value, in modules.
var widths128 = [...]string{
	"212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
	"221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
	"221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
	"212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
	"231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
	"231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
	"314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
	"112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
	"111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
	"214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
	"114131", "311141", "411131", "211412", "211214", "211232", "2331112",
}
