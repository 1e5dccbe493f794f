// Package corner is the server that a good developer writes by hand for the one
// thing it has to do: net/http, encoding/json and one bbolt Update per sale. It
// is the peer of the sale over all apps, so it prices the same basket to the
// same cent and writes the same documents under as many keys; what it has not
// is apart apps, permissions, limits and schemas. It must not know the host.
package corner

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"github.com/bottega-retail/bottega/host/bench/internal/peer"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
)

// The buckets. Goods and prices are read by each sale, as a change of price
// must count at once; promotions are few and kept in memory.
var (
	bucketGoods = []byte("goods") // sku -> JSON
	bucketPrice = []byte("price") // sku -> JSON
	bucketData  = []byte("data")  // everything that sales write
	bucketLog   = []byte("log")   // events by position
)

// Server answers POST /v1/till/close. Safe for concurrent use.
type Server struct {
	db         *bbolt.DB
	promotions map[string]shop.Promotion // by brand
	zone       *time.Location
	mux        *http.ServeMux
}

// Open makes a database with the shop in a folder.
func Open(dir string, s *shop.Shop) (*Server, error) {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, err
	}
	db, err := bbolt.Open(filepath.Join(dir, "corner.db"), 0o600, peer.BboltOptions())
	if err != nil {
		return nil, err
	}
	c := &Server{db: db, promotions: map[string]shop.Promotion{}, zone: zone, mux: http.NewServeMux()}
	for _, p := range s.Promotions {
		c.promotions[p.Brand] = p
	}
	c.mux.HandleFunc("POST /v1/till/close", c.close)
	return c, db.Update(func(tx *bbolt.Tx) error { return fill(tx, s) })
}

func fill(tx *bbolt.Tx, s *shop.Shop) error {
	for _, name := range [][]byte{bucketGoods, bucketPrice, bucketData, bucketLog} {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	for _, p := range s.Products {
		err := errors.Join(
			put(tx.Bucket(bucketGoods), p.SKU, goods{Product: "P-" + p.SKU, Name: p.Name, Brand: p.Brand, Category: p.Category, VATRate: shop.VATRate}),
			put(tx.Bucket(bucketPrice), p.SKU, price{List: "retail", Amount: p.Price}))
		for _, store := range s.Stores {
			err = errors.Join(err, add(tx.Bucket(bucketData), onHand(store+"-floor", p.SKU), shop.Stock))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// put writes a record as JSON.
func put(b *bbolt.Bucket, key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Put([]byte(key), text)
}

// ServeHTTP implements http.Handler.
func (c *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// Close closes the database.
func (c *Server) Close() error { return c.db.Close() }

// maxBody is how much of a request is read, in bytes.
const maxBody = 1 << 20

// problem is an answer that is no success.
type problem struct {
	status int
	text   string
}

func (p problem) Error() string { return p.text }

func (c *Server) close(w http.ResponseWriter, r *http.Request) {
	answer, err := c.sale(r)
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		p := problem{http.StatusInternalServerError, err.Error()}
		errors.As(err, &p)
		w.WriteHeader(p.status)
		fmt.Fprintf(w, `{"detail":%q}`, p.text)
		return
	}
	_, _ = w.Write(answer) // the client may be gone; the sale stands
}

// sale prices outside of the writer and writes everything in one Update.
func (c *Server) sale(r *http.Request) ([]byte, error) {
	key := r.Header.Get("Idempotency-Key")
	if key == "" {
		return nil, problem{http.StatusBadRequest, "no idempotency key"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, problem{http.StatusRequestEntityTooLarge, err.Error()}
	}
	var in shop.Sale
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, problem{http.StatusBadRequest, err.Error()}
	}
	if in.Store == "" || in.Till == "" || in.Cashier == "" || len(in.Lines) == 0 {
		return nil, problem{http.StatusBadRequest, "store, till, cashier and lines are required"}
	}
	doc, err := c.price(&in)
	if err != nil {
		return nil, err
	}
	return c.write(key, sha256.Sum256(body), doc)
}
