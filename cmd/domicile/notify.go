package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/notify"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/scanners"
)

func newNotify(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify test|retry",
		Short: "Send a test message to every receiver, or send again what did not arrive",
		Args:  oneOfCommands("test", "retry"),
		RunE:  func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "test",
		Short: "Send a test message to every receiver of the configuration, once",
		Args:  exactly0,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.notifyTest(cmd.Context()) },
	}, &cobra.Command{
		Use:   "retry",
		Short: "Send again the messages that did not arrive (" + notify.DeadName + " below --out)",
		Args:  exactly0,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.notifyRetry(cmd.Context()) },
	})
	return cmd
}

// receivers reads the configuration's.
func (c *common) receivers() (*config.Config, *notify.Sender, error) {
	cfg, path, err := c.read("")
	if err != nil {
		return nil, nil, err
	}
	if len(cfg.Notify) == 0 {
		return nil, nil, fmt.Errorf("%s has no notify: add notify: [{type: slack, url_env: SLACK_URL}], say", path)
	}
	return cfg, c.sender(cfg, path), nil
}

// nightTries is how often a night tries to tell one receiver: within four minutes or so.
const nightTries = 5

// sender delivers to the configuration's receivers. What does not arrive is kept in the store.
func (c *common) sender(cfg *config.Config, configPath string) *notify.Sender {
	settings := make([]notify.Setting, len(cfg.Notify))
	for i, n := range cfg.Notify {
		settings[i] = notify.Setting(n)
	}
	channels := notify.Open(settings, notify.Machine{Getenv: c.getenv, Now: c.now, AWS: scanners.LoadConfig,
		ReadFile: func(name string) ([]byte, error) { return readSmall(beside(configPath, name)) }})
	return &notify.Sender{Channels: channels, Dead: notify.OpenDeadLetters(c.out), Tries: nightTries, Now: c.now, Sleep: sleep}
}

// readSmall reads no more of a file than a secret may have.
func readSmall(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(io.LimitReader(f, notify.MaxSecret+1))
}

// sleep waits, or returns ctx's error where that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *common) notifyTest(ctx context.Context) error {
	cfg, s, err := c.receivers()
	if err != nil {
		return err
	}
	s.Tries, s.Dead = 1, nil // who tests wants to see what fails, and now
	return c.printed(s.Send(ctx, notify.Test(cfg.Organization.Name, cfg.Organization.System, c.now())), "message")
}

func (c *common) notifyRetry(ctx context.Context) error {
	_, s, err := c.receivers()
	if err != nil {
		return err
	}
	results, err := s.Retry(ctx)
	if err != nil {
		return err
	}
	if len(results) == 0 {
		c.note("nothing waits in %s", s.Dead.Path())
	}
	return c.printed(results, "message")
}

// printed prints what came of each message; an error says how many did not arrive.
func (c *common) printed(results []notify.Result, what string) error {
	failed := 0
	for _, r := range results {
		switch {
		case r.Err != nil:
			failed++
			fmt.Fprintf(c.stdout, "failed  %s: %s\n", oneLine(r.Channel), oneLine(r.Err.Error()))
		case r.Note != "":
			fmt.Fprintf(c.stdout, "sent    %s: %s\n", oneLine(r.Channel), oneLine(r.Note))
		default:
			fmt.Fprintf(c.stdout, "sent    %s\n", oneLine(r.Channel))
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %s did not arrive", failed, counted(len(results), what))
	}
	return nil
}

// night is what a night left.
type night struct {
	run        string                // its id; of a failed one the id that it would have had
	summary    *residency.Summary    // nil: it failed
	comparison *residency.Comparison // with the run before; nil: there is none
	daysOpen   map[residency.Violation]int
	err        error // why it failed
}

// notify tells the receivers of the configuration what a night changed, where it did. It fails nobody: what goes wrong is returned, a line
// for each matter, without secrets.
func (c *common) notify(ctx context.Context, cfg *config.Config, configPath string, n night) (problems []string) {
	if len(cfg.Notify) == 0 {
		return nil
	}
	return c.tellNight(ctx, c.sender(cfg, configPath), cfg, n)
}

func (c *common) tellNight(ctx context.Context, s *notify.Sender, cfg *config.Config, n night) (problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, oneLine(fmt.Sprintf(format, args...))) }
	before, err := notify.ReadState(c.out)
	if err != nil {
		problem("notify: %v", err)
	}
	waiting, err := s.Dead.Count()
	if err != nil {
		problem("notify: %v", err)
	}
	of, err := c.toTell(cfg, n)
	if err != nil {
		problem("notify: the worst violations are not told: %v", err)
	}
	m, after := notify.Tell(of, before)
	if m != nil {
		m.Undelivered = waiting
		wait := s.Sleep // who stops the program waits for a try that has begun, and for no further one: the message is kept
		s.Sleep = func(_ context.Context, d time.Duration) error { return wait(ctx, d) }
		for _, r := range s.Send(context.WithoutCancel(ctx), m) {
			switch {
			case r.Kept:
				problem("notify: %s: %v (%s); kept: domicile notify retry sends it again", r.Channel, r.Err, tries(r.Tries))
			case r.Err != nil:
				problem("notify: %s: %v (%s)", r.Channel, r.Err, tries(r.Tries))
			case r.Note != "":
				problem("notify: %s: %s", r.Channel, r.Note)
			}
		}
	}
	if waiting > 0 && n.summary != nil {
		problem("notify: %s in %s: domicile notify retry sends them again", counted(waiting, "earlier message"), s.Dead.Path())
	}
	if err := after.Write(c.out); err != nil {
		problem("notify: %v", err)
	}
	return problems
}

func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// toTell is a night as people are told of it. Where the verdicts of a first run cannot be read, it says so and goes without.
func (c *common) toTell(cfg *config.Config, n night) (t notify.Night, err error) {
	t = notify.Night{Run: n.run, At: c.now(), Organization: cfg.Organization.Name, System: cfg.Organization.System, Zones: cfg.Zones,
		Summary: n.summary, Comparison: n.comparison, DaysOpen: n.daysOpen, Baseline: c.baseline}
	out := ""
	if c.out != defaultOut {
		out = " --out " + shellWord(c.out)
	}
	switch {
	case n.summary == nil:
		t.Failure = "no reason is known"
		if n.err != nil {
			t.Failure = n.err.Error()
		}
	case n.comparison != nil:
		t.ReadOn = "domicile diff " + shellWord(n.comparison.Old) + " " + shellWord(n.comparison.New) + out
	default:
		t.ReadOn = "domicile report " + shellWord(n.run) + " -o table" + out
		t.Worst, err = notify.WorstOf(snapshot.ReadVerdicts(filepath.Join(evidence.RunDir(c.out, n.run), snapshot.VerdictsFileName), residency.Pass, residency.NotApplicable))
	}
	return t, err
}
