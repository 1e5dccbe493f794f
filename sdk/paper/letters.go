package paper

import "strings"

// fold writes a text with the letters that paper has: Latin-1 and the euro sign. Line
// breaks stay; tabs and other spaces become spaces, and control characters are gone.
func fold(text string) string {
	var b strings.Builder
	var last rune // that was written, while an accent may follow it
	flush := func() {
		if last != 0 {
			b.WriteRune(last)
		}
		last = 0
	}
	for _, r := range text {
		if r >= 0x300 && r < 0x370 { // accents that stand behind their letter
			last = accented(last, r)
			continue
		}
		flush()
		switch {
		case printable(r) || r == '\n':
			last = r
		case r >= 0x100 && r < 0x180 && r != 'Œ' && r != 'œ' && r != 'Ĳ' && r != 'ĳ':
			last = rune(extended[r-0x100])
		default:
			b.WriteString(plain(r))
		}
	}
	flush()
	return b.String()
}

// printable says whether paper has a letter.
func printable(r rune) bool {
	return r >= ' ' && r < 0x7f || r > 0xa0 && r <= 0xff && r != 0xad || r == '€'
}

// extended has the letter below the accent for each of U+0100 to U+017F.
const extended = "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiJjJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs"

// plain is what stands for a sign that paper does not have.
func plain(r rune) string {
	switch r {
	case '‘', '’', '‚', '‛', '′', 'ʼ':
		return "'"
	case '“', '”', '„', '″':
		return `"`
	case '‐', '‑', '‒', '–', '—', '―', '−':
		return "-"
	case '…':
		return "..."
	case '•', '∙':
		return "·"
	case '™':
		return "(TM)"
	case 'Œ':
		return "OE"
	case 'œ':
		return "oe"
	case 'Ĳ':
		return "IJ"
	case 'ĳ':
		return "ij"
	case '\t', 0xa0, 0x3000:
		return " "
	case 0xad, 0xfeff:
		return ""
	}
	switch {
	case r < ' ' || r >= 0x7f && r < 0xa0: // what would command a printer
		return ""
	case r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x205f:
		return " "
	case r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r >= 0xfe00 && r <= 0xfe0f:
		return "" // joiners, directions and variants, which have no width
	}
	return "?"
}

// accents are the letters that Latin-1 has with each accent: bases, and then the same
// with it.
var accents = [...]struct {
	accent       rune
	bases, whole string
}{
	{0x300, "AEIOUaeiou", "ÀÈÌÒÙàèìòù"},
	{0x301, "AEIOUYaeiouy", "ÁÉÍÓÚÝáéíóúý"},
	{0x302, "AEIOUaeiou", "ÂÊÎÔÛâêîôû"},
	{0x303, "ANOano", "ÃÑÕãñõ"},
	{0x308, "AEIOUaeiouy", "ÄËÏÖÜäëïöüÿ"},
	{0x30a, "Aa", "Åå"},
	{0x327, "Cc", "Çç"},
}

// accented is a letter with an accent, or the letter alone if Latin-1 has no such.
func accented(base, accent rune) rune {
	for _, a := range accents {
		if i := strings.IndexRune(a.bases, base); a.accent == accent && i >= 0 {
			return []rune(a.whole)[i]
		}
	}
	return base
}

// pc858 are the upper 128 characters of code page 858: code page 850 with the euro sign.
// Of these a document has letters and signs, never the lines and blocks.
const pc858 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤" +
	"ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0"

// page858 finds the byte of each letter of Latin-1, from 0xa0 on.
var page858 = func() (t [96]byte) {
	at := byte(0x80)
	for _, r := range pc858 {
		if r >= 0xa0 && r <= 0xff {
			t[r-0xa0] = at
		}
		at++
	}
	return t
}()

// byte858 is a folded letter in code page 858.
func byte858(r rune) byte {
	switch {
	case r < 0x80:
		return byte(r)
	case r == '€':
		return 0xd5
	}
	return page858[r-0xa0]
}

// winAnsi is a folded letter in the encoding of PDF's standard fonts.
func winAnsi(r rune) byte {
	if r == '€' {
		return 0x80
	}
	return byte(r)
}
