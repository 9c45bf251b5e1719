package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/evidence"
)

// holdFlags are those of hold and release.
type holdFlags struct{ from, to, reason, ticket string }

func newHold(c *common, name string, kind evidence.Kind) *cobra.Command {
	var f holdFlags
	cmd := &cobra.Command{
		Use:   name + " RUN | --from DAY --to DAY",
		Short: map[evidence.Kind]string{evidence.KindHold: "Put runs under a legal hold: they do not expire", evidence.KindRelease: "Lift the legal hold of a ticket"}[kind],
		Long: "hold keeps a run, or every run begun on some days (UTC, also such as are yet to come), from expiring, until release lifts it under the same ticket;\n" +
			"holds of other tickets stand. Each is a signed entry of the store's log.",
		Args: func(cmd *cobra.Command, args []string) error {
			if f.from != "" || f.to != "" {
				return exactly0(cmd, args)
			}
			return exactly(1, "RUN: a run's id or latest; or --from DAY --to DAY")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.hold(cmd.Context(), kind, args, f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", "first day, as 2026-11-23, UTC")
	flags.StringVar(&f.to, "to", "", "last day")
	flags.StringVar(&f.reason, "reason", "", "why; it stands in the log")
	flags.StringVar(&f.ticket, "ticket", "", "the matter that it is for: release names the same")
	return cmd
}

func (c *common) hold(ctx context.Context, kind evidence.Kind, args []string, f holdFlags) error {
	what := evidence.Extent{From: f.from, To: f.to}
	if strings.TrimSpace(f.reason) == "" || strings.TrimSpace(f.ticket) == "" {
		return fmt.Errorf("a %s has a reason and a ticket: give --reason and --ticket", kind)
	}
	if len(args) == 0 {
		first, errFirst := time.Parse(time.DateOnly, f.from)
		last, errLast := time.Parse(time.DateOnly, f.to)
		if errors.Join(errFirst, errLast) != nil || last.Before(first) {
			return fmt.Errorf("--from %q --to %q: write two days, the first not after the last, as 2026-11-23", f.from, f.to)
		}
	}
	cfg, path, err := c.storeConfig()
	if err != nil {
		return err
	}
	if len(args) > 0 {
		what.Run = args[0]
		if dir, err := evidence.Find(c.out, args[0]); err == nil {
			what.Run = evidence.RunOf(dir)
		}
		if !evidence.IsRunID(what.Run) {
			return fmt.Errorf("%s %q: there is no run of that name in %s", kind, args[0], c.out)
		}
	}
	signer, err := c.signer(ctx, cfg, path)
	if err != nil {
		return err
	}
	if err := evidence.Hold(ctx, c.out, signer, kind, what, oneLine(f.reason), oneLine(f.ticket), c.now()); err != nil {
		return err
	}
	word := map[evidence.Kind]string{evidence.KindHold: "held", evidence.KindRelease: "released"}[kind]
	fmt.Fprintf(c.stdout, "%s under %s: %s\n", word, oneLine(f.ticket), what)
	return nil
}

// expireFlags are those of expire.
type expireFlags struct {
	olderThan string
	dryRun    bool
}

func newExpire(c *common) *cobra.Command {
	var f expireFlags
	cmd := &cobra.Command{
		Use:   "expire --older-than DAYS",
		Short: "Remove the folders of old runs, with a signed trace of each",
		Long: "expire removes the folders of the runs that were sealed longer ago than --older-than, but for those under a legal hold and for the latest. The log\n" +
			"keeps their entries and gets a signed one for each that goes, so that verify accepts the store as before; the history still knows what they told.\n" +
			"What lies in the stores of zones, in packages and where the log is published is left alone.",
		Args: exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.expire(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.olderThan, "older-than", "", "age in whole days, as 400d")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would go, and change nothing")
	return cmd
}

func (c *common) expire(ctx context.Context, f expireFlags) error {
	n, err := strconv.Atoi(strings.TrimSuffix(f.olderThan, "d"))
	if err != nil || n < 1 || n > 100_000 || !strings.HasSuffix(f.olderThan, "d") {
		return fmt.Errorf("--older-than %q: give an age in whole days, as 400d", f.olderThan)
	}
	cfg, path, err := c.storeConfig()
	if err != nil {
		return err
	}
	before := c.now().AddDate(0, 0, -n)
	if f.dryRun {
		x, err := evidence.Expirable(c.out, before)
		if err != nil {
			return err
		}
		c.tellExpiry(x, "would expire")
		return nil
	}
	h, err := c.remember(ctx, cfg, path) // what they tell, before they go
	if err != nil {
		return fmt.Errorf("nothing was removed: %w", err)
	}
	if err := h.Close(); err != nil {
		return fmt.Errorf("nothing was removed: %w", err)
	}
	signer, err := c.signer(ctx, cfg, path)
	if err != nil {
		return err
	}
	x, err := evidence.Expire(ctx, c.out, signer, before, c.now(), "older than "+f.olderThan)
	if x != nil {
		c.tellExpiry(x, "expired")
	}
	return err
}

func (c *common) tellExpiry(x *evidence.Expiry, verb string) {
	for _, id := range x.Runs {
		fmt.Fprintf(c.stdout, "%s: %s\n", verb, id)
	}
	for _, id := range slices.Sorted(maps.Keys(x.Held)) {
		fmt.Fprintf(c.stdout, "kept: %s, held under %s\n", id, oneLine(strings.Join(x.Held[id], ", ")))
	}
	if x.Latest != "" {
		fmt.Fprintf(c.stdout, "kept: %s, the latest\n", x.Latest)
	}
	if len(x.Runs)+len(x.Held) == 0 && x.Latest == "" {
		fmt.Fprintln(c.stdout, "nothing is that old")
	}
}
