package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/reports"
	"github.com/seed-1578181b/domicile/scanners"
)

func newList(c *common) *cobra.Command {
	lists := map[string]func(*cobra.Command, func(...string)) error{
		"scanners": listScanners, "controls": c.listControls, "zones": listZones, "frameworks": listFrameworks, "formats": listFormats,
		"operations": listOperations,
	}
	names := slices.Sorted(maps.Keys(lists))
	cmd := &cobra.Command{
		Use:       "list " + strings.Join(names, "|"),
		Short:     "What this version knows",
		ValidArgs: names,
		Args:      exactly(1, "one of "+strings.Join(names, ", ")),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, ok := lists[args[0]]
			if !ok {
				return fmt.Errorf("list %q: one of %s", args[0], strings.Join(names, ", "))
			}
			if c.policy != "" && args[0] != "controls" {
				return fmt.Errorf("--policy: list %s does not read it: leave it out", args[0])
			}
			w := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
			if err := list(cmd, func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }); err != nil {
				return err
			}
			return w.Flush()
		},
	}
	c.policyFlag(cmd)
	return cmd
}

func listScanners(_ *cobra.Command, row func(...string)) error {
	row("SERVICE", "SCOPE", "KINDS")
	for _, s := range scanners.All() {
		row(s.Service, s.Scope.String(), strings.Join(s.Kinds, " "))
	}
	return nil
}

func (c *common) listControls(cmd *cobra.Command, row func(...string)) error {
	engine, err := c.engine(cmd.Context())
	if err != nil {
		return err
	}
	row("CONTROL", "SEVERITY", "TITLE")
	for _, control := range engine.Controls() {
		row(control.ID, string(control.Severity), control.Title)
	}
	return nil
}

func listZones(_ *cobra.Command, row func(...string)) error {
	zones, err := policies.Zones()
	if err != nil {
		return err
	}
	row("ZONE", "NAME", "REGIONS")
	for _, id := range slices.Sorted(maps.Keys(zones)) {
		row(id, zones[id].Name, strings.Join(zones[id].Regions, " "))
	}
	return nil
}

// listFrameworks counts criteria: those on which a check of this version bears directly or as support, and those on which none does.
func listFrameworks(_ *cobra.Command, row func(...string)) error {
	frameworks, err := policies.Frameworks()
	if err != nil {
		return err
	}
	row("FRAMEWORK", "CRITERIA", "DIRECT", "SUPPORTING", "NOT TESTED", "NAME", "VERSION")
	for _, f := range frameworks {
		direct, supporting, none := 0, 0, 0
		for _, c := range f.Criteria {
			switch {
			case len(c.Checks) == 0:
				none++
			case c.Strength == residency.Direct:
				direct++
			default:
				supporting++
			}
		}
		row(f.ID, strconv.Itoa(len(f.Criteria)), strconv.Itoa(direct), strconv.Itoa(supporting), strconv.Itoa(none), f.Name, f.Version)
	}
	return nil
}

func listFormats(_ *cobra.Command, row func(...string)) error {
	row("FORMAT", "EXTENSION", "MEDIA TYPE")
	for _, f := range reports.All() {
		row(f.Name, f.Ext, f.MediaType)
	}
	return nil
}

func listOperations(_ *cobra.Command, row func(...string)) error {
	row("SERVICE", "OPERATION", "IAM ACTION", "ANSWERS")
	print := func(service string, c scanners.Call) {
		facts := make([]string, len(c.Facts))
		for i, f := range c.Facts {
			facts[i] = string(f)
		}
		if c.Optional {
			facts = append(facts, "(optional)")
		}
		if c.Package != "" {
			service = c.Package
		}
		row(service, c.Operation, c.IAM, strings.Join(facts, " "))
	}
	for _, c := range scanners.RunnerCalls() {
		print("", c)
	}
	for _, s := range scanners.All() {
		for _, c := range s.Calls {
			print(s.Service, c)
		}
	}
	return nil
}
