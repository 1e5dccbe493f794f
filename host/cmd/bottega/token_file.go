package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/bottega-retail/bottega/host"
)

// tokenOf is the owner's token of a host's folder, "" if there is none.
func tokenOf(dir string) string {
	b, err := os.ReadFile(filepath.Join(dir, host.OwnerToken))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// demoFolder is where `bottega serve` keeps everything, and the token of the
// owner, relative to the folder it runs in.
const demoFolder = ".bottega/demo"

// knownToken finds a token for a host: that of an earlier login, or, for a host
// on this machine, that of the owner of a demo here or in a folder above. Only
// loopback is given a token that was not meant for it by its address. "" if
// there is none: the host then says what is missing.
func knownToken(base string) string {
	if all, err := readLogins(); err == nil && all[base] != "" {
		return all[base]
	}
	if !loopback(base) {
		return ""
	}
	dir, err := os.Getwd()
	for err == nil {
		if token := tokenOf(filepath.Join(dir, filepath.FromSlash(demoFolder))); token != "" {
			return token
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	return ""
}

func loopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// loginFile holds the tokens of `bottega login` by address, for this user only.
func loginFile() (string, error) {
	dir, err := os.UserConfigDir()
	return filepath.Join(dir, "bottega", "logins.json"), err
}

// readLogins is empty if there was no login yet.
func readLogins() (map[string]string, error) {
	all := map[string]string{}
	file, err := loginFile()
	if err != nil {
		return all, err
	}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return all, err
	}
	return all, json.Unmarshal(b, &all)
}

// keepLogin remembers a token, or forgets it if it is "".
func keepLogin(base, token string) error {
	all, err := readLogins()
	if err != nil {
		return err
	}
	if all[base] = token; token == "" {
		delete(all, base)
	}
	file, err := loginFile()
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), "logins-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(append(b, '\n'))
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep the token: %w", err), os.Remove(tmp.Name()))
	}
	return nil
}
