package price

import (
	"flag"
	"os"
	"testing"
)

// checks is how many baskets each law of property_test.go draws: 12 laws make more
// than a hundred thousand.
const checks = "8500"

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue && !testing.Short() {
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
