package harness

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Request is one request as it arrived at a backend.
type Request struct {
	Method, Path, Host string
	Port               int    // where it arrived; with a sidecar its application's own
	Proto              string // HTTP/1.1 or HTTP/2.0
	Header             http.Header
	Body               []byte
	At                 time.Time
}

// Backend is the application of a pod: an HTTP/1.1 and h2c server that records what reaches it. A request
// whose content type is application/grpc is answered as a gRPC server that echoes would answer it.
type Backend struct {
	Name    string // of the pod, sent back as x-served-by
	Cluster string // the id of the pod's cluster

	mu       sync.Mutex
	requests []Request
	handler  http.HandlerFunc
}

// Handle replaces what the backend does after it has recorded a request; nil is the default, 200 with the
// pod's name.
func (b *Backend) Handle(h http.HandlerFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.handler = h
}

// Requests returns what has arrived since the start or the last Reset.
func (b *Backend) Requests() []Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Request(nil), b.requests...)
}

// Reset forgets what has arrived.
func (b *Backend) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = nil
}

func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	at := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	seen := Request{
		Port:   at.Port,
		Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host, Proto: r.Proto, Header: r.Header.Clone(), Body: body,
		At: time.Now(),
	}
	b.mu.Lock()
	b.requests = append(b.requests, seen)
	handler := b.handler
	b.mu.Unlock()
	w.Header().Set("x-served-by", b.Name)
	switch {
	case handler != nil:
		handler(w, r)
	case strings.HasPrefix(r.Header.Get("content-type"), "application/grpc"):
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("trailer", "grpc-status")
		w.Write(body)
		w.Header().Set("grpc-status", "0")
	default:
		fmt.Fprintln(w, b.Name)
	}
}

// serve listens on address until the test ends.
func serve(t testing.TB, handler http.Handler, address string) net.Addr {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, handler, listener)
}

// serveTLS is serve with a certificate that nobody has to believe.
func serveTLS(t testing.TB, handler http.Handler, address string) net.Addr {
	t.Helper()
	certificate := httptest.NewUnstartedServer(nil)
	certificate.StartTLS()
	defer certificate.Close()
	listener, err := tls.Listen("tcp", address, &tls.Config{Certificates: certificate.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, handler, listener)
}

func serveOn(t testing.TB, handler http.Handler, listener net.Listener) net.Addr {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: protocols}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr()
}
