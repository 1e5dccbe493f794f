package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/internal/telemetry"
)

type serveVerb struct {
	Dir      string `help:"Where the host keeps everything." default:".bottega/demo" type:"path"`
	Modules  string `help:"Folder with built modules." default:".build/modules" type:"path"`
	Cache    string `help:"Where compiled modules are kept; whoever can write there runs code in the host. Default: cache in --dir." type:"path"`
	Settings string `help:"Folder with <app>.json as the retailer filled them in." type:"path"`
	Tenant   string `help:"Name of the tenant." default:"demo"`
	Address  string `help:"Loopback address to listen on; port 0 picks one." default:"127.0.0.1:8080"`
	Demo     bool   `help:"Fill an empty tenant with the simulated demo retailer."`
	LogLevel string `help:"trace, debug, info, warn or error." default:"warn" enum:"trace,debug,info,warn,error"`
}

func (serveVerb) Help() string {
	return `There are no users and no TLS yet, so the host listens on loopback only and
everybody on this machine may do everything.

Example:
  bottega serve --demo`
}

// Run serves until it is told to stop.
func (v serveVerb) Run(ctx context.Context) error {
	h, err := host.New(ctx, host.Config{
		Dir: v.Dir, Cache: v.Cache, Modules: v.Modules, Settings: v.Settings, Tenant: v.Tenant, Address: v.Address,
		Logger:   telemetry.NewLogger(os.Stderr, v.LogLevel),
		Progress: func(s string) { fmt.Println("  ✓", s) },
	})
	if err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- h.Run(ctx) }()
	base := "http://" + h.Address()
	err = v.greet(ctx, base)
	if err != nil && ctx.Err() == nil {
		return errors.Join(err, h.Close())
	}
	return errors.Join(<-served, h.Close())
}

// greet fills the demo if asked, and says where everything is.
func (v serveVerb) greet(ctx context.Context, base string) error {
	if v.Demo {
		if err := fillDemo(ctx, hostFlag{Host: base}.client(), os.Stdout); err != nil {
			return fmt.Errorf("fill the demo retailer: %w", err)
		}
	}
	fmt.Printf("\nbottega is ready\n  storage  %s  durable\n  API      %s/v1/{contract}/{operation}, POST, JSON\n  list     %s/v1/host/operations\n  health   %s/v1/host/health\n",
		v.Dir, base, base, base)
	fmt.Println("  NO LOGIN YET: it listens on loopback only; everybody on this machine may do everything")
	return nil
}
