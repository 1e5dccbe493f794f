package paper

// QR codes as ISO/IEC 18004 has them: model 2, bytes, level M, versions 1 to 10.

// The capacity of each version: codewords in all, those of one block that correct, and
// how many blocks there are.
var (
	wordsQR  = [...]int{1: 26, 44, 70, 100, 134, 172, 196, 242, 292, 346}
	checkQR  = [...]int{1: 10, 16, 26, 18, 24, 16, 18, 22, 22, 26}
	blocksQR = [...]int{1: 1, 1, 1, 2, 2, 4, 4, 4, 5, 5}
	alignQR  = [...][]int{1: nil, {18}, {22}, {26}, {30}, {34}, {22, 38}, {24, 42}, {26, 46}, {28, 50}}
)

// square is a text as a QR code, nil if it is empty or too long.
func square(text string) *symbol {
	for version := 1; version < len(wordsQR); version++ {
		room := wordsQR[version] - checkQR[version]*blocksQR[version]
		head := 2 // bytes of mode and length, four bits of which are left over
		if version > 9 {
			head = 3
		}
		if text != "" && len(text)+head <= room {
			return draw(text, version, room)
		}
	}
	return nil
}

// draw makes the symbol of a version that holds so many bytes of data.
func draw(text string, version, room int) *symbol {
	b := board{version: version, size: 17 + 4*version}
	b.dark, b.fixed = make([]bool, b.size*b.size), make([]bool, b.size*b.size)
	b.patterns()
	b.fill(interleave(dataQR(text, version, room), version))
	best, least := 0, -1
	for mask := range 8 {
		b.mask(mask)
		b.format(mask)
		if p := b.penalty(); least < 0 || p < least {
			best, least = mask, p
		}
		b.mask(mask) // twice is not at all
	}
	b.mask(best)
	b.format(best)
	return &symbol{kind: symbolQR, text: text, size: b.size, dark: b.dark}
}

// dataQR is mode, length, text and padding.
func dataQR(text string, version, room int) []byte {
	out := make([]byte, 0, room)
	half := byte(0x4) // the mode of bytes; every later byte is shifted by these four bits
	push := func(b byte) { out, half = append(out, half<<4|b>>4), b&15 }
	if version > 9 {
		push(byte(len(text) >> 8))
	}
	push(byte(len(text)))
	for i := range len(text) {
		push(text[i])
	}
	out = append(out, half<<4) // and four bits of zero that end the data
	for pad := byte(0xec); len(out) < room; pad ^= 0xec ^ 0x11 {
		out = append(out, pad)
	}
	return out
}

// interleave splits data into blocks, adds what corrects each, and mixes them.
func interleave(data []byte, version int) []byte {
	n, correct := blocksQR[version], checkQR[version]
	short, long := len(data)/n, len(data)%n // so many of the last blocks have one byte more
	var blocks, checks [][]byte
	for i := range n {
		size := short
		if i >= n-long {
			size++
		}
		blocks, checks = append(blocks, data[:size]), append(checks, remainder(data[:size], correct))
		data = data[size:]
	}
	var out []byte
	for _, part := range [][][]byte{blocks, checks} {
		for i := range max(short+1, correct) {
			for _, b := range part {
				if i < len(b) {
					out = append(out, b[i])
				}
			}
		}
	}
	return out
}

// remainder is what Reed and Solomon add to a block: the remainder of its division by the
// polynomial whose roots are the first powers of 2 in GF(256).
func remainder(data []byte, n int) []byte {
	divisor := make([]byte, n) // without its first coefficient, which is 1
	divisor[n-1] = 1
	for root, i := byte(1), 0; i < n; i++ {
		for j := range divisor {
			divisor[j] = times(divisor[j], root)
			if j+1 < n {
				divisor[j] ^= divisor[j+1]
			}
		}
		root = times(root, 2)
	}
	rest := make([]byte, n)
	for _, b := range data {
		lead := b ^ rest[0]
		copy(rest, rest[1:])
		rest[n-1] = 0
		for j := range rest {
			rest[j] ^= times(divisor[j], lead)
		}
	}
	return rest
}

// times multiplies in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1.
func times(a, b byte) (p byte) {
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			p ^= a
		}
		carry := a >> 7
		a = a<<1 ^ carry*0x1d
	}
	return p
}
