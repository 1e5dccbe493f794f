package receipt

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/bottega-retail/bottega/sdk/retail"
)

func TestWithhold(t *testing.T) {
	t.Parallel()
	lost := func(amounts ...retail.Money) (all []Loss) {
		for i, a := range amounts {
			all = append(all, Loss{Promotion: string(rune('a' + i)), Version: 1, Amount: a})
		}
		return all
	}
	held := func(line, promotion string, amount retail.Money) Held {
		return Held{Line: line, Promotion: promotion, Version: 1, Amount: amount}
	}
	for _, tt := range []struct {
		name string
		lost []Loss
		held []Held
		room []Room
		want []Held
	}{
		{"nothing lost", lost(0), nil, []Room{{"1", 100}}, nil},
		{"a loss", lost(30), nil, []Room{{"1", 100}}, []Held{held("1", "a", 30)}},
		{"by the worth of what comes back", lost(30), nil, []Room{{"1", 100}, {"2", 50}}, []Held{held("1", "a", 20), held("2", "a", 10)}},
		{"no more than it is worth", lost(300), nil, []Room{{"1", 100}}, []Held{held("1", "a", 100)}},
		{"one gives more, another less", lost(30, -10), nil, []Room{{"1", 100}}, []Held{held("1", "a", 20)}},
		{"all give more", lost(-30, 10), nil, []Room{{"1", 100}}, nil},
		{"as much is lost as before", lost(30), []Held{held("1", "a", 30)}, []Room{{"1", 100}}, nil},
		{"less is lost than before", lost(10), []Held{held("1", "a", 15), held("2", "a", 15)}, nil, []Held{held("1", "a", -10), held("2", "a", -10)}},
		{"nothing is left to lose anything", nil, []Held{held("1", "a", 15), held("2", "b", 5)}, nil, []Held{held("1", "a", -15), held("2", "b", -5)}},
		{"another loses now", lost(0, 20), []Held{held("1", "a", 20)}, []Room{{"2", 50}}, []Held{held("1", "a", -20), held("2", "b", 20)}},
		{"another loses, and more than comes back", lost(0, 20), []Held{held("1", "a", 20)}, []Room{{"2", 5}}, []Held{held("1", "a", -5), held("2", "b", 5)}},
	} {
		if got := Withhold(tt.lost, tt.held, tt.room); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// Whatever is lost, return by return: no line is asked for money, nothing negative is
// withheld, no more than is lost unless it was before, and all comes back in the end.
func TestWithholdIsEven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var held []Held
		var worth retail.Money // of all that is back
		for range rapid.IntRange(0, 5).Draw(t, "returns") {
			var room []Room
			for _, line := range []string{"1", "2", "3"} {
				room = append(room, Room{Line: line, Worth: retail.Money(rapid.Int64Range(0, 50).Draw(t, "worth"))})
			}
			var lost []Loss
			var net retail.Money
			for _, id := range []string{"a", "b"} {
				l := Loss{Promotion: id, Amount: retail.Money(rapid.Int64Range(-60, 120).Draw(t, "lost"))}
				lost, net = append(lost, l), net+l.Amount
			}
			moves := Withhold(lost, held, room)
			before := total(held)
			held = Moved(held, moves)
			var now retail.Money
			for _, r := range room {
				now += r.Worth
				if HeldOf(moves, r.Line) > r.Worth {
					t.Fatalf("%+v of %+v", moves, room)
				}
			}
			worth += now
			if want := min(max(net, 0), before+now); total(held) != want || total(held) > worth {
				t.Fatalf("%d withheld, want %d: lost %d, before %d, now back %d", total(held), want, net, before, now)
			}
			if slices.ContainsFunc(held, func(h Held) bool { return h.Amount <= 0 }) {
				t.Fatalf("%+v", held)
			}
		}
		if last := Moved(held, Withhold(nil, held, nil)); len(last) != 0 {
			t.Fatalf("%+v", last)
		}
	})
}

func total(held []Held) (sum retail.Money) {
	for _, h := range held {
		sum += h.Amount
	}
	return sum
}
