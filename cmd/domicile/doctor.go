package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/history"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/schedule"
	"github.com/seed-1578181b/domicile/scanners"
)

func newDoctor(c *common) *cobra.Command {
	var f scanFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what would keep a scan from being whole",
		Long: "Checks configuration, schedule, disk, database and signing key, then asks AWS: who calls, whether the clocks agree, and in every account, in one\n" +
			"region, each declared operation at most once. It writes nothing, here or there. Exit code 1 when a check fails.",
		Args: exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.doctor(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.replay, "replay", "", "answer every AWS call from the recording in this folder")
	flags.StringSliceVar(&f.accounts, "accounts", nil, "ask only these accounts of the configuration")
	flags.StringSliceVar(&f.services, "services", nil, "ask only these services: see domicile list scanners")
	return cmd
}

// state is what a check came to.
type state string

const (
	stateOK   state = "ok"
	stateWarn state = "warn"
	stateFail state = "fail"
	stateSkip state = "skip"
)

// checkup is the list of checks so far.
type checkup struct {
	w     *tabwriter.Writer
	count map[state]int
}

func newCheckup(w io.Writer) *checkup {
	return &checkup{w: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), count: map[state]int{}}
}

// add prints one check: what was found, and after a colon what cures it.
func (u *checkup) add(s state, check, format string, args ...any) {
	u.count[s]++
	fmt.Fprintf(u.w, "%s\t%s\t%s\n", s, oneLine(check), oneLine(fmt.Sprintf(format, args...)))
}

func (c *common) doctor(ctx context.Context, f scanFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if f.replay != "" {
		if _, err := recordedAt(f.replay); err != nil {
			return err
		}
	}
	picked, err := scanners.Select(scanners.All(), f.services)
	if err != nil {
		return fmt.Errorf("--services: %w", err)
	}
	cfg, path, err := c.load(ctx, f.replay)
	if err != nil {
		return err
	}
	if err := f.fits(cfg); err != nil {
		return err
	}
	u := newCheckup(c.stdout)
	u.add(stateOK, "configuration", "%s: %s, %s of assign", path, counted(len(cfg.Zones), "zone"), counted(len(cfg.Assign), "line"))
	c.checkHere(ctx, u, cfg, path, f)
	j := &job{flags: f, scan: &audit.Scan{Keeper: audit.Keeper{Config: cfg}, Options: scanners.Options{Scanners: picked, Shipped: len(scanners.All()), Only: f.accounts}}}
	if err := c.checkAWS(ctx, u, j); err != nil {
		return errors.Join(u.w.Flush(), err)
	}
	if err := u.w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "\n%d ok, %d warn, %d fail, %d skip\n", u.count[stateOK], u.count[stateWarn], u.count[stateFail], u.count[stateSkip])
	if u.count[stateFail] > 0 {
		return errExit(exitError)
	}
	return nil
}

// checkHere looks at what this machine must have.
func (c *common) checkHere(ctx context.Context, u *checkup, cfg *config.Config, path string, f scanFlags) {
	if cron := cfg.Schedule.Cron; cron == "" {
		u.add(stateWarn, "schedule", "none: add schedule: {cron: \"0 2 * * *\"}, or start domicile scan every night by other means")
	} else if s, err := schedule.Parse(cron, cfg.Schedule.Timezone); err != nil {
		u.add(stateFail, "schedule", "%v", err)
	} else {
		u.add(stateOK, "schedule", "next due %s", s.Next(c.now()).Format("Mon 2006-01-02 15:04 MST"))
	}
	u.disk(c.out)
	c.checkHistory(ctx, u, cfg, path)
	if cfg.Signing.KMSKey != "" && f.replay != "" {
		u.add(stateSkip, "signing key", "the KMS key is not asked under --replay")
		return
	}
	signer, err := c.signer(ctx, cfg, path)
	switch {
	case err != nil:
		u.add(stateFail, "signing key", "%v", err)
	case signer == nil:
		u.add(stateOK, "signing key", "made at first use in %s", evidence.KeyPath(c.out))
	default:
		key, err := evidence.NewKey(signer.Public())
		if err != nil {
			u.add(stateFail, "signing key", "%v", err)
			return
		}
		u.add(stateOK, "signing key", "%s %s", key.Algorithm(), key.Fingerprint())
	}
}

// checkHistory opens the store's database. A file that is not there yet is not made.
func (c *common) checkHistory(ctx context.Context, u *checkup, cfg *config.Config, path string) {
	dsn := c.historyDSN(cfg, path)
	if file, is := history.IsPath(dsn); is {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			u.add(stateOK, "database", "made at first use in %s", file)
			return
		}
	}
	h, err := history.Open(ctx, dsn)
	if err == nil {
		var last history.Entry
		var some bool
		if last, some, err = h.Last(ctx); err == nil && some {
			u.add(stateOK, "database", "%s, up to %s", h.Name(), last.Begun.UTC().Format("2006-01-02 15:04 MST"))
		} else if err == nil {
			u.add(stateOK, "database", "%s, empty", h.Name())
		}
		err = errors.Join(err, h.Close())
	}
	if err != nil {
		u.add(stateFail, "database", "%v", err)
	}
}

// What a store should have free, in bytes: a run of a large estate takes some hundred megabytes while it is written.
const (
	diskWarn = 2 << 30
	diskFail = 200 << 20
)

