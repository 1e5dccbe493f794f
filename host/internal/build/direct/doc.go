// Package direct makes the modules of the Go compiler faster where the engine runs
// them: a quote of 20 lines takes 0.6 of the time (see RATIONALE.md for the figures).
//
// The compiler turns a function into pieces of straight code and writes every jump
// from one to another as a way back to the function's beginning, where a table says
// which piece comes next: a goroutine that was put aside must be able to go on in the
// midst of a function. So every loop, every if takes the way through the table, and
// nothing that a value was held in survives it. This package writes such a function a
// second time, with blocks, loops and branches as a person would. It is what runs;
// only a goroutine that goes on after it was put aside does so in the original, which
// is kept as a function of its own.
//
// The second function may also rely on what holds for compiled Go code: that a call
// which does not put the goroutine aside leaves the stack pointer as it was. See tidy.
//
// What does not have the compiler's shape stays as it is, so the worst that a new
// version of the compiler can do is to be as slow as without this package. It must
// know neither the host nor the engine; a module that it has written is one more
// module to whoever checks, meters and runs it.
package direct

// Revision is raised with every change of what Module writes, for the keys of caches.
const Revision = 2
