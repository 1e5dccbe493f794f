package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestRoleSet: a role that there is is changed as it was read and keeps what is not
// said, another one is made, and one of the house is left alone.
func TestRoleSet(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		verb roleSetVerb
		want string // what the host is told, "" for nothing
		err  string
	}{
		{"a new one", roleSetVerb{ID: "counter", Right: []string{"stock.*"}}, `POST roles  {"id":"counter","rights":["stock.*"],"title":{"it":"counter","en":"counter"}}`, ""},
		{"a new one with a name", roleSetVerb{ID: "counter", Right: []string{"stock.*"}, En: "Counter"}, `POST roles  {"id":"counter","rights":["stock.*"],"title":{"it":"Counter","en":"Counter"}}`, ""},
		{"a new one without rights", roleSetVerb{ID: "counter"}, `POST roles  {"id":"counter","rights":[],"title":{"it":"counter","en":"counter"}}`, "invalid (rights)"},
		{"other rights", roleSetVerb{ID: "night", Right: []string{"till.sell", "till.read"}}, `PUT roles/night "3" {"rights":["till.sell","till.read"],"title":{"it":"Notte","en":"Night"}}`, ""},
		{"another name", roleSetVerb{ID: "night", It: "Turno di notte"}, `PUT roles/night "3" {"rights":["till.read"],"title":{"it":"Turno di notte","en":"Night"}}`, ""},
		{"of the house", roleSetVerb{ID: "owner", Right: []string{"till.read"}}, "", "role of the house"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var told []string
			host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if line := answerRoles(w, r); line != "" {
					told = append(told, line)
				}
			}))
			defer host.Close()
			tt.verb.hostFlag = hostFlag{Host: host.URL, Token: "btg_owner"}
			err := tt.verb.Run(t.Context())
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("got %v", err)
			}
			if want := slices.DeleteFunc([]string{tt.want}, func(s string) bool { return s == "" }); !slices.Equal(told, want) {
				t.Errorf("the host was told %q, want %q", told, want)
			}
		})
	}
}

// answerRoles is a host with the roles owner, of the house, and night, and says
// what it was told to change.
func answerRoles(w http.ResponseWriter, r *http.Request) (told string) {
	path := strings.TrimPrefix(r.URL.RequestURI(), "/v1/host/")
	refuse := func(status int, problem string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, problem)
	}
	switch {
	case r.Method == http.MethodGet && path == "roles/night":
		w.Header().Set("ETag", `"3"`)
		_, _ = io.WriteString(w, `{"id":"night","title":{"it":"Notte","en":"Night"},"rights":["till.read"],"ready":false,"etag":"3"}`)
		return ""
	case r.Method == http.MethodGet && path == "roles/owner":
		_, _ = io.WriteString(w, `{"id":"owner","title":{"it":"Titolare","en":"Owner"},"rights":["*"],"ready":true}`)
		return ""
	case r.Method == http.MethodGet:
		refuse(404, `{"code":"not_found","reason":"role","status":404}`)
		return ""
	}
	body, err := io.ReadAll(r.Body)
	if err != nil || strings.Contains(string(body), `"rights":[]`) {
		refuse(400, `{"code":"invalid","reason":"rights","status":400}`)
	}
	return r.Method + " " + path + " " + r.Header.Get("If-Match") + " " + string(body)
}
