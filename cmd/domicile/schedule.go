package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/schedule"
)

// scheduleChecks refuse a schedule when the configuration is read, not in the night in which it fails.
var scheduleChecks = config.ScheduleChecks{
	Timezone: func(zone string) error {
		_, err := schedule.LoadZone(zone)
		return err
	},
	Cron: func(cron, zone string) error {
		_, err := schedule.Parse(cron, zone)
		return err
	},
	Jitter: func(s config.Schedule) error {
		parsed, err := schedule.Parse(s.Cron, s.Timezone)
		if err != nil {
			return err
		}
		return parsed.CheckJitter(s.Jitter)
	},
}

// scheduleFlags are those of schedule's commands.
type scheduleFlags struct {
	timezone string
	count    int
	after    string
}

func newSchedule(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule validate|next",
		Short: "Check a cron expression, or print when it is due next",
		Args:  oneOfCommands("validate", "next"),
		RunE:  func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(
		newScheduleCommand(c, "validate", "Check a cron expression, or that of the configuration", 3, func(shown string) { fmt.Fprintln(c.stdout, "ok: "+shown) }),
		newScheduleCommand(c, "next", "Print when a cron expression, or that of the configuration, is due next", 5, func(string) {}))
	return cmd
}

// oneOfCommands refuses a command that stands for several without one of them.
func oneOfCommands(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s: say which: %s", cmd.CommandPath(), strings.Join(names, ", "))
		}
		return fmt.Errorf("%s %q: one of %s", cmd.CommandPath(), args[0], strings.Join(names, ", "))
	}
}

func newScheduleCommand(c *common, name, short string, count int, head func(shown string)) *cobra.Command {
	f := scheduleFlags{}
	cmd := &cobra.Command{
		Use:   name + " [EXPR]",
		Short: short,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return errors.New("the cron expression is more than one argument: quote it, as in \"0 2 * * *\"")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if f.count < 1 || f.count > 1000 {
				return fmt.Errorf("-n %d: give a number from 1 to 1000", f.count)
			}
			s, shown, err := c.schedule(args, f.timezone)
			if err != nil {
				return err
			}
			after, err := f.from(c.now(), s)
			if err != nil {
				return err
			}
			head(shown)
			for _, note := range s.Notes() {
				c.note("%s", note)
			}
			return c.printDue(s, after, f.count)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.timezone, "timezone", "", "IANA name of the time zone (default the configuration's where it gives the expression, else UTC)")
	flags.IntVarP(&f.count, "count", "n", count, "how many runs to print")
	flags.StringVar(&f.after, "after", "", "print the runs after this day or time, as in 2026-03-28 or 2026-03-28T12:00:00Z (default now)")
	return cmd
}

// schedule is the one that was given, else the configuration's, with how a reader would write it.
func (c *common) schedule(args []string, zone string) (s *schedule.Schedule, shown string, err error) {
	expression := strings.Join(args, "")
	if len(args) == 0 {
		cfg, path, err := c.read("")
		if err != nil {
			return nil, "", err
		}
		if expression = cfg.Schedule.Cron; expression == "" {
			return nil, "", fmt.Errorf("%s has no schedule: give an expression, or add schedule: {cron: \"0 2 * * *\", timezone: Europe/Dublin}, say", path)
		}
		if zone == "" {
			zone = cfg.Schedule.Timezone
		}
		if cfg.Schedule.Jitter > 0 {
			shown = fmt.Sprintf(", up to %s later", cfg.Schedule.Jitter)
		}
	}
	if s, err = schedule.Parse(expression, zone); err != nil {
		return nil, "", err
	}
	return s, fmt.Sprintf("%s in %s%s", expression, s.Location(), shown), nil
}

// from is the instant after which runs are printed.
func (f *scheduleFlags) from(now time.Time, s *schedule.Schedule) (time.Time, error) {
	if f.after == "" {
		return now, nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, f.after, s.Location()); err == nil {
		return day.Add(-time.Nanosecond), nil // the day's own first minute too
	}
	at, err := time.Parse(time.RFC3339, f.after)
	if err != nil {
		return time.Time{}, fmt.Errorf("--after %q: write a day, 2026-03-28, or a time, 2026-03-28T12:00:00Z", f.after)
	}
	return at, nil
}

// printDue lists due times, on the wall and in UTC.
func (c *common) printDue(s *schedule.Schedule, after time.Time, count int) error {
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	for range count {
		if after = s.Next(after); after.IsZero() {
			break
		}
		fmt.Fprintln(w, after.Format("Mon 2006-01-02 15:04 MST")+"\t"+after.UTC().Format(time.RFC3339))
	}
	return w.Flush()
}
