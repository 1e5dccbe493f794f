package tills

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/bottega-retail/bottega/host"
	"github.com/bottega-retail/bottega/host/bench/internal/corner"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
)

// Server is a server in this process.
type Server struct {
	Base  string // http://address
	Close func() error
}

// Host starts a real host in a folder, from its embedding API, with the shop
// in it.
func Host(ctx context.Context, dir, modules string, s *shop.Shop) (Server, error) {
	h, err := host.New(ctx, host.Config{Dir: dir, Modules: modules, Address: "127.0.0.1:0"})
	if err != nil {
		return Server{}, err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(running) }()
	server := Server{Base: "http://" + h.Address(), Close: func() error {
		stop()
		return errors.Join(<-ended, h.Close())
	}}
	clerk := New(server.Base, s, 1)
	err = s.Seed(func(operation string, in any) error {
		_, err := clerk.Post(ctx, operation, in)
		return err
	})
	if err != nil {
		return Server{}, errors.Join(err, server.Close())
	}
	return server, nil
}

// Corner starts the server written by hand.
func Corner(c *corner.Server) (Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Server{}, err
	}
	server := &http.Server{Handler: c, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return Server{Base: "http://" + l.Addr().String(), Close: func() error {
		err := server.Close()
		<-ended // http.ErrServerClosed
		return errors.Join(err, c.Close())
	}}, nil
}
