// Command natively runs the pricing app compiled for this machine on what its module
// was asked and answered, as a child of the benchmarks: its argument is a file with a
// recorded call, which it does again and again.
//
// It is compiled with the codec that the module carries; without that the SDK would
// find its way by reflection, and the module would be compared with something slow.
package main

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/bottega-retail/bottega/apps/pricing/pricingtest"
	"github.com/bottega-retail/bottega/host/bench/internal/bare"
	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "natively:", err)
		os.Exit(1)
	}
}

func run(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var play bare.Play
	if err := gob.NewDecoder(f).Decode(&play); err != nil {
		return err
	}
	a := &app{}
	a.player = sdktest.NewPlayer(pricingtest.New(), a.answer)
	for i := range play.Built {
		if err := a.run(&play.Built[i]); err != nil {
			return fmt.Errorf("build: %w", err)
		}
	}
	play.Built = nil
	asked := bufio.NewScanner(os.Stdin)
	for asked.Scan() {
		var w peer.Work
		if err := json.Unmarshal(asked.Bytes(), &w); err != nil {
			return err
		}
		done, err := a.work(&play.Call, time.Duration(w.Millis)*time.Millisecond)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
			return err
		}
	}
	return asked.Err()
}

// app is the app and what is left of the host's answers to the call it is in.
type app struct {
	player *sdktest.Player
	script []bare.HostCall
	out    []byte
}

// work does a call for a time, at least once.
func (a *app) work(c *bare.Call, d time.Duration) (peer.Worked, error) {
	n, began := 0, time.Now()
	for n == 0 || time.Since(began) < d {
		if err := a.run(c); err != nil {
			return peer.Worked{}, err
		}
		n++
	}
	return peer.Worked{Micros: float64(time.Since(began)) / float64(n) / float64(time.Microsecond)}, nil
}

// run does a call once. It must ask and answer what the module did.
func (a *app) run(c *bare.Call) error {
	a.script = c.Host
	out, code := a.player.Run(c.Entry, retail.Instant(c.Now.UnixMilli()), c.Input, a.out[:0])
	a.out = out
	if code != abi.OK {
		return fmt.Errorf("natively it answered %v: %q", code, out)
	}
	if len(bare.Unasked(a.script)) > 0 || c.Output != nil && !bytes.Equal(out, c.Output) {
		return errors.New("natively it answered otherwise than in the module")
	}
	return nil
}

// answer plays the next host call. Zones are this machine's own natively: nobody is
// asked for them.
func (a *app) answer(fn abi.Func, in []byte) ([]byte, abi.Code) {
	a.script = bare.Unasked(a.script)
	if len(a.script) == 0 || a.script[0].Func != fn || !bytes.Equal(a.script[0].In, in) {
		a.script = nil
		e := abi.Error{Code: abi.Internal, Message: "natively it asked for something else: " + fn.String()}
		return e.Append(nil), abi.Internal
	}
	next := a.script[0]
	a.script = a.script[1:]
	return next.Out, next.Result
}
