package evidence

import (
	"context"
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// The types of what is signed: an in-toto Statement v1 in a DSSE envelope.
const (
	payloadType       = "application/vnd.in-toto+json"
	statementType     = "https://in-toto.io/Statement/v1"
	runPredicate      = "https://github.com/seed-1578181b/domicile/run/v1"
	reportsPredicate  = "https://github.com/seed-1578181b/domicile/reports/v1"
	maxSignatureBytes = 4 << 10
)

// statement says of files, by their digests, what the predicate tells.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     predicate `json:"predicate"`
}

type subject struct {
	Name   string `json:"name"`
	Digest digest `json:"digest"`
}

type digest struct {
	SHA256 string `json:"sha256"`
}

// predicate is the run that a signed file belongs to.
type predicate struct {
	Run        string               `json:"run"`
	Sequence   int64                `json:"sequence"`
	Conclusion residency.Conclusion `json:"conclusion,omitempty"`
	Complete   bool                 `json:"complete"`
}

// errNotSigned is about the file, not about its envelope.
var errNotSigned = errors.New("its SHA-256 is not the signed one")

// signFile makes the envelope over one file.
func signFile(ctx context.Context, s Signer, name string, data []byte, predicateType string, p predicate) ([]byte, error) {
	payload, err := canonical(statement{Type: statementType, Subject: []subject{{name, digest{Digest(data)}}}, PredicateType: predicateType, Predicate: p})
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", name, err)
	}
	key, err := NewKey(s.Public())
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", name, err)
	}
	envelopes, err := dsse.NewEnvelopeSigner(dsseKey{s, key})
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", name, err)
	}
	e, err := envelopes.SignPayload(ctx, payloadType, payload)
	if err != nil {
		return nil, fmt.Errorf("sign %s: %w", name, err)
	}
	return canonical(e)
}

// openFile checks that an envelope vouches for a file: that its signature is the key's and its digest the file's.
func openFile(ctx context.Context, k *Key, name string, data, envelope []byte, predicateType string) (predicate, error) {
	var e dsse.Envelope
	if err := decodeCanonical(envelope, &e); err != nil {
		return predicate{}, err
	}
	payload, err := base64.StdEncoding.Strict().DecodeString(e.Payload)
	if err != nil || e.PayloadType != payloadType || len(e.Signatures) != 1 {
		return predicate{}, errNotCanonical
	}
	signature := e.Signatures[0]
	if raw, err := base64.StdEncoding.Strict().DecodeString(signature.Sig); err != nil || len(raw) > maxSignatureBytes {
		return predicate{}, errNotCanonical
	}
	if signature.KeyID != k.Fingerprint() {
		return predicate{}, fmt.Errorf("signed by the key %q, not by %s", signature.KeyID, k.Fingerprint())
	}
	verifier, err := dsse.NewEnvelopeVerifier(dsseKey{nil, k})
	if err != nil {
		return predicate{}, err
	}
	if _, err := verifier.Verify(ctx, &e); err != nil {
		return predicate{}, fmt.Errorf("the signature is not one of the key %s", k.Fingerprint())
	}
	var s statement
	if err := decodeCanonical(payload, &s); err != nil {
		return predicate{}, err
	}
	if s.Type != statementType || s.PredicateType != predicateType || len(s.Subject) != 1 || s.Subject[0].Name != name {
		return predicate{}, fmt.Errorf("the signed statement is not about %s", name)
	}
	if s.Subject[0].Digest.SHA256 != Digest(data) {
		return predicate{}, errNotSigned
	}
	return s.Predicate, nil
}

// dsseKey is a key as the envelope's library wants it.
type dsseKey struct {
	signer Signer // nil: to verify only
	key    *Key
}

func (d dsseKey) Sign(ctx context.Context, data []byte) ([]byte, error) {
	return signed(ctx, d.signer, d.key, data)
}
func (d dsseKey) Verify(_ context.Context, data, sig []byte) error { return d.key.Verify(data, sig) }
func (d dsseKey) KeyID() (string, error)                           { return d.key.Fingerprint(), nil }
func (d dsseKey) Public() crypto.PublicKey                         { return d.key.public }
