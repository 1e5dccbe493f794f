package peer

import (
	"context"

	"github.com/knqyf263/go-plugin/examples/helloworld/greeting"
)

// GoPlugin is one instance of a plugin of knqyf263/go-plugin, called through
// the code that it generates.
type GoPlugin struct {
	plugin interface {
		greeting.Greeter
		Close(context.Context) error
	}
}

// OpenGoPlugin loads a plugin that answers with what it is given.
func OpenGoPlugin(ctx context.Context, file string) (*GoPlugin, error) {
	host, err := greeting.NewGreeterPlugin(ctx)
	if err != nil {
		return nil, err
	}
	p, err := host.Load(ctx, file)
	if err != nil {
		return nil, err
	}
	return &GoPlugin{p}, nil
}

// Echo calls the plugin.
func (g *GoPlugin) Echo(ctx context.Context, in string) (string, error) {
	reply, err := g.plugin.Greet(ctx, &greeting.GreetRequest{Name: in})
	if err != nil {
		return "", err
	}
	return reply.GetMessage(), nil
}

// Close frees the plugin.
func (g *GoPlugin) Close(ctx context.Context) error { return g.plugin.Close(ctx) }
