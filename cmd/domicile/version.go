package main

import (
	"cmp"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/sbom"
)

func newVersion(c *common) *cobra.Command {
	bill, program := false, ""
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, and with --sbom what the program is made of",
		Args:  exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, _ := debug.ReadBuildInfo() // nil where there is none
			if cmd.Flags().Changed("program") {
				if !bill {
					return errors.New("--program: it is for --sbom: give both")
				}
				var err error
				if info, err = buildinfo.ReadFile(program); err != nil {
					return fmt.Errorf("--program %s: %w: name a program that Go has built", program, err)
				}
			}
			if bill {
				return buffered(c.stdout, func(w io.Writer) error { return sbom.Write(w, info, version) })
			}
			fmt.Fprintf(c.stdout, "domicile %s\n%s %s/%s\n%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH, commit(info))
			return nil
		},
	}
	cmd.Flags().BoolVar(&bill, "sbom", false, "a bill of materials instead: CycloneDX 1.6, JSON")
	cmd.Flags().StringVar(&program, "program", "", "with --sbom: of this file in place of the running program, for other systems")
	return cmd
}

// commit says from which state of the sources the program was built.
func commit(info *debug.BuildInfo) string {
	settings := map[string]string{}
	if info != nil {
		for _, s := range info.Settings {
			settings[s.Key] = s.Value
		}
	}
	text := "commit " + cmp.Or(settings["vcs.revision"], "unknown")
	if at := settings["vcs.time"]; at != "" {
		text += " of " + at
	}
	if settings["vcs.modified"] == "true" {
		text += ", changed"
	}
	return text
}
