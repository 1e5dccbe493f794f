package copyist

import (
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestRenamed changes every place of a name, nothing else, and refuses what would
// break the records.
func TestRenamed(t *testing.T) {
	t.Parallel()
	frames := []Frame{{abi.FuncPut, []byte("\xa4n-00 of n-00")}, {abi.FuncPut, []byte("other")}, {abi.FuncPut, []byte("\xa4n-00 of n-00")}}
	got, err := Renamed(frames, "n-00", "n-17")
	if err != nil || len(got) != 1 || string(got[0].Input) != "\xa4n-17 of n-17" {
		t.Errorf("%q, %v", got, err)
	}
	if string(frames[0].Input) != "\xa4n-00 of n-00" {
		t.Error("the first one was changed too")
	}
	for _, to := range []string{"n-170", "n-1"} {
		if _, err := Renamed(frames, "n-00", to); err == nil {
			t.Errorf("%s is not as long and was taken", to)
		}
	}
	if _, err := Renamed(frames, "m-00", "m-17"); err == nil {
		t.Error("a name that is not there was changed")
	}
}
