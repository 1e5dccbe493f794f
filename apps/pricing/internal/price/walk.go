package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// walk is one way through all rules.
type walk struct {
	b      *Basket
	order  []int
	groups []rivals
	choice []int // per group in Best mode, the member that works, -1 for none; nil decides each at its turn
	greedy bool
	s      *state
}

// rivals are rules of which not all work.
type rivals struct {
	mode    Mode
	members []int // in the order of their work
	done    bool
}

// groups puts rules together that have a group of another mode than All, or are in
// lanes of such a mode.
func (b *Basket) groups(order []int) (groups []rivals) {
	type name struct {
		catalog bool
		lane    int
		group   string
	}
	at := map[name]int{}
	for _, i := range order {
		s := &b.rules[i].Stacking
		mode, of := s.Mode, name{group: s.Group}
		if s.Group == "" {
			mode, of = b.policy.LaneMode, name{s.Catalog, s.Lane, ""}
		}
		if mode == All || b.cases[i].failed > 0 {
			continue
		}
		g, known := at[of]
		if !known {
			g = len(groups)
			at[of] = g
			groups = append(groups, rivals{mode: mode})
		}
		groups[g].members = append(groups[g].members, i)
	}
	return groups
}

// best tries out which members of groups to choose, if the policy allows for so
// many combinations, and answers the state with the lowest total.
func (w *walk) best(start state) state {
	var free []int
	count := 1
	for i, g := range w.groups {
		if g.mode == Best && len(g.members) > 1 {
			free = append(free, i)
			count = min(count*(len(g.members)+1), 1<<20)
		}
	}
	if len(free) == 0 || count > w.b.policy.search() {
		w.greedy = len(free) > 0
		return w.run(start)
	}
	return w.search(start, free)
}

// search runs every combination.
func (w *walk) search(start state, free []int) state {
	w.choice = make([]int, len(w.groups))
	var best state
	lowest := retail.Money(-1)
	totals := make([]retail.Money, len(w.b.rules)) // the lowest with each rule
	for i := range totals {
		totals[i] = -1
	}
	for next := true; next; next = w.next(free) {
		s := w.run(start.clone())
		total := s.total()
		for _, g := range free {
			if m := w.member(g); m >= 0 && (totals[m] < 0 || total < totals[m]) {
				totals[m] = total
			}
		}
		if lowest < 0 || total < lowest || total == lowest && s.gifts() > best.gifts() {
			lowest, best = total, s
		}
	}
	w.losers(&best, free, totals, lowest)
	return best
}

// gifts is how much a state gives that is no money.
func (s *state) gifts() int { return len(s.added) + len(s.grants) }

// member is the rule that a group's choice stands for.
func (w *walk) member(group int) int {
	if c := w.choice[group]; c < len(w.groups[group].members) {
		return w.groups[group].members[c]
	}
	return -1
}

// next counts through the choices; the one after the last member is nobody.
func (w *walk) next(free []int) bool {
	for _, g := range free {
		if w.choice[g]++; w.choice[g] <= len(w.groups[g].members) {
			return true
		}
		w.choice[g] = 0
	}
	return false
}

// losers notes by how much the members that were not chosen would have been worse.
func (w *walk) losers(best *state, free []int, totals []retail.Money, lowest retail.Money) {
	for _, g := range free {
		winner := -1
		for _, m := range w.groups[g].members {
			if o := &best.outcomes[m]; o.took > 0 || o.gave {
				winner = m
			}
		}
		for _, m := range w.groups[g].members {
			o := &best.outcomes[m]
			if m != winner && o.miss.Reason == LostTo {
				o.miss.Amount = totals[m] - lowest
				if winner >= 0 {
					o.miss.With = w.b.rules[winner].ID
				}
			}
		}
	}
}

// run walks through all rules from a state.
func (w *walk) run(start state) state {
	w.s = &start
	for i := range w.groups {
		w.groups[i].done = false
	}
	if w.b.policy.AnyExclusive {
		w.firstExclusive(ExclusiveAll, w.order)
	}
	for _, i := range w.order {
		if w.s.lines == nil && w.b.rules[i].class() > 0 {
			w.s.lines = make([]retail.Money, len(w.b.items))
			for n := range w.s.lines {
				w.s.lines[n] = w.s.left(n)
			}
		}
		w.turn(i)
	}
	return start
}

// turn is that of one rule, or of its group if it is the first of it.
func (w *walk) turn(i int) {
	if w.s.outcomes[i].seen {
		return
	}
	for n := range w.groups {
		g := &w.groups[n]
		if !slices.Contains(g.members, i) {
			continue
		}
		switch {
		case g.mode == BestPerLine:
			w.perLine(g.members)
		case w.choice == nil || len(g.members) == 1:
			w.alone(g.members)
		case w.member(n) != i:
			w.s.outcomes[i] = w.lost(i)
		default:
			w.work(i)
		}
		return
	}
	w.work(i)
}

// lost is the outcome of a rule that another of its group was preferred to.
func (w *walk) lost(i int) outcome {
	r := &w.b.rules[i]
	return outcome{seen: true, miss: Miss{Promotion: r.ID, Version: r.Version, Reason: LostTo, Near: true}}
}

