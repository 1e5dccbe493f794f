package host

import (
	"sync"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/rest"
)

// operations is what REST sees of the kernel: the operations that are enabled
// now, with their schemas. It follows the kernel's set.
type operations struct {
	*kernel.Kernel
	tenant string
	now    atomic.Pointer[listing]
	mu     sync.Mutex
}

// listing is what one set of apps answers.
type listing struct {
	set       *registry.Set
	byName    map[string]*rest.Operation
	listed    []*rest.Operation
	manifests []*manifest.Manifest
}

var _ rest.Operations = (*operations)(nil)

// current is the listing of the newest set. An operation whose schemas do not
// compile is not shown; installing has refused it.
func (o *operations) current() *listing {
	set, ok := o.Set(o.tenant)
	if !ok {
		return &listing{}
	}
	if l := o.now.Load(); l != nil && l.set == set {
		return l
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	was := o.now.Load()
	if was != nil && was.set == set {
		return was
	}
	l := list(set, was)
	o.now.Store(l)
	return l
}

// list compiles the schemas of a set, but for those that were compiled before.
func list(set *registry.Set, was *listing) *listing {
	l := &listing{set: set, byName: map[string]*rest.Operation{}}
	for _, op := range set.Operations() {
		r := was.find(op)
		if r == nil {
			var err error
			if r, err = rest.NewOperation(op.App.String(), op.Info, op.App.Manifest.Provides.Types); err != nil {
				continue
			}
		}
		l.byName[op.Name] = r
		l.listed = append(l.listed, r)
	}
	for _, a := range set.Apps() {
		l.manifests = append(l.manifests, a.Manifest)
	}
	return l
}

// find answers an operation of an earlier set if it is the very same.
func (l *listing) find(op *registry.Operation) *rest.Operation {
	if l == nil {
		return nil
	}
	if r := l.byName[op.Name]; r != nil && r.Info == op.Info && r.App == op.App.String() {
		return r
	}
	return nil
}

// Operation implements rest.Operations for the one tenant of this host.
func (o *operations) Operation(_, name string) (*rest.Operation, bool) {
	op, ok := o.current().byName[name]
	return op, ok
}

// Operations implements rest.Operations.
func (o *operations) Operations(string) []*rest.Operation { return o.current().listed }

// Manifests are those of the enabled modules.
func (o *operations) Manifests(string) []*manifest.Manifest { return o.current().manifests }
