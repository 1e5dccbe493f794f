// Package failpoint lets crash tests kill the host at named points. In a build
// without the tag `failpoint` every point is an empty function; nothing can be
// armed.
//
// With the tag, BOTTEGA_FAILPOINTS holds rules `point=1/n`, separated by
// semicolons: at that point the process kills itself, without a chance to clean
// up, with a probability of one in n. BOTTEGA_PLANT names a planted bug that
// the storage is opened with.
package failpoint

// The points.
const (
	Accepted = "accepted" // a commit is accepted and not yet durable
	Applying = "applying" // a batch is about to be written
	Applied  = "applied"  // a batch is durable and nobody has been told
	Nested   = "nested"   // inside a nested call

	// Job, with the name of a step behind it, is where a job of the lifecycle
	// begins the step, and with ".done" behind that, where it has committed it.
	Job = "job."
)

// AckBeforeSync is the planted bug that acknowledges before it is durable.
const AckBeforeSync = "ack-before-sync"
