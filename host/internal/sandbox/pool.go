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
	idle  map[*Module][]*instance // the longest idle first
}

func (p *pool) owner(name string) *owner {
	o := p.owners[name]
	if o == nil {
		if p.owners == nil {
			p.owners = map[string]*owner{}
		}
		o = &owner{idle: map[*Module][]*instance{}}
		p.owners[name] = o
	}
	return o
}

// take removes the instance of an owner that was used last, or answers nil and
// the epoch in which to make one.
func (p *pool) take(name string, m *Module) (*instance, uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owner(name)
	idle := o.idle[m]
	if len(idle) == 0 {
		return nil, o.epoch
	}
	in := idle[len(idle)-1]
	idle[len(idle)-1] = nil
	o.idle[m] = idle[:len(idle)-1]
	p.unlink(in)
	return in, o.epoch
}

// put keeps an instance; it answers those to close instead.
func (p *pool) put(in *instance, most int64) []*instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.owner(in.owner)
	if p.closed || o.epoch != in.epoch || in.module.closed.Load() {
		return []*instance{in}
	}
	o.idle[in.module] = append(o.idle[in.module], in)
	p.link(in)
	return p.evict(most)
}

// evict removes the longest idle until no more than most bytes are idle.
func (p *pool) evict(most int64) (out []*instance) {
	for p.bytes > most && p.oldest != nil {
		in := p.oldest
		o := p.owners[in.owner]
		o.idle[in.module] = slices.Delete(o.idle[in.module], 0, 1)
		p.unlink(in)
		out = append(out, in)
	}
	return out
}

// shed removes one instance, the longest idle, or answers nil.
func (p *pool) shed() *instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.oldest == nil {
		return nil
	}
	return p.evict(p.bytes - 1)[0]
}

// remove removes the idle instances that match.
func (p *pool) remove(match func(*instance) bool) (out []*instance) {
	for _, o := range p.owners {
		for m, idle := range o.idle {
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
			if o.idle[m] = keep; len(keep) == 0 {
				delete(o.idle, m)
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
type counters struct{ calls, started, faults, living atomic.Int64 }

// Run implements Runner.
func (s *Sandbox) Run(ctx context.Context, m *Module, c Call, out []byte) ([]byte, abi.Code, error) {
	s.count.calls.Add(1)
	in, epoch := s.pool.take(c.Owner, m)
	if in == nil {
		var err error
		if in, err = s.newInstance(ctx, m, &c); err != nil {
			s.count.faults.Add(1)
			return out, 0, err
		}
		in.epoch = epoch
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

// Retire throws away the instances of an owner: idle ones now, running ones
// when their call ends. New calls get new instances.
func (s *Sandbox) Retire(name string) {
	p := &s.pool
	p.mu.Lock()
	p.owner(name).epoch++
	out := p.remove(func(in *instance) bool { return in.owner == name })
	p.mu.Unlock()
	closeAll(out)
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