// disk looks at the file system that the runs will be on.
func (u *checkup) disk(store string) {
	folder := store
	for { // what is not there yet will be made where its parent is
		if info, err := os.Stat(folder); err == nil {
			if !info.IsDir() {
				u.add(stateFail, "disk", "%s is not a folder: name one with --out in which runs can be kept", folder)
				return
			}
			break
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			break
		}
		folder = parent
	}
	free, err := freeBytes(folder)
	s := stateOK
	switch {
	case err != nil:
		u.add(stateWarn, "disk", "how much is free at %s is not known (%v): see that there are 2 GiB", folder, err)
		return
	case free < diskFail:
		s = stateFail
	case free < diskWarn:
		s = stateWarn
	}
	text := fmt.Sprintf("%d MiB free at %s", free>>20, folder)
	if s != stateOK {
		text += ": make room, or name another folder with --out"
	}
	u.add(s, "disk", "%s", text)
}

// checkAWS asks AWS. The error is an interruption: whatever else goes wrong is a check that failed.
func (c *common) checkAWS(ctx context.Context, u *checkup, j *job) error {
	if err := j.source(ctx); err != nil {
		u.add(stateFail, "credentials", "%v", err)
		return nil
	}
	clock := &clocks{now: c.now}
	j.scan.Options.Witness = clock
	cfg := j.scan.Config
	var first []string
	for _, z := range cfg.Zones {
		first = append(first, z.Regions...)
	}
	probed, err := j.scan.Probe(ctx, first)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		u.add(stateFail, "credentials", "%v", j.explain(err))
		clock.tell(u, j.flags.replay != "")
		return nil
	}
	u.add(stateOK, "credentials", "%s", probed.Caller.ARN)
	clock.tell(u, j.flags.replay != "")
	for i := range probed.Accounts {
		u.account(&probed.Accounts[i], cfg.Zones, j.scan.Options.Scanners)
	}
	return nil
}

// account tells of one account: opened, its regions, its services.
func (u *checkup) account(a *scanners.ProbedAccount, zones []residency.Zone, asked []scanners.Scanner) {
	name := "account " + a.ID
	if a.Closed != nil {
		u.add(stateFail, name, "%s", a.Closed.Detail)
		return
	}
	for _, g := range a.Gaps {
		u.add(stateFail, name+" regions", "%s: %s", g.Call, g.Detail)
	}
	if len(a.Regions) > 0 {
		u.regions(name, a.Regions, zones)
	}
	answered, silent := 0, 0
	var missing []string
	for _, s := range a.Services {
		answered += s.Answered
		if len(s.Gaps) > 0 {
			silent++
		}
		missing = append(missing, u.service(name, s, asked)...)
	}
	if len(missing) > 0 {
		u.add(stateFail, name+" permissions", "lacks %s: allow them, see domicile iam-policy", strings.Join(missing, ", "))
	}
	u.add(stateOK, name, "%d of %s answered all that was asked, %s in all", len(a.Services)-silent, counted(len(a.Services), "service"), counted(answered, "operation"))
}

// regions tells which regions of the zones an account has off.
func (u *checkup) regions(name string, on []string, zones []residency.Zone) {
	enabled := map[string]bool{}
	for _, r := range on {
		enabled[r] = true
	}
	off := 0
	for _, z := range zones {
		for _, r := range z.Regions {
			if !enabled[r] {
				off++
				u.add(stateWarn, name+" regions", "%s of zone %s is off in the account: nothing can be kept there until it is enabled", r, z.ID)
			}
		}
	}
	if off == 0 {
		u.add(stateOK, name+" regions", "all of the zones are on")
	}
}

// service tells what got no answer, and returns the IAM actions that are missing.
func (u *checkup) service(name string, s scanners.ProbedService, asked []scanners.Scanner) (missing []string) {
	var calls func(operation string) (scanners.Call, bool)
	for i := range asked {
		if asked[i].Service == s.Service {
			calls = asked[i].Call
		}
	}
	for _, g := range s.Gaps {
		call, _ := calls(g.Call)
		lacks := g.Class == residency.ClassDenied && call.IAM != "" && strings.Contains(g.Detail, call.IAM)
		st := stateFail
		if call.Optional || g.Class == residency.ClassThrottled || g.Class == residency.ClassServerError || g.Class == residency.ClassUnimplemented {
			st = stateWarn
		}
		if lacks && st == stateFail {
			missing = append(missing, call.IAM) // told together
			continue
		}
		u.add(st, name+" "+s.Service, "%s in %s: %s", g.Call, s.Region, g.Detail)
	}
	return missing
}

// clocks compares AWS's clock with this machine's at the first answer. It is a witness of the calls.
type clocks struct {
	now func() time.Time

	mu   sync.Mutex
	seen bool
	skew time.Duration // how far AWS is ahead
}

// Now and Saw make it a scanners.Witness.
func (k *clocks) Now() time.Time { return k.now() }

func (k *clocks) Saw(_ residency.CallRecord, date time.Time, _ time.Duration, _ []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.seen && !date.IsZero() {
		k.seen, k.skew = true, date.Sub(k.now()).Round(time.Second)
	}
}

// AWS refuses what is signed more than five minutes away from its own clock.
const (
	skewWarn = 30 * time.Second
	skewFail = 5 * time.Minute
)

func (k *clocks) tell(u *checkup, replayed bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch off := k.skew.Abs(); {
	case replayed:
		u.add(stateSkip, "clock", "a recording has none")
	case !k.seen:
		u.add(stateSkip, "clock", "no answer said what time it is")
	case off >= skewFail:
		u.add(stateFail, "clock", "%s away from AWS's: set it, every time in the evidence is this clock's", off)
	case off >= skewWarn:
		u.add(stateWarn, "clock", "%s away from AWS's: let it be set by NTP", off)
	default:
		u.add(stateOK, "clock", "agrees with AWS's to %s", max(off, time.Second))
	}
}
