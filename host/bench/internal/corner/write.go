package corner

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/oklog/ulid/v2"
	"go.etcd.io/bbolt"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
)

// write gives the receipt its number and writes it with all that belongs to it,
// or answers what was answered to the same request before.
func (c *Server) write(key string, hash [sha256.Size]byte, r *till.Receipt) (answer []byte, err error) {
	err = c.db.Update(func(tx *bbolt.Tx) error {
		data := tx.Bucket(bucketData)
		idempotency := []byte("k/close/" + key)
		if before := data.Get(idempotency); before != nil {
			if !bytes.Equal(before[:sha256.Size], hash[:]) {
				return problem{http.StatusUnprocessableEntity, "this key was used for another request"}
			}
			answer = bytes.Clone(before[sha256.Size:])
			return nil
		}
		if answer, err = c.documents(tx, data, r); err != nil {
			return err
		}
		return data.Put(idempotency, append(hash[:], answer...))
	})
	return answer, err
}

// documents writes receipt and movement, their ways to be found, the counters
// and both events, and answers the receipt in JSON.
func (c *Server) documents(tx *bbolt.Tx, data *bbolt.Bucket, r *till.Receipt) ([]byte, error) {
	if err := number(data, r); err != nil {
		return nil, err
	}
	if err := redeem(tx, data, r); err != nil {
		return nil, err
	}
	receipt, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	m := movement(r)
	moved, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	err = errors.Join(
		data.Put([]byte("receipt/"+r.ID), receipt),
		data.Put([]byte(fmt.Sprintf("by_series/%s/%s/%012d", r.Store, r.Till, r.Number)), []byte(r.ID)),
		data.Put([]byte(fmt.Sprintf("by_day/%s/%s/%d/%s", r.Store, r.Day, r.At, r.ID)), []byte(r.ID)),
		move(data, m, moved),
		event(tx, "till.closed", receipt),
		event(tx, "stock.moved", moved))
	return receipt, err
}

// number takes the next one of the till.
func number(data *bbolt.Bucket, r *till.Receipt) error {
	key := fmt.Sprintf("series/%s/%s", r.Store, r.Till)
	var last int64
	if text := data.Get([]byte(key)); text != nil {
		if err := json.Unmarshal(text, &last); err != nil {
			return err
		}
	}
	r.Number = last + 1
	r.ID = string(r.Store) + "/" + r.Till + "/" + strconv.FormatInt(r.Number, 10)
	return put(data, key, r.Number)
}

func movement(r *till.Receipt) *stock.Movement {
	m := &stock.Movement{
		ID: ulid.MustNew(uint64(r.At), rand.Reader).String(), Document: r.ID, Reason: stock.Sale,
		Place: stock.PlaceID(r.Store + "-floor"), Store: r.Store, Actor: "local", App: "till", At: r.At, Recorded: r.At,
	}
	for _, l := range r.Lines {
		m.Entries = append(m.Entries, stock.Entry{SKU: l.SKU, From: m.Place, To: stock.Customer, Quantity: l.Quantity})
	}
	return m
}

// move writes the movement and moves the counters of both places.
func move(data *bbolt.Bucket, m *stock.Movement, text []byte) error {
	once := []byte("once/sale " + m.Document)
	if data.Get(once) != nil {
		return problem{http.StatusConflict, "this document has sold already"}
	}
	id := []byte(m.ID)
	err := errors.Join(
		data.Put([]byte("movement/"+m.ID), text),
		data.Put(once, id),
		data.Put([]byte("by_document/"+m.Document+"/"+m.ID), id),
		data.Put([]byte("by_place/"+string(m.Place)+"/"+m.ID), id),
		data.Put([]byte("by_place/"+string(stock.Customer)+"/"+m.ID), id))
	for _, e := range m.Entries {
		err = errors.Join(err,
			data.Put([]byte("by_sku/"+string(e.SKU)+"/"+m.ID), id),
			add(data, onHand(string(e.From), string(e.SKU)), -int64(e.Quantity)),
			add(data, onHand(string(e.To), string(e.SKU)), int64(e.Quantity)))
	}
	return err
}

func onHand(place, sku string) []byte { return []byte("on_hand/" + place + "/" + sku) }

// add moves a counter.
func add(data *bbolt.Bucket, key []byte, delta int64) error {
	return data.Put(key, binary.BigEndian.AppendUint64(nil, uint64(counter(data.Get(key))+delta)))
}

func counter(value []byte) int64 {
	if len(value) != 8 {
		return 0
	}
	return int64(binary.BigEndian.Uint64(value))
}

// event appends to the log.
func event(tx *bbolt.Tx, name string, payload []byte) error {
	log := tx.Bucket(bucketLog)
	n, err := log.NextSequence()
	if err != nil {
		return err
	}
	log.FillPercent = 0.9
	return log.Put(binary.BigEndian.AppendUint64(nil, n), fmt.Appendf(nil, `{"type":%q,"data":%s}`, name, payload))
}

// Sold is how many units have left all floors.
func (c *Server) Sold() (units int64, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		return each(tx.Bucket(bucketData), string(onHand(string(stock.Customer), "")), func(value []byte) error {
			units += counter(value)
			return nil
		})
	})
	return units, err
}

// each calls fn with the values of all keys that begin with a prefix.
func each(b *bbolt.Bucket, prefix string, fn func(value []byte) error) error {
	cur := b.Cursor()
	for k, v := cur.Seek([]byte(prefix)); bytes.HasPrefix(k, []byte(prefix)); k, v = cur.Next() {
		if err := fn(v); err != nil {
			return err
		}
	}
	return nil
}

// Keys answers every key with its value, to see what a sale writes.
func (c *Server) Keys() (all map[string]string, err error) {
	all = map[string]string{}
	err = c.db.View(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketData, bucketLog} {
			if err := tx.Bucket(name).ForEach(func(k, v []byte) error {
				all[string(name)+"/"+string(k)] = string(v)
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}
