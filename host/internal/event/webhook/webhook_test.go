package webhook

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bottega-retail/bottega/host/internal/event/egress"
	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// TestDelivery goes over TLS to a real server: signed, with an id that stays, and
// not behind a redirect.
func TestDelivery(t *testing.T) {
	t.Parallel()
	type got struct {
		header http.Header
		body   []byte
	}
	came := make(chan got, 8)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		came <- got{r.Header, body}
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/hook", http.StatusTemporaryRedirect)
			return
		}
		_, _ = io.WriteString(w, "<script>\x1b"+strings.Repeat("a", 4<<10))
	}))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	client := egress.New(egress.Config{Roots: roots, Allow: func(a netip.AddrPort) bool { return a.Addr().IsLoopback() }})
	defer client.Close()
	f := setup(t, client, func(c *Config) { c.Insecure = true })
	before := f.emit("till.closed")
	hook := f.create(NewWebhook{URL: server.URL + "/hook"})
	moved := f.create(NewWebhook{URL: server.URL + "/moved"})
	at := f.emit("till.closed", "stock.moved")
	stop := f.work()
	for range 2 {
		g := <-came
		var e struct {
			Type     string
			Position uint64
		}
		if err := json.Unmarshal(g.body, &e); err != nil || e.Type != "till.closed" || e.Position != at-1 || e.Position <= before {
			t.Errorf("got %s, %v", g.body, err)
		}
		secret := hook.Secret
		if strings.HasSuffix(g.header.Get("webhook-id"), "."+moved.ID) {
			secret = moved.Secret
		}
		if !verify(secret, g.header, g.body) || g.header.Get("content-type") != "application/json" {
			t.Errorf("headers %v", g.header)
		}
	}
	for f.deliveries(hook.ID)[0].Last == nil || f.deliveries(moved.ID)[0].Last == nil {
		<-f.written
	}
	stop()
	d := f.deliveries(hook.ID)
	if len(d) != 1 || d[0].State != stateDelivered || d[0].Attempts != 1 || d[0].Last.Status != 200 || !strings.HasPrefix(d[0].Last.Answer, `<script>\x1ba`) || len(d[0].Last.Answer) > answerMost+8 {
		t.Errorf("deliveries %+v", d)
	}
	d = f.deliveries(moved.ID)
	if len(d) != 1 || d[0].State != stateWaiting || d[0].Last.Status != http.StatusTemporaryRedirect || d[0].Last.Why != whyRefused {
		t.Errorf("after a redirect: %+v", d)
	}
	if len(came) != 0 {
		t.Error("a redirect was followed")
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(nil)
		f := setup(t, b)
		// Each secret is another one.
		n := byte(0)
		f.config.Random = reader(func(p []byte) (int, error) {
			n++
			for i := range p {
				p[i] = n
			}
			return len(p), nil
		})
		hook := f.create(NewWebhook{})
		f.work()
		next := must[MadeWebhook](f, "host.webhooks.rotate", Rotation{ID: hook.ID})
		if next.Secret == hook.Secret || next.Rotating.IsZero() {
			t.Fatalf("rotated: %+v", next)
		}
		check := func(when string, want ...bool) {
			t.Helper()
			f.emit("till.closed")
			synctest.Wait()
			all := b.all()
			m := all[len(all)-1]
			if verify(hook.Secret, m.header, []byte(m.body)) != want[0] || verify(next.Secret, m.header, []byte(m.body)) != want[1] {
				t.Errorf("%s: signed %s", when, m.header)
			}
		}
		check("at once", true, true)
		time.Sleep(rotationTakes - time.Second)
		check("before a day is over", true, true)
		time.Sleep(2 * time.Second)
		check("after a day", false, true)
		hook = next
		next = must[MadeWebhook](f, "host.webhooks.rotate", Rotation{ID: hook.ID, Immediately: true})
		check("after a leak", false, true)
	})
}

type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

func TestResend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(nil)
		f := setup(t, b)
		f.emit("till.closed") // before there was a webhook
		hook := f.create(NewWebhook{})
		f.work()
		from := f.emit("till.closed", "stock.moved", "till.closed") - 2
		synctest.Wait()
		d := f.deliveries(hook.ID)
		if len(d) != 2 || len(b.all()) != 2 {
			t.Fatalf("%d rows, %d sent", len(d), len(b.all()))
		}
		if r := must[Delivery](f, "host.deliveries.resend", Named{d[0].ID}); r.State != stateWaiting {
			t.Errorf("resend answered %+v", r)
		}
		synctest.Wait()
		if all := b.all(); len(all) != 3 || all[2].id != d[0].Event+"."+hook.ID {
			t.Errorf("sent %+v", all)
		}
		if r := must[Resent](f, "host.webhooks.resend", Resend{ID: hook.ID, From: "1"}); r.Count != 3 || r.Next != "" {
			t.Errorf("everything again: %+v", r)
		}
		synctest.Wait()
		if r := must[Resent](f, "host.webhooks.resend", Resend{ID: hook.ID, From: fmt.Sprint(from), To: fmt.Sprint(from)}); r.Count != 1 {
			t.Errorf("one again: %+v", r)
		}
		synctest.Wait()
		if d = f.deliveries(hook.ID); len(d) != 3 || len(b.all()) != 7 || slices.ContainsFunc(d, func(d Delivery) bool { return d.State != stateDelivered }) {
			t.Errorf("%d sent, rows %+v", len(b.all()), d)
		}
		for want, in := range map[string]any{
			"not_found webhook": Named{"nothing"}, "not_found delivery": Named{hook.ID + ".000000000000ffff"},
		} {
			f.refuses(want, "host.deliveries.resend", in)
		}
		f.refuses("invalid malformed", "host.webhooks.resend", Resend{ID: hook.ID, From: "0"})
		f.refuses("invalid malformed", "host.webhooks.resend", Resend{ID: hook.ID, From: "5", To: "4"})
	})
}

