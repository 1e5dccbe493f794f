//go:build wasip1

// Command greeter is a plugin of knqyf263/go-plugin, on the code that its own
// hello-world example generates, that answers with its input.
package main

import (
	"context"

	"github.com/knqyf263/go-plugin/examples/helloworld/greeting"
)

type greeter struct{}

func (greeter) Greet(_ context.Context, in *greeting.GreetRequest) (*greeting.GreetReply, error) {
	return &greeting.GreetReply{Message: in.GetName()}, nil
}

func init() { greeting.RegisterGreeter(greeter{}) }

func main() {}
