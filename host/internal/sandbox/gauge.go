package sandbox

import "github.com/tetratelabs/wazero/api"

// gauge connects a Meter to the fuel that the rewritten module counts down by
// itself. The meter pays a slice in advance and gets the rest back.
type gauge struct {
	fuel  api.MutableGlobal // nil while the instance starts
	depth api.MutableGlobal
	stack uint64 // the words of stack that every call starts with
}

// attach finds the globals that the rewriter exports.
func (g *gauge) attach(mod api.Module) {
	g.fuel, _ = mod.ExportedGlobal(globalFuel).(api.MutableGlobal)
	g.depth, _ = mod.ExportedGlobal(globalDepth).(api.MutableGlobal)
	if g.depth != nil {
		g.stack = g.depth.Get()
	}
}

// open gives the guest its first slice.
func (g *gauge) open(m *Meter, slice int64) {
	if g.fuel != nil {
		g.fuel.Set(uint64(pay(m, slice)))
	}
	if g.depth != nil {
		g.depth.Set(g.stack)
	}
}

// settle takes back what the guest has not used; what it used without having
// it becomes a debt.
func (g *gauge) settle(m *Meter) {
	if g.fuel != nil {
		m.Units += int64(g.fuel.Get())
		g.fuel.Set(0)
	}
}

// pay takes a slice, or what is left.
func pay(m *Meter, slice int64) int64 {
	n := max(min(slice, m.Units), 0)
	m.Units -= n
	return n
}

// debt is what the guest has used of units that it did not have.
func (g *gauge) debt() int64 {
	if g.fuel == nil {
		return 0
	}
	return max(-int64(g.fuel.Get()), 0)
}

// tick is bottega_meter.tick: the guest has used its slice and asks for more.
// A single instruction may have cost more than a slice, so that also pays its
// debt.
func tick(in *instance, stack []uint64) {
	if err := in.expired(); err != nil {
		in.stop(err)
	}
	in.yield()
	debt := in.gauge.debt()
	if in.meter.Units < max(debt, 1) {
		in.stop(in.fault(FaultFuel, ""))
	}
	stack[0] = uint64(pay(in.meter, in.box.config.Slice+debt))
}

// overflow is called by the guest when its stack is too deep.
func overflow(in *instance, _ []uint64) {
	in.stop(in.fault(FaultStack, ""))
}
