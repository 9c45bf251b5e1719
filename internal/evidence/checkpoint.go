package evidence

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// logName is the origin of every checkpoint and the name of its signer.
const logName = "domicile-log"

// noteKey is a key as signed notes want it (C2SP signed-note).
type noteKey struct {
	ctx    context.Context // of one Sign: the interface has no other way to give one
	signer Signer
	key    *Key
}

func (n noteKey) Name() string { return logName }

// KeyHash is the key's id of a signed note: the start of SHA-256 over name, algorithm and key.
func (n noteKey) KeyHash() uint32 {
	kind, raw := byte(2), n.key.der // 2: ECDSA, by its PKIX form
	if public, ok := n.key.public.(ed25519.PublicKey); ok {
		kind, raw = 1, public
	}
	sum := sha256.Sum256(append([]byte(logName+"\n"+string(kind)), raw...))
	return binary.BigEndian.Uint32(sum[:])
}

func (n noteKey) Sign(message []byte) ([]byte, error) { return signed(n.ctx, n.signer, n.key, message) }
func (n noteKey) Verify(message, sig []byte) bool     { return n.key.Verify(message, sig) == nil }

// signCheckpoint makes the signed checkpoint of a tree (C2SP tlog-checkpoint).
func signCheckpoint(ctx context.Context, s Signer, t tlog.Tree) (string, error) {
	key, err := NewKey(s.Public())
	if err != nil {
		return "", fmt.Errorf("sign the checkpoint: %w", err)
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", logName, t.N, t.Hash)
	signed, err := note.Sign(&note.Note{Text: text}, noteKey{ctx, s, key})
	if err != nil {
		return "", fmt.Errorf("sign the checkpoint: %w", err)
	}
	return string(signed), nil
}

// openCheckpoint checks a checkpoint's signature and reads its tree.
func openCheckpoint(k *Key, text string) (tlog.Tree, error) {
	if len(text) > 64<<10 {
		return tlog.Tree{}, errors.New("a checkpoint of more than 64 KiB")
	}
	n, err := note.Open([]byte(text), note.VerifierList(noteKey{key: k}))
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unverified):
		return tlog.Tree{}, fmt.Errorf("the checkpoint is not signed by the key %s", k.Fingerprint())
	case err != nil:
		return tlog.Tree{}, fmt.Errorf("the checkpoint cannot be read or was changed: %w", err)
	}
	// A signature's text form has bits that mean nothing; a change of them is a change all the same.
	for _, sig := range append(n.Sigs, n.UnverifiedSigs...) {
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return tlog.Tree{}, errors.New("the checkpoint's signature was changed")
		}
	}
	var again bytes.Buffer
	again.WriteString(n.Text + "\n")
	for _, sig := range n.Sigs {
		fmt.Fprintf(&again, "— %s %s\n", sig.Name, sig.Base64)
	}
	if again.String() != text {
		return tlog.Tree{}, errors.New("the checkpoint holds more than it was written with")
	}
	return parseTree(n.Text)
}

func parseTree(text string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != logName || lines[3] != "" {
		return tlog.Tree{}, errors.New("the checkpoint is not one of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("the checkpoint's size is no number")
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil || hash.String() != lines[2] {
		return tlog.Tree{}, errors.New("the checkpoint's root is no hash")
	}
	return tlog.Tree{N: size, Hash: hash}, nil
}
