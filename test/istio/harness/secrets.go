package harness

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"testing"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/protobuf/types/known/anypb"
)

// secrets is pilot-agent's secret discovery service with a CA of its own. Every proxy gets the same certificate,
// that of the service account default in the namespace default.
type secrets struct {
	secret.UnimplementedSecretDiscoveryServiceServer
	byName map[string]*anypb.Any
}

const (
	identity = "spiffe://cluster.local/ns/default/sa/default"
	validFor = 24 * time.Hour
)

func newSecrets(t testing.TB) *secrets {
	t.Helper()
	caKey, caTemplate := newKey(t), certificate(1, "CA")
	caTemplate.IsCA, caTemplate.BasicConstraintsValid, caTemplate.KeyUsage = true, true, x509.KeyUsageCertSign
	ca := sign(t, caTemplate, caTemplate, &caKey.PublicKey, caKey)

	key, template := newKey(t), certificate(2, "workload")
	uri, _ := url.Parse(identity)
	template.URIs = []*url.URL{uri}
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	leaf := sign(t, template, caTemplate, &key.PublicKey, caKey)
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pair := &tls.TlsCertificate{CertificateChain: inline("CERTIFICATE", leaf), PrivateKey: inline("EC PRIVATE KEY", der)}
	trust := &tls.CertificateValidationContext{TrustedCa: inline("CERTIFICATE", ca)}
	s := &secrets{byName: map[string]*anypb.Any{}}
	for _, each := range []*tls.Secret{
		{Name: "default", Type: &tls.Secret_TlsCertificate{TlsCertificate: pair}},
		{Name: "ROOTCA", Type: &tls.Secret_ValidationContext{ValidationContext: trust}},
	} {
		if s.byName[each.Name], err = anypb.New(each); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// StreamSecrets answers each name once; the secrets never change.
func (s *secrets) StreamSecrets(stream secret.SecretDiscoveryService_StreamSecretsServer) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return err
		}
		if request.ResponseNonce != "" {
			continue // an acknowledgement
		}
		response := &discovery.DiscoveryResponse{VersionInfo: "1", Nonce: "1", TypeUrl: request.TypeUrl}
		for _, name := range request.ResourceNames {
			if known := s.byName[name]; known != nil {
				response.Resources = append(response.Resources, known)
			}
		}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func certificate(serial int64, name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-time.Minute), NotAfter: now.Add(validFor),
	}
}

func sign(t testing.TB, template, parent *x509.Certificate, public *ecdsa.PublicKey, by *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func inline(kind string, der []byte) *core.DataSource {
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	return &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: text}}
}
