package paper

import (
	"slices"
	"strings"
	"testing"
)

// A QR code of every length reads back as what was written, from its modules alone: the
// format, the mask, the blocks and what corrects them.
func TestSquare(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 213; n++ {
		text := strings.Repeat("è0123456789 http://", 20)[:n]
		s := square(text)
		if s == nil || s.size%4 != 1 {
			t.Fatalf("%d bytes: %+v", n, s)
		}
		if got := unsquare(t, s); got != text {
			t.Fatalf("%d bytes are read as %q", n, got)
		}
	}
	if square("") != nil || square(strings.Repeat("x", 214)) != nil {
		t.Error("nothing, or too much, has a QR code")
	}
}

// unsquare reads a QR code as a telephone does, but for the corrections.
func unsquare(t *testing.T, s *symbol) string {
	t.Helper()
	b := board{version: (s.size - 17) / 4, size: s.size, dark: slices.Clone(s.dark)}
	format := 0
	for i, at := range [15][2]int{{8, 0}, {8, 1}, {8, 2}, {8, 3}, {8, 4}, {8, 5}, {8, 7}, {8, 8}, {7, 8}, {5, 8}, {4, 8}, {3, 8}, {2, 8}, {1, 8}, {0, 8}} {
		if b.dark[at[1]*b.size+at[0]] {
			format |= 1 << i
		}
	}
	mask := (format ^ 0x5412) >> 10
	if format != checkBits(mask, 10, 0x537)^0x5412 || mask > 7 {
		t.Fatalf("format %015b", format)
	}
	drawn := board{version: b.version, size: b.size, dark: make([]bool, len(b.dark)), fixed: make([]bool, len(b.dark))}
	drawn.patterns()
	drawn.format(mask)
	b.fixed = drawn.fixed
	for i, fixed := range drawn.fixed {
		if fixed && drawn.dark[i] != b.dark[i] {
			t.Fatalf("a pattern is broken at %d, %d", i%b.size, i/b.size)
		}
	}
	b.mask(mask)
	return unpack(t, b.version, b.words())
}

// words reads codewords in the order in which fill writes them.
func (b *board) words() (out []byte) {
	bits, now := 0, byte(0)
	for right := b.size - 1; right > 0; right -= 2 {
		if right == 6 {
			right--
		}
		for k := range b.size {
			y := k
			if (right+1)&2 == 0 {
				y = b.size - 1 - k
			}
			for x := right; x > right-2; x-- {
				if b.fixed[y*b.size+x] {
					continue
				}
				if now <<= 1; b.dark[y*b.size+x] {
					now |= 1
				}
				if bits++; bits%8 == 0 {
					out = append(out, now)
				}
			}
		}
	}
	return out[:wordsQR[b.version]]
}

// unpack takes the blocks apart, checks them, and reads the text.
func unpack(t *testing.T, version int, words []byte) string {
	t.Helper()
	n, correct := blocksQR[version], checkQR[version]
	room := wordsQR[version] - n*correct
	blocks := make([][]byte, n)
	for i := range room {
		// the last blocks have one more, which comes when the first have ended
		block := i % n
		if i >= room/n*n {
			block = n - room%n + i%n
		}
		blocks[block] = append(blocks[block], words[i])
	}
	var data []byte
	for i, b := range blocks {
		var check []byte
		for k := range correct {
			check = append(check, words[room+k*n+i])
		}
		if !slices.Equal(check, remainder(b, correct)) || syndrome(append(slices.Clone(b), check...), correct) {
			t.Errorf("version %d: block %d is not what its check says", version, i)
		}
		data = append(data, b...)
	}
	head := 12
	if version > 9 {
		head = 20
	}
	at := func(bit, n int) (v int) {
		for i := bit; i < bit+n; i++ {
			v = v<<1 | int(data[i/8]>>(7-i%8)&1)
		}
		return v
	}
	if at(0, 4) != 4 {
		t.Errorf("mode %d", at(0, 4))
	}
	var text []byte
	for i := range at(4, head-4) {
		text = append(text, byte(at(head+8*i, 8)))
	}
	return string(text)
}

// syndrome says whether a block with its check is wrong: as a polynomial it is zero at
// the first powers of 2.
func syndrome(block []byte, n int) bool {
	root := byte(1)
	for range n {
		sum := byte(0)
		for _, b := range block {
			sum = times(sum, root) ^ b
		}
		if sum != 0 {
			return true
		}
		root = times(root, 2)
	}
	return false
}
