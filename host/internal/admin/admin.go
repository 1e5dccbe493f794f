// Package admin is the way in for people with a browser: the files of the admin
// (ui/, embedded when the build has the tag "admin"), and the operations that it
// alone needs: which screens somebody may see, and what the apps keep. It knows
// manifests, schemas and the shapes of kernel calls; it must not know storage,
// the sandbox, another way in, or what any screen is about.
package admin

import (
	"net/http"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const (
	rightData = "host.data"

	pageDefault = 50
	pageMost    = 200
)

// Operations are host.screens.list, host.data.collections and host.data.list, for
// the kernel and for REST.
func Operations() []*platform.Operation {
	return []*platform.Operation{
		platform.Query(platform.About{
			Name: "host.screens.list", Method: http.MethodGet, Path: "/screens", Known: true,
			Summary: "List the screens that one may see",
			Doc: "For everybody who is signed in: the screens of the enabled apps of which one may run the source and the operation that they submit, with the operations that they name and one may run. " +
				"A screen whose v is above 1 has what is common to all; show its records as they are. Errors: denied (principal).",
		}, screens),
		platform.Query(platform.About{
			Name: "host.data.collections", Method: http.MethodGet, Path: "/data", Right: rightData,
			Summary: "List what the apps keep",
			Doc:     "The collections of the enabled apps with their fields. Errors: denied (stores: for somebody who is limited to stores).",
		}, collections),
		platform.Query(platform.About{
			Name: "host.data.list", Method: http.MethodGet, Path: "/data/{app}/{collection}", Right: rightData,
			Summary: "Read the records of a collection",
			Doc: "In the order of their keys, as the app keeps them, personal fields included. " +
				"Errors: not_found (app, collection), invalid (cursor), denied (stores: for somebody who is limited to stores, because records do not say whose they are).",
		}, records),
	}
}

// everywhere refuses who is limited to stores: what an app keeps does not say
// which store it is about.
func everywhere(p identity.Principal) error {
	if p.Stores == nil {
		return nil
	}
	return &abi.Error{Code: abi.Denied, Reason: "stores", Message: "You are limited to some stores, and records are of all of them."}
}