// work lets a rule work unless something exclusive is in the way.
func (w *walk) work(i int) {
	if o, out := w.excluded(i); out {
		w.s.outcomes[i] = o
		return
	}
	o := w.b.promote(w.s, i)
	w.s.outcomes[i] = o
	if o.took > 0 || o.gave {
		w.applied(i)
	}
}

// scopes are those that a rule belongs to: all, its lane, its group.
func (w *walk) scopes(i int) [3]scope {
	s := &w.b.rules[i].Stacking
	all := scope{catalog: s.Catalog, lane: 9}
	lane := scope{catalog: s.Catalog, lane: s.Lane}
	group := scope{lane: 8, group: s.Group}
	if s.Group == "" {
		group = lane
	}
	return [3]scope{all, lane, group}
}

// reach is which of a rule's scopes it keeps to itself, -1 for none.
func (r *Rule) reach() int {
	switch r.Stacking.Exclusive {
	case ExclusiveAll:
		return 0
	case ExclusiveLane:
		return 1
	case ExclusiveGroup:
		if r.Stacking.Group != "" {
			return 2
		}
	}
	return -1
}

// excluded says whether something exclusive applied before, or something that an
// exclusive rule does not go together with.
func (w *walk) excluded(i int) (outcome, bool) {
	r := &w.b.rules[i]
	o := outcome{seen: true, miss: w.b.cases[i].miss}
	if w.b.cases[i].failed > 0 {
		o.miss.Promotion, o.miss.Version = r.ID, r.Version
		return o, true
	}
	for n, of := range w.scopes(i) {
		s := w.s.scope(of)
		if s.exclusive > 0 {
			o.fail(Miss{Reason: ExcludedBy, With: w.b.rules[s.exclusive-1].ID, Near: true})
		} else if s.applied > 0 && n == r.reach() {
			o.fail(Miss{Reason: NotCombinable, With: w.b.rules[s.applied-1].ID, Near: true})
		} else {
			continue
		}
		o.miss.Promotion, o.miss.Version = r.ID, r.Version
		return o, true
	}
	return o, false
}

// applied notes in a rule's scopes that it applied.
func (w *walk) applied(i int) {
	for n, of := range w.scopes(i) {
		s := w.s.scope(of)
		s.applied = i + 1
		if n == w.b.rules[i].reach() {
			s.exclusive = i + 1
		}
	}
}

// firstExclusive lets the first exclusive rule that applies work before all others.
func (w *walk) firstExclusive(kind Exclusive, among []int) {
	for _, i := range among {
		r := &w.b.rules[i]
		if r.Stacking.Exclusive != kind || w.b.cases[i].failed > 0 {
			continue
		}
		s := w.s.clone()
		if o := w.b.promote(&s, i); o.took > 0 || o.gave {
			w.work(i)
			return
		}
	}
}

// alone decides a group at its turn: each member is tried, the one that takes most
// off works.
func (w *walk) alone(members []int) {
	best, most := -1, retail.Money(-1)
	took := make([]retail.Money, len(members))
	tried := make([]outcome, len(members))
	for n, i := range members {
		if o, out := w.excluded(i); out {
			tried[n] = o
			continue
		}
		s := w.s.clone()
		tried[n] = w.b.promote(&s, i)
		took[n] = tried[n].took
		if (took[n] > 0 || tried[n].gave) && took[n] > most {
			best, most = n, took[n]
		}
	}
	for n, i := range members {
		switch {
		case n == best:
			w.work(i)
		case took[n] > 0 || tried[n].gave:
			o := w.lost(i)
			o.miss.With, o.miss.Amount = w.b.rules[members[best]].ID, most-took[n]
			w.s.outcomes[i] = o
		default:
			w.s.outcomes[i] = tried[n]
		}
	}
}

// perLine lets on each line that member work that takes most off it.
func (w *walk) perLine(members []int) {
	before := w.s.clone()
	after := make([]state, len(members))
	for n, i := range members {
		if o, out := w.excluded(i); out {
			w.s.outcomes[i] = o
			continue
		}
		after[n] = before.clone()
		w.s.outcomes[i] = w.b.promote(&after[n], i)
	}
	won := make([]retail.Money, len(members))
	for item := range before.cells {
		best, most := -1, retail.Money(0)
		for n := range members {
			if after[n].cells == nil {
				continue
			}
			if took := before.left(item) - after[n].left(item); took > most {
				best, most = n, took
			}
		}
		if best >= 0 {
			w.s.cells[item] = after[best].cells[item]
			w.s.note(taken{rule: members[best], item: item, amount: most})
			won[best] += most
		}
	}
	w.judge(members, after, won)
}

// judge settles what became of the members that worked line by line.
func (w *walk) judge(members []int, after []state, won []retail.Money) {
	for n, i := range members {
		o := &w.s.outcomes[i]
		switch {
		case won[n] > 0:
			o.took = won[n]
			w.applied(i)
		case o.took > 0:
			lost := w.lost(i)
			lost.miss.Amount = o.took
			*o = lost
		case o.gave && after[n].cells != nil:
			w.work(i)
		}
	}
}
