package near

import (
	"testing"

	"pgregory.net/rapid"
)

func TestMetres(t *testing.T) {
	t.Parallel()
	milano, roma, bergamo := Point{45464200, 9190000}, Point{41902800, 12496400}, Point{45698300, 9677300}
	for _, tt := range []struct {
		what     string
		a, b     Point
		from, to int64 // metres
	}{
		{"Milano, Milano", milano, milano, 0, 0},
		{"Milano, Roma", milano, roma, 475_000, 479_000},
		{"Milano, Bergamo", milano, bergamo, 45_500, 46_500},
		{"over the date line", Point{0, 179_990_000}, Point{0, -179_990_000}, 2_200, 2_250},
		{"pole to pole", Point{90_000_000, 0}, Point{-90_000_000, 0}, 20_010_000, 20_020_000},
	} {
		if got := Metres(tt.a, tt.b); got < tt.from || got > tt.to {
			t.Errorf("%s: %d m", tt.what, got)
		}
	}
}

// It is as far there as back, and never further than half around.
func TestMetresAnywhere(t *testing.T) {
	t.Parallel()
	point := rapid.Custom(func(t *rapid.T) Point {
		return Point{rapid.Int64Range(-90_000_000, 90_000_000).Draw(t, "latitude"), rapid.Int64Range(-180_000_000, 180_000_000).Draw(t, "longitude")}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := point.Draw(t, "a"), point.Draw(t, "b")
		there, back := Metres(a, b), Metres(b, a)
		if there != back || there < 0 || there > 20_020_000 {
			t.Fatalf("%d m there, %d m back", there, back)
		}
	})
}
