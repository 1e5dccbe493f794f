package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
)

type userVerb struct {
	List   userListVerb   `cmd:"" help:"Who may sign in."`
	Create userCreateVerb `cmd:"" help:"Make a user."`
}

type userListVerb struct{ hostFlag }

func (userListVerb) Help() string {
	return `Example:
  bottega user list`
}

// userInfo is a user as the host lists it.
type userInfo struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Roles    []string `json:"roles"`
	Stores   []string `json:"stores"`
	Disabled bool     `json:"disabled"`
}

// Run lists the users.
func (v userListVerb) Run(ctx context.Context) error {
	users, err := list[userInfo](ctx, v.client(), "users", nil)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, u := range users {
		stores, state := "all stores", ""
		if len(u.Stores) > 0 {
			stores = strings.Join(u.Stores, ",")
		}
		if u.Disabled {
			state = "disabled"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", u.ID, u.Name, u.Title, strings.Join(u.Roles, ","), stores, state)
	}
	return out.Flush()
}

type userCreateVerb struct {
	Name     string   `arg:"" help:"To sign in with."`
	Title    string   `help:"What people call the user. Default: NAME." placeholder:"TEXT"`
	Role     []string `help:"Id of a role; several are allowed." placeholder:"ROLE"`
	Store    []string `help:"Limit to these stores. Default: all." placeholder:"STORE"`
	Language string   `help:"it or en." enum:"it,en" default:"it"`
	Password bool     `help:"Ask for a first password. Default: an invitation, with which the user chooses one."`
	hostFlag
}

func (userCreateVerb) Help() string {
	return `Nobody gives more than he has.

Example:
  bottega user create anna --title 'Anna Bianchi' --role manager
  bottega user create till1 --role cashier --store MI-01 --password`
}

// Run makes a user.
func (v userCreateVerb) Run(ctx context.Context) error {
	in := object{"name": v.Name, "title": v.Title, "language": v.Language, "roles": v.Role}
	if v.Title == "" {
		in["title"] = v.Name
	}
	if v.Role == nil {
		in["roles"] = []string{}
	}
	if len(v.Store) > 0 {
		in["stores"] = v.Store
	}
	if v.Password {
		password, err := askPassword("First password of " + v.Name + ": ")
		if err != nil {
			return err
		}
		in["password"] = password
	}
	var made struct {
		User       userInfo `json:"user"`
		Invitation string   `json:"invitation"`
		Until      string   `json:"until"`
	}
	if err := v.client().resource(ctx, http.MethodPost, "users", in, &made); err != nil {
		return err
	}
	fmt.Printf("  ✓ %s is a user, %s\n", made.User.Name, made.User.ID)
	if made.Invitation != "" {
		fmt.Printf("    invitation, shown once, good until %s: %s\n", made.Until, made.Invitation)
		return nil
	}
	fmt.Printf("\nnext:\n  bottega login %s\n", made.User.Name)
	return nil
}
