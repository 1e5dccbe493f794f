// Package sdk is what Bottega's apps and plugins are written with.
//
// An app is a value made of parts: what it answers ([Query], [Command],
// [QuerySlot], [CommandSlot]), what it hears and does by itself ([Event], [Timer],
// [Daily], [Job]), what it does outside ([Effect]), what it keeps ([Collection],
// [Counter], [Derived], [Migration]) and what the retailer fills in ([Settings]).
//
//	func New() *sdk.App {
//		return sdk.NewApp("vouchers",
//			cards, ledger,
//			vouchers.Redeem.Handle(redeem),
//			vouchers.Balance.Handle(balance),
//			till.Closed.On(activateSold).Replayable(),
//			sdk.Daily("expire", "04:00", expire),
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
//   - There are no goroutines worth starting, and no files. What must happen
//     outside, at least once and after a commit, is an [Effect]; only its handler
//     has an [Outside] and may send HTTP requests, to hosts that the retailer has
//     allowed.
//   - What takes longer than an operation may is a [Job]: many transactions, with
//     a state that one step leaves to the next.
//   - An event, a timer or a job is handled exactly once in effect. [Tx.Info] says
//     which one it is, in which attempt, and whether it is of the past.
//   - A value that takes long to build, such as an index of promotions, is a
//     [Derived]: it lies in memory, and changes when the app says so with
//     [Publish]. Nothing else may be kept in package variables.
//   - Records, inputs, outputs and events hold no maps, interfaces or functions;
//     amounts are integers in minor units. `bottega build` refuses the rest.
//   - What is imported is in the module: fmt alone adds 0.7 MB to its 1.9, while
//     strconv, strings and slices are small. Of the host's functions a module
//     imports those that its code uses.
//
// # Money and check-then-write
//
// Check and write in the same command, and move shared numbers with
// [Counter.Add], which does both at once.
//
// # Files and paper
//
// An operation whose output is a [File] answers a document: JSON with its content in
// base64, or the content itself to who asks for its type. Package paper writes receipts,
// labels and pages as PDF, for receipt printers and as text; it adds 0.3 MB.
//
// Handlers are tested natively with package sdktest, in milliseconds, and on
// the real module by `bottega test`.
package sdk
