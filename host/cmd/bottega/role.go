package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
)

type roleVerb struct {
	List   roleListVerb   `cmd:"" help:"The roles there are, and the rights that can be given."`
	Show   roleShowVerb   `cmd:"" help:"One role, a line for each of its rights."`
	Set    roleSetVerb    `cmd:"" help:"Make a role of your own, or change it."`
	Remove roleRemoveVerb `cmd:"" help:"Remove a role that nobody has."`
}

// roleInfo is a role as the host shows it.
type roleInfo struct {
	ID     string   `json:"id"`
	Title  text     `json:"title"`
	Rights []string `json:"rights"`
	Ready  bool     `json:"ready"`
}

// origin says whose a role is.
func (r *roleInfo) origin() string {
	if r.Ready {
		return "of the house"
	}
	return "your own"
}

// rightInfo is a right that can be given.
type rightInfo struct {
	Right string `json:"right"`
	App   string `json:"app"`
	Title text   `json:"title"`
}

// unpaged reads a list that the host answers whole.
func unpaged[T any](ctx context.Context, c *client, path string) ([]T, error) {
	var p listPage[T]
	err := c.resource(ctx, http.MethodGet, path, nil, &p)
	return p.Items, err
}

type roleListVerb struct {
	Rights bool `help:"List the rights that can be given instead."`
	hostFlag
}

func (roleListVerb) Help() string {
	return `Example:
  bottega role list
  bottega role list --rights`
}

// Run lists the roles, or the rights.
func (v roleListVerb) Run(ctx context.Context) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	if v.Rights {
		rights, err := unpaged[rightInfo](ctx, v.client(), "permissions")
		if err != nil {
			return err
		}
		for _, r := range rights {
			fmt.Fprintf(out, "%s\t%s\t%s\n", r.Right, r.Title.EN, r.App)
		}
		return out.Flush()
	}
	roles, err := unpaged[roleInfo](ctx, v.client(), "roles")
	if err != nil {
		return err
	}
	for _, r := range roles {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.ID, r.Title.EN, r.origin(), strings.Join(r.Rights, ","))
	}
	return out.Flush()
}

type roleShowVerb struct {
	ID string `arg:"" help:"Id of the role."`
	hostFlag
}

func (roleShowVerb) Help() string {
	return `Example:
  bottega role show cashier`
}

// Run shows a role.
func (v roleShowVerb) Run(ctx context.Context) error {
	var r roleInfo
	if err := v.client().resource(ctx, http.MethodGet, "roles/"+url.PathEscape(v.ID), nil, &r); err != nil {
		return err
	}
	fmt.Printf("%s  %s / %s  %s\n", r.ID, r.Title.EN, r.Title.IT, r.origin())
	for _, right := range r.Rights {
		fmt.Println("  may", right)
	}
	return nil
}

type roleSetVerb struct {
	ID    string   `arg:"" help:"Id of the role: lower case letters, digits, - and _."`
	Right []string `help:"A right, or contract.*; several are allowed, and they are all that the role has then. Default: those it has." placeholder:"RIGHT"`
	En    string   `help:"What people call it in English. Default: as before; of a new role its id." placeholder:"TEXT"`
	It    string   `help:"What people call it in Italian. Default: as before; of a new role as in English." placeholder:"TEXT"`
	hostFlag
}

func (roleSetVerb) Help() string {
	return `Makes a role if there is none with this id. What it may do changes with the next
request of everybody who has it. Nobody gives more than he has, and the roles of
the house stay as they are.

Example:
  bottega role set stock-taker --right 'stock.*' --right catalog.read --en 'Stock taker' --it Magazziniere`
}

// Run makes or changes a role, unless somebody else has changed it meanwhile.
func (v roleSetVerb) Run(ctx context.Context) error {
	c, path := v.client(), "roles/"+url.PathEscape(v.ID)
	var was roleInfo
	etag, err := c.resourceIf(ctx, http.MethodGet, path, "", nil, &was)
	var p *problem
	switch {
	case errors.As(err, &p) && p.Code == "not_found":
		if err := c.resource(ctx, http.MethodPost, "roles", v.wanted(nil), nil); err != nil {
			return err
		}
		fmt.Printf("  ✓ %s is a role\n\nnext:\n  bottega user create NAME --role %s\n", v.ID, v.ID)
		return nil
	case err != nil:
		return err
	case was.Ready:
		return fmt.Errorf("%s is a role of the house, which stays as it is; take another id for your own", v.ID)
	}
	if _, err := c.resourceIf(ctx, http.MethodPut, path, etag, v.wanted(&was), nil); err != nil {
		return err
	}
	fmt.Printf("  ✓ %s is changed, for everybody who has it\n", v.ID)
	return nil
}

// wanted is the role as it is to be; was is nil for a new one. The id of one that
// there is stands in the path.
func (v *roleSetVerb) wanted(was *roleInfo) object {
	in, before := object{}, roleInfo{Rights: []string{}, Title: text{EN: v.ID}}
	if was == nil {
		in["id"] = v.ID
		before.Title.IT = cmp.Or(v.En, v.ID)
	} else {
		before = *was
	}
	in["title"] = text{EN: cmp.Or(v.En, before.Title.EN), IT: cmp.Or(v.It, before.Title.IT)}
	if in["rights"] = v.Right; v.Right == nil {
		in["rights"] = before.Rights
	}
	return in
}

type roleRemoveVerb struct {
	ID string `arg:"" help:"Id of the role."`
	hostFlag
}

func (roleRemoveVerb) Help() string {
	return `Example:
  bottega role remove stock-taker`
}

// Run removes a role.
func (v roleRemoveVerb) Run(ctx context.Context) error {
	if err := v.client().resource(ctx, http.MethodDelete, "roles/"+url.PathEscape(v.ID), nil, nil); err != nil {
		return err
	}
	fmt.Println("  ✓ role", v.ID, "is gone")
	return nil
}
