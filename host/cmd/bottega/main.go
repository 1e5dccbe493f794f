// Command bottega runs and feeds a Bottega host, and builds its modules. One
// file per verb. Verbs that speak of retail use public operations only.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	// Shops keep the time of their zone, also on machines without a zone database.
	_ "time/tzdata"

	"github.com/alecthomas/kong"

	"github.com/bottega-retail/bottega/host/internal/build"
	"github.com/bottega-retail/bottega/host/internal/sandbox"
)

// version is of the host and all that is built with it.
const version = "0.1.0"

// verbs is the command line.
type verbs struct {
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve  serveVerb  `cmd:"" help:"Run a host: REST on loopback, all built modules enabled."`
	Call   callVerb   `cmd:"" help:"Call one operation of a running host."`
	Import importVerb `cmd:"" help:"Import a CSV file into a running host."`
	New    newVerb    `cmd:"" help:"Begin a plugin or an app in a folder of its own."`
	Build  buildVerb  `cmd:"" help:"Build modules from Go packages."`
	Test   testVerb   `cmd:"" help:"Run a module's tests natively, and their calls again in WebAssembly."`
	Check  checkVerb  `cmd:"" help:"Say what a retailer will be asked and what a module takes to run; refuse what a host would refuse."`
	Verify verifyVerb `cmd:"" help:"Check what a host holds against its own rules, and a journal of acknowledgements."`
	Doctor doctorVerb `cmd:"" help:"Say what works here, what does not, and what to do about it."`
}

func main() {
	// The compile child limits its own process before anything else and is no
	// verb for people.
	if len(os.Args) > 1 && os.Args[1] == "compile" {
		os.Exit(sandbox.CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(run(os.Args[1:]))
}

// run is main without its exit, for tests.
func run(args []string) int {
	var v verbs
	parser, err := kong.New(&v, kong.Name("bottega"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Vars{"version": "bottega " + version},
		kong.Description("Sandboxed apps for retail that commit together. `bottega VERB --help` has the details and an example."))
	if err != nil {
		panic(err) // a mistake in the struct tags above
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		parser.FatalIfErrorf(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	k.BindTo(ctx, (*context.Context)(nil))
	if err := k.Run(); err != nil {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = fmt.Errorf("stopped: %w", err)
		}
		say(os.Stderr, err)
		return 1
	}
	return 0
}

// say prints an error. What an author has to change begins with file and line,
// as editors expect it.
func say(out io.Writer, err error) {
	var problems build.Problems
	if errors.As(err, &problems) {
		fmt.Fprintln(out, err)
		return
	}
	fmt.Fprintln(out, "bottega:", err)
}
