package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// The contract of an app is what others import: typed values and records.

type greetIn struct {
	Name string `json:"name"`
}

type greetOut struct {
	Text  string `json:"text"`
	Times int64  `json:"times"`
}

var (
	greet = sdk.Command[greetIn, greetOut]{Name: "hello.greet"}
	times = sdk.Query[greetIn, greetOut]{Name: "hello.times"}
)

// The app reads as a table of contents.

var greeted = sdk.Counter{Name: "greeted"}

func newHello() *sdk.App {
	return sdk.NewApp("hello",
		greeted,
		greet.Handle(func(tx *sdk.Tx, in greetIn) (greetOut, error) {
			if err := greeted.Add(tx, sdk.K(in.Name), 1, 0, sdk.NoMax); err != nil {
				return greetOut{}, err
			}
			return greetOut{Text: "Buongiorno, " + in.Name}, nil
		}),
		times.Handle(func(v *sdk.View, in greetIn) (greetOut, error) {
			return greetOut{Times: greeted.Get(v, sdk.K(in.Name))}, nil
		}),
	)
}

func ExampleNewApp() {
	env := sdktest.New(nil, newHello())
	for range 2 {
		out, err := sdktest.Run(env, greet, greetIn{"Anna"})
		fmt.Println(out.Text, err)
	}
	out, err := sdktest.Call(env, times, greetIn{"Anna"})
	fmt.Println(out.Times, err)
	// Output:
	// Buongiorno, Anna <nil>
	// Buongiorno, Anna <nil>
	// 2 <nil>
}

func ExampleApp_Descriptor() {
	for _, e := range newHello().Descriptor().Entries {
		fmt.Println(e.Kind, e.Name)
	}
	// Output:
	// command hello.greet
	// query hello.times
}
