package sandbox

import (
	"context"
	"fmt"
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// keptGenerations is how many generations an owner has of a module: the one in
// use, and the one before it for calls that have begun with it.
const keptGenerations = 2

// Warming says what is to become a generation.
type Warming struct {
	Owner      string // whose it is; that of Call is ignored
	Generation uint64 // its number, greater than 0; a greater one is newer
	From       uint64 // the generation to go on from; 0 is a new instance
	Call       Call   // builds or applies, to its end; its own Meter, Host and Now
}

// Warm runs a call in an instance of its own and makes what it has left in
// memory a generation: later calls with that number begin with it, each as if
// it were the first. A generation of the same number is replaced, and those
// older than the newest two are let go, with their idle instances.
//
// It appends the answer to out, as Run does, and its errors are Run's. Nothing
// is kept if the answer's code is not OK. It ends in a fault of FaultCold if
// From is not there, if two newer generations are, or if the owner or module
// went away meanwhile; of FaultContract if the module cannot be captured (see
// [Module.Capturable]); of FaultCapacity if there is no room.
func (s *Sandbox) Warm(ctx context.Context, m *Module, w Warming, out []byte) ([]byte, abi.Code, error) {
	s.count.calls.Add(1)
	answer, code, err := s.warm(ctx, m, &w, out)
	if err != nil {
		s.count.faults.Add(1)
		return out, 0, err
	}
	return answer, code, nil
}

func (s *Sandbox) warm(ctx context.Context, m *Module, w *Warming, out []byte) ([]byte, abi.Code, error) {
	if !m.capturable || w.Generation == 0 {
		return nil, 0, &Fault{Kind: FaultContract, Module: m.digest, Detail: "no generation can be made of it"}
	}
	w.Call.Owner, w.Call.Generation = w.Owner, w.Generation
	from, epoch, ok := s.pool.base(m, w)
	if !ok {
		return nil, 0, m.cold(w.From)
	}
	in, err := s.newInstance(ctx, m, &w.Call, from)
	if err != nil {
		return nil, 0, err
	}
	defer in.close()
	answer, code, err := in.run(ctx, &w.Call, out)
	if err != nil || code != abi.OK {
		return answer, code, err
	}
	snap, err := s.capture(in, w.Generation)
	if err != nil {
		return nil, 0, m.unavailable(err.Error())
	}
	if !s.pool.keep(w.Owner, epoch, snap) {
		return nil, 0, m.cold(w.Generation)
	}
	m.stock()
	return answer, code, nil
}

// HasGeneration says whether a call with this number would find its generation
// now. Only [Sandbox.Warm], [Sandbox.Retire] and [Module.Close] change it.
func (s *Sandbox) HasGeneration(owner string, m *Module, generation uint64) bool {
	p := &s.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owners[owner]
	return o != nil && o.find(m, generation) >= 0
}

// Capturable says whether generations can be made of the module. One that
// changes its table, drops segments, keeps references in globals or has a start
// function keeps more than memory and numbers, and cannot. Modules of the
// supported toolchains can.
func (m *Module) Capturable() bool { return m.capturable }

// cold is the fault of a call that needs what is not there.
func (m *Module) cold(generation uint64) *Fault {
	return &Fault{Kind: FaultCold, Module: m.digest, Detail: fmt.Sprintf("generation %d", generation)}
}

// base answers what a new generation begins with, with a user more; ok is false
// if that is gone or the generation would be too old to be kept.
func (p *pool) base(m *Module, w *Warming) (from *snapshot, epoch uint64, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owner(w.Owner)
	kept := o.kept[m]
	if len(kept) == keptGenerations && w.Generation < kept[0].generation {
		return nil, 0, false
	}
	if w.From == 0 {
		return nil, o.epoch, true
	}
	from = o.generation(line{m, w.From})
	return from, o.epoch, from != nil
}

// keep makes snap one of the owner's generations, unless it came too late.
func (p *pool) keep(name string, epoch uint64, snap *snapshot) bool {
	p.mu.Lock()
	o := p.owner(name)
	if p.closed || o.epoch != epoch || snap.module.closed.Load() {
		p.mu.Unlock()
		snap.release()
		return false
	}
	gone := o.insert(snap)
	idle := p.remove(func(in *instance) bool { return in.owner == name && slices.Contains(gone, in.snap) })
	p.mu.Unlock()
	closeAll(idle)
	releaseAll(gone)
	return !slices.Contains(gone, snap)
}

// insert adds a generation and answers those that have to go for it.
func (o *owner) insert(snap *snapshot) (gone []*snapshot) {
	kept := o.kept[snap.module]
	if i := o.find(snap.module, snap.generation); i >= 0 {
		gone = append(gone, kept[i])
		kept[i] = snap
		return gone
	}
	kept = append(kept, snap)
	slices.SortFunc(kept, func(a, b *snapshot) int {
		if a.generation < b.generation {
			return -1
		}
		return 1
	})
	if n := len(kept) - keptGenerations; n > 0 {
		gone = append(gone, kept[:n]...)
		kept = slices.Delete(kept, 0, n)
	}
	o.kept[snap.module] = kept
	return gone
}

// find is where a generation is among those of its module, or -1.
func (o *owner) find(m *Module, generation uint64) int {
	return slices.IndexFunc(o.kept[m], func(p *snapshot) bool { return p.generation == generation })
}

// generation answers a generation with a user more, or nil.
func (o *owner) generation(l line) *snapshot {
	if i := o.find(l.module, l.generation); i >= 0 {
		return o.kept[l.module][i].retain()
	}
	return nil
}

// current says whether what an instance came from is still kept.
func (o *owner) current(in *instance) bool {
	return in.generation == 0 || slices.Contains(o.kept[in.module], in.snap)
}
