package app_test

import (
	"slices"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// Single days and the position are kept in order, and the same store again is no change.
func TestStoreWithSpecialDays(t *testing.T) {
	t.Parallel()
	e := setup(t)
	s := milan()
	s.ID, s.Position = "MI-02", &catalog.Position{Latitude: 45464200, Longitude: 9190000}
	s.Special = []catalog.SpecialHours{{Date: "2026-12-26", Closed: true}, {Date: "2026-12-13", From: "10:00", To: "20:00"}}
	sdktest.Do(t, e, catalog.PutStore, s)
	changes := len(sdktest.Emitted(e, catalog.StoreChanged))
	sdktest.Do(t, e, catalog.PutStore, s)
	if n := len(sdktest.Emitted(e, catalog.StoreChanged)); n != changes {
		t.Error("the same store again is told")
	}
	got := sdktest.Ask(t, e, catalog.GetStore, catalog.GetStoreIn{ID: "MI-02"})
	if got.Special[0].Date != "2026-12-13" || got.Position.Longitude != 9190000 {
		t.Errorf("the store is %+v", got)
	}
	for want, change := range map[string]func(s *catalog.Store){
		"invalid special /special/1": func(s *catalog.Store) { s.Special[1].From, s.Special[1].To = "10:00", "11:00" },
		"invalid special /special/0": func(s *catalog.Store) { s.Special[0].Date = "2026-02-30" },
		"invalid special /special":   func(s *catalog.Store) { s.Special = make([]catalog.SpecialHours, 401) },
		"invalid position /position": func(s *catalog.Store) { s.Position = &catalog.Position{Latitude: 90_000_001} },
	} {
		bad := got
		bad.Special = slices.Clone(got.Special)
		change(&bad)
		_, err := sdktest.Run(e, catalog.PutStore, bad)
		sdktest.Refused(t, err, want)
	}
}
