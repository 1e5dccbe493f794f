package account

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, s := f.hire("anna", nil, "owner")
	p := f.who(s)
	f.clock.pass(time.Second)
	_ = must[Role](f, p, "host.roles.create", NewRole{"stocker", identity.Title{IT: "x", EN: "x"}, []string{"stock.read"}})
	f.clock.pass(time.Second)
	made := must[MadeToken](f, p, "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}})
	f.clock.pass(time.Second)
	_ = must[platform.None](f, p, "host.tokens.revoke", Ref{made.ID})
	f.clock.pass(time.Second)
	if _, err := f.login("anna", password, home); err != nil {
		t.Fatal(err)
	}
	want := []string{
		p.ID + " host.roles.create role:stocker done",
		p.ID + " host.tokens.create token:" + made.ID + " done",
		p.ID + " host.tokens.revoke token:" + made.ID + " done",
		"user:" + u.ID + " host.sessions.create user:" + u.ID + " done",
	}
	if got := f.audited(); !slices.Equal(got[len(got)-4:], want) {
		t.Errorf("%q", got)
	}
	for name, c := range map[string]struct {
		q    AuditQuery
		want int
	}{
		"all":            {AuditQuery{}, 6},
		"of a principal": {AuditQuery{Principal: "local"}, 1},
		"of an action":   {AuditQuery{Action: "host.roles.create"}, 1},
		"of a group":     {AuditQuery{Action: "host.tokens.*"}, 2},
		"of a contract":  {AuditQuery{Action: "host.*"}, 6},
		"of an object":   {AuditQuery{Object: "token:" + made.ID}, 2},
		"of both":        {AuditQuery{Object: "token:" + made.ID, Action: "host.tokens.revoke"}, 1},
		"of nothing":     {AuditQuery{Object: "token:"}, 0},
	} {
		var lines []AuditLine
		for after, page := "", 0; ; page++ {
			c.q.Listing = Listing{Limit: 1, After: after}
			answer := must[AuditPage](f, identity.Local(), "host.audit.list", c.q)
			lines = append(lines, answer.Items...)
			if after = answer.Next; after == "" {
				break
			}
		}
		if len(lines) != c.want {
			t.Errorf("%s: %v", name, lines)
		}
		if !slices.IsSortedFunc(lines, func(x, y AuditLine) int { return strings.Compare(y.ID, x.ID) }) {
			t.Errorf("%s: out of order", name)
		}
	}
	if line := must[AuditPage](f, identity.Local(), "host.audit.list", AuditQuery{Action: "host.tokens.revoke"}).Items[0]; line.Credential != p.Credential || line.Request != "req" {
		t.Errorf("%+v", line)
	}
	f.refuses(identity.Nobody(), "permission", "host.audit.list", nil)
}

// TestAuditSkips: a filter that nothing fits ends each request in time, with a
// next page.
func TestAuditSkips(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for i := range maxAudited/maxDenials + 1 {
		for n := range maxDenials {
			f.Denied(kernel.Call{Tenant: "shop", Operation: fmt.Sprint("x.", n), Principal: identity.Nobody()}, &identity.Denial{Right: "x.y"})
		}
		if err := f.flush(t.Context(), false); err != nil {
			t.Fatal(i, err)
		}
		f.clock.pass(time.Minute)
	}
	page := must[AuditPage](f, identity.Local(), "host.audit.list", AuditQuery{Principal: "user:x"})
	if len(page.Items) != 0 || page.Next == "" {
		t.Errorf("%d lines, next %q", len(page.Items), page.Next)
	}
	for page.Next != "" {
		page = must[AuditPage](f, identity.Local(), "host.audit.list", AuditQuery{Listing: Listing{After: page.Next}, Principal: "user:x"})
	}
}

