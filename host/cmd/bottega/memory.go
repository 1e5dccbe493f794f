package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// memorySize is an amount of memory as people write it: 512MiB, 4GiB. In bytes.
type memorySize int64

// UnmarshalText reads a whole number of MiB, GiB or TiB.
func (s *memorySize) UnmarshalText(text []byte) error {
	for unit, bytes := range map[string]int64{"MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40} {
		digits, found := strings.CutSuffix(string(text), unit)
		if !found {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n <= 0 || n > math.MaxInt64/bytes {
			break
		}
		*s = memorySize(n * bytes)
		return nil
	}
	return fmt.Errorf("%q is no amount of memory: write it like 512MiB or 4GiB", text)
}
