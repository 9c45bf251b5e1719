package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/scanners"
)

// complete tells the shell what an argument or a flag may be. What is not here is a file, or free.
func (c *common) complete(root *cobra.Command) {
	arguments := map[string][]cobra.CompletionFunc{ // by position
		"report": {c.runs}, "verify": {c.runs}, "judge": {c.runs}, "diff": {c.runs, c.runs}, "explain": {c.controls},
	}
	for _, cmd := range root.Commands() {
		if positions, ok := arguments[cmd.Name()]; ok {
			cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
				if len(args) >= len(positions) {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				return positions[len(args)](cmd, args, typed)
			}
		}
	}
	flags := map[string]cobra.CompletionFunc{
		"fail-on": oneWord("info", "low", "medium", "high", "critical"), "baseline": c.runs, "run": c.runs, "services": oneWord(services()...),
		"format": oneWord("json", "cloudformation", "terraform"), "partition": oneWord(config.Partitions()...), "regions": cobra.NoFileCompletions, "accounts": cobra.NoFileCompletions,
		"out": folders, "replay": folders, "record": folders, "policy": folders, "source": folders, "dir": folders,
	}
	completeFlags(root, flags)
	register(root, root.PersistentFlags().Lookup("output"), formats)
}

func completeFlags(cmd *cobra.Command, by map[string]cobra.CompletionFunc) {
	each := func(f *pflag.Flag) {
		if complete, ok := by[f.Name]; ok {
			register(cmd, f, complete)
		}
	}
	cmd.LocalNonPersistentFlags().VisitAll(each)
	cmd.PersistentFlags().VisitAll(each)
	for _, sub := range cmd.Commands() {
		completeFlags(sub, by)
	}
}

// register can only fail for a flag that is not there, or is registered already.
func register(cmd *cobra.Command, f *pflag.Flag, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(f.Name, complete); err != nil {
		panic(err)
	}
}

func folders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func oneWord(words ...string) cobra.CompletionFunc {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

func services() (names []string) {
	for _, s := range scanners.All() {
		names = append(names, s.Service)
	}
	return names
}

// runs are the ids of the store, the latest first, and files: a run can be given as a folder or a package too.
func (c *common) runs(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	ids, err := evidence.Runs(c.out)
	if err != nil || len(ids) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	slices.Reverse(ids)
	return append([]string{"latest"}, ids...), cobra.ShellCompDirectiveKeepOrder
}

func (c *common) controls(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	engine, err := c.engine(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var ids []cobra.Completion
	for _, control := range engine.Controls() {
		ids = append(ids, cobra.CompletionWithDesc(control.ID, oneLine(control.Title)))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}

// formats are those of -o; behind FORMAT= comes a file, which the shell completes.
func formats(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return formatNames(), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
