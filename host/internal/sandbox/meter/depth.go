package meter

// DefaultDepth is the default of Options.MaxDepth, in words: 16 MiB by estimate,
// which a Go guest needs to decode JSON that is nested 3,000 deep. Without it
// wazero lets one runaway recursion have 84 MB of stack and the copies made on
// the way there.
const DefaultDepth = 2 << 20

// frameWeight estimates the words of machine stack that one call takes.
//
// Wazero gives every value that must live across a call a slot of its own. There
// are hardly more such values than locals in honest code, one for each few
// bytes of code in generated code, and one for each local in each loop in
// hostile code. Measured on such shapes, the estimate is between 3 times what a
// call takes and, at worst (calls with 900 arguments, locals changed in 100
// branches), 0.3 times. For those, the engine's own bound is the wall.
func frameWeight(b *body, loops int) uint32 {
	const fixed = 8 // return address, frame pointer, saved registers
	return fixed + b.locals + uint32(b.end-b.code)/16 + uint32(loops)*b.locals/2
}
