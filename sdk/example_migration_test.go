package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Version 2 of this app keeps first and last names apart. While both versions
// are at work, both fields are kept.
type member struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"` // of version 1
	First string `json:"first,omitempty"`
	Last  string `json:"last,omitempty"`
}

type place struct {
	After string `json:"after"`
}

var members = sdk.Collection[member]{Name: "members", Key: []string{"id"}}

// rewrite is a step of a migration: it changes some members, and says where to
// go on.
func rewrite(change func(*member)) func(*sdk.Tx, *sdk.Step[place]) error {
	return func(tx *sdk.Tx, s *sdk.Step[place]) error {
		s.Finished = true
		for m := range members.Scan(tx, sdk.Scan{From: sdk.K(s.State.After), Limit: 200}) {
			if m.ID == s.State.After {
				continue
			}
			change(&m)
			if err := members.Put(tx, m); err != nil {
				return err
			}
			s.State.After, s.Finished = m.ID, false
		}
		return nil
	}
}

// Version 1 writes names while Expand runs and after it, so Contract splits what
// is left before it takes the names away.
var split = sdk.Migration[place]{
	Version:  2,
	Expand:   rewrite(apart),
	Contract: rewrite(func(m *member) { apart(m); m.Name = "" }),
}

func apart(m *member) { _, _ = fmt.Sscan(m.Name, &m.First, &m.Last) }

func ExampleMigration() {
	env := sdktest.New(nil, sdk.NewApp("club", members, split))
	_ = env.Update(func(tx *sdk.Tx) error { return members.Put(tx, member{ID: "C-88", Name: "Anna Rossi"}) })
	show := func() error {
		return env.View(func(v *sdk.View) error {
			m, _ := members.Get(v, sdk.K("C-88"))
			fmt.Printf("%+v\n", m)
			return nil
		})
	}
	_ = env.Migrate(1, show)
	_ = show()
	// Output:
	// {ID:C-88 Name:Anna Rossi First:Anna Last:Rossi}
	// {ID:C-88 Name: First:Anna Last:Rossi}
}
