// Command direct does what is dangerous for a compiler of control flow and says what it
// saw. Whatever is done to its module, it must say the same.
package main

import "fmt"

func main() {
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"branches", branches}, {"loops", loops}, {"arithmetic", arithmetic}, {"floats", floats},
		{"text", text}, {"values", values}, {"generics", generics}, {"collections", collections},
		{"panics", panics}, {"deferred", deferred}, {"faults", faults}, {"exits", exits},
		{"goroutines", goroutines}, {"waiting", waiting}, {"frames", frames}, {"recursion", recursion},
		{"collected", collected}, {"reflected", reflected}, {"sorted", sorted}, {"encoded", encoded},
	} {
		fmt.Println("#", part.name)
		part.run()
	}
}
