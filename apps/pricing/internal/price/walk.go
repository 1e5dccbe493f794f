package price

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// walk is one way through all live rules.
type walk struct {
	b       *Basket
	order   []int
	choice  []int // per group, the member that works, one beyond the last for none; nil decides each group at its turn
	greedy  bool
	simple  bool // see Basket.simple
	s       *state
	done    []outcome // per live rule
	sights  []int     // watched rules, in the order of their turns; nil in a run that is only tried
	watched int       // how many of these had theirs
	dirty   bool      // lines have changed since state.lines was taken
}

// rivals are rules of which not all work.
type rivals struct {
	mode    Mode
	members []int // in the order of their work
}

// rival puts rules together that have a group of another mode than All, or are in
// lanes of such a mode.
func (b *Basket) rival(order []int) {
	b.groups = nil
	var at map[name]int
	for _, i := range order {
		m := &b.live[i]
		s := &m.Rule.Stacking
		mode, of := s.Mode, name{kind: ofGroup, group: s.Group}
		if s.Group == "" {
			mode, of = b.policy.LaneMode, name{catalog: s.Catalog, kind: ofLane, lane: s.Lane}
		}
		if m.group = -1; mode == All {
			continue
		}
		g, known := at[of]
		if !known {
			if at == nil {
				at = map[name]int{}
			}
			g = len(b.groups)
			at[of] = g
			b.groups = append(b.groups, rivals{mode: mode})
		}
		m.group = g
		b.groups[g].members = append(b.groups[g].members, i)
	}
}

// best tries out which members of groups to choose, if the policy allows for so
// many combinations, and answers the state with the lowest total. A group of one
// is tried with and without it, too: it may stand in the way of others.
func (w *walk) best(start state) (state, []outcome) {
	least := 1
	if w.simple = len(w.b.groups) > 0 && w.b.simple(); w.simple {
		least = 2
	}
	free, count := w.free(least)
	if count > w.b.policy.search() {
		w.greedy = true
		if free, count = w.free(2); count > w.b.policy.search() {
			w.sight()
			return w.run(start)
		}
	}
	return w.search(start, free)
}

// free are the groups in Best mode of at least so many members, and how many
// combinations these make.
func (w *walk) free(least int) (free []int, count int) {
	count = 1
	for i := range w.b.groups {
		if g := &w.b.groups[i]; g.mode == Best && len(g.members) >= least {
			free = append(free, i)
			count = min(count*w.choices(i), 1<<20)
		}
	}
	return free, count
}

// search runs every combination.
func (w *walk) search(start state, free []int) (state, []outcome) {
	if len(free) == 0 {
		w.sight()
		return w.run(start)
	}
	w.choice = make([]int, len(w.b.groups))
	var best state
	var outcomes []outcome
	var chosen []int
	lowest := retail.Money(-1)
	totals := make([]retail.Money, len(w.b.live)) // the lowest with each rule, -1 if it never worked
	tried := make([]outcome, len(w.b.live))       // what became of each when it was chosen
	for i := range totals {
		totals[i] = -1
	}
	for next := true; next; next = w.next(free) {
		s, done := w.run(start.clone())
		total := s.total()
		for _, g := range free {
			m := w.member(g)
			if m < 0 {
				continue
			}
			o := &done[m]
			if worked := o.took > 0 || o.gave; !worked && totals[m] < 0 {
				tried[m] = *o
			} else if worked && (totals[m] < 0 || total < totals[m]) {
				totals[m] = total
			}
		}
		if lowest < 0 || total < lowest || total == lowest && s.gifts() > best.gifts() {
			lowest, best, outcomes, chosen = total, s, done, slices.Clone(w.choice)
		}
	}
	if w.sight(); len(w.sights) > 0 {
		w.choice = chosen
		w.run(start.clone()) // once more, to see what the others lack at their turn
	}
	w.losers(outcomes, free, totals, tried, lowest)
	return best, outcomes
}

// gifts is how much a state gives that is no money.
func (s *state) gifts() int { return len(s.added) + len(s.grants) }

// member is the rule that a group's choice stands for, -1 for none.
func (w *walk) member(group int) int {
	if c := w.choice[group]; c < len(w.b.groups[group].members) {
		return w.b.groups[group].members[c]
	}
	return -1
}

// choices is how many there are for a group: its members, and none of them.
func (w *walk) choices(group int) int {
	if w.simple {
		return len(w.b.groups[group].members)
	}
	return len(w.b.groups[group].members) + 1
}

// next counts through the choices.
func (w *walk) next(free []int) bool {
	for _, g := range free {
		if w.choice[g]++; w.choice[g] < w.choices(g) {
			return true
		}
		w.choice[g] = 0
	}
	return false
}

