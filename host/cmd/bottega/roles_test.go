package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/manifests"
)

// Every right of a ready role is one that a module that ships declares, and whoever
// manages a store may do what its cashiers may.
func TestReadyRolesHaveRightsThatExist(t *testing.T) {
	t.Parallel()
	rights := map[string]bool{}
	for _, id := range manifests.Modules() {
		m, err := manifest.Parse(manifests.Module(id))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Permissions {
			rights[p.Name], rights[id+".*"] = true, true
		}
	}
	of := map[string][]string{}
	for _, role := range tradeRoles() {
		of[role.ID] = role.Rights
		for _, right := range role.Rights {
			if !rights[right] {
				t.Errorf("%s has the right %s, which no app declares", role.ID, right)
			}
		}
	}
	for _, right := range of["cashier"] {
		app, _, _ := strings.Cut(right, ".")
		if !slices.Contains(of["store-manager"], right) && !slices.Contains(of["store-manager"], app+".*") {
			t.Errorf("who manages a store lacks %s, which its cashiers have", right)
		}
	}
}
