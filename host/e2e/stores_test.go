package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/e2e/making"
	"github.com/bottega-retail/bottega/host/hosttest"
)

// booted is a host of hosttest with some of the built modules. ahead is how far
// its clock is before ours, in nanoseconds; nil is not at all.
func booted(t *testing.T, ahead *atomic.Int64, ids ...string) *hosttest.Host {
	t.Helper()
	b, modules := binaries(t), t.TempDir()
	if err := making.Link(b.modules, modules, ids...); err != nil {
		t.Fatal(err)
	}
	o := hosttest.Options{Modules: modules, Cache: b.cache}
	if ahead != nil {
		o.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	}
	return hosttest.Start(t, o)
}

// caller asks a host with one credential.
type caller struct {
	t              *testing.T
	host           *hosttest.Host
	token, session string // one of them
	asked          *atomic.Int64
}

func ownerOfHost(t *testing.T, h *hosttest.Host) caller {
	return caller{t: t, host: h, token: h.Token, asked: &atomic.Int64{}}
}

// do asks: a path below /v1, or contract.operation as a POST.
func (c caller) do(method, path string, in object) ([]byte, *problem) {
	c.t.Helper()
	body := bytes.NewReader(nil)
	if in != nil {
		body = bytes.NewReader(in.json(c.t))
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.host.URL+"/v1/"+path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if method != http.MethodGet {
		req.Header.Set("Idempotency-Key", fmt.Sprintf("%p-%d", c.asked, c.asked.Add(1)))
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.session != "" {
		req.Header.Set("Cookie", "__Host-bottega="+c.session)
	}
	res, err := web.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode < 300 {
		return out, nil
	}
	p := &problem{Status: res.StatusCode}
	if err := json.Unmarshal(out, p); err != nil {
		c.t.Fatalf("%s %s: %s: %s", method, path, res.Status, out)
	}
	return nil, p
}

// run runs an operation of an app.
func (c caller) run(operation string, in object) ([]byte, *problem) {
	c.t.Helper()
	return c.do(http.MethodPost, strings.Replace(operation, ".", "/", 1), in)
}

// must is run of what must succeed.
func (c caller) must(operation string, in object) []byte {
	c.t.Helper()
	out, p := c.run(operation, in)
	if p != nil {
		c.t.Fatalf("%s: %v", operation, p)
	}
	return out
}

// made is what the host answers when something was made.
type made struct {
	ID, Secret, Session, Invitation, Consent, State string
	Revision                                        int
}

// office asks the host itself for what must succeed.
func (c caller) office(method, path string, in object) (out made) {
	c.t.Helper()
	body, p := c.do(method, "host/"+path, in)
	if p != nil {
		c.t.Fatalf("%s %s: %v", method, path, p)
	}
	if len(body) > 0 {
		readInto(c.t, body, &out)
	}
	return out
}

func readInto(t *testing.T, body []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(body, v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
}

// socks sells a pair of them.
func socks(store string) object {
	return object{
		"store": store, "till": "1", "cashier": "ada", "customer": "C-1",
		"lines": []object{{"sku": "SOCKS", "quantity": 1}}, "tenders": []object{{"type": "card", "amount": 699}},
	}
}

// TestStores: whoever is limited to a store, a person as well as a program,
// works there as always, and of another store he sees and changes nothing.
func TestStores(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	h := booted(t, &ahead, "catalog", "pricing", "stock", "till")
	owner := ownerOfHost(t, h)
	openShops(func(operation, _ string, in object) { owner.must(operation, in) })
	rights := []string{"till.*", "stock.*", "catalog.*", "pricing.*"}
	owner.office("POST", "roles", object{"id": "clerk", "title": object{"it": "Commessa", "en": "Clerk"}, "rights": rights})
	invited := owner.office("POST", "users", object{"name": "ada", "title": "Ada", "language": "it", "roles": []string{"clerk"}, "stores": []string{"S1"}})
	nobody := caller{t: t, host: h, asked: &atomic.Int64{}}
	ada := nobody
	ada.session = nobody.office("POST", "invitations", object{"invitation": invited.Invitation, "password": "sette fagioli blu"}).Session
	limited := object{"title": "Till of S1", "rights": rights, "stores": []string{"S1"}, "until": time.Now().Add(time.Hour)}
	lasting, revoked := owner.office("POST", "tokens", limited), owner.office("POST", "tokens", limited)
	program := owner
	program.token = lasting.Secret
	for _, who := range []caller{ada, program} {
		worksInOneStore(who, owner)
	}
	program.token = revoked.Secret
	program.must("till.day", object{"store": "S1", "day": "2026-01-01"})
	owner.office("DELETE", "tokens/"+revoked.ID, nil)
	program.unknown("a revoked token")
	program.token = lasting.Secret
	ahead.Store(int64(2 * time.Hour))
	program.unknown("a token whose time is over")
}

// unknown checks that the host knows the caller's credential no more.
func (c caller) unknown(what string) {
	c.t.Helper()
	if _, p := c.run("till.day", object{"store": "S1", "day": "2026-01-01"}); p == nil || p.Status != http.StatusUnauthorized {
		c.t.Errorf("%s: %v", what, p)
	}
}

// worksInOneStore checks one who is limited to S1, while the owner sells in S2.
func worksInOneStore(who, owner caller) {
	t := who.t
	t.Helper()
	var here, there, basket made
	readInto(t, who.must("till.close", socks("S1")), &here)
	readInto(t, owner.must("till.close", socks("S2")), &there)
	readInto(t, owner.must("till.open", object{"store": "S2", "till": "1", "cashier": "eva"}), &basket)
	owner.must("till.add", object{"basket": basket.ID, "sku": "SOCKS"})
	who.refusedElsewhere(there.ID, basket.ID)
	for operation, in := range map[string]object{
		"till.receipt":    {"receipt": here.ID},
		"till.receipts":   {"customer": "C-1"},
		"catalog.stores":  {},
		"stock.places":    {},
		"stock.look_up":   {"skus": []string{"SOCKS"}},
		"stock.movements": {"sku": "SOCKS"},
	} {
		out := string(who.must(operation, in))
		out = strings.ReplaceAll(out, `"original":"S2/`, "") // of what was bought there and came back here
		if strings.Contains(out, `"S2`) || !strings.Contains(out, `"S1`) {
			t.Errorf("%s answers %s", operation, out)
		}
	}
	// What was bought there comes back here, where goods and money move.
	who.must("till.returnable", object{"receipt": there.ID})
	who.must("till.return", object{"receipt": there.ID, "store": "S1", "till": "1", "cashier": "ada", "reason": "size", "lines": []object{{"line": "1", "quantity": 1}}})
	var now struct{ State string }
	if readInto(t, owner.must("till.basket", object{"basket": basket.ID}), &now); now.State != "open" {
		t.Errorf("the basket of S2 is %s", now.State)
	}
}

// refusedElsewhere tries everything on S2, a receipt and a basket of it.
func (c caller) refusedElsewhere(receipt, basket string) {
	c.t.Helper()
	one := []object{{"sku": "SOCKS", "quantity": 1}}
	pay := []object{{"type": "card", "amount": 699}}
	for _, tt := range []struct {
		operation string
		in        object
	}{
		{"till.close", socks("S2")},
		{"till.close", object{"basket": basket, "tenders": pay}},
		{"till.close", object{"basket": basket, "store": "S1", "tenders": pay}},
		{"till.basket", object{"basket": basket}},
		{"till.discard", object{"basket": basket}},
		{"till.receipt", object{"receipt": receipt}},
		{"till.receipt", object{"receipt": "S2/1/999"}},
		{"till.receipts", object{"store": "S2"}},
		{"till.void", object{"receipt": receipt, "cashier": "ada", "reason": "x"}},
		{"till.return", object{"receipt": receipt, "store": "S2", "till": "1", "cashier": "ada", "reason": "size", "lines": []object{{"line": "1", "quantity": 1}}}},
		{"till.verify", object{}},
		{"stock.sell", object{"store": "S2", "document": "x", "lines": one}},
		{"stock.receive", object{"to": "S2-floor", "document": "x", "lines": one}},
		{"stock.move", object{"from": "S2-floor", "to": "S1-floor", "reason": "transfer", "document": "x", "lines": one}},
		{"stock.count", object{"place": "S2-floor", "document": "x", "lines": []object{{"sku": "SOCKS", "actual": 1}}}},
		{"stock.look_up", object{"skus": []string{"SOCKS"}, "stores": []string{"S2"}}},
		{"catalog.store", object{"id": "S2"}},
		{"pricing.put_promotion", promotion("all", "All", object{}, 1000)},
	} {
		if _, p := c.run(tt.operation, tt.in); p == nil || p.Status != http.StatusForbidden || p.Reason != "store" {
			c.t.Errorf("%s %v: %v", tt.operation, tt.in, p)
		}
	}
}

// promotion is a percentage off goods, in basis points, everywhere and for everybody.
func promotion(id, name string, goods object, percent int) object {
	none := object{}
	return object{
		"id": id, "name": name, "period": none, "for": none, "not": none, "goods": goods, "except": none,
		"effects": []object{{"percent": percent}}, "stacking": none, "limits": none,
	}
}

// TestErasedReachesMessage: an erasure in customers empties the messages of the
// person in another app, also in one that was disabled when it happened.
func TestErasedReachesMessage(t *testing.T) {
	t.Parallel()
	owner := ownerOfHost(t, booted(t, nil, "customers", "message"))
	anna, bruno, _ := owner.writesTo("anna"), owner.writesTo("bruno"), owner.writesTo("carla")

	owner.must("customers.erase", object{"id": "C-anna"})
	owner.forgets(anna, "anna")

	owner.job("apps/message/disable", object{})
	owner.must("customers.erase", object{"id": "C-bruno"})
	if _, p := owner.run("message.message", object{"id": bruno}); p == nil || p.Status != http.StatusNotFound {
		t.Errorf("a disabled app answers %v", p)
	}
	plan := owner.office("POST", "apps/plan", object{"action": "enable", "id": "message"})
	owner.job("apps/message/enable", object{"consent": plan.Consent})
	owner.forgets(bruno, "bruno")
	if !owner.keeps("carla") {
		t.Error("a message to somebody who was not erased is gone")
	}
}

// writesTo writes to a new customer and answers the message's id. There is no
// route, so that nothing is sent, and the message is kept.
func (c caller) writesTo(name string) string {
	c.t.Helper()
	c.must("customers.create", object{
		"id": "C-" + name, "profile": object{"name": object{"given": name}},
		"identifiers": []object{{"type": "email", "value": name + "@example.com", "source": "test"}},
	})
	var m made
	readInto(c.t, c.must("message.send", object{
		"key": name, "customer": "C-" + name, "route": "email", "address": name + "@example.com", "purpose": "service",
		"texts": []object{{"language": "it", "body": "Cara " + name}},
	}), &m)
	if !c.keeps(name) {
		c.t.Fatalf("the message to %s is not kept", name)
	}
	return m.ID
}

// keeps says whether the records of message hold an address and a text. The data
// browser shows them as they are.
func (c caller) keeps(name string) bool {
	c.t.Helper()
	out, p := c.do("GET", "host/data/message/messages", nil)
	if p != nil {
		c.t.Fatal(p)
	}
	return bytes.Contains(out, []byte(name+"@example.com")) || bytes.Contains(out, []byte("Cara "+name))
}

// forgets waits until the message with an id holds nothing of the person.
func (c caller) forgets(id, name string) {
	c.t.Helper()
	for limit := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		out := c.must("message.message", object{"id": id})
		if bytes.Contains(out, []byte(`"forgotten":true`)) {
			break
		}
		if time.Now().After(limit) {
			c.t.Fatalf("still not forgotten: %s", out)
		}
	}
	if c.keeps(name) {
		c.t.Errorf("something of %s is left", name)
	}
}

// job asks for a change of the set of apps and waits until it is done.
func (c caller) job(path string, in object) {
	c.t.Helper()
	j := c.office("POST", path, in)
	for cmp.Or(j.State, "running") == "running" {
		j = c.office("GET", fmt.Sprintf("jobs/%s?wait=10&since=%d", j.ID, j.Revision), nil)
	}
	if j.State != "done" {
		c.t.Fatalf("%s is %s", path, j.State)
	}
}