// TestResendMuch goes on from page to page.
func TestResendMuch(t *testing.T) {
	t.Parallel()
	f := setup(t, newInbox(nil))
	hook := f.create(NewWebhook{})
	for range 3 {
		f.emit(slices.Repeat([]string{"till.closed"}, 400)...)
	}
	count, calls := 0, 0
	for from := "1"; from != ""; calls++ {
		r := must[Resent](f, "host.webhooks.resend", Resend{ID: hook.ID, From: from})
		count, from = count+r.Count, r.Next
	}
	if count != 1200 || calls != 3 {
		t.Errorf("%d in %d calls", count, calls)
	}
	page := must[Deliveries](f, "host.deliveries.list", map[string]any{"id": hook.ID, "state": stateFailed})
	if len(page.Items) != 0 || page.Next == "" {
		t.Errorf("failed: %d, next %q", len(page.Items), page.Next)
	}
}

// TestUnreadableEvent: what cannot be shown is no fault of the receiver's.
func TestUnreadableEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(nil)
		f := setup(t, b)
		hook := f.create(NewWebhook{})
		f.work()
		f.emit("till.broken", "till.closed")
		synctest.Wait()
		d := f.deliveries(hook.ID)
		if len(d) != 2 || d[1].State != stateFailed || d[1].Last.Why != whyBody || d[0].State != stateDelivered || !must[Webhook](f, "host.webhooks.get", Named{hook.ID}).Failing.IsZero() {
			t.Errorf("deliveries %+v", d)
		}
	})
}

// TestH32TestIsNoPortScanner: whatever is behind the address, a failed test looks
// and takes the same, and few are made in a minute.
func TestH32TestIsNoPortScanner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t, posting(func(ctx context.Context, to string, _ http.Header, body []byte) (int, error) {
			switch {
			case strings.HasSuffix(to, "/open"):
				return 404, nil
			case strings.HasSuffix(to, "/closed"):
				return 0, errors.New("connection refused")
			case strings.HasSuffix(to, "/filtered"):
				<-ctx.Done()
				return 0, ctx.Err()
			case !strings.Contains(string(body), `"type":"webhook.test"`):
				t.Errorf("sent %s", body)
			}
			return 202, nil
		}))
		for i, path := range []string{"open", "closed", "filtered", "good", "open", "open"} {
			hook := f.create(NewWebhook{URL: "https://shop.example.com/" + path})
			begun := time.Now()
			res := must[map[string]any](f, "host.webhooks.test", Named{hook.ID})
			took := time.Since(begun)
			if path == "good" {
				if len(res) != 1 || res["delivered"] != true {
					t.Errorf("%s: %v", path, res)
				}
			} else if len(res) != 1 || res["delivered"] != false || took != 5*time.Second {
				t.Errorf("%d, %s: %v after %s", i, path, res, took)
			}
			if d := f.deliveries(hook.ID); len(d) != 0 {
				t.Errorf("a test left %+v", d)
			}
			if i == 5 {
				f.refuses("exhausted tests", "host.webhooks.test", Named{hook.ID})
				time.Sleep(time.Minute)
				must[TestResult](f, "host.webhooks.test", Named{hook.ID})
			}
		}
		f.refuses("not_found webhook", "host.webhooks.test", Named{"nothing"})
	})
}

func TestChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newInbox(nil)
		f := setup(t, b)
		f.refuses("invalid "+ReasonTarget, "host.webhooks.create", NewWebhook{URL: "https://10.0.0.1/", Types: []string{"*"}})
		f.refuses("invalid malformed", "host.webhooks.create", NewWebhook{URL: "https://shop.example.com/", Types: []string{"*"}, Kind: "v2"})
		f.refuses("invalid malformed", "host.webhooks.create", NewWebhook{URL: "https://shop.example.com/", Types: []string{"*"}, Description: "a\nb"})
		clerk := identity.Principal{ID: "user:clerk", Rights: []string{right}, Stores: []string{"1"}}
		if err := f.ask(clerk, "host.webhooks.create", NewWebhook{URL: "https://shop.example.com/", Types: []string{"*"}}, nil); reason(err) != "denied store" {
			t.Errorf("of one store: %v", err)
		}
		for name, o := range f.ops {
			if err := f.ask(identity.Principal{ID: "user:x", Rights: []string{"host.events"}}, name, struct{}{}, nil); reason(err) != "denied permission" || o.Right != right {
				t.Errorf("%s without the right: %v", name, err)
			}
		}
		hook := f.create(NewWebhook{Kind: kindEd25519, Description: "of the shop"})
		if at := must[Webhook](f, "host.webhooks.get", Named{hook.ID}).Position; hook.Position != "" || at != "1" {
			t.Errorf("it begins at %q, then %q", hook.Position, at)
		}
		if hook.Secret != "" || !strings.HasPrefix(hook.PublicKey, "whpk_") {
			t.Errorf("made %+v", hook)
		}
		f.work()
		to := "https://other.example.com/hook"
		f.refuses("conflict stale", "host.webhooks.update", Change{ID: hook.ID, IfMatch: "0", URL: &to})
		bad := "https://localhost/"
		f.refuses("invalid "+ReasonTarget, "host.webhooks.update", Change{ID: hook.ID, IfMatch: hook.ETag, URL: &bad})
		w := must[Webhook](f, "host.webhooks.update", Change{ID: hook.ID, IfMatch: hook.ETag, URL: &to, Types: []string{"stock.moved"}})
		if w.URL != to || w.Description != "of the shop" || w.ETag == hook.ETag {
			t.Errorf("changed: %+v", w)
		}
		f.emit("till.closed", "stock.moved")
		synctest.Wait()
		if all := b.all(); len(all) != 1 || all[0].to != to || !strings.Contains(all[0].body, "stock.moved") {
			t.Errorf("sent %+v", all)
		}
		must[Webhook](f, "host.webhooks.disable", Named{hook.ID})
		must[platform.None](f, "host.webhooks.delete", Named{hook.ID})
		f.refuses("not_found webhook", "host.deliveries.list", Named{hook.ID})
		synctest.Wait()
		for _, area := range []string{"webhook", "delivery", areaDue, areaCursor, areaGone} {
			if err := f.read(t.Context(), "test", func(tx *kernel.Tx) error {
				rows, err := tx.Page(area, "", "", 10, false)
				if len(rows) != 0 {
					t.Errorf("%s holds %v", area, rows)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"host.webhook_created", "host.webhook_changed", "till.closed", "stock.moved", "host.webhook_disabled", "host.webhook_deleted"}
		if got := f.logged(); !slices.Equal(got, want) {
			t.Errorf("logged %q", got)
		}
	})
}

// TestSecretIsSealed: storage and audit do not tell it.
func TestSecretIsSealed(t *testing.T) {
	t.Parallel()
	f := setup(t, newInbox(nil))
	letter := "q" // of the secret; what seals it is another
	f.config.Random = reader(func(p []byte) (int, error) {
		n := copy(p, strings.Repeat(letter, len(p)))
		letter = "n"
		return n, nil
	})
	hook := f.create(NewWebhook{})
	if err := f.read(t.Context(), "test", func(tx *kernel.Tx) error {
		h, _, err := hooks.Get(tx, hook.ID)
		if err != nil || len(h.Secret) == 0 || strings.Contains(string(h.Secret), "qqqq") {
			t.Errorf("stored %q, %v", h.Secret, err)
		}
		rows, err := tx.Audit("", 10)
		if err != nil || len(rows) != 1 {
			return fmt.Errorf("%d lines of audit: %w", len(rows), err)
		}
		line, err := outbox.ParseAudit(rows[0].Value)
		if line.Action != "host.webhooks.create" || line.Principal != "local" || !slices.Equal(line.Objects, []string{"webhook:" + hook.ID}) {
			t.Errorf("audited %+v", line)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if w := must[map[string]any](f, "host.webhooks.get", Named{hook.ID}); w["secret"] != nil {
		t.Errorf("shown again: %v", w)
	}
}

func TestAtMost(t *testing.T) {
	t.Parallel()
	f := setup(t, newInbox(nil))
	for range maxHooks {
		f.create(NewWebhook{})
	}
	f.refuses("exhausted webhooks", "host.webhooks.create", NewWebhook{URL: "https://shop.example.com/", Types: []string{"*"}})
	page := must[Webhooks](f, "host.webhooks.list", Listing{Limit: 60})
	rest := must[Webhooks](f, "host.webhooks.list", Listing{Limit: 60, After: page.Next})
	if len(page.Items) != 60 || len(rest.Items) != 40 || rest.Next != "" {
		t.Errorf("%d and %d, next %q", len(page.Items), len(rest.Items), rest.Next)
	}
}
