package sdktest

import (
	"errors"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
)

// Reporter is what a *testing.T and a *rapid.T have in common.
type Reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Do is [Run] of a command that has to succeed.
func Do[In, Out any](t Reporter, e *Env, c sdk.Command[In, Out], in In) Out {
	t.Helper()
	out, err := Run(e, c, in)
	if err != nil {
		t.Fatalf("%s: %v", c.Name, err)
	}
	return out
}

// Ask is [Call] of a query that has to answer.
func Ask[In, Out any](t Reporter, e *Env, q sdk.Query[In, Out], in In) Out {
	t.Helper()
	out, err := Call(e, q, in)
	if err != nil {
		t.Fatalf("%s: %v", q.Name, err)
	}
	return out
}

// Refused checks an error by what programs read of it, "code reason pointer" such
// as "invalid quantity /lines/0/quantity"; "ok" is none. Whoever is refused has to
// be told something, too.
func Refused(t Reporter, err error, want string) {
	t.Helper()
	got := "ok"
	var e *sdk.Error
	switch {
	case errors.As(err, &e):
		got = strings.TrimSpace(e.Code.String() + " " + e.Reason + " " + e.Pointer)
		if e.Message == "" {
			t.Errorf("%s says nothing to people", got)
		}
	case err != nil:
		got = "no error of the SDK: " + err.Error()
	}
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
