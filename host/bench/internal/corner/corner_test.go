package corner

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func open(t *testing.T) (*Server, *shop.Shop) {
	t.Helper()
	s := shop.New()
	c, err := Open(t.TempDir(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, s
}

func post(t *testing.T, c *Server, key string, sale shop.Sale) (int, string) {
	t.Helper()
	body, err := json.Marshal(sale)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/till/close", strings.NewReader(string(body)))
	r.Header.Set("Idempotency-Key", key)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestSaleAddsUpAndGoodsLeave(t *testing.T) {
	t.Parallel()
	c, s := open(t)
	sale := s.Sale(rand.New(rand.NewPCG(1, 1)), s.Stores[0], "1")
	code, text := post(t, c, "a", sale)
	var r till.Receipt
	if err := json.Unmarshal([]byte(text), &r); err != nil || code != http.StatusOK {
		t.Fatalf("%d %s: %v", code, text, err)
	}
	var sum retail.Money
	for _, l := range r.Lines {
		sum += l.Total
	}
	if sum != r.Total || r.Total <= 0 || r.Tenders[0].Amount-r.Change != r.Total+r.Rounding || r.Number != 1 {
		t.Errorf("the receipt does not add up: %s", text)
	}
	if sold, err := c.Sold(); err != nil || sold != sale.Units() {
		t.Errorf("%d units sold, %d gone, %v", sale.Units(), sold, err)
	}
}

func TestSameKeyWritesNothing(t *testing.T) {
	t.Parallel()
	c, s := open(t)
	random := rand.New(rand.NewPCG(1, 1))
	sale := s.Sale(random, s.Stores[0], "1")
	_, first := post(t, c, "a", sale)
	if code, again := post(t, c, "a", sale); code != http.StatusOK || again != first {
		t.Errorf("%d, another answer: %s", code, again)
	}
	if code, _ := post(t, c, "a", s.Sale(random, s.Stores[0], "1")); code != http.StatusUnprocessableEntity {
		t.Errorf("another sale under the same key: %d", code)
	}
	if sold, err := c.Sold(); err != nil || sold != sale.Units() {
		t.Errorf("%d units gone, %v", sold, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	c, s := open(t)
	good := s.Sale(rand.New(rand.NewPCG(1, 1)), s.Stores[0], "1")
	for name, spoil := range map[string]func(*shop.Sale){
		"no lines":          func(x *shop.Sale) { x.Lines = nil },
		"unknown SKU":       func(x *shop.Sale) { x.Lines = []shop.Line{{SKU: "none", Quantity: 1}} },
		"no quantity":       func(x *shop.Sale) { x.Lines = []shop.Line{{SKU: s.Products[0].SKU}} },
		"too little":        func(x *shop.Sale) { x.Tenders = []shop.Tender{{Type: "cash", Amount: 1}} },
		"a card":            func(x *shop.Sale) { x.Tenders = []shop.Tender{{Type: "card", Amount: 1}} },
		"no such gift card": func(x *shop.Sale) { *x = x.PaidByCard("nobody's") },
	} {
		sale := good
		spoil(&sale)
		if code, text := post(t, c, name, sale); code < 400 || code >= 500 {
			t.Errorf("%s: %d %s", name, code, text)
		}
	}
}

func TestGiftCardPaysOnce(t *testing.T) {
	t.Parallel()
	c, s := open(t)
	codes, err := c.Issue(2, shop.CardPays)
	if err != nil {
		t.Fatal(err)
	}
	sale := s.Sale(rand.New(rand.NewPCG(1, 1)), s.Stores[0], "1").PaidByCard(codes[0])
	code, text := post(t, c, "a", sale)
	var r till.Receipt
	if err := json.Unmarshal([]byte(text), &r); err != nil || code != http.StatusOK {
		t.Fatalf("%d %s: %v", code, text, err)
	}
	if r.Rounding != 0 || r.Tenders[0].Amount+r.Tenders[1].Amount-r.Change != r.Total || strings.Contains(text, codes[0]) {
		t.Errorf("the receipt does not add up, or shows the code: %s", text)
	}
	if code, text := post(t, c, "b", sale); code != http.StatusConflict {
		t.Errorf("an empty card paid: %d %s", code, text)
	}
	if sum, err := c.OnCards(); err != nil || sum != shop.CardPays {
		t.Errorf("%d left on both cards, %v", sum, err)
	}
	if sold, err := c.Sold(); err != nil || sold != sale.Units() {
		t.Errorf("%d units sold, %d gone, %v", sale.Units(), sold, err)
	}
}
