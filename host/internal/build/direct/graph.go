package direct

// graph is which pieces lead to which.
type graph struct {
	next    [][]int // by piece: where its jumps go, in order, and where it falls to
	order   []int   // the pieces that can be reached, in reverse postorder
	place   []int   // by piece: its place in order, -1 if nothing leads there
	above   []int   // by piece: its immediate dominator
	loops   []bool  // by piece: a piece behind it leads back to it
	merges  []bool  // by piece: several ways lead on to it
	below   [][]int // by piece: those that it dominates immediately and that merge ways, in order
	tangled bool    // there is a loop with several entries
}

// graphOf looks at a function as it is when it begins with one piece.
func graphOf(d *dispatch, entry int) *graph {
	n := len(d.pieces)
	g := &graph{
		next: make([][]int, n), place: make([]int, n), above: make([]int, n),
		loops: make([]bool, n), merges: make([]bool, n), below: make([][]int, n),
	}
	for i, p := range d.pieces {
		for _, j := range p.jumps {
			g.next[i] = append(g.next[i], j.to)
		}
		if p.falls && i+1 < n {
			g.next[i] = append(g.next[i], i+1)
		}
		g.place[i], g.above[i] = -1, -1
	}
	g.walk(entry)
	g.dominate(entry)
	g.classify()
	return g
}

// walk orders the pieces, depth first. The last way of each is taken first: what a
// piece falls to comes late in the order, behind what it jumps to.
func (g *graph) walk(entry int) {
	type visit struct{ piece, left int }
	seen := make([]bool, len(g.next))
	var post []int
	enter := func(i int) visit { seen[i] = true; return visit{i, len(g.next[i])} }
	for stack := []visit{enter(entry)}; len(stack) > 0; {
		v := &stack[len(stack)-1]
		if v.left == 0 {
			post = append(post, v.piece)
			stack = stack[:len(stack)-1]
			continue
		}
		v.left--
		if to := g.next[v.piece][v.left]; !seen[to] {
			stack = append(stack, enter(to))
		}
	}
	for i := len(post) - 1; i >= 0; i-- {
		g.place[post[i]] = len(g.order)
		g.order = append(g.order, post[i])
	}
}

// dominate finds immediate dominators: Cooper, Harvey, Kennedy, "A Simple, Fast
// Dominance Algorithm" (2001).
func (g *graph) dominate(entry int) {
	before := make([][]int, len(g.next))
	for _, from := range g.order {
		for _, to := range g.next[from] {
			before[to] = append(before[to], from)
		}
	}
	g.above[entry] = entry
	for changed := true; changed; {
		changed = false
		for _, i := range g.order[1:] {
			above := -1
			for _, from := range before[i] {
				switch {
				case g.above[from] < 0: // not looked at yet
				case above < 0:
					above = from
				default:
					above = g.meet(from, above)
				}
			}
			changed = changed || g.above[i] != above
			g.above[i] = above
		}
	}
}

// meet is the nearest piece that dominates both.
func (g *graph) meet(a, b int) int {
	for a != b {
		for g.place[a] > g.place[b] {
			a = g.above[a]
		}
		for g.place[b] > g.place[a] {
			b = g.above[b]
		}
	}
	return a
}

// classify finds loops and where ways merge.
func (g *graph) classify() {
	ways := make([]int, len(g.next))
	for _, from := range g.order {
		for _, to := range g.next[from] {
			if g.back(from, to) {
				g.loops[to] = true
				g.tangled = g.tangled || g.meet(from, to) != to
				continue
			}
			ways[to]++
		}
	}
	for _, i := range g.order[1:] {
		if g.merges[i] = ways[i] > 1; g.merges[i] {
			g.below[g.above[i]] = append(g.below[g.above[i]], i)
		}
	}
}

// back tells whether a way leads back.
func (g *graph) back(from, to int) bool { return g.place[to] <= g.place[from] }
