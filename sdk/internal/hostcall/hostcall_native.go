//go:build !wasip1

package hostcall

import (
	"fmt"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Serve does nothing outside a guest: sdktest runs apps in process.
func Serve(*Module) {}

// Borrow answers with scratch of its own: tests run side by side.
func Borrow() *Scratch { return new(Scratch) }

// Collect does nothing outside a guest.
func Collect() {}

// Zone answers with the machine's own zone database, as the host does.
func Zone(name string, at int64) (abi.ZoneSpan, error) {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return abi.ZoneSpan{}, fmt.Errorf("unknown zone %q", name)
	}
	t := time.UnixMilli(at).In(loc)
	short, offset := t.Zone()
	start, end := t.ZoneBounds()
	return abi.ZoneSpan{Offset: offset, Name: short, Start: milli(start), End: milli(end)}, nil
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
