// Package sdk is what Bottega's apps and plugins are written with.
//
// An app is a value made of parts: handlers of operations, events, slots and
// timers, collections, counters and settings.
//
//	func New() *sdk.App {
//		return sdk.NewApp("vouchers",
//			cards, ledger,
//			vouchers.Redeem.Handle(redeem),
//			vouchers.Balance.Handle(balance),
//		)
//	}
//
// # The world a handler lives in
//
//   - One operation is one transaction, opened and ended by the host. A handler
//     that returns an error leaves nothing behind.
//   - A command may run several times and commits once. It must have no effect
//     but through the *Tx it is given; keep nothing in package variables.
//   - A call to another contract runs in the same transaction. Its error undoes
//     what it did, and only that; the caller may go on.
//   - An app on the call stack cannot be called again in the same operation.
//   - Time is Tx.Now, ids are Tx.NewID, randomness is Tx.Random. time.Now shows
//     the same instant; math/rand and crypto/rand are refused by the build.
//   - There are no goroutines worth starting, no files and no network.
//   - Records, inputs, outputs and events hold no maps, interfaces or functions;
//     amounts are integers in minor units. `bottega build` refuses the rest.
//   - What is imported is in the module: fmt alone adds 0.7 MB to its 1.9, while
//     strconv, strings and slices are small.
//
// # Money and check-then-write
//
// Check and write in the same command, and move shared numbers with
// [Counter.Add], which does both at once.
//
// Handlers are tested natively with package sdktest, in milliseconds, and on
// the real module by `bottega test`.
package sdk
