package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/pricing/pricingtest"
	"github.com/bottega-retail/bottega/host/bench/internal/bare"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// native is the pricing app compiled for this machine: the same package that the
// module is made of, on the same input and with the same answers of the host.
type native struct {
	player *sdktest.Player
	quote  *bare.Call
	script []bare.HostCall
	out    []byte
}

// recordNative quotes once, and builds the app's derived values natively of what the
// host answered when the module built them.
func (m *market) recordNative(ctx context.Context, in pricing.QuoteIn) (*native, error) {
	if _, err := m.quote(ctx, in); err != nil {
		return nil, err
	}
	m.rec.Off()
	own := rig.Owner(pricingID)
	n := &native{quote: m.rec.Last(own)}
	built := m.rec.Built(own)
	if n.quote == nil || built == nil {
		return nil, errors.New("a quote was not recorded, or no building of the promotions")
	}
	n.player = sdktest.NewPlayer(pricingtest.New(), n.answer)
	if err := n.play(built); err != nil {
		return nil, fmt.Errorf("build natively: %w", err)
	}
	return n, n.run()
}

// run quotes once.
func (n *native) run() error { return n.play(n.quote) }

func (n *native) play(c *bare.Call) error {
	n.script = c.Host
	out, code := n.player.Run(c.Entry, retail.Instant(c.Now.UnixMilli()), c.Input, n.out[:0])
	n.out = out
	if code != abi.OK {
		return fmt.Errorf("natively it answered %v: %q", code, out)
	}
	if len(bare.Unasked(n.script)) > 0 || c.Output != nil && !bytes.Equal(out, c.Output) {
		return errors.New("natively it answered otherwise than in the module")
	}
	return nil
}

// answer plays the next host call. Zones are this machine's own natively: nobody is
// asked for them.
func (n *native) answer(fn abi.Func, in []byte) ([]byte, abi.Code) {
	n.script = bare.Unasked(n.script)
	if len(n.script) == 0 || n.script[0].Func != fn || !bytes.Equal(n.script[0].In, in) {
		n.script = nil
		e := abi.Error{Code: abi.Internal, Message: "natively it asked for something else: " + fn.String()}
		return e.Append(nil), abi.Internal
	}
	next := n.script[0]
	n.script = n.script[1:]
	return next.Out, next.Result
}
