package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"
)

type tokenVerb struct {
	List   tokenListVerb   `cmd:"" help:"The tokens there are; never their secrets."`
	Create tokenCreateVerb `cmd:"" help:"Make a token for a program."`
	Revoke tokenRevokeVerb `cmd:"" help:"End a token."`
}

// tokenInfo is a token as the host lists it.
type tokenInfo struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Rights []string `json:"rights"`
	Until  string   `json:"until"`
}

type tokenListVerb struct{ hostFlag }

func (tokenListVerb) Help() string {
	return `Example:
  bottega token list`
}

// Run lists the tokens.
func (v tokenListVerb) Run(ctx context.Context) error {
	tokens, err := list[tokenInfo](ctx, v.client(), "tokens", nil)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, t := range tokens {
		fmt.Fprintf(out, "%s\t%s\t%s\tuntil %s\n", t.ID, t.Title, strings.Join(t.Rights, ","), t.Until)
	}
	return out.Flush()
}

type tokenCreateVerb struct {
	Title string   `arg:"" help:"What it is for."`
	Right []string `help:"A right, or contract.*; several are allowed." required:"" placeholder:"RIGHT"`
	Store []string `help:"Limit to these stores. Default: all." placeholder:"STORE"`
	Days  int      `help:"How long it is good for. Default: 90, or as long as the token that makes it."`
	now   func() time.Time
	hostFlag
}

func (tokenCreateVerb) Help() string {
	return `The secret is shown once, on a line of its own on the standard output.

Example:
  bottega token create 'web shop' --right pricing.view --right till.sell --days 30`
}

// Run makes a token.
func (v tokenCreateVerb) Run(ctx context.Context) error {
	now := time.Now
	if v.now != nil {
		now = v.now
	}
	in := object{"title": v.Title, "rights": v.Right}
	if v.Days > 0 {
		in["until"] = now().AddDate(0, 0, v.Days).UTC().Format(time.RFC3339)
	}
	if len(v.Store) > 0 {
		in["stores"] = v.Store
	}
	var made struct {
		Secret string `json:"secret"`
	}
	if err := v.client().resource(ctx, http.MethodPost, "tokens", in, &made); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "  ✓ token %s; its secret is shown once:\n", v.Title)
	fmt.Println(made.Secret)
	return nil
}

type tokenRevokeVerb struct {
	ID string `arg:"" help:"Id of the token."`
	hostFlag
}

func (tokenRevokeVerb) Help() string {
	return `Example:
  bottega token revoke 01JD…`
}

// Run ends a token.
func (v tokenRevokeVerb) Run(ctx context.Context) error {
	if err := v.client().resource(ctx, http.MethodDelete, "tokens/"+url.PathEscape(v.ID), nil, nil); err != nil {
		return err
	}
	fmt.Println("  ✓ token", v.ID, "is of no use any more")
	return nil
}
