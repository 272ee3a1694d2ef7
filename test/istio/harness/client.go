package harness

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Client is an HTTP/1.1 client whose every connection goes to this proxy: what its pod's application would
// use, or a browser in front of a gateway. Names in URLs are the mesh's: http://reviews:9080/.
func (p *Proxy) Client() *http.Client { return p.client(false) }

// H2 is the same in HTTP/2 with prior knowledge.
func (p *Proxy) H2() *http.Client { return p.client(true) }

func (p *Proxy) client(h2 bool) *http.Client {
	if c, ok := p.clients.Load(h2); ok {
		return c.(*http.Client)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!h2)
	protocols.SetUnencryptedHTTP2(h2)
	transport := &http.Transport{Protocols: protocols, MaxIdleConnsPerHost: 16, DialContext: p.connect}
	c := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	actual, loaded := p.clients.LoadOrStore(h2, c)
	if !loaded {
		p.mesh.t.Cleanup(transport.CloseIdleConnections)
	}
	return actual.(*http.Client)
}

// connect goes to the proxy whatever the address, but for its port.
func (p *Proxy) connect(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, p.dial(port))
}

// Once sends one request on a connection of its own, which is what TCP is balanced by; with https whatever the certificate.
func (p *Proxy) Once(url string) (Response, error) {
	transport := &http.Transport{
		DialContext: p.connect, DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	defer transport.CloseIdleConnections()
	return Send(&http.Client{Transport: transport, Timeout: 10 * time.Second}, "GET", url, "")
}

// forgetConnections makes the clients connect anew. A connection from before a change of a listener's filters
// goes on through the old ones until Envoy has drained it: for one more response.
func (p *Proxy) forgetConnections() {
	p.clients.Range(func(_, c any) bool {
		c.(*http.Client).CloseIdleConnections()
		return true
	})
}

// Response is an answer, read whole.
type Response struct {
	Status  int
	Header  http.Header
	Trailer http.Header
	Body    string
	Took    time.Duration
	Closed  bool // the connection was closed after it
}

// Get sends one request through the proxy. headers are "name: value"; "host: value" sets the authority.
func (p *Proxy) Get(url string, headers ...string) (Response, error) {
	return Send(p.Client(), "GET", url, "", headers...)
}

// Send sends one request with a client of a proxy.
func Send(client *http.Client, method, url, body string, headers ...string) (Response, error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return Response{}, err
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ":")
		value = strings.TrimSpace(value)
		if strings.EqualFold(name, "host") {
			request.Host = value
		} else {
			request.Header.Add(name, value)
		}
	}
	start := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return Response{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return Response{
		Status: response.StatusCode, Header: response.Header, Trailer: response.Trailer, Body: string(text),
		Took: time.Since(start), Closed: response.Close,
	}, err
}
