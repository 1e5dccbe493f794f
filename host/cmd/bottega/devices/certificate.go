package devices

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net/netip"
	"os"
	"path/filepath"
	"time"
)

// Files of a folder of devices.
const (
	StateFile       = "devices.json" // what they did
	AddressFile     = "address"      // host:port where they answer
	CertificateFile = "cert.pem"     // that signs for Host: who trusts it is a host in development
	keyFile         = "key.pem"
)

// Certificate is the devices' own, of a folder; it is made when there is none.
func Certificate(dir string, now time.Time) (tls.Certificate, error) {
	cert, key := filepath.Join(dir, CertificateFile), filepath.Join(dir, keyFile)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return pair, err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair, err
	}
	paper := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Bottega, simulated devices"}, DNSNames: []string{Host},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true, PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{Host},
	}
	signed, err := x509.CreateCertificate(rand.Reader, paper, paper, &private.PublicKey, private)
	if err != nil {
		return pair, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return pair, err
	}
	write := func(path, kind string, der []byte) error {
		return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
	}
	if err := errors.Join(write(key, "PRIVATE KEY", secret), write(cert, "CERTIFICATE", signed)); err != nil {
		return pair, err
	}
	return tls.LoadX509KeyPair(cert, key)
}

// Near is by which name apps reach the devices that keep their things in a folder, where
// that is, and who signs for them. The error is fs.ErrNotExist if none was ever started
// there.
func Near(dir string) (map[string]netip.AddrPort, *x509.CertPool, error) {
	text, err := os.ReadFile(filepath.Join(dir, AddressFile))
	if err != nil {
		return nil, nil, err
	}
	at, err := netip.ParseAddrPort(string(text))
	if err != nil {
		return nil, nil, err
	}
	cert, err := os.ReadFile(filepath.Join(dir, CertificateFile))
	if err != nil {
		return nil, nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	roots.AppendCertsFromPEM(cert)
	return map[string]netip.AddrPort{Host + ":443": at}, roots, nil
}
