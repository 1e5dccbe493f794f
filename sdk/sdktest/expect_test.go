package sdktest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// reports is a test that goes on whatever is reported to it.
type reports struct{ n int }

func (r *reports) Helper()               {}
func (r *reports) Errorf(string, ...any) { r.n++ }
func (r *reports) Fatalf(string, ...any) { r.n++ }

// TestRefused: an error that is another one, says nothing or is not the SDK's is
// reported, and so is none where one was wanted.
func TestRefused(t *testing.T) {
	t.Parallel()
	invalid := sdk.Invalid("/n", "n", "too many")
	for _, c := range []struct {
		err   error
		want  string
		wrong int
	}{
		{nil, "ok", 0},
		{invalid, "invalid n /n", 0},
		{fmt.Errorf("handler: %w", invalid), "invalid n /n", 0},
		{invalid, "ok", 1},
		{invalid, "invalid n", 1},
		{nil, "invalid n /n", 1},
		{errors.New("broken"), "ok", 1},
		{sdk.Invalid("", "n", ""), "invalid n", 1},
	} {
		var r reports
		if sdktest.Refused(&r, c.err, c.want); r.n != c.wrong {
			t.Errorf("%v for %q: %d reports, want %d", c.err, c.want, r.n, c.wrong)
		}
	}
}

// TestMust: what must succeed and does not is reported.
func TestMust(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, kitty())
	var r reports
	sdktest.Do(&r, env, drop, change{"anna", 1})
	sdktest.Ask(&r, env, total, change{Owner: "anna"})
	if r.n != 0 {
		t.Errorf("%d reports of what succeeded", r.n)
	}
	sdktest.Do(&r, env, call, change{})
	sdktest.Ask(&r, env, sdk.Query[change, coin]{Name: "kitty.nothing"}, change{})
	if r.n != 2 {
		t.Errorf("%d reports of two that failed", r.n)
	}
}
