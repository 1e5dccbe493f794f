package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

type userVerb struct {
	List     userListVerb     `cmd:"" help:"Who may sign in."`
	Create   userCreateVerb   `cmd:"" help:"Make a user."`
	Password userPasswordVerb `cmd:"" help:"Set a user's password, or invite him to choose one."`
	Disable  userDisableVerb  `cmd:"" help:"Let a user sign in no more."`
	Enable   userEnableVerb   `cmd:"" help:"Let a disabled user sign in again."`
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
	Language string   `json:"language"`
	ETag     string   `json:"etag"`
}

// user finds a user by name or id.
func (c *client) user(ctx context.Context, who string) (*userInfo, error) {
	users, err := list[userInfo](ctx, c, "users", nil)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(users, func(u userInfo) bool { return u.Name == who || u.ID == who })
	if i < 0 {
		return nil, fmt.Errorf("there is no user %s; `bottega user list` names them", who)
	}
	return &users[i], nil
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

type userPasswordVerb struct {
	User   string `arg:"" help:"Name or id."`
	Invite bool   `help:"Make an invitation instead, with which the user chooses one himself."`
	hostFlag
}

func (userPasswordVerb) Help() string {
	return `The password is asked for; without a terminal it is the first line of the
standard input. The user is signed out everywhere and has to choose another one
first. Your own you change with
bottega me --password.

Example:
  bottega user password anna
  bottega user password anna --invite`
}

// Run sets a password, or invites.
func (v userPasswordVerb) Run(ctx context.Context) error {
	c := v.client()
	u, err := c.user(ctx, v.User)
	if err != nil {
		return err
	}
	path := "users/" + url.PathEscape(u.ID)
	if v.Invite {
		var made struct {
			Invitation string `json:"invitation"`
			Until      string `json:"until"`
		}
		if err := c.resource(ctx, http.MethodPost, path+"/invitation", object{}, &made); err != nil {
			return err
		}
		fmt.Printf("  ✓ invitation of %s, shown once, good until %s: %s\n", u.Name, made.Until, made.Invitation)
		return nil
	}
	password, err := askPassword("New password of " + u.Name + ": ")
	if err != nil {
		return err
	}
	if err := c.resource(ctx, http.MethodPut, path+"/password", object{"password": password}, nil); err != nil {
		return err
	}
	fmt.Printf("  ✓ %s is signed out everywhere, and has to choose another password at the next login\n", u.Name)
	return nil
}

type userDisableVerb struct {
	User string `arg:"" help:"Name or id."`
	hostFlag
}

func (userDisableVerb) Help() string {
	return `The user is signed out everywhere and his tokens are of no use; the audit keeps
what he did.

Example:
  bottega user disable anna`
}

// Run disables a user.
func (v userDisableVerb) Run(ctx context.Context) error {
	return v.client().disable(ctx, v.User, true, "cannot sign in any more, and is signed out everywhere")
}

type userEnableVerb struct {
	User string `arg:"" help:"Name or id."`
	hostFlag
}

func (userEnableVerb) Help() string {
	return `Example:
  bottega user enable anna`
}

// Run enables a user.
func (v userEnableVerb) Run(ctx context.Context) error {
	return v.client().disable(ctx, v.User, false, "can sign in again")
}

// disable changes whether a user may sign in, unless somebody else has changed him
// meanwhile.
func (c *client) disable(ctx context.Context, who string, disabled bool, said string) error {
	u, err := c.user(ctx, who)
	if err != nil {
		return err
	}
	in := object{"name": u.Name, "title": u.Title, "roles": u.Roles, "language": u.Language, "disabled": disabled}
	if len(u.Stores) > 0 {
		in["stores"] = u.Stores
	}
	if _, err := c.resourceIf(ctx, http.MethodPut, "users/"+url.PathEscape(u.ID), strconv.Quote(u.ETag), in, nil); err != nil {
		return err
	}
	fmt.Printf("  ✓ %s %s\n", u.Name, said)
	return nil
}
