package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/reports"
)

// Verify proves that the run in dir was not touched since it was sealed, and judges its snapshot again with its own policies,
// configuration and waivers: the same verdicts, byte for byte, must come out. A nil key takes the run's own. The error is one of
// this machine; what does not verify is among the problems.
func Verify(ctx context.Context, dir string, key *evidence.Key, tool string) (*evidence.Checked, error) {
	c, err := evidence.Verify(ctx, evidence.Folder(dir), key)
	if err != nil || len(c.Problems) > 0 {
		return c, err
	}
	problems, err := reperform(ctx, dir, c.Manifest)
	if err != nil {
		return nil, fmt.Errorf("judge %s again: %w", dir, err)
	}
	for i := range problems {
		if c.Manifest.Tool != tool {
			problems[i].Reason += fmt.Sprintf(" (it was judged by version %s, and this is %s: verify with that one)", c.Manifest.Tool, tool)
		}
	}
	c.Problems = problems
	return c, unfinished(dir, c)
}

// unfinished notes what the run's configuration asks for after sealing and no receipt speaks of.
func unfinished(dir string, c *evidence.Checked) error {
	cfg, err := StoredConfig(os.DirFS(dir))
	if err != nil {
		return err
	}
	for what, where := range map[string]string{evidence.ReceiptPublish: cfg.Log.Publish, evidence.ReceiptTimeStamp: cfg.Timestamp.URL} {
		if where != "" && !slices.ContainsFunc(c.Receipts, func(r evidence.Receipt) bool { return r.What == what }) {
			c.Notes = append(c.Notes, fmt.Sprintf("%s to %s: no receipt says what became of it: the run was cut off after it was sealed, or the receipt was removed", what, where))
		}
	}
	slices.Sort(c.Notes)
	return nil
}

// reperform judges again and compares.
func reperform(ctx context.Context, dir string, m residency.Manifest) ([]evidence.Problem, error) {
	engine, cfg, err := stored(ctx, dir)
	if err != nil {
		return nil, err
	}
	problems, err := partProblems(os.DirFS(dir), m.Run)
	if err != nil {
		return nil, err
	}
	if engine.Digest() != m.Policies {
		problems = append(problems, evidence.Problem{File: "policies", Reason: "their digest is not the one that was sealed"})
	}
	if evidence.Digest(cfg.Raw) != m.Config {
		problems = append(problems, evidence.Problem{File: configName, Reason: "its digest is not the one that was sealed"})
	}
	lines, judge := sha256.New(), NewJudge(engine, cfg)
	if err := judge.WithCarried(dir); err != nil {
		return nil, err
	}
	if m.Uncarried {
		judge.Notes = append(judge.Notes, notCarried)
	}
	carried := slices.Clone(judge.Carried)
	summary, err := judge.Run(ctx, filepath.Join(dir, snapshot.FileName), everyOutcome, lines)
	if err != nil {
		return nil, err
	}
	if err := withParts(os.DirFS(dir), summary); err != nil {
		return nil, err
	}
	if got := hex.EncodeToString(lines.Sum(nil)); got != m.Verdicts {
		problems = append(problems, evidence.Problem{File: snapshot.VerdictsFileName, Reason: "judging the snapshot again gives other verdicts"})
	}
	if !slices.EqualFunc(carried, notSeen(judge.Carried), func(a, b residency.OpenViolation) bool {
		return a.Violation == b.Violation && a.State == b.State && a.Detail == b.Detail
	}) {
		problems = append(problems, evidence.Problem{File: CarriedFileName, Reason: "judging the snapshot again leaves other violations open"})
	}
	same, err := sameSummary(dir, summary)
	if !same || summary.Conclusion != m.Conclusion {
		problems = append(problems, evidence.Problem{File: summaryName, Reason: "judging the snapshot again gives another summary"})
	}
	return problems, err
}

// sameSummary reports whether a summary is, byte for byte, the one that was kept.
func sameSummary(dir string, s *residency.Summary) (bool, error) {
	var again bytes.Buffer
	if err := reports.WriteSummary(&again, *s); err != nil {
		return false, err
	}
	kept, err := os.ReadFile(filepath.Join(dir, summaryName))
	return bytes.Equal(kept, again.Bytes()), err
}

// stored reads what a kept run was judged with.
func stored(ctx context.Context, dir string) (*policies.Engine, *config.Config, error) {
	folder := os.DirFS(filepath.Join(dir, policiesFolder))
	engine, err := policies.LoadFS(ctx, folder)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := StoredConfig(os.DirFS(dir))
	if err != nil || cfg.Waivers == "" {
		return engine, cfg, err
	}
	return engine, cfg, cfg.LoadWaivers(filepath.Join(dir, waiversName), engine.Controls())
}

// StoredConfig reads the configuration of a kept run, with the zones that it had then; its waivers are not read.
func StoredConfig(run fs.FS) (*config.Config, error) {
	folder, err := fs.Sub(run, policiesFolder)
	if err != nil {
		return nil, err
	}
	zones, err := policies.ZonesIn(folder)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(run, configName)
	if err != nil {
		return nil, err
	}
	return config.Parse(configName, data, zones)
}
