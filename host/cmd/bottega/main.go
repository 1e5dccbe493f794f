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

	Serve    serveVerb    `cmd:"" group:"Run a host:" help:"Run a host: REST on loopback, with the modules that were built or those of --set."`
	Devices  devicesVerb  `cmd:"" group:"Run a host:" help:"Simulated card terminals and fiscal devices, for who tries things out."`
	Call     callVerb     `cmd:"" group:"Use a host:" help:"Call one operation of a running host."`
	Import   importVerb   `cmd:"" group:"Use a host:" help:"Import a CSV file into a running host."`
	Price    priceVerb    `cmd:"" group:"Use a host:" help:"Run promotion cases through the pricing app and compare."`
	New      newVerb      `cmd:"" group:"Write a module:" help:"Begin a plugin or an app in a folder of its own."`
	Build    buildVerb    `cmd:"" group:"Write a module:" help:"Build modules from Go packages."`
	Test     testVerb     `cmd:"" group:"Write a module:" help:"Run a module's tests natively, and their calls again in WebAssembly."`
	Check    checkVerb    `cmd:"" group:"Write a module:" help:"Say what a retailer will be asked and what a module takes to run; refuse what a host would refuse."`
	Dev      devVerb      `cmd:"" group:"Write a module:" help:"Build, install into a running host, and again on every save."`
	Apps     appsVerb     `cmd:"" group:"Choose apps:" help:"List what is installed and what could be."`
	Install  installVerb  `cmd:"" group:"Choose apps:" help:"Install and enable a module."`
	Upgrade  upgradeVerb  `cmd:"" group:"Choose apps:" help:"Put another version in the place of an app."`
	Enable   enableVerb   `cmd:"" group:"Choose apps:" help:"Let an installed app answer."`
	Disable  disableVerb  `cmd:"" group:"Choose apps:" help:"Take an app out of service; its data stays."`
	Remove   removeVerb   `cmd:"" group:"Choose apps:" help:"Remove an app with all its data."`
	Settings settingsVerb `cmd:"" group:"Choose apps:" help:"Show or change what is filled in for an app."`
	Set      setVerb      `cmd:"" group:"Choose apps:" help:"Ready compositions of apps."`
	Jobs     jobsVerb     `cmd:"" group:"Choose apps:" help:"What the host does or did with apps."`
	Log      logVerb      `cmd:"" group:"Use a host:" help:"Follow the log of a running host, or of one app."`
	Events   eventsVerb   `cmd:"" group:"Use a host:" help:"Show what happened, or follow it."`
	Login    loginVerb    `cmd:"" group:"Who may:" help:"Sign in to a running host."`
	Logout   logoutVerb   `cmd:"" group:"Who may:" help:"Sign out."`
	Me       meVerb       `cmd:"" group:"Who may:" help:"Say as whom the host sees you; change your password."`
	User     userVerb     `cmd:"" group:"Who may:" help:"Who may sign in."`
	Role     roleVerb     `cmd:"" group:"Who may:" help:"What people may do."`
	Token    tokenVerb    `cmd:"" group:"Who may:" help:"Tokens of programs."`

	Verify verifyVerb `cmd:"" group:"Run a host:" help:"Check what a host holds against its own rules, and a journal of acknowledgements."`
	Doctor doctorVerb `cmd:"" group:"Run a host:" help:"Say what works here, what does not, and what to do about it."`
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
