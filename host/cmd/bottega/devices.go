package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/bottega-retail/bottega/host/cmd/bottega/devices"
)

type devicesVerb struct {
	Dir     string `help:"Where the devices keep what they did, their certificate and their address." default:".bottega/devices" type:"path"`
	Address string `help:"Loopback address to listen on; port 0 picks one." default:"127.0.0.1:0"`
}

func (devicesVerb) Help() string {
	return `Card terminals and fiscal devices that no shop has to buy: each till's own comes into
being when it is first asked. They answer over HTTPS, number documents and days, and
remember everything over a restart. A host in development finds them with --devices
and drives them with the plugins simterminal and simprinter.

They fail when told to: by the last two digits of an amount (11 declined, 12 no funds,
13 the answer to authorise is lost, 14 the request, 15 and 16 the same of capture, 17 of
refund; documents whose total ends in 21 find no paper, 22 the cover open, 23 lose
the answer, 24 the request), once for each; and by POST /faults. DELETE /faults puts
paper in and plugs in. GET /state tells all that they did.

Example:
  bottega devices                                     # in one terminal
  bottega serve --demo --devices .bottega/devices     # in another
  bottega install simterminal && bottega install simprinter
  bottega settings till '{"devices":[{"terminal":"simterminal","fiscal":"simprinter"}]}'
  curl -sk https://$(cat .bottega/devices/address)/faults -d '{"fault":"paper"}'

Settings are given whole: of the till's, what the line above does not name is as it was
before anybody filled it in.`
}

// Run serves until it is told to stop.
func (v devicesVerb) Run(ctx context.Context) error {
	if err := os.MkdirAll(v.Dir, 0o700); err != nil {
		return err
	}
	all, err := devices.Open(filepath.Join(v.Dir, devices.StateFile), time.Now)
	if err != nil {
		return err
	}
	pair, err := devices.Certificate(v.Dir, time.Now())
	if err != nil {
		return err
	}
	listen, err := net.Listen("tcp", v.Address)
	if err != nil {
		return err
	}
	if at, ok := listen.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("%s is not a loopback address: anybody could print", v.Address), listen.Close())
	}
	if err := os.WriteFile(filepath.Join(v.Dir, devices.AddressFile), []byte(listen.Addr().String()), 0o600); err != nil {
		return errors.Join(err, listen.Close())
	}
	fmt.Printf("simulated devices  https://%s  (%s)\n  state    %s\n", listen.Addr(), devices.Host, relative(filepath.Join(v.Dir, devices.StateFile)))
	server := &http.Server{
		Handler: all, ReadHeaderTimeout: 10 * time.Second, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.ServeTLS(listen, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// near is where apps find the devices of a folder; nothing for "".
func near(dir string) (map[string]netip.AddrPort, *x509.CertPool, error) {
	if dir == "" {
		return nil, nil, nil
	}
	at, roots, err := devices.Near(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w\n  start them first: bottega devices --dir %s", err, relative(dir))
	}
	return at, roots, err
}
