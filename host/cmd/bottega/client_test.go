package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestSlowedDown repeats a call that the host has refused for now, and only such a
// one, after the pause that it asks for.
func TestSlowedDown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, first, wait string
		status, calls     int
	}{
		{"too many requests", `{"code":"exhausted","reason":"rate_limited"}`, "1", 429, 2},
		{"a budget that is spent", `{"code":"exhausted","reason":"storage"}`, "", 429, 1},
		{"a mistake", `{"code":"invalid","reason":"lines"}`, "", 422, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var at []time.Time
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if at = append(at, time.Now()); len(at) == 1 {
					w.Header().Set("Retry-After", c.wait)
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, c.first)
					return
				}
				_, _ = io.WriteString(w, `{}`)
			}))
			defer s.Close()
			_, err := (&client{base: s.URL, http: s.Client()}).repeat(context.Background(), "till.close", "k", []byte(`{}`), patience)
			if len(at) != c.calls || (err == nil) != (c.calls == 2) {
				t.Fatalf("%d calls, %v", len(at), err)
			}
			if p := (*problem)(nil); err != nil && (!errors.As(err, &p) || !strings.Contains(c.first, p.Reason)) {
				t.Errorf("%v", err)
			}
			if c.calls == 2 && at[1].Sub(at[0]) < time.Second {
				t.Errorf("it waited %v", at[1].Sub(at[0]))
			}
		})
	}
}
