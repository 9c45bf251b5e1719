package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/reports"
)

// explainFlags say where the verdict is.
type explainFlags struct {
	run  string
	plan []string
	checkFlags
}

func newExplain(c *common) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain CONTROL [RESOURCE]",
		Short: "What a control asks, and why a resource came out as it did",
		Long: "explain prints a control; with a resource (its ARN, or its address in a plan) the chain by which the data came there, hop by hop, what decided\n" +
			"each hop, and the edit that ends the violation, or the value that was missing and what would settle it. The verdict is that of a kept run\n" +
			"(--run, by default the latest below --out) or of a change (--plan).",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return fmt.Errorf("%s takes CONTROL and, if you like, RESOURCE: domicile list controls prints the controls", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.explain(cmd.Context(), args, &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.run, "run", "", "a run folder, a run's id below --out, or latest")
	flags.StringArrayVar(&f.plan, "plan", nil, "a plan, template or cdk.out folder, repeatable")
	c.changeFlags(cmd, &f.checkFlags)
	c.policyFlag(cmd)
	return cmd
}

func (c *common) explain(ctx context.Context, args []string, f *explainFlags) error {
	if f.run != "" && len(f.plan) > 0 {
		return errors.New("--run and --plan: a verdict is of a run or of a change: give one")
	}
	if len(args) == 1 {
		return c.explainControl(ctx, args[0])
	}
	if len(f.plan) > 0 {
		return c.explainChange(ctx, args[0], args[1], f)
	}
	dir, err := evidence.Find(c.out, orLatest(f.run))
	if err != nil {
		return fmt.Errorf("explain %s: no run of that name in %s: name one with --run, or a plan with --plan", args[0], c.out)
	}
	run, err := audit.Open(ctx, dir, audit.Sampling{})
	if err != nil {
		return err
	}
	return c.explainIn(ctx, dir, run.Report(true), args[0], args[1])
}

func orLatest(run string) string {
	if run == "" {
		return "latest"
	}
	return run
}

// explainControl prints a control, or a check on runs.
func (c *common) explainControl(ctx context.Context, id string) error {
	engine, err := c.engine(ctx)
	if err != nil {
		return err
	}
	width, _ := c.terminal(c.stdout)
	known := map[string]residency.Control{}
	for _, check := range residency.RunChecks() {
		known[check.ID] = residency.Control{ID: check.ID, Title: check.Title, Description: check.Description}
	}
	for _, control := range engine.Controls() {
		known[control.ID] = control
	}
	control, ok := known[id]
	if !ok {
		return fmt.Errorf("explain %q: no such control: one of %s", id, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	return reports.ExplainControl(c.stdout, control, width)
}

// explainChange judges a change, as check does, and explains one verdict of it.
func (c *common) explainChange(ctx context.Context, control, resource string, f *explainFlags) error {
	c.passes = true
	f.unchanged = true
	return c.judgeChange(ctx, f.plan, &f.checkFlags, func(j *judged) error {
		return c.explainIn(ctx, j.result.Snapshot, j.report(), control, resource)
	})
}

// explainIn finds the verdicts, and in the snapshot what their chains say.
func (c *common) explainIn(ctx context.Context, path string, r residency.Report, control, resource string) error {
	if _, ok := r.Controls[control]; !ok {
		return fmt.Errorf("explain %q: no such control: one of %s", control, strings.Join(slices.Sorted(maps.Keys(r.Controls)), ", "))
	}
	var found []residency.Verdict
	others := map[string]bool{}
	for v, err := range r.Verdicts {
		if err != nil {
			return err
		}
		switch {
		case v.Resource == resource && v.Control == control:
			found = append(found, v)
		case v.Resource == resource:
			others[v.Control] = true
		}
	}
	if len(found) == 0 {
		if len(others) > 0 {
			return fmt.Errorf("explain %s: it did not judge %s; these did: %s", control, resource, strings.Join(slices.Sorted(maps.Keys(others)), ", "))
		}
		return fmt.Errorf("explain %s: nothing was judged under the name %q: give the ARN, or the address, as the report prints it", control, resource)
	}
	resources, err := resourcesOf(ctx, path, found)
	if err != nil {
		return err
	}
	width, isTerminal := c.terminal(c.stdout)
	r.Width, r.Color = width, isTerminal && !c.noColor && c.getenv("NO_COLOR") == ""
	return buffered(c.stdout, func(w io.Writer) error {
		for i, v := range found {
			if i > 0 {
				fmt.Fprintln(w)
			}
			e := reports.Explanation{Verdict: v, Resources: resources}
			for _, g := range r.Summary.Coverage.Gaps {
				if g.Resource == resource {
					e.Gaps = append(e.Gaps, g)
				}
			}
			if err := reports.Explain(w, r, e); err != nil {
				return err
			}
		}
		return nil
	})
}

// resourcesOf reads what the snapshot says of the resources on the paths.
func resourcesOf(ctx context.Context, path string, verdicts []residency.Verdict) (map[string]residency.Resource, error) {
	wanted := map[string]bool{}
	for _, v := range verdicts {
		for _, id := range v.Path {
			wanted[id] = true
		}
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path += "/" + snapshot.FileName
	}
	f, err := snapshot.Open(path)
	if err != nil {
		return nil, err
	}
	found := map[string]residency.Resource{}
	err = f.Each(ctx, func(r *residency.Resource) error {
		if wanted[r.ID] {
			kept := *r // valid only until this returns
			kept.ID, kept.Kind, kept.Region, kept.Account = strings.Clone(r.ID), strings.Clone(r.Kind), strings.Clone(r.Region), strings.Clone(r.Account)
			kept.Placements, kept.Sources = slices.Clone(r.Placements), slices.Clone(r.Sources)
			for i := range kept.Placements {
				p := &kept.Placements[i]
				p.Region, p.Account, p.Target, p.Via = strings.Clone(p.Region), strings.Clone(p.Account), strings.Clone(p.Target), strings.Clone(p.Via)
			}
			for i := range kept.Sources {
				s := &kept.Sources[i]
				s.ID, s.Via = strings.Clone(s.ID), strings.Clone(s.Via)
			}
			found[kept.ID] = kept
		}
		return nil
	}, func(*residency.Coverage) error { return nil })
	return found, errors.Join(err, f.Close())
}
