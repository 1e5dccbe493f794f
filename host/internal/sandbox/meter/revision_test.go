package meter_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	. "github.com/bottega-retail/bottega/host/internal/sandbox/wasmtest"
)

// TestRevisionIsRaised fails when Rewrite writes something new: then raise
// meter.Revision and put the new sum here.
func TestRevisionIsRaised(t *testing.T) {
	t.Parallel()
	const revision, sum = 1, "ec06f06d2d40fc56"
	modules := []Module{
		comparisons(I32), comparisons(I64), CallBomb("run", 3), FillBomb("run", 2, 100), Recurse("run", 3),
		genModule(rand.New(rand.NewPCG(1, 5)), 200), genModule(rand.New(rand.NewPCG(2, 5)), 200),
	}
	h := sha256.New()
	for _, m := range modules {
		h.Write(rewrite(t, m.Bytes(), meter.Options{}))
	}
	if got := hex.EncodeToString(h.Sum(nil)[:8]); got != sum || meter.Revision != revision {
		t.Errorf("revision %d writes %s, want revision %d and %s", meter.Revision, got, revision, sum)
	}
}
