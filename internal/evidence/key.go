package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Signer seals runs. It is an Ed25519 key from a file or an asymmetric key in AWS KMS.
type Signer interface {
	Public() crypto.PublicKey
	// Sign signs a message, not its digest.
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

// The algorithms of a seal.
const (
	AlgorithmEd25519 = "ed25519"
	AlgorithmECDSA   = "ecdsa-p256-sha256"
)

// Key is a public key that seals are checked with.
type Key struct {
	public crypto.PublicKey
	der    []byte
}

// NewKey takes an Ed25519 or ECDSA P-256 public key.
func NewKey(public crypto.PublicKey) (*Key, error) {
	switch k := public.(type) {
	case ed25519.PublicKey:
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize != 256 {
			return nil, errors.New("a key of another curve than P-256: make the KMS key with ECC_NIST_P256")
		}
	default:
		return nil, fmt.Errorf("a key of type %T: Ed25519 and ECDSA P-256 can be used", public)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, err
	}
	return &Key{public, der}, nil
}

// ParseKey reads a public key as PEM ("PUBLIC KEY"), as openssl writes it. The private key's file serves too.
func ParseKey(data []byte) (*Key, error) {
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, errors.New("no PEM block: give a file that starts with -----BEGIN PUBLIC KEY-----")
	}
	if block.Type == "PRIVATE KEY" {
		s, err := parsePrivate(data)
		if err != nil {
			return nil, err
		}
		return NewKey(s.Public())
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("no public key: %w", err)
	}
	return NewKey(public)
}

// ReadKey reads a public key from a file.
func ReadKey(path string) (*Key, error) {
	data, err := readSmall(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	if err != nil {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	k, err := ParseKey(data)
	if err != nil {
		return nil, fmt.Errorf("read the key: %s: %w", path, err)
	}
	return k, nil
}

// PEM is the key as a file.
func (k *Key) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: k.der})
}

// Fingerprint is the SHA-256 of the key's PKIX form, as ssh and others write it.
func (k *Key) Fingerprint() string {
	sum := sha256.Sum256(k.der)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// Algorithm is how the key signs.
func (k *Key) Algorithm() string {
	if _, ok := k.public.(ed25519.PublicKey); ok {
		return AlgorithmEd25519
	}
	return AlgorithmECDSA
}

// Verify checks a signature over a message.
func (k *Key) Verify(message, signature []byte) error {
	ok := false
	switch public := k.public.(type) {
	case ed25519.PublicKey:
		ok = ed25519.Verify(public, message, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		ok = ecdsa.VerifyASN1(public, sum[:], signature)
	}
	if !ok {
		return fmt.Errorf("the signature is not one of the key %s", k.Fingerprint())
	}
	return nil
}

// signed is a signature that was checked at once: what a key service gets wrong must not be found out by an auditor.
func signed(ctx context.Context, s Signer, k *Key, message []byte) ([]byte, error) {
	signature, err := s.Sign(ctx, message)
	if err != nil {
		return nil, err
	}
	if err := k.Verify(message, signature); err != nil {
		return nil, fmt.Errorf("the key's own signature does not verify: %w", err)
	}
	return signature, nil
}

// fileKey signs with an Ed25519 key held in memory.
type fileKey ed25519.PrivateKey

func (k fileKey) Public() crypto.PublicKey { return ed25519.PrivateKey(k).Public() }

func (k fileKey) Sign(_ context.Context, message []byte) ([]byte, error) {
	return ed25519.Sign(ed25519.PrivateKey(k), message), nil
}

func parsePrivate(data []byte) (fileKey, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("no PEM block PRIVATE KEY: make a key with openssl genpkey -algorithm ed25519")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("no PKCS #8 key: make one with openssl genpkey -algorithm ed25519") // without the cause, which may quote the key
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, errors.New("not an Ed25519 key: make one with openssl genpkey -algorithm ed25519")
	}
	return fileKey(private), nil
}

// ReadSigner reads an Ed25519 private key (PKCS #8, PEM). A file that others may read is refused.
func ReadSigner(path string) (Signer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w: name a file that this user can read", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read the signing key: %s can be read by others: chmod 600 it", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %w", err)
	}
	k, err := parsePrivate(data)
	if err != nil {
		return nil, fmt.Errorf("read the signing key: %s: %w", path, err)
	}
	return k, nil
}

// KeyPath and PublicKeyPath are where a store's own key lies.
func KeyPath(store string) string       { return filepath.Join(store, "keys", "signing.key") }
func PublicKeyPath(store string) string { return filepath.Join(store, "keys", "signing.pub") }

// ErrNoKey is returned where a store holds runs and no key: a new one would seal beside an old one unnoticed.
var ErrNoKey = errors.New("the store holds runs and no signing key: put keys/signing.key back, name it in signing.key_file, or start a new store with --out")

// OwnSigner is the store's own key, nil where the store is empty. Beside earlier runs a missing one is an error.
func OwnSigner(store string) (Signer, error) {
	path := KeyPath(store)
	s, err := ReadSigner(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return s, err
	}
	ids, err := Runs(store)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if HasLog(store) || len(ids) > 0 {
		return nil, fmt.Errorf("%s: %w", store, ErrNoKey)
	}
	return nil, nil
}

// MakeSigner makes the key of an empty store.
func MakeSigner(store string) (Signer, error) {
	if s, err := OwnSigner(store); s != nil || err != nil {
		return s, err // another run was quicker
	}
	return makeKey(store)
}

func makeKey(store string) (Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	key, err := NewKey(private.Public())
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(KeyPath(store)), 0o700); err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	if err := writeOnce(PublicKeyPath(store), key.PEM(), 0o644); err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	if err := writeOnce(KeyPath(store), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	return fileKey(private), nil
}

// writeOnce writes a file that appears whole, and on disk, or not at all.
func writeOnce(path string, data []byte, mode os.FileMode) (err error) {
	temp := path + ".part"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes renames in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// sameKey reports whether a PEM file is just what this key's would be.
func (k *Key) sameKey(data []byte) bool { return bytes.Equal(k.PEM(), data) }
