package meter

// unitInstructions is how many instructions a unit pays for at most.
const unitInstructions = 128

// path follows the longest way through a function, in one pass over its
// instructions. It knows, for the place it has reached, how many instructions
// can have run there since the last payment.
//
// A loop's header pays, so a branch back needs no further thought and one pass
// is enough. Code that nothing reaches counts as unreached and pays nothing.
type path struct {
	since  int // instructions since the last payment; unreached if nothing comes here
	frames []frame
}

// unreached is less than any count, so that max ignores it.
const unreached = -1

// frame is a block around the place that path has reached.
type frame struct {
	op    int // opBlock, opLoop, opIf or opElse
	most  int // of since over the branches to its end
	entry int // of since where an if began
}

// start begins a function, whose entry has just paid.
func (p *path) start() {
	p.since = 0
	p.frames = append(p.frames[:0], frame{op: opBlock, most: unreached})
}

// due tells whether a unit must be paid before the next instruction runs.
func (p *path) due() bool { return p.since >= unitInstructions }

// paid notes a payment.
func (p *path) paid() { p.since = 0 }

// reached tells whether anything comes here at all.
func (p *path) reached() bool { return p.since != unreached }

// step goes over one instruction. After a loop's header it still counts what
// ran before, since that is yet to pay.
func (p *path) step(in *instr, labels []uint32) {
	if p.reached() {
		p.since++
	}
	switch in.op {
	case opBlock, opLoop, opIf:
		p.frames = append(p.frames, frame{op: in.op, most: unreached, entry: p.since})
	case opElse:
		f := &p.frames[len(p.frames)-1]
		f.op, f.most, p.since = opElse, max(f.most, p.since), f.entry
	case opEnd:
		p.end()
	case opBr:
		p.join(in.index)
		p.since = unreached
	case opBrIf:
		p.join(in.index)
	case opBrTable:
		for _, l := range labels {
			p.join(l)
		}
		p.since = unreached
	case opReturn, opUnreachable:
		p.since = unreached
	}
}

// join notes a branch from here to a label.
func (p *path) join(label uint32) {
	f := &p.frames[len(p.frames)-1-int(label)]
	f.most = max(f.most, p.since)
}

// end leaves a block, by falling through, by branches, or past an if that has
// no else.
func (p *path) end() {
	f := p.frames[len(p.frames)-1]
	p.frames = p.frames[:len(p.frames)-1]
	switch f.op {
	case opLoop: // branches to it go to its header
	case opIf:
		p.since = max(p.since, f.most, f.entry)
	default:
		p.since = max(p.since, f.most)
	}
}
