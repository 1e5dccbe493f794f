package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"golang.org/x/term"
)

type loginVerb struct {
	Name       string `arg:"" optional:"" help:"Name to sign in with."`
	Invitation string `help:"Accept this invitation: choose a password." placeholder:"SECRET"`
	hostFlag
}

func (loginVerb) Help() string {
	return `Signs in and remembers the session for this address, in a file that only you can
read. The password is asked for; without a terminal it is the first line of the
standard input.

Example:
  bottega login anna
  bottega login --invitation btg_join_…`
}

// credentials are what to sign in with, and where.
func (v loginVerb) credentials() (path string, in object, err error) {
	switch {
	case v.Invitation != "":
		password, err := askPassword("Choose a password: ")
		return "invitations", object{"invitation": v.Invitation, "password": password}, err
	case v.Name == "":
		return "", nil, errors.New("who? Give a name, or an invitation with --invitation")
	}
	password, err := askPassword("Password of " + v.Name + ": ")
	return "sessions", object{"name": v.Name, "password": password}, err
}

// Run signs in.
func (v loginVerb) Run(ctx context.Context) error {
	path, in, err := v.credentials()
	if err != nil {
		return err
	}
	c := v.client()
	c.token = ""
	var signed struct {
		Session string `json:"session"`
		Me      me     `json:"me"`
	}
	if err := c.resource(ctx, http.MethodPost, path, in, &signed); err != nil {
		return err
	}
	if err := keepLogin(c.base, sessionMark+signed.Session); err != nil {
		return err
	}
	fmt.Printf("  ✓ signed in as %s at %s\n", signed.Me.Name, c.base)
	if signed.Me.MustChange {
		fmt.Println("    this password is a first one: you can do nothing before you choose another")
		fmt.Println("\nnext:\n  bottega me --password")
		return nil
	}
	fmt.Println("\nnext:\n  bottega apps")
	return nil
}

type logoutVerb struct{ hostFlag }

func (logoutVerb) Help() string {
	return `Example:
  bottega logout`
}

// Run signs out and forgets the session.
func (v logoutVerb) Run(ctx context.Context) error {
	c := v.client()
	if !strings.HasPrefix(c.token, sessionMark) {
		return errors.New("nobody is signed in at " + c.base)
	}
	err := c.resource(ctx, http.MethodDelete, "sessions/current", nil, nil)
	var p *problem
	if errors.As(err, &p) && p.Status == http.StatusUnauthorized {
		err = nil // it had ended already
	}
	if err == nil {
		fmt.Println("  ✓ signed out at", c.base)
	}
	return errors.Join(err, keepLogin(c.base, ""))
}

// me is who asks.
type me struct {
	Principal  string   `json:"principal"`
	Name       string   `json:"name"`
	Title      string   `json:"title"`
	Rights     []string `json:"rights"`
	Stores     []string `json:"stores"`
	MustChange bool     `json:"must_change"`
}

type meVerb struct {
	Password bool `help:"Choose another password."`
	hostFlag
}

func (meVerb) Help() string {
	return `Says as whom the host sees you and what you may do.

Example:
  bottega me
  bottega me --password`
}

// Run shows who asks, or changes the password.
func (v meVerb) Run(ctx context.Context) error {
	c := v.client()
	if v.Password {
		return v.change(ctx, c)
	}
	var m me
	if err := c.resource(ctx, http.MethodGet, "me", nil, &m); err != nil {
		return err
	}
	fmt.Println(strings.TrimSpace(m.Principal + "  " + m.Name + "  " + m.Title))
	fmt.Println("  may    ", strings.Join(m.Rights, ", "))
	if len(m.Stores) > 0 {
		fmt.Println("  stores ", strings.Join(m.Stores, ", "))
	}
	return nil
}

func (v meVerb) change(ctx context.Context, c *client) error {
	old, err := askPassword("Present password: ")
	if err != nil {
		return err
	}
	next, err := askPassword("New password: ")
	if err != nil {
		return err
	}
	var signed struct {
		Session string `json:"session"`
	}
	if err := c.resource(ctx, http.MethodPost, "me/password", object{"current": old, "password": next}, &signed); err != nil {
		return err
	}
	fmt.Println("  ✓ the password is changed; all other sessions have ended")
	if signed.Session == "" {
		return nil
	}
	return keepLogin(c.base, sessionMark+signed.Session)
}

// stdin is read by several questions in turn.
var stdin = bufio.NewReader(os.Stdin)

// askPassword reads a secret without showing it.
func askPassword(question string) (string, error) {
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprint(os.Stderr, question)
		b, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		return string(b), err
	}
	line, err := stdin.ReadString('\n')
	if errors.Is(err, io.EOF) && line != "" {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
