// Package near measures how far two places are from each other. It knows numbers.
package near

import "math"

// Point is a place on the globe, in millionths of a degree.
type Point struct{ Latitude, Longitude int64 }

// earth is the mean radius, in metres.
const earth = 6_371_000

// Metres is the way as the crow flies, on a sphere: off by half a percent at most,
// and never the way by road.
func Metres(a, b Point) int64 {
	north := radians(b.Latitude - a.Latitude)
	east := radians(b.Longitude - a.Longitude)
	h := square(math.Sin(north/2)) + math.Cos(radians(a.Latitude))*math.Cos(radians(b.Latitude))*square(math.Sin(east/2))
	return int64(math.Round(2 * earth * math.Asin(math.Sqrt(min(1, h)))))
}

func radians(millionths int64) float64 { return float64(millionths) / 1e6 * math.Pi / 180 }

func square(x float64) float64 { return x * x }
