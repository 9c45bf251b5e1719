package audit

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
)

// After is what is done with a run once it is sealed. Each step may fail without harm to the run, which then says so in its receipts.
type After struct {
	Publish   string // folder or s3://BUCKET/PREFIX for checkpoints; empty: nowhere
	TimeStamp string // URL of an RFC 3161 authority; empty: none is asked
	AWS       evidence.Settings
	HTTP      *http.Client
}

// Do does it and keeps signed receipts. The error is one of keeping them; problems are what of it failed, for the reader.
func (a *After) Do(ctx context.Context, k *Keeper, dir string) (problems []string, err error) {
	if a == nil || a.Publish == "" && a.TimeStamp == "" {
		return nil, nil
	}
	var receipts []evidence.Receipt
	var stamp []byte
	note := func(what, where, detail string, err error) {
		r := evidence.Receipt{What: what, Where: where, Time: k.Now().UTC().Truncate(time.Second), Detail: detail}
		if err != nil {
			r.Problem = err.Error()
			problems = append(problems, err.Error())
		}
		receipts = append(receipts, r)
	}
	if a.TimeStamp != "" {
		reply, at, err := evidence.TimeStamp(ctx, a.HTTP, a.TimeStamp, dir)
		stamp = reply
		note(evidence.ReceiptTimeStamp, a.TimeStamp, stampedAt(at), err)
	}
	if a.Publish != "" {
		note(evidence.ReceiptPublish, a.Publish, "", evidence.Publish(ctx, a.AWS, a.Publish, k.Store, filepath.Base(dir)))
	}
	if err := evidence.KeepReceipts(ctx, dir, k.Signer, receipts, stamp); err != nil {
		return problems, fmt.Errorf("keep the receipts: %w", err)
	}
	return problems, nil
}

func stampedAt(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}
