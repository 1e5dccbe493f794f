package device

// JobState says how far a document is on its way through a fiscal device.
type JobState string

// The states.
const (
	Waiting    JobState = "waiting"
	Queued     JobState = "queued"
	Stuck      JobState = "stuck"
	Fiscalised JobState = "fiscalised"
)

// Job is what is known of a document on its way.
type Job struct {
	State   JobState
	Trouble string // of a stuck one
}

// Open says whether somebody still has to do something.
func (j Job) Open() bool { return j.State != Fiscalised }

// Printed is a job whose device has given a number. False if it has one already: the first
// holds.
func (j Job) Printed() (Job, bool) { return Job{State: Fiscalised}, j.State != Fiscalised }

// Stick is a job that its device could not do, or does not answer for. News of an attempt
// that is not the last one changes nothing.
func (j Job) Stick(why string) Job {
	if j.State != Queued {
		return j
	}
	return Job{State: Stuck, Trouble: why}
}

// Again is a job that its device is asked for once more; false if it waits for another, or
// is done.
func (j Job) Again() (Job, bool) { return Job{State: Queued}, j.State == Queued || j.State == Stuck }

// Settle is a job that a person gives a number; false while the device may still do so.
func (j Job) Settle() (Job, bool) { return Job{State: Fiscalised}, j.State == Stuck }

// Turn is what may be asked of a device now, of the jobs of one till in their order.
type Turn struct {
	held   bool // a document before is asked for, or will be
	closed bool // a day close before is not over
}

// Next says whether a waiting job may be asked for. A day close comes after what was
// written before it and before what was written later, so that the device's Z is that of
// the till; what is stuck holds nothing up, and neither does what waits for the sale that it
// cites.
func (t *Turn) Next(j Job, day, cites bool) bool {
	switch {
	case day:
		ready := j.State == Waiting && !t.held
		t.closed = t.closed || j.State == Waiting || j.State == Queued
		return ready
	case j.State == Waiting && cites:
		return false
	case j.State == Waiting && !t.closed:
		t.held = true
		return true
	}
	t.held = t.held || j.State == Waiting || j.State == Queued
	return false
}
