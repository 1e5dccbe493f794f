package receipt

import "github.com/bottega-retail/bottega/sdk/retail"

// Loss is what the goods that a customer keeps no longer earn of a promotion; below zero
// is what they earn more than their share.
type Loss struct {
	Promotion string
	Version   int64
	Amount    retail.Money
}

// Held is what was not refunded of units of a line that came back, because of a
// promotion that the goods which are kept no longer earn.
type Held struct {
	Line      string
	Promotion string
	Version   int64
	Amount    retail.Money
}

// Room is what units of a line that come back now are worth: no more of them can be
// withheld.
type Room struct {
	Line  string
	Worth retail.Money
}

// Withhold says what a return withholds, line by line and promotion by promotion, and
// with negative amounts what it gives back of what earlier returns withheld.
//
// After it, as much is withheld as the kept goods no longer earn, all promotions
// together: what one gives more makes up for what another gives less. But a return
// withholds no more than what comes back with it is worth, so that nobody is asked for
// money. When nothing is lost, as when everything is back, nothing stays withheld. So
// all returns of a sale refund what was paid, whatever their order.
func Withhold(lost []Loss, held []Held, room []Room) (moves []Held) {
	wanted := share(lost)
	for _, h := range heldBy(held) {
		h.Amount = -h.Amount
		wanted = add(wanted, h)
	}
	var more, back, there retail.Money
	for _, w := range wanted {
		more, back = more+max(w.Amount, 0), back+max(-w.Amount, 0)
	}
	for _, r := range room {
		there += r.Worth
	}
	beyond := max(more-there, 0) // so much stays withheld because of the promotions that it was
	for _, w := range part(wanted, -max(back-beyond, 0)) {
		moves = append(moves, giveBack(w, held)...)
	}
	return append(moves, withhold(part(wanted, more-beyond), room)...)
}

// part is changes of one sign, cut down in proportion to an amount of that sign.
func part(wanted []Loss, amount retail.Money) (cut []Loss) {
	weights := make([]int64, len(wanted))
	for i, w := range wanted {
		if (w.Amount < 0) == (amount < 0) {
			weights[i] = int64(max(w.Amount, -w.Amount))
		}
	}
	for i, share := range retail.Allocate(amount, weights) {
		if share != 0 {
			w := wanted[i]
			w.Amount = share
			cut = append(cut, w)
		}
	}
	return cut
}

// share is what is lost in all, shared out over the promotions that lose.
func share(lost []Loss) (wanted []Loss) {
	var net retail.Money
	weights := make([]int64, len(lost))
	for i, l := range lost {
		net += l.Amount
		weights[i] = int64(max(l.Amount, 0))
	}
	if net <= 0 {
		return nil
	}
	for i, amount := range retail.Allocate(net, weights) {
		wanted = append(wanted, Loss{Promotion: lost[i].Promotion, Version: lost[i].Version, Amount: amount})
	}
	return wanted
}

// heldBy adds up what is withheld, by promotion.
func heldBy(held []Held) (sums []Loss) {
	for _, h := range held {
		sums = add(sums, Loss{Promotion: h.Promotion, Version: h.Version, Amount: h.Amount})
	}
	return sums
}

func add(all []Loss, l Loss) []Loss {
	for i := range all {
		if all[i].Promotion == l.Promotion && all[i].Version == l.Version {
			all[i].Amount += l.Amount
			return all
		}
	}
	return append(all, l)
}

// giveBack shares what is given back of one promotion out over the lines that it was
// withheld from.
func giveBack(back Loss, held []Held) (moves []Held) {
	weights := make([]int64, len(held))
	for i, h := range held {
		if h.Promotion == back.Promotion && h.Version == back.Version {
			weights[i] = int64(h.Amount)
		}
	}
	for i, amount := range retail.Allocate(back.Amount, weights) {
		if amount != 0 {
			moves = append(moves, Held{Line: held[i].Line, Promotion: back.Promotion, Version: back.Version, Amount: amount})
		}
	}
	return moves
}

// withhold shares what is withheld out over what comes back, by its worth. There is room
// for it.
func withhold(more []Loss, room []Room) (moves []Held) {
	left := make([]int64, len(room))
	for i, r := range room {
		left[i] = int64(r.Worth)
	}
	for _, l := range more {
		for n, amount := range retail.Allocate(l.Amount, left) {
			if amount != 0 {
				moves = append(moves, Held{Line: room[n].Line, Promotion: l.Promotion, Version: l.Version, Amount: amount})
				left[n] -= int64(amount)
			}
		}
	}
	return moves
}

// Moved is what is withheld after moves: entries of the same line and promotion are one,
// and what has come to nothing is left out.
func Moved(held, moves []Held) (after []Held) {
	for _, h := range append(append([]Held(nil), held...), moves...) {
		at := -1
		for i := range after {
			if after[i].Line == h.Line && after[i].Promotion == h.Promotion && after[i].Version == h.Version {
				at = i
			}
		}
		if at < 0 {
			after = append(after, h)
		} else {
			after[at].Amount += h.Amount
		}
	}
	n := 0
	for _, h := range after {
		if h.Amount != 0 {
			after[n] = h
			n++
		}
	}
	return after[:n]
}

// HeldOf is what is withheld of a line.
func HeldOf(held []Held, line string) (sum retail.Money) {
	for _, h := range held {
		if h.Line == line {
			sum += h.Amount
		}
	}
	return sum
}
