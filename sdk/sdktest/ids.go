package sdktest

import "math/rand/v2"

// ids makes an operation's ids and random bytes; the same seed makes the same.
type ids struct {
	now    int64
	random *rand.PCG
	last   [2]uint64 // high 16 and low 64 bits of the last id's random part
}

func newIDs(now int64, seed [2]uint64) ids {
	r := rand.NewPCG(seed[0], seed[1])
	return ids{now: now, random: r, last: [2]uint64{r.Uint64() & 0x7fff, r.Uint64()}}
}

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// next is the next ULID: 48 bits of time, 80 that grow by a random step.
func (i *ids) next() string {
	before := i.last[1]
	if i.last[1] += i.random.Uint64()>>32 + 1; i.last[1] < before {
		i.last[0]++
	}
	// 26 characters of 5 bits, from the end: 64 + 16 + 48 bits.
	high := uint64(i.now)<<16 | i.last[0]&0xffff
	low := i.last[1]
	var b [26]byte
	for n := len(b) - 1; n >= 0; n-- {
		b[n] = crockford[low&31]
		low = low>>5 | high<<59
		high >>= 5
	}
	return string(b[:])
}

// bytes fills b.
func (i *ids) bytes(b []byte) {
	for n := range b {
		b[n] = byte(i.random.Uint64() >> 56)
	}
}
