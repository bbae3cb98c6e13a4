package serve

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
)

// AnyHost starts a server on loopback that stands for every host. The connections of the
// client lead there, over TLS, whatever the host of a request. stop ends the server.
func AnyHost(handle http.HandlerFunc) (client *http.Client, stop func()) {
	server := httptest.NewTLSServer(handle)
	client = server.Client()
	transport := client.Transport.(*http.Transport)
	transport.TLSClientConfig.ServerName = "example.com" // it is in the certificate
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	return client, server.Close
}
