package sdk

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Sign answers 32 bytes that only this app of this tenant can have made of data:
// HMAC-SHA-256 by a key that the host keeps to itself. They are the same whenever
// they are asked for, in a rerun, by another instance or version of the app and
// after a restart, and tell nothing of the key. No other app, and no other
// tenant's, gets the same.
//
// It is for what leaves the app and comes back, such as a promise that a customer
// may call in. Begin data with what it is for and in which form it is written, so
// that what is signed for one purpose means nothing for another, and let it hold
// until when it counts: the host may be given another key, and everything that was
// signed before is then not [Signed] any more. For the same reason do not keep a
// signature as a key of records.
//
// At most 65,536 bytes; more is a mistake of the programmer and ends in a fault.
// It costs one host call.
func Sign(s Scope, data []byte) []byte {
	c := s.context()
	return slices.Clone(c.must(c.port.Call(hostcall.Sign, data)))
}

// Signed says whether mac is what [Sign] answers for data. It takes the same time
// for every wrong mac of the right length, so that nobody can feel his way to it.
func Signed(s Scope, data, mac []byte) bool {
	c := s.context()
	right := c.must(c.port.Call(hostcall.Sign, data))
	if len(mac) != abi.SignatureSize || len(right) != abi.SignatureSize {
		return false
	}
	var differs byte
	for i := range right {
		differs |= right[i] ^ mac[i]
	}
	return differs == 0
}
