package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/config"
)

func newConfig(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config validate|schema|show",
		Short: "Check the configuration, print its JSON schema, or print what holds",
		Args:  oneOfCommands("validate", "schema", "show"),
		RunE:  func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "validate",
		Short: "Check the configuration, its waivers and its schedule",
		Args:  exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, path, err := c.load(cmd.Context(), "")
			if err != nil {
				return err
			}
			fmt.Fprintf(c.stdout, "ok: %s\n", oneLine(path))
			for _, line := range summaryOf(cfg) {
				fmt.Fprintf(c.stdout, "  %s\n", oneLine(line))
			}
			return nil
		},
	}, &cobra.Command{
		Use:   "schema",
		Short: "Print a JSON schema of domicile.yaml, for editors",
		Args:  exactly0,
		RunE: func(*cobra.Command, []string) error {
			schema, err := config.Schema()
			if err != nil {
				return err
			}
			_, err = c.stdout.Write(schema)
			return err
		},
	}, &cobra.Command{
		Use:   "show",
		Short: "Print the configuration with its defaults and without secrets",
		Args:  exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, path, err := c.load(cmd.Context(), "")
			if err != nil {
				return err
			}
			fmt.Fprintf(c.stdout, "# %s, with what holds where it says nothing. What may be a secret is not shown.\n%s", oneLine(path), cfg.Show())
			return nil
		},
	})
	return cmd
}

// summaryOf says what a configuration amounts to, for whoever wrote it.
func summaryOf(cfg *config.Config) []string {
	var zones []string
	for _, z := range cfg.Zones {
		text := fmt.Sprintf("%s (%s)", z.ID, strings.Join(z.Regions, " "))
		if !z.Promise {
			text += ", free to leave"
		}
		zones = append(zones, text)
	}
	lines := []string{"zones: " + strings.Join(zones, "; "), "assign: " + counted(len(cfg.Assign), "line")}
	accounts := "the caller's"
	switch {
	case cfg.AWS.Organization:
		accounts = "every one of the organisation"
	case len(cfg.AWS.Accounts) > 0:
		accounts = strings.Join(cfg.AWS.Accounts, " ")
	}
	if n := len(cfg.AWS.ExcludedAccounts); n > 0 {
		accounts += fmt.Sprintf(", %d excluded", n)
	}
	if cfg.AWS.Role != "" {
		accounts += ", by role " + cfg.AWS.Role
	}
	lines = append(lines, "accounts: "+accounts, "regions: "+cmp.Or(strings.Join(cfg.AWS.Regions, " "), "every one that an account has enabled"))
	if cfg.Waivers != "" {
		lines = append(lines, fmt.Sprintf("waivers: %d in %s", len(cfg.Register.Waivers), cfg.Waivers))
	}
	if s := cfg.Schedule; s.Cron != "" {
		lines = append(lines, fmt.Sprintf("schedule: %s in %s", s.Cron, cmp.Or(s.Timezone, "UTC")))
	}
	return lines
}

// counted is a number of things, in words.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
