// Package sdktest runs apps in the test's own process, on an in-memory host
// that keeps the rules of the real one: one operation is one transaction,
// nested calls are undone alone, indexes and counters are the host's, an app
// cannot be called again while it is on the stack. The same conformance suite
// passes against both (package conformance).
//
//	func TestQuietHours(t *testing.T) {
//		env := sdktest.New(t, happyhour.New(), sdktest.Settings(happyhour.Settings{Percent: 3000}))
//		env.At("2026-03-29 15:00 Europe/Rome")
//		out := sdktest.Fill(env, pricing.Discount, basket("basic", "luxe"))
//		sdktest.Golden(t, out)
//	}
//
// # What it does as the real host does
//
// Codes and reasons of every refusal, sizes and quotas, the order of scans,
// expiry, ids and random bytes that a rerun is given again. Answers of host
// calls are overwritten by the next host call, and a *Tx that outlives its
// operation panics, so that what would break in a guest breaks here.
//
// # What it does not
//
// It measures no time, fuel or memory, and it runs one operation at a time:
// reruns come from [Faults.Conflict] and [Twice]. Events and timers wait for
// [Env.Settle] and [Env.Advance].
//
// It knows the SDK; it must not know host, storage or any app.
package sdktest
