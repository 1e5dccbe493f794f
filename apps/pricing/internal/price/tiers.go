package price

// tiers takes off what the highest step that is reached says.
func (a *attempt) tiers(items []int, parts []part, e *Effect) {
	t := e.Tiers
	if !t.OfLines {
		if t.Goods != nil {
			items = a.measured(t.Goods)
		}
		if s := t.step(a.reached(t, items)); s != nil {
			a.commit(a.stepped(parts, s, e.Target != ToLines))
		}
		return
	}
	var cuts []cut
	for _, of := range group(parts) {
		if s := t.step(a.reached(t, []int{of[0].item})); s != nil {
			cuts = append(cuts, a.stepped(of, s, false)...)
		}
	}
	a.commit(cuts)
}

// reached is the amount or quantity of items that chooses a step.
func (a *attempt) reached(t *Tiers, items []int) (sum int64) {
	for _, g := range items {
		if t.ByQuantity {
			sum += int64(a.b.items[g].Quantity)
		} else {
			sum += int64(a.worth(g, a.base(t.Base), AsPriced, false))
		}
	}
	return sum
}

// step is the highest that is reached, nil if none is.
func (t *Tiers) step(reached int64) (s *Step) {
	for i := range t.Steps {
		if t.Steps[i].From <= reached {
			s = &t.Steps[i]
		}
	}
	return s
}

func (a *attempt) stepped(parts []part, s *Step, together bool) []cut {
	switch {
	case s.Percent > 0:
		return a.percent(parts, s.Percent, together)
	case s.Price != nil:
		return a.fixed(parts, &Fixed{Value: *s.Price})
	case together:
		return a.off(parts, &Amount{Value: s.Amount, Of: Across})
	}
	return a.off(parts, &Amount{Value: s.Amount})
}
