package e2e

import (
	"errors"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestFillersThatFail has two honest plugins discount a basket beside some that spin,
// trap or talk nonsense, and one that does not understand its settings. The quote holds
// and names each, and its token says who had no part in it: who mends the last changes
// no price that a customer was told. It shares a folder with TestPlugin, and is done
// before the tests begin that run beside each other.
func TestFillersThatFail(t *testing.T) {
	p := &pluginTest{t: t, built: binaries(t), dir: t.TempDir()}
	p.modules = p.build()
	more := exec.Command(p.built.binary, "build", "-o", p.modules, "./plugins/markdown", "./plugins/together")
	more.Dir = root
	if text, err := more.CombinedOutput(); err != nil {
		t.Fatalf("build two more plugins: %v\n%s", err, text)
	}
	h, err := p.start()
	if err != nil {
		t.Fatal(err)
	}
	defer h.stop()
	stock(t, h)
	h.must(t, "catalog.put_products", "season", object{"create_terms": true, "products": []object{
		{"id": "SHIRT-M", "name": "Shirt", "line": "basic", "season": "SS20", "vat": []object{{"class": "standard"}}, "variants": []object{{"sku": "SHIRT-M"}}},
	}})
	p.mustFill(h, "markdown", `{"steps":[{"weeks":0,"percent":2000}],"collections":[{"season":"SS20","start":"2020-01-01"}]}`)
	p.mustFill(h, "together", `{"sets":[{"percent":1000,"parts":[{"skus":["SHIRT-M"]},{"skus":["SOCKS"]}]}]}`)
	p.mustFill(h, "happyhour", `{"percent":3000,"hours":{"from":"2 pm","to":"4 pm"},"lines":["basic"]}`)

	unset := skipped(applied{Filler: "happyhour", Reason: "filler_failed"})
	// 20 % of 39.90; 10 % of it and of 6.99, as promotions left them.
	told := []applied{{"markdown", "markdown", 798}, {"together", "together", 399 + 70}}
	first := p.shirtAndSocks(h, "")
	first.holds(t, "told", 4689-798-469, told, unset)

	p.mustFill(h, "happyhour", `{"percent":3000,"lines":["basic"]}`)
	// 30 % first, by the ids: 39.90 less 11.97 is 27.93, of which 20 % is 5.586.
	mended := []applied{{"happyhour", "happy_hour", 1197}, {"markdown", "markdown", 559}, {"together", "together", 469}}
	now := p.shirtAndSocks(h, "")
	now.holds(t, "mended", 4689-1197-559-469, mended, skipped())
	again := p.shirtAndSocks(h, first.Token)
	again.holds(t, "told before", first.Total, told, unset)

	if !strings.Contains(first.Token, ".asker,babbler,burner,happyhour,trapper.") || again.Token != first.Token {
		t.Errorf("the token %s, later %s", first.Token, again.Token)
	}
	p.refusesToken(h, strings.Replace(first.Token, ",happyhour", "", 1))

	receipt := p.priced(h, "till.close", object{
		"store": "S1", "till": "1", "cashier": "c", "token": first.Token, "tenders": []object{{"type": "card", "amount": first.Total}}, "lines": shirtAndSocks(),
	})
	receipt.holds(t, "sold", first.Total, told, unset)
}

func shirtAndSocks() []object {
	return []object{{"sku": "SOCKS", "quantity": 1}, {"sku": "SHIRT-M", "quantity": 1}}
}

// shirtAndSocks quotes one of each, with a token or none.
func (p *pluginTest) shirtAndSocks(h *process, token string) priced {
	p.t.Helper()
	in := object{"store": "S1", "lines": shirtAndSocks()}
	if token != "" {
		in["token"] = token
	}
	return p.priced(h, "pricing.quote", in)
}

// holds checks what was priced, and who had a part in it.
func (q *priced) holds(t *testing.T, when string, total int, off, not []applied) {
	t.Helper()
	if q.Total != total || !slices.Equal(q.Applied, off) || !slices.Equal(q.NotApplied, not) {
		t.Errorf("%s: %d, applied %+v, not applied %+v; want %d, %+v, %+v", when, q.Total, q.Applied, q.NotApplied, total, off, not)
	}
}

// refusesToken expects a token that the host has not signed to be worth nothing.
func (p *pluginTest) refusesToken(h *process, token string) {
	p.t.Helper()
	in := object{"store": "S1", "token": token, "lines": shirtAndSocks()}
	out, err := post(p.t.Context(), h.base, "pricing.quote", "", in.json(p.t))
	var refused *problem
	if !errors.As(err, &refused) || refused.Reason != "token" {
		p.t.Errorf("a token that was changed: %s, %v", out, err)
	}
}

// mustFill is fill with settings that are right.
func (p *pluginTest) mustFill(h *process, app, settings string) {
	p.t.Helper()
	if status, answer := p.fill(h, app, settings); status != http.StatusAccepted && status != http.StatusOK {
		p.t.Fatalf("settings of %s: %d %s", app, status, answer)
	}
}
