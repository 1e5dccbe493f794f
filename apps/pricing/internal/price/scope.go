package price

// name is what the parts of the order of work are told apart by: everything, a
// lane of it, or a group.
type name struct {
	catalog bool
	kind    int
	lane    int
	group   string
}

const (
	everything = iota
	ofLane
	ofGroup
)

// reach is which of a rule's scopes it keeps to itself, -1 for none.
func (r *Rule) reach() int {
	switch r.Stacking.Exclusive {
	case ExclusiveAll:
		return everything
	case ExclusiveLane:
		return ofLane
	case ExclusiveGroup:
		if r.Stacking.Group != "" {
			return ofGroup
		}
	}
	return -1
}

// enclose numbers the scopes of all live rules, if any of these is exclusive in one. It
// notes whether one keeps goods to itself.
func (b *Basket) enclose() {
	b.scopes = 0
	exclusive := false
	for i := range b.live {
		exclusive = exclusive || b.live[i].Rule.reach() >= 0
		b.holding = b.holding || b.live[i].Rule.Stacking.Exclusive == ExclusiveGoods
	}
	if !exclusive {
		return
	}
	known := map[name]int{}
	number := func(n name) int {
		at, is := known[n]
		if !is {
			at = len(known)
			known[n] = at
		}
		return at
	}
	for i := range b.live {
		m := &b.live[i]
		s := &m.Rule.Stacking
		m.scopes = [3]int{
			number(name{catalog: s.Catalog, kind: everything}),
			number(name{catalog: s.Catalog, kind: ofLane, lane: s.Lane}),
		}
		m.scopes[ofGroup] = m.scopes[ofLane]
		if s.Group != "" {
			m.scopes[ofGroup] = number(name{kind: ofGroup, group: s.Group})
		}
	}
	b.scopes = len(known)
	b.state.scopes = make([]scope, b.scopes)
}

// excluded says whether something exclusive applied before, or something that an
// exclusive rule does not go together with.
func (w *walk) excluded(slot int) (outcome, bool) {
	if w.b.scopes == 0 {
		return outcome{}, false
	}
	m := &w.b.live[slot]
	for n, at := range m.scopes {
		s := w.s.scopes[at]
		if s.exclusive > 0 {
			return w.out(ExcludedBy, s.exclusive-1), true
		}
		if s.applied > 0 && n == m.Rule.reach() {
			return w.out(NotCombinable, s.applied-1), true
		}
	}
	return outcome{}, false
}

// out is the outcome of a rule that another stands in the way of.
func (w *walk) out(reason Reason, with int) outcome {
	return outcome{seen: true, miss: Miss{Reason: reason, With: w.b.live[with].Rule.ID, Near: true}}
}

// applied notes in a rule's scopes that it applied.
func (w *walk) applied(slot int) {
	if w.b.scopes == 0 {
		return
	}
	m := &w.b.live[slot]
	for n, at := range m.scopes {
		s := &w.s.scopes[at]
		s.applied = slot + 1
		if n == m.Rule.reach() {
			s.exclusive = slot + 1
		}
	}
}

// exclusiveFirst lets the first rule that excludes all others, and applies, work
// before them.
func (w *walk) exclusiveFirst() {
	for _, i := range w.order {
		m := &w.b.live[i]
		if m.Rule.reach() < 0 || m.group >= 0 && w.choice != nil && w.b.groups[m.group].mode == Best && w.member(m.group) != i {
			continue
		}
		s := w.s.clone()
		if o := w.b.promote(&s, i); o.took > 0 || o.gave {
			w.work(i)
		}
	}
}
