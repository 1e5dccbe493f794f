package sandbox

// wear watches how much of its memory an instance of a generation no longer
// shares with the snapshot.
//
// What a guest allocates it writes to, and until it collects garbage it writes
// nowhere twice, so this bounds what it has allocated since it was restored. Go
// begins to collect when it has allocated 0.7 of what was alive after the last
// collection. A guest that has collected at the end of its warming call is
// therefore replaced before its own collector, whose work callers would wait
// for (a quote over 41 MiB of live heap: 0.2 ms, but 50 to 100 ms for three
// calls of some 6,300), gets to run.
type wear struct {
	private int64 // bytes, when last looked at
	next    int   // the call after which to look again
}

const (
	// privateShare is the share of its snapshot that an instance may have made
	// private when it is replaced, as a divisor: live heap was 0.6 of a snapshot
	// after a collection, and 0.7 of that is 0.4.
	privateShare = 4
	// leastPrivate is what every instance may have, in bytes: to collect garbage
	// in a small heap takes no longer than to begin anew.
	leastPrivate = 4 * mib
	// blindCalls is how long an instance serves where the system does not tell
	// what is private.
	blindCalls = 256
)

// worn says whether the instance has served long enough.
func (in *instance) worn() bool {
	c := &in.box.config
	if in.calls >= c.InstanceCalls || in.memory.size-in.bornSize > c.GrowthMark {
		return true
	}
	return in.generation != 0 && in.calls >= in.wear.next && in.strained()
}

// strained looks at the pages and says whether too many are private. A look
// takes 3 µs for each MiB, so the next one comes when half of what is left will
// have been used at this rate, or when the calls have doubled.
func (in *instance) strained() bool {
	private, ok := privateBytes(in.memory.slice())
	if !ok {
		in.wear.private = in.memory.size
		return in.calls >= blindCalls
	}
	in.wear.private = private
	left := max(in.snap.size/privateShare, leastPrivate) - private
	pace := max(private/int64(in.calls), 1)
	in.wear.next = in.calls + int(max(min(left/pace/2, int64(in.calls)), 1))
	return left < 0
}

// bytes is what the instance weighs in the pool: what would be free if it were
// not there.
func (in *instance) bytes() int64 {
	if in.generation != 0 {
		return in.wear.private
	}
	return in.memory.size
}
