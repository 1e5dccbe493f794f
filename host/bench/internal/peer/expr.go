package peer

import (
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// Predicate is one rule by its name.
type Predicate struct {
	ID   string `json:"id"`
	When string `json:"when"` // in the peer's own language
}

// Expr is predicates of expr-lang/expr, compiled for facts of type F, the way its
// documentation says is the fastest: one virtual machine, used again.
type Expr[F any] struct {
	ids      []string
	programs []*vm.Program
	machine  vm.VM
	hits     []string
}

// OpenExpr compiles predicates.
func OpenExpr[F any](rules []Predicate) (*Expr[F], error) {
	var facts F
	e := &Expr[F]{}
	for _, r := range rules {
		p, err := expr.Compile(r.When, expr.Env(facts), expr.AsBool())
		if err != nil {
			return nil, fmt.Errorf("expr: %s: %w", r.ID, err)
		}
		e.ids, e.programs = append(e.ids, r.ID), append(e.programs, p)
	}
	return e, nil
}

// Evaluate answers the ids of the predicates that hold, until the next call.
func (e *Expr[F]) Evaluate(facts *F) ([]string, error) {
	e.hits = e.hits[:0]
	for i, p := range e.programs {
		v, err := e.machine.Run(p, facts)
		if err != nil {
			return nil, fmt.Errorf("expr: %s: %w", e.ids[i], err)
		}
		if holds, _ := v.(bool); holds {
			e.hits = append(e.hits, e.ids[i])
		}
	}
	return e.hits, nil
}
