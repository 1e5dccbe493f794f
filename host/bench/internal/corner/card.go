package corner

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// card is a gift card. It is found by a keyed hash of its code, which is kept nowhere.
type card struct {
	ID      string         `json:"id"`
	Code    string         `json:"code"` // hash
	Masked  string         `json:"masked"`
	Kind    string         `json:"kind"`
	Issued  retail.Instant `json:"issued"`
	Active  bool           `json:"active"`
	Balance retail.Money   `json:"balance"`
	Used    retail.Money   `json:"used"`
	Entries int64          `json:"entries"`
}

// cardKind is the kind of all cards.
const cardKind = "gift"

var salt = []byte("a salt for the codes of gift cards")

func hashed(code string) string {
	h := hmac.New(sha256.New, salt)
	h.Write([]byte(code))
	return hex.EncodeToString(h.Sum(nil))
}

// Issue makes active cards, each with so much on it, and answers their codes.
func (c *Server) Issue(n int, amount int64) (codes []string, err error) {
	err = c.db.Update(func(tx *bbolt.Tx) error {
		data := tx.Bucket(bucketData)
		for i := range n {
			code := fmt.Sprintf("CARD-%04d-BENCH", i)
			k := card{
				ID: fmt.Sprintf("C%04d", i), Code: hashed(code), Masked: "*" + code[len(code)-4:], Kind: cardKind,
				Issued: retail.Instant(time.Now().UnixMilli()), Active: true, Balance: retail.Money(amount),
			}
			if err := errors.Join(put(data, "card/"+k.ID, k), data.Put([]byte("by_code/"+k.Code), []byte(k.ID))); err != nil {
				return err
			}
			codes = append(codes, code)
		}
		return nil
	})
	return codes, err
}

// redeem takes the tenders of a receipt that are gift cards, and puts in place of their
// codes what a receipt may keep.
func redeem(tx *bbolt.Tx, data *bbolt.Bucket, r *till.Receipt) error {
	for i := range r.Tenders {
		t := &r.Tenders[i]
		if t.Type != shop.GiftCard {
			continue
		}
		k, err := pay(tx, data, r, t.Reference, t.Amount)
		if err != nil {
			return err
		}
		t.Reference = k.Masked + " " + k.ID
		left := k.Balance
		r.Printed = append(r.Printed, till.Printed{Type: t.Type, Reference: t.Reference, Left: &left})
	}
	return nil
}

// pay takes an amount from the card of a code and books it: the card, its entry with its
// ways to be found, what is owed by kind and day, and the event.
func pay(tx *bbolt.Tx, data *bbolt.Bucket, r *till.Receipt, code string, amount retail.Money) (k card, err error) {
	id := data.Get([]byte("by_code/" + hashed(code)))
	if id == nil || !get(data, "card/"+string(id), &k) {
		return k, problem{http.StatusNotFound, "nobody knows this code"}
	}
	if !k.Active || amount <= 0 || amount > k.Balance {
		return k, problem{http.StatusConflict, "the card does not hold that much"}
	}
	k.Balance, k.Used, k.Entries = k.Balance-amount, k.Used+amount, k.Entries+1
	e := vouchers.Entry{
		Card: k.ID, Number: k.Entries, Kind: k.Kind, Type: vouchers.EntryRedeem, Amount: -amount, Balance: k.Balance, Currency: "EUR",
		At: r.At, Document: r.ID, Store: r.Store, By: "local",
	}
	name := e.Card + "/" + strconv.FormatInt(e.Number, 10)
	told, err := json.Marshal(vouchers.Moved{
		Card: k.ID, Kind: k.Kind, Type: vouchers.GiftCard, Entity: r.Entity, Currency: e.Currency, Amount: e.Amount, Balance: k.Balance,
		Document: r.ID, Store: r.Store,
	})
	return k, errors.Join(err,
		put(data, "card/"+k.ID, k),
		put(data, "entry/"+name, e),
		data.Put(fmt.Appendf(nil, "by_time/%s/%d/%s", e.Kind, e.At, name), []byte(name)),
		data.Put([]byte("by_card_document/"+e.Document+"/"+name), []byte(name)),
		data.Put([]byte("by_original//"+name), []byte(name)),
		add(data, []byte("movements/"+e.Kind+"/redeemed/"+string(r.Day)), int64(amount)),
		add(data, []byte("movements/"+e.Kind+"/redeemed/"+string(r.Day[:7])), int64(amount)),
		event(tx, "vouchers.redeemed", told))
}

// OnCards is how much is on all cards together.
func (c *Server) OnCards() (sum int64, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		return each(tx.Bucket(bucketData), "card/", func(text []byte) error {
			var k card
			err := json.Unmarshal(text, &k)
			sum += int64(k.Balance)
			return err
		})
	})
	return sum, err
}
