package device

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what happens into testdata")

// TestTables holds testdata/payment.txt and fiscal.txt: everything that may become of a
// payment and of a document, as a page that can be read and discussed. -update writes it.
func TestTables(t *testing.T) {
	t.Parallel()
	for name, got := range map[string]string{"payment.txt": payments(), "fiscal.txt": jobs()} {
		path := "testdata/" + name
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil || got != string(want) {
			t.Errorf("%s: %v\n%s", path, err, got)
		}
	}
}

// every payment that can be.
func every() (all []Payment) {
	for _, s := range []State{Asked, Authorised, Refused, Unknown, Taken, Captured, Uncollected, Reversing, Reversed, Refunding, Refunded} {
		switch s {
		case Asked:
			all = append(all, Payment{s, Authorise, ""})
		case Unknown:
			all = append(all, Payment{s, "", "offline"}, Payment{s, Status, ""})
		case Taken:
			all = append(all, Payment{s, Capture, ""}, Payment{s, Capture, "offline"})
		case Reversing:
			all = append(all, Payment{s, Reverse, ""}, Payment{s, Reverse, "offline"})
		case Refunding:
			all = append(all, Payment{s, "", ""}, Payment{s, Refund, ""}, Payment{s, Refund, "offline"}, Payment{s, "", NotCollected})
		default:
			all = append(all, Payment{State: s})
		}
	}
	return all
}

func (p Payment) words() string {
	text := string(p.State)
	if p.Action != "" {
		text += ", to " + string(p.Action)
	}
	if p.Trouble != "" {
		text += " (" + p.Trouble + ")"
	}
	return text
}

// payments writes what changes. What is not there changes nothing, or is refused.
func payments() string {
	var b strings.Builder
	for _, p := range every() {
		fmt.Fprintf(&b, "%s\n", p.words())
		line := func(what string, to Payment, ok bool) {
			if ok && to != p {
				fmt.Fprintf(&b, "  %-32s → %s\n", what, to.words())
			}
		}
		for _, a := range []Action{Authorise, Status, Capture, Reverse, Refund} {
			for _, o := range []Outcome{Done, No, Silent} {
				line(fmt.Sprintf("terminal: %s %s", a, o), p.Told(a, o, "offline"), true)
			}
		}
		to, ok := p.Take()
		line("a sale takes it", to, ok)
		to, ok = p.GiveUp()
		line("nobody wants it any more", to, ok)
		to, ok = p.Again()
		line("ask again", to, ok)
		for _, end := range []State{Authorised, Refused, Captured, Uncollected, Reversed, Refunded} {
			to, ok = p.Settle(end)
			line("a person: "+string(end), to, ok)
		}
	}
	return b.String()
}

func jobs() string {
	var b strings.Builder
	for _, j := range []Job{{State: Waiting}, {State: Queued}, {Stuck, "paper"}, {State: Fiscalised}} {
		fmt.Fprintf(&b, "%s %s\n", j.State, j.Trouble)
		line := func(what string, to Job, ok bool) {
			if ok && to != j {
				fmt.Fprintf(&b, "  %-20s → %s %s\n", what, to.State, to.Trouble)
			}
		}
		to, ok := j.Printed()
		line("device: printed", to, ok)
		line("device: cover open", j.Stick("cover"), true)
		to, ok = j.Again()
		line("print again", to, ok)
		to, ok = j.Settle()
		line("a person: number", to, ok)
	}
	return b.String()
}

// TestWhatIsOverStaysOver: once a payment is over nothing makes a sale take it, and the only
// thing that opens it again is money that turns out to be held.
func TestWhatIsOverStaysOver(t *testing.T) {
	t.Parallel()
	for _, p := range every() {
		if p.Open() {
			continue
		}
		if _, ok := p.Take(); ok {
			t.Errorf("%s is taken", p.words())
		}
		for _, a := range []Action{Authorise, Status, Capture, Reverse, Refund} {
			for _, o := range []Outcome{Done, No, Silent} {
				to := p.Told(a, o, "offline")
				held := o == Done && (a == Authorise || a == Status) && (p.State == Refused || p.State == Reversed)
				if held != (to != p) || held && to != (Payment{State: Reversing, Action: Reverse}) {
					t.Errorf("%s, %s %s: %s", p.words(), a, o, to.words())
				}
			}
		}
	}
}

// TestTurn: the device's Z has what the till wrote before its close and nothing of what it
// wrote later. What is stuck and what waits for another till's sale holds nothing up.
func TestTurn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ line, want string }{
		{"doc", "doc"}, {"doc doc", "doc doc"}, {"doc Z doc", "doc"}, {"queued Z doc", ""}, {"Z doc", "Z"},
		{"stuck Z doc", "Z"}, {"citing Z doc", "Z"}, {"stuckZ doc", "doc"}, {"queuedZ doc", ""}, {"queuedZ doc Z doc", ""}, {"citing doc", "doc"},
	} {
		var turn Turn
		var went []string
		for _, w := range strings.Fields(tt.line) {
			j := Job{State: Waiting}
			switch {
			case strings.HasPrefix(w, "queued"):
				j.State = Queued
			case strings.HasPrefix(w, "stuck"):
				j.State = Stuck
			}
			if turn.Next(j, strings.HasSuffix(w, "Z"), w == "citing") {
				went = append(went, w)
			}
		}
		if got := strings.Join(went, " "); got != tt.want {
			t.Errorf("%s: %q goes, want %q", tt.line, got, tt.want)
		}
	}
}
