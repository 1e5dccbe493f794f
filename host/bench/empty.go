package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/result"
	"github.com/bottega-retail/bottega/host/bench/internal/rig"
)

// The rows of calls that do nothing.
const (
	rowEmpty         = "empty"
	rowExtismTimeout = "empty.extism-timeout"
	rowExtism        = "empty.extism"
	rowGoPlugin      = "empty.go-plugin"
)

// emptyRows measures what a call costs before the guest does anything: an
// empty query through kernel, permissions and metering, and the echo of 1 KiB
// beside the same echo in the peers. All guests are standard Go.
var emptyRows = experiment{
	name: "empty operation",
	rows: []string{rowEmpty, rowExtismTimeout, rowExtism, rowGoPlugin},
	run:  measureEmpty,
}

const echoSize = 1 << 10

func measureEmpty(ctx context.Context, b *bench) ([]result.Row, error) {
	r, err := b.openProbe(ctx, "empty", 0, nil)
	if err != nil {
		return nil, err
	}
	peers, err := openEchoes(ctx, b)
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	samples, err := turns(b.rounds(9), b.slice(300*time.Millisecond),
		query(ctx, r, "probe.empty", none()),
		query(ctx, r, "probe.echo", blob(make([]byte, echoSize))),
		peers.extismTimeout(), peers.extism(), peers.goPlugin(ctx))
	if err = errors.Join(err, peers.close(ctx), r.Close()); err != nil {
		return nil, err
	}
	echo := samples[1]
	return []result.Row{
		{ID: rowEmpty, Unit: "µs", Samples: samples[0], Note: "a query without input or output: registry cut, snapshot, guest, durability gate"},
		against(rowExtismTimeout, "µs", echo, "Extism go-sdk with timeout", samples[2]),
		against(rowExtism, "µs", echo, "Extism go-sdk, nothing armed", samples[3]),
		against(rowGoPlugin, "µs", echo, "knqyf263/go-plugin, nothing armed", samples[4]),
	}, nil
}

// query is a subject that runs an operation through the kernel.
func query(ctx context.Context, r *rig.Rig, operation string, input []byte) subject {
	return perCall(operation, time.Microsecond, func() error {
		_, err := r.Run(ctx, operation, input)
		return err
	})
}

// echoes are the peers' guests that answer with their input.
type echoes struct {
	armed, bare *peer.Extism
	plugin      *peer.GoPlugin
	data        []byte
	text        string
}

func openEchoes(ctx context.Context, b *bench) (*echoes, error) {
	e := &echoes{data: make([]byte, echoSize), text: strings.Repeat("x", echoSize)}
	file, err := rig.BuildPeer(ctx, ".", b.work, "extism")
	if err != nil {
		return nil, err
	}
	greeter, err := rig.BuildPeer(ctx, ".", b.work, "greeter")
	if err != nil {
		return nil, err
	}
	if e.armed, err = peer.OpenExtism(ctx, file, 2*time.Second); err != nil {
		return nil, err
	}
	if e.bare, err = peer.OpenExtism(ctx, file, 0); err != nil {
		return nil, err
	}
	e.plugin, err = peer.OpenGoPlugin(ctx, greeter)
	return e, err
}

func (e *echoes) extismTimeout() subject { return e.echo("extism with timeout", e.armed) }
func (e *echoes) extism() subject        { return e.echo("extism", e.bare) }

func (e *echoes) echo(name string, x *peer.Extism) subject {
	return perCall(name, time.Microsecond, func() error {
		out, err := x.Echo(e.data)
		if err == nil && len(out) != len(e.data) {
			err = fmt.Errorf("%s echoed %d bytes", name, len(out))
		}
		return err
	})
}

func (e *echoes) goPlugin(ctx context.Context) subject {
	return perCall("go-plugin", time.Microsecond, func() error {
		out, err := e.plugin.Echo(ctx, e.text)
		if err == nil && out != e.text {
			err = fmt.Errorf("go-plugin echoed %d bytes", len(out))
		}
		return err
	})
}

func (e *echoes) close(ctx context.Context) error {
	return errors.Join(e.armed.Close(ctx), e.bare.Close(ctx), e.plugin.Close(ctx))
}

// none and blob are inputs of the probe in MessagePack.
func none() []byte { return msgp.AppendMapHeader(nil, 0) }

func blob(data []byte) []byte {
	b := msgp.AppendString(msgp.AppendMapHeader(nil, 1), "data")
	return msgp.AppendBytes(b, data)
}
