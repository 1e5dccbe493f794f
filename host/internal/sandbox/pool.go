package sandbox

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// pool keeps idle instances. Its zero value is empty.
type pool struct {
	mu     sync.Mutex
	owners map[string]*owner
	oldest *instance // by the time when they became idle
	newest *instance
	bytes  int64
	closed bool
}

// owner is what the pool knows of one owner. It stays when its instances go,
// because its epoch must not start again.
type owner struct {
	epoch uint64
	idle  map[line][]*instance    // the longest idle first
	kept  map[*Module][]*snapshot // of generations, the oldest first
}

// line is whose calls an idle instance may serve next, among those of its owner.
type line struct {
	module     *Module
	generation uint64
}

func (in *instance) line() line { return line{in.module, in.generation} }

func (p *pool) owner(name string) *owner {
	o := p.owners[name]
	if o == nil {
		if p.owners == nil {
			p.owners = map[string]*owner{}
		}
		o = &owner{idle: map[line][]*instance{}, kept: map[*Module][]*snapshot{}}
		p.owners[name] = o
	}
	return o
}

// found is what take has for a call.
type found struct {
	idle  *instance // the one that was used last, or nil
	from  *snapshot // else, with a user more, of the generation; nil if there is none
	epoch uint64    // in which to make an instance
}

// take removes an idle instance, or says how to make one.
func (p *pool) take(name string, l line) found {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owner(name)
	idle := o.idle[l]
	if len(idle) == 0 {
		return found{from: o.generation(l), epoch: o.epoch}
	}
	in := idle[len(idle)-1]
	idle[len(idle)-1] = nil
	o.idle[l] = idle[:len(idle)-1]
	p.unlink(in)
	return found{idle: in, epoch: o.epoch}
}

// put keeps an instance; it answers those to close instead.
func (p *pool) put(in *instance, most int64) []*instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owner(in.owner)
	if p.closed || o.epoch != in.epoch || in.module.closed.Load() || !o.current(in) {
		return []*instance{in}
	}
	o.idle[in.line()] = append(o.idle[in.line()], in)
	p.link(in)
	return p.evict(most)
}

// evict removes the longest idle until no more than most bytes are idle.
func (p *pool) evict(most int64) (out []*instance) {
	for p.bytes > most && p.oldest != nil {
		out = append(out, p.pop())
	}
	return out
}

// pop removes the longest idle instance; there must be one.
func (p *pool) pop() *instance {
	in := p.oldest
	o := p.owners[in.owner]
	o.idle[in.line()] = slices.Delete(o.idle[in.line()], 0, 1)
	p.unlink(in)
	return in
}

// shed removes one instance, the longest idle, or answers nil.
func (p *pool) shed() *instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.oldest == nil {
		return nil
	}
	return p.pop()
}

// drop lets go of the idle instances and the generations that match, after
// what else there is to do in one step with it.
func (p *pool) drop(match func(owner string, m *Module) bool, also func()) {
	p.mu.Lock()
	if also != nil {
		also()
	}
	idle := p.remove(func(in *instance) bool { return match(in.owner, in.module) })
	var kept []*snapshot
	for name, o := range p.owners {
		for m, snaps := range o.kept {
			if match(name, m) {
				kept = append(kept, snaps...)
				delete(o.kept, m)
			}
		}
	}
	p.mu.Unlock()
	closeAll(idle)
	releaseAll(kept)
}

// remove removes the idle instances that match.
func (p *pool) remove(match func(*instance) bool) (out []*instance) {
	for _, o := range p.owners {
		for l, idle := range o.idle {
			keep := idle[:0]
			for _, in := range idle {
				if match(in) {
					p.unlink(in)
					out = append(out, in)
				} else {
					keep = append(keep, in)
				}
			}
			clear(idle[len(keep):])
			if o.idle[l] = keep; len(keep) == 0 {
				delete(o.idle, l)
			}
		}
	}
	return out
}

func (p *pool) link(in *instance) {
	in.older, in.newer = p.newest, nil
	if p.newest != nil {
		p.newest.newer = in
	} else {
		p.oldest = in
	}
	p.newest = in
	p.bytes += in.bytes()
}

func (p *pool) unlink(in *instance) {
	if in.older != nil {
		in.older.newer = in.newer
	} else {
		p.oldest = in.newer
	}
	if in.newer != nil {
		in.newer.older = in.older
	} else {
		p.newest = in.older
	}
	in.older, in.newer = nil, nil
	p.bytes -= in.bytes()
}

func closeAll(ins []*instance) {
	for _, in := range ins {
		in.close()
	}
}

// counters are what Stats reads.
type counters struct{ calls, started, restored, faults, living atomic.Int64 }

// Run implements Runner.
func (s *Sandbox) Run(ctx context.Context, m *Module, c Call, out []byte) ([]byte, abi.Code, error) {
	s.count.calls.Add(1)
	in, err := s.instance(ctx, m, &c)
	if err != nil {
		s.count.faults.Add(1)
		return out, 0, err
	}
	answer, code, err := in.run(ctx, &c, out)
	if err != nil {
		s.count.faults.Add(1)
	}
	if in.broken || in.worn() {
		in.close()
	} else {
		closeAll(s.pool.put(in, s.config.PoolBytes))
	}
	return answer, code, err
}

// instance takes an idle instance or makes one.
func (s *Sandbox) instance(ctx context.Context, m *Module, c *Call) (*instance, error) {
	f := s.pool.take(c.Owner, line{m, c.Generation})
	if f.idle != nil {
		return f.idle, nil
	}
	if c.Generation != 0 && f.from == nil {
		return nil, m.cold(c.Generation)
	}
	in, err := s.newInstance(ctx, m, c, f.from)
	if err == nil {
		in.epoch = f.epoch
	}
	return in, err
}

// Retire throws away the instances and generations of an owner: those that are
// idle now, running ones when their call ends. New calls get new instances.
func (s *Sandbox) Retire(name string) {
	p := &s.pool
	p.drop(func(owner string, _ *Module) bool { return owner == name }, func() { p.owner(name).epoch++ })
}

// takeMemory takes n bytes of the process-wide budget, if need be from idle
// instances.
func (s *Sandbox) takeMemory(n int64) bool {
	for !s.memory.take(n) {
		in := s.pool.shed()
		if in == nil {
			return false
		}
		in.close()
	}
	return true
}
