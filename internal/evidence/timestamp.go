package evidence

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"path/filepath"
	"time"

	"github.com/digitorus/timestamp"
)

// maxToken bounds an authority's answer, in bytes.
const maxToken = 1 << 20

// TimeStamp asks an authority (RFC 3161) when the run's manifest existed, and keeps its answer in the run folder. Only the digest of
// the manifest leaves.
func TimeStamp(ctx context.Context, web *http.Client, url, dir string) (at time.Time, err error) {
	manifest, err := digestFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return at, fmt.Errorf("time stamp: %w", err)
	}
	digest, err := hex.DecodeString(manifest.SHA256)
	if err != nil {
		return at, fmt.Errorf("time stamp: %w", err)
	}
	request, err := newStampRequest(digest)
	if err != nil {
		return at, fmt.Errorf("time stamp: %w", err)
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
	if err != nil {
		return at, fmt.Errorf("time stamp: %w: write the authority's address in timestamp.url", err)
	}
	post.Header.Set("Content-Type", "application/timestamp-query")
	res, err := web.Do(post)
	if err != nil {
		return at, fmt.Errorf("time stamp: %w", err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	reply, err := io.ReadAll(io.LimitReader(res.Body, maxToken+1))
	if err != nil || res.StatusCode != http.StatusOK || len(reply) > maxToken {
		return at, fmt.Errorf("time stamp: %s answered %s (%d bytes): %w", url, res.Status, len(reply), errors.Join(err, errNoToken))
	}
	if at, err = checkStamp(reply, manifest.SHA256); err != nil {
		return at, fmt.Errorf("time stamp: %s: %w", url, err)
	}
	return at, writeOnce(filepath.Join(dir, TimeStampName), reply, 0o644)
}

// maxNonce bounds the number that ties a reply to its request: 64 bits.
var maxNonce = new(big.Int).Lsh(big.NewInt(1), 64)

var errNoToken = errors.New("no time stamp came back")

func newStampRequest(digest []byte) ([]byte, error) {
	r := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true}
	nonce, err := rand.Int(rand.Reader, maxNonce)
	if err != nil {
		return nil, err
	}
	r.Nonce = nonce
	return r.Marshal()
}

// checkStamp reports when an authority saw a manifest. The signature is the token's own: whose certificate it is, a reader must judge.
func checkStamp(reply []byte, manifest string) (time.Time, error) {
	t, err := timestamp.ParseResponse(reply)
	if err != nil {
		return time.Time{}, fmt.Errorf("the time stamp cannot be read or was changed: %w", err)
	}
	if t.HashAlgorithm != crypto.SHA256 || hex.EncodeToString(t.HashedMessage) != manifest {
		return time.Time{}, errors.New("the time stamp is for another manifest")
	}
	return t.Time.UTC(), nil
}
