package webhook

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// TestSignatureVector is the vector of the libraries of Standard Webhooks
// (github.com/standard-webhooks/standard-webhooks, webhook_test.go).
func TestSignatureVector(t *testing.T) {
	t.Parallel()
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	s := signer{kind: kindHMAC, key: key}
	got := s.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("signed %s", got)
	}
}

func TestSignatureOfPublicKey(t *testing.T) {
	t.Parallel()
	seed := []byte(strings.Repeat("k", secretBytes))
	secret, public := shown(kindEd25519, seed)
	half, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(public, "whpk_"))
	if err != nil || secret != "" || len(half) != ed25519.PublicKeySize {
		t.Fatalf("%q %q, %v", secret, public, err)
	}
	s := signer{kind: kindEd25519, key: seed}
	got := s.signature("msg", time.Unix(99, 0), []byte("{}"))
	sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(got, "v1a,"))
	if err != nil || !ed25519.Verify(half, []byte("msg.99.{}"), sum) {
		t.Errorf("signed %s", got)
	}
}

// TestH31Targets: a webhook leads to a name of the internet, over TLS, and
// nowhere else, however it is written.
func TestH31Targets(t *testing.T) {
	t.Parallel()
	for _, good := range []string{
		"https://shop.example.com/hook?a=b", "https://shop.example.com:443/", "https://shop.example.com:8443", "https://xn--caff-8oa.it/", "https://93.184.216.34/", "https://[2606:2800:220:1::1]/x",
	} {
		if err := checkTarget(good, false); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", "hook", "/hook", "https:shop.example.com", "https://", "http://shop.example.com/", "file:///etc/passwd", "gopher://shop.example.com/", "ftp://shop.example.com/", "javascript:alert(1)",
		"https://user@shop.example.com/", "https://user:pass@shop.example.com/", "https://shop.example.com/#a", "https://shop.example.com/#",
		"https://shop.example.com:22/", "https://shop.example.com:80/", "https://shop.example.com:/", "https://shop.example.com:99999/",
		"https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://a.localhost/", "https://printer.local/", "https://metadata.google.internal/", "https://router/", "https://shop.example.com./",
		"https://127.0.0.1/", "https://127.1/", "https://0/", "https://0x7f000001/", "https://2130706433/", "https://0x7f.0.0.1/", "https://017700000001/", "https://10.0.0.1/", "https://169.254.169.254/", "https://192.168.1.1/", "https://100.64.0.1/",
		"https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://[2606:2800:220:1::1%25eth0]/", "https://[fd00::1]/", "https://[64:ff9b::7f00:1]/",
		"https://sh\u043ep.example.com/", "https://shop\u3002example.com/", "https://shop..example.com/", "https://shop_1.example.com/", "https://" + strings.Repeat("a", maxURL) + ".com/", "https://a b.com/", "https://shop.example.com/\x00",
	} {
		err := checkTarget(bad, false)
		if e := (*abi.Error)(nil); !errors.As(err, &e) || e.Code != abi.Invalid || e.Reason != ReasonTarget || e.Pointer != "/url" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, here := range []string{"http://127.0.0.1:8080/", "http://localhost:9/", "https://[::1]:7/"} {
		if checkTarget(here, true) != nil || checkTarget(here, false) == nil {
			t.Errorf("%s: not only where it is allowed", here)
		}
	}
	for _, bad := range []string{"http://shop.example.com/", "http://10.0.0.1/", "file://localhost/", "http://u@localhost/"} {
		if checkTarget(bad, true) == nil {
			t.Errorf("%s is allowed on a developer's host", bad)
		}
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for types, want := range map[string]string{
		"*": "till.closed stock.moved", "till.*": "till.closed", "till.closed": "till.closed", "till.opened": "", "stock.moved,till.*": "till.closed stock.moved",
	} {
		filter := strings.Split(types, ",")
		if err := checkTypes(filter); err != nil {
			t.Errorf("%s: %v", types, err)
		}
		var got []string
		for _, name := range []string{"till.closed", "stock.moved"} {
			if wants(filter, name) {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s lets %q through", types, got)
		}
	}
	for _, bad := range [][]string{nil, {""}, {"till"}, {"Till.closed"}, {"*.closed"}, {"till.closed.x"}, {"till."}, {"*", "*"}, make([]string, maxTypes+1)} {
		if checkTypes(bad) == nil {
			t.Errorf("%q is a filter", bad)
		}
	}
	f := follower{hook: hook{Types: []string{"*"}}}
	e := entry{}
	e.Type = "till.closed"
	if !f.wants(e) {
		t.Error("an event is not wanted")
	}
	if e.Replayed = true; f.wants(e) {
		t.Error("what a replay emitted is sent")
	}
}
