package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
)

// bundleFlags are those of policy bundle alone.
type bundleFlags struct{ file, data, input string }

func newPolicyBundle(c *common) *cobra.Command {
	var f bundleFlags
	cmd := &cobra.Command{
		Use:   "bundle -o FILE.tar.gz",
		Short: "Write the controls as a bundle for plain opa and conftest",
		Long: "bundle writes the controls, those of --policy among them, as an OPA bundle; the same controls give the same bytes. With --data it writes\n" +
			"what opa judges as well, the lineage followed already: opa eval -b FILE.tar.gz -i INPUT data.domicile.verdicts gives domicile's own\n" +
			"verdicts, but for waivers, which are not applied.",
		Args: exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.policyBundle(cmd.Context(), f) },
	}
	c.policyFlag(cmd)
	cmd.Flags().StringVarP(&f.file, "output", "o", "", "the bundle to write")
	cmd.Flags().StringVar(&f.data, "data", "", "a snapshot, a run, or latest, to write for opa; reads the configuration")
	cmd.Flags().StringVar(&f.input, "input", "", "the file that --data is written to")
	return cmd
}

func (c *common) policyBundle(ctx context.Context, f bundleFlags) error {
	if f.file == "" {
		return errors.New("policy bundle: name the file to write with -o FILE.tar.gz")
	}
	if (f.data == "") != (f.input == "") {
		return errors.New("policy bundle: --data names a snapshot and --input the file to write: give both")
	}
	engine, err := c.engine(ctx)
	if err != nil {
		return err
	}
	if f.data != "" {
		path, err := c.snapshotPath(f.data)
		if err != nil {
			return err
		}
		cfg, _, err := c.load(ctx, "")
		if err != nil {
			return err
		}
		judge := audit.NewJudge(engine, cfg)
		if err := toFile(f.input, func(w io.Writer) error { return judge.Document(ctx, path, w) }); err != nil {
			return fmt.Errorf("policy bundle: %w", err)
		}
	}
	if err := toFile(f.file, engine.WriteBundle); err != nil {
		return fmt.Errorf("policy bundle: %w", err)
	}
	return nil
}
