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
// reruns come from [Faults.Conflict] and [Twice]. It compares no keys of storage,
// so that bytes read are counted without those of the host's own prefixes.
//
// # What happens by itself
//
// Events, timers, daily work, effects and jobs wait for [Env.Settle], and for
// [Env.Advance] what is due later. The world outside is [Env.HTTP], and
// [Faults.LoseAnswer] has it asked twice. Derived values are built when an
// operation that published has committed, and the test fails if applying the
// changes comes to something else than building anew. [Env.Replay] enables the
// app under test with the events of the past, [Env.Migrate] upgrades it.
//
// It knows the SDK; it must not know host, storage or any app.
package sdktest
