package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/policies"
)

func newPolicy(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy test|new|bundle",
		Short: "Test, begin and export controls, your own included",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("domicile policy: say which: test, new or bundle")
			}
			return fmt.Errorf("domicile policy %q: one of test, new, bundle", args[0])
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.AddCommand(newPolicyNew(c), newPolicyTest(c), newPolicyBundle(c))
	return cmd
}

func newPolicyNew(c *common) *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:   "new SLUG",
		Short: "Begin a control of your own, with a passing, a failing and an unknown test",
		Args:  exactly(1, "SLUG: the control's name in lower case, as in no_replicas"),
		RunE:  func(_ *cobra.Command, args []string) error { return c.policyNew(args[0], dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", "controls", "folder of your own controls, for --policy")
	return cmd
}

// policyNew writes the files of a new control and overwrites none.
func (c *common) policyNew(slug, dir string) error {
	if dir == "" {
		return errors.New("--dir is empty: give it a value, or leave it out")
	}
	files, err := policies.Scaffold(slug, os.DirFS(dir))
	if err != nil {
		return fmt.Errorf("policy new: %w", err)
	}
	folder := filepath.Join(dir, slug)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("policy new: %w", err)
	}
	switch err := os.Mkdir(folder, 0o755); {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("policy new: %s is there already: choose another slug, or move it away", folder)
	case err != nil:
		return fmt.Errorf("policy new: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(files[name]), 0o644); err != nil {
			return fmt.Errorf("policy new: %w", err)
		}
		fmt.Fprintln(c.stdout, path)
	}
	c.note("change it, test it with domicile policy test %s, use it with --policy %s", shellWord(dir), shellWord(dir))
	return nil
}

func newPolicyTest(c *common) *cobra.Command {
	return &cobra.Command{
		Use:   "test [DIR]",
		Short: "Test the controls of a folder, or the shipped ones",
		Long: "test checks the form (opa fmt), the METADATA and the fields that controls read, compiles strictly, runs the tests and measures what they\n" +
			"reach. Each control needs a test that passes, one that fails and one that is unknown, and every line of a control and of lib is to be\n" +
			"reached. It exits 1 when anything is amiss.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return exactly(1, "DIR: a folder of your own controls; none for the shipped ones")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.policyTest(cmd.Context(), args) },
	}
}

func (c *common) policyTest(ctx context.Context, args []string) error {
	tested, err := testPolicies(ctx, args)
	if err != nil {
		return fmt.Errorf("policy test: %w", err)
	}
	w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COVERAGE\tLINES\tFILE")
	for _, f := range tested.Coverage {
		percent := 100
		if f.Lines > 0 {
			percent = 100 * f.Covered / f.Lines
		}
		fmt.Fprintf(w, "%d %%\t%d of %d\t%s\n", percent, f.Covered, f.Lines, f.File)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, p := range tested.Problems {
		fmt.Fprintln(c.stdout, "WRONG: "+oneLine(p.Error()))
	}
	if n := len(tested.Problems); n > 0 {
		return fmt.Errorf("policy test: %d problem(s), the first: %w", n, tested.Problems[0])
	}
	fmt.Fprintf(c.stdout, "%d control(s), %d tests passed, every line reached\n", len(tested.Controls), tested.Tests)
	return nil
}

func testPolicies(ctx context.Context, args []string) (*policies.Tested, error) {
	if len(args) == 0 {
		return policies.TestShipped(ctx)
	}
	if err := isFolder(args[0]); err != nil {
		return nil, fmt.Errorf("%s: %w", args[0], err)
	}
	return policies.TestOwn(ctx, args[0], os.DirFS(args[0]))
}
