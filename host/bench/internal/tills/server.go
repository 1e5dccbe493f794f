package tills

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/bottega-retail/bottega/host/bench/internal/corner"
	"github.com/bottega-retail/bottega/host/bench/internal/served"
	"github.com/bottega-retail/bottega/host/bench/internal/shop"
)

// Host starts a real host in a folder, from its embedding API, with the shop
// in it.
func Host(ctx context.Context, dir, modules string, s *shop.Shop) (served.Server, error) {
	server, err := served.Host(ctx, dir, modules, false)
	if err != nil {
		return server, err
	}
	clerk := New([]served.Server{server}, s, 1)
	err = s.Seed(func(operation string, in any) error {
		_, err := clerk.Post(ctx, operation, in)
		return err
	})
	if err != nil {
		return server, errors.Join(err, server.Close())
	}
	return server, nil
}

// Corner starts the server written by hand. It asks nobody who they are.
func Corner(c *corner.Server) (served.Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return served.Server{}, err
	}
	server := &http.Server{Handler: c, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	return served.Server{Base: "http://" + l.Addr().String(), Close: func() error {
		err := server.Close()
		<-ended // http.ErrServerClosed
		return errors.Join(err, c.Close())
	}}, nil
}
