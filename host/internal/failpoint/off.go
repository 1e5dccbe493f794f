//go:build !failpoint

package failpoint

// Enabled says whether points can be armed in this build.
const Enabled = false

// Hit does nothing.
func Hit(string) {}

// Planted is false.
func Planted(string) bool { return false }
