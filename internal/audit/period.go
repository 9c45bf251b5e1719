package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// dayFormat is how days are written everywhere: UTC.
const dayFormat = time.DateOnly

// late is how long after a failure another attempt still counts for the same night.
const late = 24 * time.Hour

// PeriodOf is what a store's log and runs tell of the days from first to last, both included, and the folder of the last run in
// them, which a report of the period is about. The log is what decides which runs there were; one that does not verify tells nothing.
func PeriodOf(ctx context.Context, store, first, last string) (*residency.Period, string, error) {
	from, to, err := days(first, last)
	if err != nil {
		return nil, "", err
	}
	l, err := evidence.ReadLog(store)
	if err != nil {
		return nil, "", err
	}
	if err := vouched(ctx, store, l); err != nil {
		return nil, "", err
	}
	h := &timeline{store: store, log: l, period: &residency.Period{From: first, To: last}, spells: map[residency.Violation]*residency.Spell{}}
	for day := from; !day.After(to); day = day.AddDate(0, 0, 1) {
		if err := h.night(ctx, day, leavesOf(l)); err != nil {
			return nil, "", err
		}
	}
	if h.latest == "" {
		return nil, "", fmt.Errorf("no run from %s to %s in %s: name other days with --from and --to", first, last, store)
	}
	h.finish()
	return h.period, h.latest, nil
}

func leavesOf(l *evidence.Log) []evidence.Leaf {
	var leaves []evidence.Leaf
	for _, e := range l.Entries() {
		leaves = append(leaves, e.Leaf)
	}
	return leaves
}

func days(first, last string) (from, to time.Time, err error) {
	if from, err = time.Parse(dayFormat, first); err != nil {
		return from, to, fmt.Errorf("--from %q: write a day as 2026-11-23", first)
	}
	if to, err = time.Parse(dayFormat, last); err != nil {
		return from, to, fmt.Errorf("--to %q: write a day as 2026-11-23", last)
	}
	if to.Before(from) || to.Sub(from) > 1100*24*time.Hour {
		return from, to, fmt.Errorf("--from %s --to %s: the period ends before it begins, or has more than three years", first, last)
	}
	return from, to, nil
}

// vouched makes sure that the log of a store is signed, line by line, with the key of its runs.
func vouched(ctx context.Context, store string, l *evidence.Log) error {
	for _, e := range l.Entries() {
		key, err := evidence.ReadKey(filepath.Join(evidence.RunDir(store, e.Leaf.Run), evidence.PublicKeyName))
		if err != nil {
			continue // a heartbeat, or a run that is gone: another has the key
		}
		checked, err := evidence.VerifyStore(ctx, store, key, "")
		if err != nil {
			return err
		}
		for _, p := range checked.Problems {
			if strings.HasPrefix(filepath.ToSlash(p.File), "log/") {
				return fmt.Errorf("%s does not verify (%s): see domicile verify", store, p)
			}
		}
		return nil
	}
	return nil
}

// keptRun is what of a run its manifest and summary tell.
type keptRun struct {
	dir      string
	manifest residency.Manifest
	summary  residency.Summary
}

// readKept reads a run of the log. Where nothing of it can be told, because its folder is gone or does not verify, the run is nil, and a
// text says why.
func readKept(ctx context.Context, store string, l *evidence.Log, leaf *evidence.Leaf) (k *keptRun, why string, err error) {
	k = &keptRun{dir: evidence.RunDir(store, leaf.Run)}
	if _, err := os.Stat(k.dir); errors.Is(err, fs.ErrNotExist) {
		if gone, ok := l.Expired(leaf.Run); ok {
			return nil, fmt.Sprintf("the evidence of the run %s expired on %s and was removed", leaf.Run, gone.Time.Format(dayFormat)), nil
		}
		return nil, fmt.Sprintf("the log holds the run %s, and its folder is gone: see domicile verify", leaf.Run), nil
	}
	checked, err := evidence.Verify(ctx, evidence.Folder(k.dir), nil)
	if err != nil {
		return nil, "", err
	}
	if checked.Seal.Manifest != leaf.Manifest && len(checked.Problems) == 0 {
		checked.Problems = []evidence.Problem{{File: evidence.ManifestName, Reason: "is not the one in the log"}}
	}
	if len(checked.Problems) > 0 {
		return nil, fmt.Sprintf("the run %s does not verify, and nothing of it is counted (%s): see domicile verify", leaf.Run, checked.Problems[0]), nil
	}
	k.manifest = checked.Manifest
	return k, "", readJSON(filepath.Join(k.dir, summaryName), &k.summary)
}

// stores counts the data stores that are assigned to a zone.
func (k *keptRun) stores() (n int) {
	for _, z := range k.summary.Zones {
		for _, count := range z.Stores {
			n += count
		}
	}
	return n
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
