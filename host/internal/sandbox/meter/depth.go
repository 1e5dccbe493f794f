package meter

// DefaultDepth is the default of Options.MaxDepth, in words.
const DefaultDepth = 2 << 20

// frameWeight estimates the words of machine stack that one call of a function
// takes.
func frameWeight(b *body) uint32 {
	return 8 + b.locals + uint32(b.end-b.code)/16
}
