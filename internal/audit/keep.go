package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/reports"
)

// Keeper keeps runs, wherever their snapshot came from.
type Keeper struct {
	Engine *policies.Engine // nil: the shipped policies, loaded when there is something to judge, so that a scan need not carry them
	Config *config.Config
	Store  string // the folder that keeps runs
	ID     string // of this run
	Tool   string // version
	Build  string // SHA-256 of the program
	// Signer seals the run; nil: the store's own key, made where the store is empty.
	Signer  evidence.Signer
	Command []string // the command line
	After   *After   // what is done with the sealed run; nil: nothing
	// Homes are the stores of the zones whose evidence is kept apart; empty: all of it stays in Store.
	Homes []evidence.Home
	Now   func() time.Time
	// Forget gives back between two phases what only the one before has touched, the start of a scan being one; nil: nothing.
	Forget func()

	joined  []error                   // by home: why its log could not be joined
	carried []residency.OpenViolation // what the store's last run left open; of a divided run, see handover
	orphans error                     // why what parts of that run left open is carried on by nobody
}

// The names of what a run folder holds beside snapshot and verdicts.
const (
	summaryName    = "summary.json"
	configName     = "config.yaml"
	waiversName    = "waivers.yaml"
	policiesFolder = "policies"
)

// Run is a run that was kept.
type Run struct {
	Dir     string
	Summary *residency.Summary
	NewKey  string // where a signing key was made for this run, empty where there was one
	// Problems are what failed after sealing: publication, time stamp, a zone's home. The run's receipts say so too. And what earlier runs
	// left open and could not be read: that, the notes say.
	Problems []string
	// Refused is why evidence may not go where the configuration sends it; it is among the problems too.
	Refused error
}

// seen is what the manifest says of an observation.
type seen struct {
	caller string
	scope  *residency.Scope
	skew   *float64 // seconds that this machine is ahead of AWS
}

