package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// A sale that sells a card of 25.00 and is paid with 3.00 of another, and a return that puts
// 2.00 back, must stand in the ledgers of cards to the cent.
func TestReceiptsAndLedgersOfCardsAgree(t *testing.T) {
	receipts := map[string]string{
		"S1/1/1": `{"kind":"sale","lines":[{"quantity":1,"total":2500,"stored":"*AB12 X","goods":{"kind":"gift_card"}},{"quantity":1,"total":1250,"goods":{"kind":"goods"}}],
			"tenders":[{"type":"gift_card","amount":300},{"type":"cash","amount":3450}]}`,
		"S1/1/2": `{"kind":"return","lines":[{"quantity":-1,"total":-1250,"goods":{"kind":"goods"}}],"tenders":[{"type":"gift_card","amount":-200},{"type":"cash","amount":-1050}]}`,
		"S1/1/3": `{"kind":"sale","lines":[{"quantity":1,"total":2500,"stored":"*CD34 Y","goods":{"kind":"gift_card"}}],"tenders":[{"type":"card","amount":2500}]}`,
		"old/1":  `{"kind":"imported","tenders":[{"type":"gift_card","amount":900}]}`,
	}
	for _, tt := range []struct {
		name    string
		onCards map[string]int64
		want    string // of the faults, "" for none
	}{
		{"as written", map[string]int64{"S1/1/1": 2200, "S1/1/2": 200, "S1/1/3": 2500}, ""},
		{"others spend too", map[string]int64{"S1/1/1": 2200, "S1/1/2": 200, "S1/1/3": 2500, "web 7": -100}, ""},
		{"paid and not taken off", map[string]int64{"S1/1/1": 2500, "S1/1/2": 200, "S1/1/3": 2500}, "the sale S1/1/1 moved 2200 on cards, their ledgers say 2500"},
		{"taken off twice", map[string]int64{"S1/1/1": 1900, "S1/1/2": 200, "S1/1/3": 2500}, "the sale S1/1/1 moved 2200 on cards, their ledgers say 1900"},
		{"not given back", map[string]int64{"S1/1/1": 2200, "S1/1/3": 2500}, "the return S1/1/2 moved 200 on cards, their ledgers say 0"},
		{"sold and empty", map[string]int64{"S1/1/1": 2200, "S1/1/2": 200}, "the sale S1/1/3 moved 2500 on cards, their ledgers say 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := books{documents: map[string]booked{}, entries: map[string]string{}, onCards: tt.onCards}
			for id, text := range receipts {
				var r writtenReceipt
				if err := json.Unmarshal([]byte(text), &r); err != nil {
					t.Fatal(err)
				}
				b.documents[id] = r.booked()
			}
			for document := range tt.onCards {
				b.entries["entry of "+document] = document
			}
			var out bytes.Buffer
			v := verdict{out: &out}
			b.compareCards(&v)
			if got := strings.TrimSpace(strings.TrimPrefix(out.String(), "FAULT ")); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if _, elsewhere := tt.onCards["web 7"]; elsewhere != (v.Elsewhere == 1) {
				t.Errorf("%d entries elsewhere", v.Elsewhere)
			}
			if d := b.documents["S1/1/3"]; d.goods || !b.documents["S1/1/1"].goods {
				t.Error("a card moves no goods, a scarf does")
			}
		})
	}
}
