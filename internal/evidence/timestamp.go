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

// TimeStamp asks an authority (RFC 3161) when the run's manifest existed, and returns its answer as it came, with the time in it. Only
// the digest of the manifest leaves.
func TimeStamp(ctx context.Context, web *http.Client, url, dir string) (reply []byte, at time.Time, err error) {
	manifest, err := digestFile(filepath.Join(dir, ManifestName))
	if err != nil {
		return nil, at, fmt.Errorf("time stamp: %w", err)
	}
	digest, err := hex.DecodeString(manifest.SHA256)
	if err != nil {
		return nil, at, fmt.Errorf("time stamp: %w", err)
	}
	request, nonce, err := newStampRequest(digest)
	if err != nil {
		return nil, at, fmt.Errorf("time stamp: %w", err)
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(request))
	if err != nil {
		return nil, at, fmt.Errorf("time stamp: %w: write the authority's address in timestamp.url", err)
	}
	post.Header.Set("Content-Type", "application/timestamp-query")
	res, err := web.Do(post)
	if err != nil {
		return nil, at, fmt.Errorf("time stamp: %w", err)
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	reply, err = io.ReadAll(io.LimitReader(res.Body, maxToken+1))
	if err != nil || res.StatusCode != http.StatusOK || len(reply) > maxToken {
		return nil, at, fmt.Errorf("time stamp: %s answered %s (%d bytes): %w", url, res.Status, len(reply), errors.Join(err, errNoToken))
	}
	t, err := checkStamp(reply, manifest.SHA256)
	if err == nil && (t.Nonce == nil || t.Nonce.Cmp(nonce) != 0) {
		err = errors.New("the answer is one to another request")
	}
	if err != nil {
		return nil, at, fmt.Errorf("time stamp: %s: %w", url, err)
	}
	return reply, t.Time.UTC(), nil
}

// maxNonce bounds the number that ties a reply to its request: 64 bits.
var maxNonce = new(big.Int).Lsh(big.NewInt(1), 64)

var errNoToken = errors.New("no time stamp came back")

func newStampRequest(digest []byte) (request []byte, nonce *big.Int, err error) {
	r := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest, Certificates: true}
	if nonce, err = rand.Int(rand.Reader, maxNonce); err != nil {
		return nil, nil, err
	}
	r.Nonce = nonce
	request, err = r.Marshal()
	return request, nonce, err
}

// checkStamp reads what an authority said of a manifest. The signature is the token's own: whose certificate it is, a reader must judge.
func checkStamp(reply []byte, manifest string) (*timestamp.Timestamp, error) {
	t, err := timestamp.ParseResponse(reply)
	if err != nil {
		return nil, fmt.Errorf("the time stamp cannot be read or was changed: %w", err)
	}
	if t.HashAlgorithm != crypto.SHA256 || hex.EncodeToString(t.HashedMessage) != manifest {
		return nil, errors.New("the time stamp is for another manifest")
	}
	return t, nil
}
