package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
)

// The limits of a connection.
const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second // of a whole request
	writeTimeout  = 60 * time.Second // from the end of the headers to the end of the answer
	idleTimeout   = 60 * time.Second
	maxHeader     = 32 << 10 // bytes, so that 10,000 fields do not fit
)

// CheckLoopback refuses an address that others than this machine may reach:
// without a login whoever reaches the host may do everything.
func CheckLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen on %q: %w", address, err)
	}
	if host == "localhost" {
		return nil
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Unmap().IsLoopback() {
		return nil
	}
	return fmt.Errorf("listen on %q: refused, for the host speaks no TLS yet and a token must not cross a network in the clear; "+
		"use a loopback address such as 127.0.0.1:8080", address)
}

// Serve answers on l until the context ends; then it says that it is not
// ready, takes no new work, lets what runs finish, and returns nil. It returns
// an error if what runs did not finish in time, or if l is open to more than
// this machine without login and TLS. Call it once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if err := s.checkAddress(l.Addr().String()); err != nil {
		return errors.Join(err, l.Close())
	}
	if s.config.Credentials == nil {
		s.config.Logger.Warn("NO LOGIN YET: listening on loopback only, and everybody on this machine may do everything", "address", l.Addr().String())
	}
	server := s.server()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	close(s.stopping)
	s.notice(ended)
	return s.drain(server)
}

// checkAddress lets others than this machine in only if they must log in and do
// so over TLS, which a proxy in front of the host ends.
func (s *Server) checkAddress(address string) error {
	err := CheckLoopback(address)
	if err == nil || s.config.Credentials != nil && s.site.secure {
		return nil
	}
	if s.config.Credentials != nil {
		return fmt.Errorf("listen on %q: refused, for passwords and tokens would travel in the open; set a base address with https and put TLS in front", address)
	}
	return err
}

func (s *Server) server() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          s.config.Logger.StandardLogger(&hclog.StandardLoggerOptions{ForceLevel: hclog.Debug}),
	}
}

// notice leaves the time to look elsewhere.
func (s *Server) notice(ended <-chan error) {
	if s.config.Notice == 0 {
		return
	}
	select {
	case <-time.After(s.config.Notice):
	case <-ended:
	}
}

func (s *Server) drain(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests still ran after %s: %w", s.config.Drain, err), server.Close())
	}
	return nil
}

// path is the address of an operation, contract.operation.
func path(name string) string {
	contract, operation, _ := strings.Cut(name, ".")
	return "/v1/" + contract + "/" + operation
}
