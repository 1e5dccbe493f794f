package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// demoUser signs in to the admin of a demo, demoPassword is the file with the
// first password, which the admin asks to be changed.
const (
	demoUser     = "demo"
	demoPassword = "demo.password"
)

// addDemoUser makes somebody who can sign in, unless there is anybody. It answers
// what to tell: the name, and where the first password lies.
func addDemoUser(ctx context.Context, c *client, dir string) (string, error) {
	path := filepath.Join(dir, demoPassword)
	said := fmt.Sprintf("user %s, first password in %s", demoUser, relative(path))
	users, err := list[userInfo](ctx, c, "users", nil)
	if err != nil || len(users) > 0 {
		return said, err
	}
	password := strings.ToLower(rand.Text()[:16])
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	in := object{"name": demoUser, "title": demoName, "language": "it", "roles": []string{"owner"}, "password": password}
	return said, c.resource(ctx, http.MethodPost, "users", in, nil)
}