// losers notes by how much the members that were not chosen would have been worse,
// or why they could not have worked.
func (w *walk) losers(done []outcome, free []int, totals []retail.Money, tried []outcome, lowest retail.Money) {
	for _, g := range free {
		members := w.b.groups[g].members
		winner := slices.IndexFunc(members, func(m int) bool { return done[m].took > 0 || done[m].gave })
		for n, m := range members {
			o := &done[m]
			switch {
			case n == winner:
			case totals[m] < 0:
				*o = tried[m]
			case o.miss.Reason == LostTo:
				o.miss.Amount = totals[m] - lowest
				if winner >= 0 {
					o.miss.With = w.b.live[members[winner]].Rule.ID
				}
			}
		}
	}
}

// run walks through all rules from a state.
func (w *walk) run(start state) (state, []outcome) {
	w.s, w.done, w.dirty = &start, make([]outcome, len(w.b.live)), true
	if w.b.policy.AnyExclusive && w.b.scopes > 0 {
		w.exclusiveFirst()
	}
	for _, i := range w.order {
		w.snapshot(i)
		w.watch(&w.b.live[i])
		w.turn(i)
	}
	w.watch(nil)
	return start, w.done
}

// snapshot keeps what rules on lines left, before the first other one works.
func (w *walk) snapshot(slot int) {
	if w.b.live[slot].class == 0 {
		w.dirty = true
		return
	}
	if !w.dirty {
		return
	}
	w.dirty = false
	w.s.lines = make([]retail.Money, len(w.b.items))
	for n := range w.s.lines {
		w.s.lines[n] = w.s.left(n)
	}
}

// turn is that of one rule, or of its group if it is the first of it.
func (w *walk) turn(i int) {
	if w.done[i].seen {
		return
	}
	n := w.b.live[i].group
	if n < 0 {
		w.work(i)
		return
	}
	switch g := &w.b.groups[n]; {
	case g.mode == BestPerLine:
		w.perLine(g.members)
	case w.choice == nil:
		w.alone(g.members)
	case w.member(n) != i:
		w.done[i] = outcome{seen: true, miss: Miss{Reason: LostTo, Near: true}}
	default:
		w.work(i)
	}
}

// work lets a rule work unless something exclusive is in the way.
func (w *walk) work(i int) {
	if o, out := w.excluded(i); out {
		w.done[i] = o
		return
	}
	o := w.b.promote(w.s, i)
	w.done[i] = o
	if o.took > 0 || o.gave {
		w.applied(i)
	}
}

// alone decides a group at its turn: each member is tried, the one that takes most
// off works.
func (w *walk) alone(members []int) {
	if len(members) == 1 {
		w.work(members[0])
		return
	}
	best, most := -1, retail.Money(-1)
	tried := make([]outcome, len(members))
	for n, i := range members {
		o, out := w.excluded(i)
		if seen := w.done[i]; seen.seen {
			if tried[n] = seen; seen.took > 0 || seen.gave {
				best, most = n, MaxAmount // it has worked already
			}
			continue
		}
		if !out {
			s := w.s.clone()
			o = w.b.promote(&s, i)
		}
		if tried[n] = o; (o.took > 0 || o.gave) && o.took > most {
			best, most = n, o.took
		}
	}
	for n, i := range members {
		switch o := &tried[n]; {
		case w.done[i].seen:
		case n == best:
			w.work(i)
		case o.took > 0 || o.gave:
			w.done[i] = w.out(LostTo, members[best])
			w.done[i].miss.Amount = max(tried[best].took-o.took, 0)
		default:
			w.done[i] = *o
		}
	}
}

// perLine lets on each line that member work that takes most off it.
func (w *walk) perLine(members []int) {
	members = slices.DeleteFunc(slices.Clone(members), func(i int) bool { return w.done[i].seen })
	before := w.s.clone()
	after := make([]state, len(members))
	for n, i := range members {
		if o, out := w.excluded(i); out {
			w.done[i] = o
			continue
		}
		after[n] = before.clone()
		w.done[i] = w.b.promote(&after[n], i)
	}
	won := make([]retail.Money, len(members))
	lost := make([]retail.Money, len(members)) // to others, on lines where these were better
	with := make([]int, len(members))
	for item := range before.cells {
		best, most := -1, retail.Money(0)
		for n := range members {
			if took := before.took(&after[n], item); took > most {
				best, most = n, took
			}
		}
		if best < 0 {
			continue
		}
		w.s.cells[item] = after[best].cells[item]
		w.s.note(taken{rule: members[best], item: item, amount: most}, false)
		won[best] += most
		for n := range members {
			if took := before.took(&after[n], item); n != best && took > 0 {
				lost[n], with[n] = lost[n]+most-took, members[best]
			}
		}
	}
	w.settle(members, won, lost, with)
}

// took is how much less is left of an item after a rule has worked.
func (s *state) took(after *state, item int) retail.Money {
	if after.cells == nil {
		return 0
	}
	return s.left(item) - after.left(item)
}

// settle says what became of the members that worked line by line.
func (w *walk) settle(members []int, won, lost []retail.Money, with []int) {
	for n, i := range members {
		o := &w.done[i]
		switch {
		case won[n] > 0:
			o.took = won[n]
			w.applied(i)
		case o.took > 0:
			*o = w.out(LostTo, with[n])
			o.miss.Amount = lost[n]
		case o.gave:
			w.work(i)
		}
	}
}
