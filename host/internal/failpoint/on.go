//go:build failpoint

package failpoint

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Enabled says whether points can be armed in this build.
const Enabled = true

// rules are parsed once: point to its one in n.
var rules = sync.OnceValue(func() map[string]int {
	armed := map[string]int{}
	for rule := range strings.SplitSeq(os.Getenv("BOTTEGA_FAILPOINTS"), ";") {
		point, odds, _ := strings.Cut(rule, "=1/")
		if n, err := strconv.Atoi(odds); err == nil && n > 0 {
			armed[point] = n
		}
	}
	return armed
})

// Hit kills the process if the point is armed and its odds come up. It leaves a
// line on stderr first, so that the test can count where it died.
func Hit(point string) {
	if n := rules()[point]; n > 0 && rand.IntN(n) == 0 {
		_, _ = os.Stderr.WriteString("failpoint " + point + "\n")
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal arrives, nothing more happens here
	}
}

// Planted says whether the planted bug of that name was asked for.
func Planted(bug string) bool { return os.Getenv("BOTTEGA_PLANT") == bug }
