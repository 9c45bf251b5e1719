package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/schedule"
	"github.com/seed-1578181b/domicile/policies"
)

// answers are what a first configuration is asked for, as a person types them: flags and questions fill the same.
type answers struct {
	name, zones, free, tag, accounts, role, cron, timezone string
}

// wholeOrganization stands among the accounts for all of them.
const wholeOrganization = "organization"

func newInit(c *common) *cobra.Command {
	var a answers
	var yes bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first configuration",
		Long:  "Asks on a terminal for what is not given by a flag, and writes a commented " + defaultConfig + " (or --config FILE). It never overwrites a file.",
		Args:  exactly0,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.begin(cmd, &a, yes) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&yes, "yes", false, "ask nothing: what no flag gives has its default")
	for _, q := range questions(&a, nil) {
		flags.StringVar(q.answer, q.flag, *q.answer, q.help)
	}
	return cmd
}

// question is one thing to ask for, by flag or on a terminal.
type question struct {
	flag, help, ask string
	answer          *string
	check           func(string) error // of an answer that is not empty; nil: anything
	needed          bool
}

// questions fill a; its defaults are set on the way, where a has none.
func questions(a *answers, shipped map[string]residency.Zone) []question {
	known := strings.Join(slices.Sorted(maps.Keys(shipped)), ", ")
	zones := func(list string) error {
		_, err := picked(list, shipped)
		return err
	}
	for answer, otherwise := range map[*string]string{&a.zones: "eu", &a.tag: "data-residency", &a.role: defaultRole} {
		if *answer == "" {
			*answer = otherwise
		}
	}
	return []question{
		{"name", "name of the organisation, for the reports", "Name of the organisation", &a.name, nil, false},
		{"zones", "zones, separated by commas: see domicile list zones", "Zones, of " + known, &a.zones, zones, true},
		{"free", "those of the zones that are free to leave", "Those of them whose data is free to leave", &a.free, func(list string) error {
			return a.within(list)
		}, false},
		{"tag", "key of the tag whose value names a resource's zone", "Tag whose value names a resource's zone", &a.tag, nil, true},
		{"accounts", "accounts, separated by commas, or the word organization (default the caller's own)", "Accounts, or the word organization (none: the caller's own)", &a.accounts, nil, false},
		{"role", "role to assume in other accounts", "Role to assume in other accounts", &a.role, nil, true},
		{"cron", "when to run, as in \"0 2 * * *\": see domicile schedule", "When to run, as in 0 2 * * *", &a.cron, func(cron string) error {
			_, err := schedule.Parse(cron, "")
			return err
		}, false},
		{"timezone", "time zone of --cron, as in Europe/Dublin (default UTC)", "In which time zone (none: UTC)", &a.timezone, func(zone string) error {
			_, err := schedule.LoadZone(zone)
			return err
		}, false},
	}
}

// listed splits what a person separated by commas or blanks.
func listed(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// picked are shipped zones by id.
func picked(list string, shipped map[string]residency.Zone) (zones []residency.Zone, err error) {
	for _, id := range listed(list) {
		z, ok := shipped[id]
		if !ok {
			return nil, fmt.Errorf("there is no shipped zone %q: take some of %s, and add your own to the file", id, strings.Join(slices.Sorted(maps.Keys(shipped)), ", "))
		}
		z.ID, z.Promise = id, true
		zones = append(zones, z)
	}
	if len(zones) == 0 {
		return nil, errors.New("no zone: name at least one")
	}
	return zones, nil
}

// within refuses a free zone that is not among the zones.
func (a *answers) within(list string) error {
	for _, id := range listed(list) {
		if !slices.Contains(listed(a.zones), id) {
			return fmt.Errorf("%q is none of the zones %s", id, strings.Join(listed(a.zones), ", "))
		}
	}
	return nil
}

// begin writes the file, and nothing where a file is there already.
func (c *common) begin(cmd *cobra.Command, a *answers, yes bool) error {
	path := c.config
	if path == "" {
		path = defaultConfig
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("init: %s is there already, and init never overwrites: name another with --config, or check it with domicile config validate", path)
	}
	shipped, err := policies.Zones()
	if err != nil {
		return err
	}
	given := questions(a, shipped)
	for _, q := range given {
		if err := q.fits(*q.answer); err != nil {
			return fmt.Errorf("--%s: %w", q.flag, err)
		}
	}
	if _, terminal := c.terminal(c.stdin); !yes && !terminal {
		return errors.New("init asks on a terminal, and this is none: give --yes, and flags for what is not to have its default")
	} else if !yes {
		if err := c.ask(cmd, given); err != nil {
			return err
		}
	}
	data, err := a.draft(shipped)
	if err != nil {
		return err
	}
	if _, err := config.Parse(path, data, shipped); err != nil {
		return fmt.Errorf("init: these answers make no configuration: %w", err)
	}
	if err := writeNew(path, data); err != nil {
		return err
	}
	c.note("wrote %s: read it, then run domicile doctor and domicile scan", path)
	return nil
}

func (q *question) fits(answer string) error {
	switch {
	case answer == "" && q.needed:
		return errors.New("give it a value")
	case answer == "" || q.check == nil:
		return nil
	}
	return q.check(answer)
}

// ask puts the questions that no flag answered, again and again until the answer fits.
func (c *common) ask(cmd *cobra.Command, all []question) error {
	lines := c.typed(cmd.Context())
	for i := range all {
		q := &all[i]
		if cmd.Flags().Changed(q.flag) {
			continue
		}
		for {
			fmt.Fprint(c.stderr, q.ask)
			if *q.answer != "" {
				fmt.Fprintf(c.stderr, " [%s]", *q.answer)
			}
			fmt.Fprint(c.stderr, ": ")
			line, err := lines()
			if err != nil {
				return err
			}
			if line == "" {
				line = *q.answer
			}
			if err = q.fits(line); err == nil {
				*q.answer = line
				break
			}
			fmt.Fprintf(c.stderr, "  %s\n", oneLine(err.Error()))
		}
	}
	return nil
}

// typed gives the lines of stdin, one by one, until the context ends: a read cannot be interrupted, but left behind.
func (c *common) typed(ctx context.Context) func() (string, error) {
	type typed struct {
		line string
		err  error
	}
	in := bufio.NewReader(c.stdin)
	return func() (string, error) {
		read := make(chan typed, 1)
		go func() {
			line, err := in.ReadString('\n')
			read <- typed{strings.TrimSpace(line), err}
		}()
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case got := <-read:
			if got.err != nil && !(errors.Is(got.err, io.EOF) && got.line != "") {
				return "", errors.New("init: the answers ended before the questions: nothing was written")
			}
			return got.line, nil
		}
	}
}

// draft is the file that the answers make.
func (a *answers) draft(shipped map[string]residency.Zone) ([]byte, error) {
	zones, err := picked(a.zones, shipped)
	if err != nil {
		return nil, err
	}
	for i := range zones {
		zones[i].Promise = !slices.Contains(listed(a.free), zones[i].ID)
	}
	d := config.Draft{Name: a.name, Zones: zones, Tag: a.tag, Role: a.role, Cron: a.cron, Timezone: a.timezone}
	if d.Organization = a.accounts == wholeOrganization; !d.Organization {
		d.Accounts = listed(a.accounts)
	}
	return d.Marshal(), nil
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("init: %w: name another file with --config", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("init: write %s: %w", path, err)
	}
	return nil
}
