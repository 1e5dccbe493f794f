package devices

import (
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
)

// Terminal is a card terminal with the memory of its acquirer.
type Terminal struct {
	Payments map[string]*Payment `json:"payments"`
}

// Payment is what a terminal did under one key of a till.
type Payment struct {
	State         string `json:"state"` // authorised, refused, captured, reversed, refunded
	Amount        int64  `json:"amount"`
	Currency      string `json:"currency,omitempty"`
	Reason        string `json:"reason,omitempty"`
	Authorisation string `json:"authorisation,omitempty"`
	Original      string `json:"original,omitempty"` // of a refund
	Asked         int    `json:"asked"`              // how often something was asked of it
}

// Captured is what a terminal has taken, less what it has given back.
func (t *Terminal) Captured() (sum int64) {
	for _, p := range t.Payments {
		switch p.State {
		case "captured":
			sum += p.Amount
		case "refunded":
			sum -= p.Amount
		}
	}
	return sum
}

// Held is what a terminal holds and has not taken.
func (t *Terminal) Held() (sum int64) {
	for _, p := range t.Payments {
		if p.State == "authorised" {
			sum += p.Amount
		}
	}
	return sum
}

func (d *Devices) terminal(id string) *Terminal {
	t := d.state.Terminals[id]
	if t == nil {
		t = &Terminal{Payments: map[string]*Payment{}}
		d.state.Terminals[id] = t
	}
	return t
}

// status says what became of a payment, and does nothing.
func (d *Devices) status(w http.ResponseWriter, r *http.Request) {
	d.do(w, r, 0, func(trouble) reply {
		p := d.terminal(r.PathValue("device")).Payments[r.PathValue("payment")]
		if p == nil {
			return say(http.StatusNotFound, "state", "none")
		}
		return p.told()
	})
}

func (p *Payment) told() reply {
	return say(http.StatusOK, "state", p.State, "reason", p.Reason, "authorisation", p.Authorisation, "card", "4242", "amount", strconv.FormatInt(p.Amount, 10))
}

// act does something with a payment. The same once more does nothing once more.
func (d *Devices) act(w http.ResponseWriter, r *http.Request) {
	amount, err := strconv.ParseInt(r.FormValue("amount"), 10, 64)
	if err != nil || amount <= 0 {
		http.Error(w, "an amount is above zero", http.StatusBadRequest)
		return
	}
	d.do(w, r, amount, func(f trouble) reply {
		t, id := d.terminal(r.PathValue("device")), r.PathValue("payment")
		p := t.Payments[id]
		if p == nil {
			p = &Payment{Amount: amount, Currency: r.FormValue("currency")}
		}
		p.Asked++
		if p.Amount != amount {
			return say(http.StatusConflict, "state", p.State, "reason", "amount")
		}
		refusal := t.move(p, r.PathValue("action"), r.FormValue("original"), f)
		if p.State != "" {
			t.Payments[id] = p
		}
		if p.State == "authorised" && p.Authorisation == "" {
			p.Authorisation = fmt.Sprintf("%06d", crc32.ChecksumIEEE([]byte(id))%1_000_000)
		}
		if refusal != "" {
			return say(http.StatusPaymentRequired, "state", p.State, "reason", refusal)
		}
		return p.told()
	})
}

// move changes the state of a payment, or says why not.
func (t *Terminal) move(p *Payment, action, original string, f trouble) (refusal string) {
	switch action + " " + p.State {
	case "authorise ":
		if p.State = "authorised"; f.refuses() {
			p.State, p.Reason = "refused", string(f)
		}
	case "authorise authorised", "authorise captured", "authorise refused", "capture captured", "reverse reversed", "refund refunded":
	case "capture authorised":
		if f.refuses() {
			return string(f)
		}
		p.State = "captured"
	case "reverse ", "reverse authorised", "reverse refused": // one that never came is refused when it does
		p.State = "reversed"
	case "refund ":
		return t.refund(p, original, f)
	default:
		return "not_" + action
	}
	if action == "authorise" && p.State == "refused" {
		return p.Reason
	}
	return ""
}

// refund gives back of what was captured, and no more than that.
func (t *Terminal) refund(p *Payment, original string, f trouble) string {
	of := t.Payments[original]
	if of == nil || of.State != "captured" {
		return "not_captured"
	}
	left := of.Amount - p.Amount
	for _, other := range t.Payments {
		if other.State == "refunded" && other.Original == original {
			left -= other.Amount
		}
	}
	switch {
	case left < 0:
		return "too_much"
	case f.refuses():
		return string(f)
	}
	p.State, p.Original = "refunded", original
	return ""
}