// Snapshot judges a stored snapshot and keeps the run.
func (k *Keeper) Snapshot(ctx context.Context, path string) (*Run, error) {
	observed, err := k.carryOn(path)
	if err != nil {
		return nil, err
	}
	return k.keep(ctx, observed, func(p *evidence.Pending) (s seen, err error) {
		f, err := snapshot.Open(path)
		if err != nil {
			return seen{}, err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out, err := snapshot.Create(p.Path(snapshot.FileName), f.Header())
		if err != nil {
			return seen{}, err
		}
		coverage := func(c *residency.Coverage) error { return out.Coverage(*c) }
		if err := f.Each(ctx, out.Resource, coverage); err != nil {
			return seen{}, errors.Join(err, out.Abort())
		}
		return seen{scope: f.Header().Scope}, out.Close()
	})
}

// carryOn carries what the store's last run left open, or what the run at path carried itself where the store has none. It returns the
// snapshot's time.
func (k *Keeper) carryOn(path string) (observed time.Time, err error) {
	f, err := snapshot.Open(path)
	if err != nil {
		return observed, err
	}
	observed = f.Header().Run
	if err := f.Close(); err != nil {
		return observed, err
	}
	if len(k.Homes) == 0 { // else the homes are asked as well: see takeOver
		if _, err = k.takeUp(observed); err != nil || len(k.carried) > 0 {
			return observed, err
		}
	}
	k.carried, err = readCarried(path)
	return observed, err
}

// takeUp reads what the store's last run left open.
func (k *Keeper) takeUp(observed time.Time) (l left, err error) {
	before, err := keptIn(k.Store)
	if err != nil {
		return l, err
	}
	l, err = before.leftOpen(observed)
	if k.carried = l.open; len(k.Homes) == 0 && len(l.parts) > 0 {
		k.orphans = orphan(&l.parts[0])
	}
	return l, err
}

// orphan says why nobody carries on what a part left open.
func orphan(p *residency.Part) error {
	return fmt.Errorf("what the run before left open in zone %s is not carried on: it is in %s, which the configuration names no more", p.Zone, p.Store)
}

// keep lets observe write the snapshot of a new run, judges it, and gives the run its final name. After an error nothing is
// left of it.
func (k *Keeper) keep(ctx context.Context, observed time.Time, observe func(*evidence.Pending) (seen, error)) (run *Run, err error) {
	p, err := evidence.Begin(k.Store, k.ID)
	if err != nil {
		return nil, err
	}
	defer func() {
		if run == nil {
			err = errors.Join(err, p.Abort())
		}
	}()
	start := k.Now()
	before, err := k.takeOver(ctx, observed, p.Path("before"))
	if err != nil {
		return nil, err
	}
	s, err := observe(p)
	if err != nil {
		return nil, err
	}
	if k.Engine == nil {
		if k.Forget != nil {
			k.Forget()
		}
		if k.Engine, err = load(ctx); err != nil {
			return nil, err
		}
	}
	run = &Run{}
	mine, err := k.deal(ctx, p, run, before, s, start)
	if err != nil {
		return nil, err
	}
	summary, m, err := k.complete(ctx, p, mine, s, start)
	if err != nil {
		return nil, k.rescue(p, s, err)
	}
	if err := k.makeKey(run); err != nil {
		return nil, err
	}
	run.Summary = summary
	if run.Dir, err = p.Commit(ctx, k.Signer, m); err != nil {
		return nil, err
	}
	return run, k.After.Do(ctx, k, run)
}

// deal is what the run is judged with. Where the evidence is divided, the parts of the homes are sealed first.
func (k *Keeper) deal(ctx context.Context, p *evidence.Pending, run *Run, before *handover, s seen, start time.Time) (mine share, err error) {
	if len(k.Homes) == 0 {
		if k.orphans != nil {
			run.Problems = append(run.Problems, k.orphans.Error())
		}
		err = k.gather(ctx, p.Path(snapshot.FileName))
		return share{config: k.Config, carried: k.carried, uncarried: k.orphans != nil}, err
	}
	if err := k.makeKey(run); err != nil {
		return mine, err
	}
	for i := range k.Homes {
		k.joined = append(k.joined, k.Homes[i].Join(ctx, k.Signer))
	}
	run.Problems = append(run.Problems, before.problems(k)...)
	return k.divide(ctx, p, before, s, start)
}

// rescue keeps the inventory of a scan that could not be judged, a policy of the user's that fails say: it took the night to make.
func (k *Keeper) rescue(p *evidence.Pending, s seen, reason error) error {
	if s.caller == "" || len(k.Homes) > 0 { // a copy of a snapshot that is there already; or the evidence of zones, which stays at home
		return reason
	}
	path := filepath.Join(k.Store, "unjudged-"+k.ID+".ndjson.zst")
	if err := os.Rename(p.Path(snapshot.FileName), path); err != nil {
		return reason
	}
	return fmt.Errorf("%w; the inventory is kept in %s: judge it again with domicile judge", reason, path)
}

// share is what a run, or a part of one, is judged with beside its snapshot.
type share struct {
	config    *config.Config
	carried   []residency.OpenViolation
	settled   bool // how these stand was found out over the whole
	uncarried bool // what earlier runs left open could not all be read
}

// complete judges the snapshot of a run that is being written, and writes all that the manifest lists beside it.
func (k *Keeper) complete(ctx context.Context, p *evidence.Pending, with share, s seen, start time.Time) (*residency.Summary, residency.Manifest, error) {
	cfg := with.config
	summary, verdicts, err := k.judge(ctx, p, with)
	if err != nil {
		return nil, residency.Manifest{}, err
	}
	m := residency.Manifest{Observed: summary.Run, Complete: summary.Complete, Conclusion: summary.Conclusion, Tool: k.Tool, Build: k.Build,
		Policies: k.Engine.Digest(), Config: evidence.Digest(cfg.Raw), Verdicts: verdicts, Caller: s.caller, ClockSkew: s.skew,
		Command: k.Command, Start: start.UTC(), End: k.Now().UTC(), Uncarried: with.uncarried}
	if s.scope != nil {
		m.Accounts, m.Regions = s.scope.Accounts, s.scope.Regions
	}
	return summary, m, k.write(p, cfg, summary)
}

// makeKey makes the store's key where none is configured and the store is empty: only now, when there is something to sign.
func (k *Keeper) makeKey(run *Run) error {
	if k.Signer != nil {
		return nil
	}
	signer, err := evidence.MakeSigner(k.Store)
	if err != nil {
		return err
	}
	k.Signer, run.NewKey = signer, evidence.KeyPath(k.Store)
	return nil
}

// load reads the policies between two phases: it gives back what the scan used before and what compiling took behind it, so that
// the peaks do not add up.
func load(ctx context.Context) (*policies.Engine, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(15))
	debug.FreeOSMemory()
	defer debug.FreeOSMemory()
	return policies.Load(ctx)
}

// judge writes the verdicts and returns the SHA-256 of their lines, which a re-performance must reach again.
func (k *Keeper) judge(ctx context.Context, p *evidence.Pending, with share) (summary *residency.Summary, digest string, err error) {
	out, err := snapshot.CreateVerdicts(p.Path(snapshot.VerdictsFileName))
	if err != nil {
		return nil, "", err
	}
	lines, judge := sha256.New(), NewJudge(k.Engine, with.config)
	judge.Carried, judge.Settled = with.carried, with.settled
	if with.uncarried {
		judge.Notes = append(judge.Notes, notCarried)
	}
	summary, err = judge.Run(ctx, p.Path(snapshot.FileName), everyOutcome, io.MultiWriter(out, lines))
	if err != nil {
		return nil, "", errors.Join(err, out.Abort())
	}
	if err := withParts(os.DirFS(p.Dir()), summary); err != nil {
		return nil, "", errors.Join(err, out.Abort())
	}
	return summary, hex.EncodeToString(lines.Sum(nil)), errors.Join(out.Close(), writeCarried(p, judge.Carried))
}

func everyOutcome(residency.Outcome) bool { return true }

func (k *Keeper) write(p *evidence.Pending, cfg *config.Config, summary *residency.Summary) error {
	var data bytes.Buffer
	if err := reports.WriteSummary(&data, *summary); err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	files, err := k.Engine.Files()
	if err != nil {
		return fmt.Errorf("write the policies: %w", err)
	}
	if cfg.Waivers != "" {
		err = p.Write(waiversName, cfg.Register.Raw)
	}
	return errors.Join(err, p.Write(summaryName, data.Bytes()), p.Write(configName, cfg.Raw), p.Copy(policiesFolder, files))
}
