package audit

import (
	"context"
	"errors"
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

// Do does it and keeps signed receipts. What of it failed is among the run's problems; the error is one of keeping the receipts.
func (a *After) Do(ctx context.Context, k *Keeper, run *Run) error {
	if a == nil {
		a = &After{}
	}
	var stamp []byte
	l := receipts{now: k.Now, run: run}
	for i := range k.Homes {
		l.home(ctx, &k.Homes[i], k.joined[i], k.ID)
	}
	if a.TimeStamp != "" {
		var at time.Time
		var err error
		stamp, at, err = evidence.TimeStamp(ctx, a.HTTP, a.TimeStamp, run.Dir)
		l.note(evidence.Receipt{What: evidence.ReceiptTimeStamp, Where: a.TimeStamp, Detail: stampedAt(at)}, err)
	}
	if a.Publish != "" {
		l.note(evidence.Receipt{What: evidence.ReceiptPublish, Where: a.Publish}, evidence.Publish(ctx, a.AWS, a.Publish, k.Store, filepath.Base(run.Dir)))
	}
	if len(l.list) == 0 {
		return nil
	}
	if err := evidence.KeepReceipts(ctx, run.Dir, k.Signer, l.list, stamp); err != nil {
		return fmt.Errorf("keep the receipts: %w", err)
	}
	return nil
}

// receipts gathers them, and what failed.
type receipts struct {
	now  func() time.Time
	run  *Run
	list []evidence.Receipt
}

func (l *receipts) note(r evidence.Receipt, err error) {
	r.Time = l.now().UTC().Truncate(time.Second)
	if err != nil {
		r.Problem = err.Error()
		l.run.Problems = append(l.run.Problems, r.Problem)
		if refused := new(evidence.RefusedError); l.run.Refused == nil && errors.As(err, &refused) {
			l.run.Refused = err
		}
	}
	l.list = append(l.list, r)
}

// home moves a zone's part to its home, with those that are left there from earlier runs. What could not be moved stays in the staging,
// and the next run tries again.
func (l *receipts) home(ctx context.Context, h *evidence.Home, joined error, run string) {
	var moved []evidence.Moved
	err := joined
	if err == nil {
		moved, err = h.Keep(ctx)
	}
	for _, m := range moved {
		r := evidence.Receipt{What: evidence.ReceiptEvidence + h.Zone.ID, Where: h.String(), Detail: "run " + m.Run, Objects: m.Objects}
		if m.Run != run {
			r.Detail += ", which an earlier run had left behind"
		}
		l.note(r, nil)
	}
	if err != nil {
		err = fmt.Errorf("%w; the evidence of zone %s stays in %s, and the next run tries again", err, h.Zone.ID, h.Staging)
		l.note(evidence.Receipt{What: evidence.ReceiptEvidence + h.Zone.ID, Where: h.String(), Detail: "run " + run}, err)
	}
}

func stampedAt(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}
