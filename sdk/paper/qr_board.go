package paper

// board is a QR code while it is drawn.
type board struct {
	version, size int
	dark          []bool
	fixed         []bool // patterns, which no mask touches
}

func (b *board) set(x, y int, dark bool) {
	b.dark[y*b.size+x], b.fixed[y*b.size+x] = dark, true
}

// patterns draws what is the same in every symbol of a version.
func (b *board) patterns() {
	last := b.size - 7
	for i := range b.size {
		b.set(6, i, i%2 == 0)
		b.set(i, 6, i%2 == 0)
	}
	for _, at := range [3][2]int{{0, 0}, {last, 0}, {0, last}} {
		b.finder(at[0], at[1])
	}
	rows := append([]int{6}, alignQR[b.version]...)
	for i, y := range rows {
		for j, x := range rows {
			corner := i == 0 && j == 0 || i == 0 && j == len(rows)-1 || j == 0 && i == len(rows)-1
			if b.version > 1 && !corner {
				b.alignment(x, y)
			}
		}
	}
	b.format(0) // keeps its room
	b.numbered()
}

// finder draws one of the three eyes, with the light frame around it.
func (b *board) finder(left, top int) {
	for dy := -1; dy <= 7; dy++ {
		for dx := -1; dx <= 7; dx++ {
			x, y := left+dx, top+dy
			if x < 0 || y < 0 || x >= b.size || y >= b.size {
				continue
			}
			ring := max(abs(dx-3), abs(dy-3))
			b.set(x, y, ring != 2 && ring != 4)
		}
	}
}

func (b *board) alignment(x, y int) {
	for dy := -2; dy <= 2; dy++ {
		for dx := -2; dx <= 2; dx++ {
			b.set(x+dx, y+dy, max(abs(dx), abs(dy)) != 1)
		}
	}
}

// format writes level M and the mask twice, each with its check bits.
func (b *board) format(mask int) {
	bits := (checkBits(mask, 10, 0x537)) ^ 0x5412 // level M is 00
	for i := range 15 {
		dark := bits>>i&1 == 1
		switch { // around the first eye
		case i < 6:
			b.set(8, i, dark)
		case i < 8:
			b.set(8, i+1, dark)
		case i == 8:
			b.set(7, 8, dark)
		default:
			b.set(14-i, 8, dark)
		}
		if i < 8 { // beside the others
			b.set(b.size-1-i, 8, dark)
		} else {
			b.set(8, b.size-15+i, dark)
		}
	}
	b.set(8, b.size-8, true)
}

// numbered writes the version, which symbols from 7 on carry.
func (b *board) numbered() {
	if b.version < 7 {
		return
	}
	bits := checkBits(b.version, 12, 0x1f25)
	for i := range 18 {
		dark, x, y := bits>>i&1 == 1, b.size-11+i%3, i/3
		b.set(x, y, dark)
		b.set(y, x, dark)
	}
}

// checkBits are bits, and behind them n bits of their remainder by a polynomial.
func checkBits(bits, n, polynomial int) int {
	rest := bits
	for range n {
		rest = rest<<1 ^ rest>>(n-1)*polynomial
	}
	return bits<<n | rest
}

// fill writes codewords from the lower right corner, up and down in columns of two.
func (b *board) fill(words []byte) {
	i := 0
	for right := b.size - 1; right > 0; right -= 2 {
		if right == 6 { // the column of the timing pattern
			right--
		}
		up := (right+1)&2 == 0
		for k := range b.size {
			y := k
			if up {
				y = b.size - 1 - k
			}
			for _, x := range [2]int{right, right - 1} {
				if at := y*b.size + x; !b.fixed[at] && i < 8*len(words) {
					b.dark[at] = words[i/8]>>(7-i%8)&1 == 1
					i++
				}
			}
		}
	}
}

// mask turns what a mask covers.
func (b *board) mask(mask int) {
	for y := range b.size {
		for x := range b.size {
			if at := y*b.size + x; !b.fixed[at] && masked(mask, x, y) {
				b.dark[at] = !b.dark[at]
			}
		}
	}
}

func masked(mask, x, y int) bool {
	switch mask {
	case 0:
		return (x+y)%2 == 0
	case 1:
		return y%2 == 0
	case 2:
		return x%3 == 0
	case 3:
		return (x+y)%3 == 0
	case 4:
		return (x/3+y/2)%2 == 0
	case 5:
		return x*y%2+x*y%3 == 0
	case 6:
		return (x*y%2+x*y%3)%2 == 0
	}
	return ((x+y)%2+x*y%3)%2 == 0
}

// penalty is how hard a symbol is to read: long runs, squares, what looks like an eye,
// and too much of one colour.
func (b *board) penalty() int {
	sum, dark := 0, 0
	for i := range b.size {
		sum += runsQR(b.size, func(j int) bool { return b.dark[i*b.size+j] })
		sum += runsQR(b.size, func(j int) bool { return b.dark[j*b.size+i] })
	}
	for y := range b.size {
		for x := range b.size {
			at := y*b.size + x
			if b.dark[at] {
				dark++
			}
			if x > 0 && y > 0 && b.dark[at] == b.dark[at-1] && b.dark[at] == b.dark[at-b.size] && b.dark[at] == b.dark[at-b.size-1] {
				sum += 3
			}
		}
	}
	all := b.size * b.size
	return sum + abs(dark*20-all*10)/all*10
}

// runsQR is the penalty of one row or column.
func runsQR(n int, dark func(int) bool) (sum int) {
	long, window := 0, 0
	for i := range n {
		if i > 0 && dark(i) == dark(i-1) {
			long++
		} else {
			long = 1
		}
		switch {
		case long == 5:
			sum += 3
		case long > 5:
			sum++
		}
		window = window << 1 & 0x7ff
		if dark(i) {
			window |= 1
		}
		if i >= 10 && (window == 0x5d0 || window == 0x05d) {
			sum += 40
		}
	}
	return sum
}

func abs(n int) int { return max(n, -n) }