// TestDenials: a storm of refusals is a line a minute, with its number.
func TestDenials(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, s := f.hire("anna", []string{"MI-01"}, "cashier")
	p := f.who(s)
	f.clock.pass(time.Millisecond) // lines are in the order of time
	before := len(f.audited())
	for range 100 {
		_ = f.use(p, "stock.read", "MI-01")
		_ = f.use(p, "till.read", "RM-01")
	}
	f.Denied(kernel.Call{Tenant: "other", Operation: "stock.read", Principal: p}, &identity.Denial{Right: "stock.read"})
	if err := f.flush(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	size := f.engine.Status().Accepted
	for range 100 {
		_ = f.use(p, "stock.read", "MI-01")
	}
	if err := f.flush(t.Context(), false); err != nil || f.engine.Status().Accepted != size {
		t.Errorf("written again within the minute: %v", err)
	}
	f.clock.pass(time.Minute)
	_ = f.use(p, "stock.read", "MI-01")
	if err := f.flush(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	got := f.audited()[before:]
	slices.Sort(got)
	want := []string{
		"user:" + u.ID + " stock.read  denied: stock.read",
		"user:" + u.ID + " stock.read  denied: stock.read (200 times)",
		"user:" + u.ID + " till.read  denied: store RM-01 (100 times)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// TestDenialsAreBounded: so many different ones that not all have lines.
func TestDenialsAreBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for i := range 2*maxDenials + 5 {
		f.Denied(kernel.Call{Tenant: "shop", Operation: fmt.Sprint("x.", i), Principal: identity.Nobody()}, &identity.Denial{Right: "x.y"})
	}
	if len(f.denials.lines) != maxDenials {
		t.Errorf("%d are remembered", len(f.denials.lines))
	}
	if err := f.flush(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	f.clock.pass(time.Minute)
	if err := f.flush(t.Context(), false); err != nil || len(f.denials.lines) != 0 || f.denials.other != nil {
		t.Errorf("%d are remembered: %v", len(f.denials.lines), err)
	}
	page := must[AuditPage](f, identity.Local(), "host.audit.list", AuditQuery{Principal: "many"})
	if len(page.Items) != 1 || !strings.HasSuffix(page.Items[0].Outcome, fmt.Sprintf("(%d times)", maxDenials+5)) {
		t.Errorf("%+v", page)
	}
}

// TestFailedLogins are audited without what was typed as a name: it may be a
// password in the wrong field.
func TestFailedLogins(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, _ := f.hire("anna", nil, "cashier")
	f.clock.pass(time.Millisecond) // lines are in the order of time
	before := len(f.audited())
	for _, name := range []string{"anna", "anna", "tramontana-9-forte", "bruno"} {
		_, _ = f.login(name, "a-guess-of-many", home)
	}
	if err := f.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	got := f.audited()[before:]
	slices.Sort(got)
	if len(got) != 2 || !strings.HasPrefix(got[0], "nobody host.sessions.create unknown denied: login") || !strings.HasPrefix(got[1], "nobody host.sessions.create user:"+u.ID+" denied: login") {
		t.Errorf("%q", got)
	}
	if strings.Contains(f.dump(), "tramontana") {
		t.Error("what was typed as a name is stored")
	}
}

// TestRun writes within seconds of a refusal, and what is left when it ends.
func TestRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := setup(t, func(c *Config) { c.Now = time.Now })
		time.Sleep(time.Millisecond)
		before := len(f.audited())
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- f.Run(ctx) }()
		deny := func() {
			f.Denied(kernel.Call{Tenant: "shop", Operation: "till.read", Principal: identity.Nobody()}, &identity.Denial{Right: "till.read"})
		}
		deny()
		synctest.Wait()
		if n := len(f.audited()) - before; n != 1 {
			t.Errorf("%d lines at once", n)
		}
		deny()
		time.Sleep(61*time.Second + round)
		synctest.Wait()
		if l := f.audited(); !strings.HasSuffix(l[len(l)-1], "(2 times)") {
			t.Errorf("after a minute: %q", l)
		}
		deny()
		deny()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if l := f.audited(); !slices.ContainsFunc(l, func(s string) bool { return strings.HasSuffix(s, "till.read") || strings.HasSuffix(s, "(2 times)") }) || len(l)-before != 2 {
			t.Errorf("after the end: %q", l)
		}
		if err := f.engine.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestNoSecretStays plants secrets everywhere and looks for them in storage, in
// events, in the audit and in the log.
func TestNoSecretStays(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	var mu sync.Mutex
	logger := hclog.New(&hclog.LoggerOptions{Output: &log, Level: hclog.Trace, Mutex: &mu})
	f := setup(t, func(c *Config) { c.Logger = logger })
	first := must[MadeUser](f, identity.Local(), "host.users.create", NewUser{Person: Person{Name: "anna", Title: "Anna", Language: "it", Roles: []string{"owner"}}})
	s1 := must[SignedIn](f, identity.Nobody(), "host.invitations.accept", Accept{first.Invitation, "canarino-giallo-1"})
	s2 := must[SignedIn](f, f.who(s1), "host.me.password", ChangePassword{"canarino-giallo-1", "canarino-giallo-2"})
	_ = must[MadeUser](f, f.who(s2), "host.users.create", NewUser{Person: Person{Name: "bruno", Title: "Bruno", Language: "it"}, Password: "canarino-giallo-3"})
	_ = must[platform.None](f, identity.Local(), "host.users.set_password", SetPassword{first.User.ID, "canarino-giallo-4"})
	invite := must[Invited](f, identity.Local(), "host.users.invite", Ref{first.User.ID})
	token := must[MadeToken](f, identity.Local(), "host.tokens.create", NewToken{Title: "x", Rights: []string{"*"}})
	var errs []error
	for i, in := range []Login{{"anna", "canarino-giallo-5"}, {"canarino-giallo-6", "x"}, {token.Secret, invite.Invitation}, {"anna", "canarino-giallo-4"}} {
		_, err := f.login(in.Name, in.Password, netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}))
		errs = append(errs, err)
	}
	_, err := f.Session(t.Context(), token.Secret)
	errs = append(errs, err)
	_, err = f.ask(identity.Local(), home, "host.users.create", map[string]any{"password": "canarino-giallo-7", "canarino-giallo-8": 1})
	if err == nil {
		t.Error("a field that is none")
	}
	for _, name := range []string{"host.users.list", "host.tokens.list", "host.audit.list", "host.roles.list"} {
		b, err := f.ask(identity.Local(), home, name, nil)
		errs = append(errs, err, fmt.Errorf("%s", b))
	}
	if err := f.flush(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	places := map[string]string{"storage": f.dump(), "log": log.String() + f.log.String(), "errors and lists": fmt.Sprintf("%+v", errs)}
	canaries := []string{"canarino"}
	for _, secret := range []string{first.Invitation, s1.Session, s2.Session, invite.Invitation, token.Secret} {
		body := secret[strings.LastIndexByte(secret, '_')+1:]
		canaries = append(canaries, body, body[:20], strings.ToUpper(body))
	}
	for place, text := range places {
		for _, canary := range canaries {
			if strings.Contains(text, canary) || strings.Contains(text, hex.EncodeToString([]byte(canary))) {
				t.Errorf("%s holds %s", place, canary)
			}
		}
	}
	if !strings.Contains(places["storage"], "$argon2id$") {
		t.Error("nothing was looked at")
	}
}

// TestEventsHoldIDs: events of accounts say who, and nothing of him.
func TestEventsHoldIDs(t *testing.T) {
	t.Parallel()
	f := setup(t)
	u, s := f.hire("annarosa", nil, "owner")
	r := must[Role](f, f.who(s), "host.roles.create", NewRole{"stocker", identity.Title{IT: "x", EN: "x"}, []string{"stock.read"}})
	_ = must[Role](f, f.who(s), "host.roles.update", RoleChange{NewRole{"stocker", r.Title, []string{"stock.*"}}, r.ETag})
	_ = must[platform.None](f, f.who(s), "host.roles.delete", Ref{"stocker"})
	made := must[MadeToken](f, f.who(s), "host.tokens.create", NewToken{Title: "x", Rights: []string{"till.read"}})
	_ = must[platform.None](f, f.who(s), "host.tokens.revoke", Ref{made.ID})
	f.hire("bruno", nil, "owner")
	u.Title = "Annarosa B."
	u = must[User](f, identity.Local(), "host.users.get", Ref{u.ID})
	_ = must[User](f, identity.Local(), "host.users.update", UserChange{u.ID, u.Person, u.ETag})
	_ = must[platform.None](f, identity.Local(), "host.users.delete", Ref{u.ID})
	want := "[host.user_created host.password_changed host.role_created host.role_changed host.role_deleted host.token_created host.token_revoked" +
		" host.user_created host.password_changed host.user_changed host.user_deleted]"
	if got := fmt.Sprint(f.events()); got != want {
		t.Errorf("%s", got)
	}
	entries, err := f.engine.Read(0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if bytes.Contains(e.Data, []byte("annarosa")) || bytes.Contains(e.Data, []byte("Signor")) {
			t.Errorf("%q", e.Data)
		}
	}
}

// TestOperations: each has a right or says why not, and knows its own fields.
func TestOperations(t *testing.T) {
	t.Parallel()
	f := setup(t)
	open := []string{}
	places := map[string]bool{}
	for _, o := range f.Operations() {
		if (o.Right == "") != (o.Open || o.Known) || (o.Native == nil) == (o.Act == nil) || o.Summary == "" || o.Input == nil || o.Output == nil {
			t.Errorf("%s: %+v", o.Name, o.About)
		}
		if o.Native != nil && o.Native.Command != o.Command() {
			t.Errorf("%s is %s", o.Name, o.Method)
		}
		if places[o.Method+o.Path] {
			t.Errorf("%s %s stands twice", o.Method, o.Path)
		}
		places[o.Method+o.Path] = true
		if o.Open {
			open = append(open, strings.TrimPrefix(o.Name, "host."))
		}
		if _, err := json.Marshal(o.Input); err != nil {
			t.Error(err)
		}
		_, err := f.ask(identity.Nobody(), home, o.Name, map[string]any{"nonesuch": 1})
		want := "permission"
		switch {
		case o.Open:
			want = "malformed"
		case o.Known:
			want = ReasonPrincipal
		}
		if e := public(err); err == nil || e.Reason != want {
			t.Errorf("%s for nobody: %v", o.Name, err)
		}
	}
	slices.Sort(open)
	if got := fmt.Sprint(open); got != "[invitations.accept sessions.create]" {
		t.Errorf("open to nobody: %s", got)
	}
	// What is open asks for somebody all the same, but where one becomes somebody.
	for _, o := range []string{"me.get", "permissions.list", "sessions.end", "sessions.list"} {
		f.refuses(identity.Nobody(), ReasonPrincipal, "host."+o, nil)
	}
	f.refuses(identity.Nobody(), ReasonPrincipal, "host.sessions.revoke", Ref{"x"})
}
