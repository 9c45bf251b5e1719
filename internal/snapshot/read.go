package snapshot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Each makes one whole pass in file order, one line after the other. Either function may be nil: such lines are checked only.
// The resource is valid until its function returns, and may be changed by it.
func (f *File) Each(ctx context.Context, onResource func(*residency.Resource) error, onCoverage func(*residency.Coverage) error) error {
	return f.each(ctx, NewDecoder(0), onResource, onCoverage)
}

func (f *File) each(ctx context.Context, d *Decoder, onResource func(*residency.Resource) error, onCoverage func(*residency.Coverage) error) error {
	return f.Chunks(ctx, 0, func(c *Chunk) error {
		defer c.Release()
		return c.Each(d, func(l *Line) error {
			switch {
			case l.Resource != nil && onResource != nil:
				return onResource(l.Resource)
			case l.Coverage != nil && onCoverage != nil:
				return onCoverage(l.Coverage)
			}
			return nil
		})
	})
}

// Document is a whole snapshot in memory.
type Document struct {
	Header    residency.Header
	Resources []residency.Resource // in file order
	Coverage  []residency.Coverage
}

// Read reads a whole snapshot into memory: for small files and for tests.
func Read(ctx context.Context, path string) (*Document, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return f.document(ctx)
}

func (f *File) document(ctx context.Context) (*Document, error) {
	doc := &Document{Header: f.header}
	d := NewDecoder(0)
	d.fresh = true
	err := f.each(ctx, d, func(r *residency.Resource) error {
		doc.Resources = append(doc.Resources, *r)
		return nil
	}, func(c *residency.Coverage) error {
		doc.Coverage = append(doc.Coverage, *c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return doc, nil
}

// Digest is the SHA-256, in hex, of the uncompressed bytes: the one that [Writer.Digest] gave. It is a pass of its own, which
// checks nothing else.
func (f *File) Digest(ctx context.Context) (string, error) {
	l, err := f.rewind(ChunkSize)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	buf := make([]byte, ChunkSize)
	for {
		if err := ctx.Err(); err != nil {
			return "", fmt.Errorf("digest of %s: %w", oneLine(f.name), err)
		}
		n, err := l.src.Read(buf)
		sum.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(sum.Sum(nil)), nil
		}
		if err != nil {
			return "", at(f.name, 0, readError(err, l.compressed))
		}
	}
}
