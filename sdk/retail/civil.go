package retail

// Date is a civil day without a zone, YYYY-MM-DD.
type Date string

// LocalTime is a time of day without a zone, HH:MM or HH:MM:SS; 24:00 is the
// end of the day.
type LocalTime string

// Period is [From, To): it holds at From and no more at To. A zero From or To
// is open on that side.
type Period struct {
	From Instant `json:"from,omitempty"`
	To   Instant `json:"to,omitempty"`
}

// DayHours is [From, To) of every day, in civil time. To before From runs over
// midnight; both empty is the whole day.
type DayHours struct {
	From LocalTime `json:"from,omitempty"`
	To   LocalTime `json:"to,omitempty"`
}
