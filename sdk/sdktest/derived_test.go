package sdktest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

type names struct {
	Names   []string `json:"names"`
	Publish string   `json:"publish"` // each, all, none
	Fail    bool     `json:"fail"`
}

var (
	write = sdk.Command[names, names]{Name: "register.write"}
	read  = sdk.Query[sdk.None, names]{Name: "register.read"}
)

// register keeps names, and derives their list in order.
func register(d *sdk.Derived[map[string]bool]) *sdk.App {
	return sdk.NewApp("register", notes, d,
		write.Handle(func(tx *sdk.Tx, in names) (names, error) {
			var changes []sdk.Change
			for _, n := range in.Names {
				if err := change1(tx, n); err != nil {
					return in, err
				}
				changes = append(changes, notes.Changed(sdk.K(strings.TrimPrefix(n, "-"))))
			}
			switch in.Publish {
			case "each":
				if err := sdk.Publish(tx, changes...); err != nil {
					return in, err
				}
			case "all":
				if err := sdk.Publish(tx); err != nil {
					return in, err
				}
			}
			if in.Fail {
				return in, sdk.FailedPrecondition("told", "")
			}
			return names{Names: sorted(d.Get(tx))}, nil
		}),
		read.Handle(func(v *sdk.View, _ sdk.None) (names, error) { return names{Names: sorted(d.Get(v))}, nil }),
	)
}

// change1 writes a name, or removes one that begins with a minus.
func change1(tx *sdk.Tx, name string) error {
	if gone, ok := strings.CutPrefix(name, "-"); ok {
		return notes.Delete(tx, sdk.K(gone))
	}
	return notes.Put(tx, note{ID: name})
}

func sorted(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }

func allNames(v *sdk.View) (map[string]bool, error) {
	all := map[string]bool{}
	for n := range notes.Scan(v, sdk.Scan{}) {
		all[n.ID] = true
	}
	return all, nil
}

func oneName(v *sdk.View, all map[string]bool, c sdk.Change) (map[string]bool, error) {
	name, _ := c.Key.TextAt(0)
	if _, there := notes.Get(v, c.Key); there {
		all[name] = true
	} else {
		delete(all, name)
	}
	return all, nil
}

// TestDerivedGenerations: what is not published is not seen, what is published is
// seen by the next operation, and what failed has published nothing.
func TestDerivedGenerations(t *testing.T) {
	t.Parallel()
	for name, apply := range map[string]func(*sdk.View, map[string]bool, sdk.Change) (map[string]bool, error){"apply": oneName, "build": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := sdktest.New(t, register(&sdk.Derived[map[string]bool]{Name: "names", Build: allNames, Apply: apply}), sdktest.Twice)
			for _, c := range []struct {
				in           names
				during, then string
			}{
				{names{Names: []string{"b", "a"}, Publish: "none"}, "[]", "[]"},
				{names{Names: []string{"c"}, Publish: "all"}, "[]", "[a b c]"},
				{names{Names: []string{"d", "-a"}, Publish: "each"}, "[a b c]", "[b c d]"},
				{names{Names: []string{"-b"}, Publish: "each", Fail: true}, "[]", "[b c d]"},
				{names{Names: []string{"-b", "-c", "-d"}, Publish: "each"}, "[b c d]", "[]"},
			} {
				during, _ := sdktest.Run(env, write, c.in) // its error is told
				then, err := sdktest.Call(env, read, sdk.None{})
				if !c.in.Fail && fmt.Sprint(during.Names) != c.during || err != nil || fmt.Sprint(then.Names) != c.then {
					t.Errorf("%+v: during %v, then %v, %v", c.in, during.Names, then.Names, err)
				}
			}
		})
	}
}

// TestDerivedThatDisagrees: Apply must come to what Build comes to.
func TestDerivedThatDisagrees(t *testing.T) {
	t.Parallel()
	wrong := func(_ *sdk.View, all map[string]bool, _ sdk.Change) (map[string]bool, error) { return all, nil }
	env := sdktest.New(nil, register(&sdk.Derived[map[string]bool]{Name: "names", Build: allNames, Apply: wrong}))
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "Apply comes to\nmap[]\nBuild comes to\nmap[a:true]") {
			t.Errorf("the test ended with %v", r)
		}
	}()
	_, _ = sdktest.Run(env, write, names{Names: []string{"a"}, Publish: "each"})
}

// TestManyChangesBuild: more changes than may be named are built anew.
func TestManyChangesBuild(t *testing.T) {
	t.Parallel()
	applied := 0
	d := &sdk.Derived[map[string]bool]{Name: "names", Build: allNames, Apply: func(v *sdk.View, all map[string]bool, c sdk.Change) (map[string]bool, error) {
		applied++
		return oneName(v, all, c)
	}}
	bump := sdk.Command[sdk.None, sdk.None]{Name: "register.bump"}
	env := sdktest.New(t, sdk.NewApp("register", notes, d, bump.Handle(func(tx *sdk.Tx, _ sdk.None) (sdk.None, error) {
		if err := notes.Put(tx, note{ID: "x"}); err != nil {
			return sdk.None{}, err
		}
		return sdk.None{}, sdk.Publish(tx, make([]sdk.Change, abi.MaxChanges+1)...)
	}), read.Handle(func(v *sdk.View, _ sdk.None) (names, error) { return names{Names: sorted(d.Get(v))}, nil })))
	if _, err := sdktest.Run(env, bump, sdk.None{}); err != nil || applied != 0 {
		t.Errorf("%v, applied %d", err, applied)
	}
	if got, err := sdktest.Call(env, read, sdk.None{}); err != nil || fmt.Sprint(got.Names) != "[x]" {
		t.Errorf("read %v, %v", got, err)
	}
}

// TestEnvsShareNoDerivedValue: one package variable serves many hosts.
func TestEnvsShareNoDerivedValue(t *testing.T) {
	t.Parallel()
	app := register(&sdk.Derived[map[string]bool]{Name: "names", Build: allNames})
	one, two := sdktest.New(t, app), sdktest.New(t, app)
	if _, err := sdktest.Run(one, write, names{Names: []string{"a"}, Publish: "each"}); err != nil {
		t.Fatal(err)
	}
	for env, want := range map[*sdktest.Env]string{one: "[a]", two: "[]"} {
		if got, err := sdktest.Call(env, read, sdk.None{}); err != nil || fmt.Sprint(got.Names) != want {
			t.Errorf("%v, %v; want %s", got.Names, err, want)
		}
	}
}
