package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newMan writes manual pages for those who package the program.
func newMan(c *common) *cobra.Command {
	dir := ""
	cmd := &cobra.Command{
		Use:    "man --dir DIR",
		Short:  "Write a manual page for each command",
		Hidden: true,
		Args:   exactly0,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				return fmt.Errorf("%s: say where to: --dir DIR", cmd.CommandPath())
			}
			if err := os.MkdirAll(dir, 0o755); err != nil {
				return fmt.Errorf("make the folder: %w", err)
			}
			pages := 0
			for _, page := range documented(cmd.Root()) {
				if err := toFile(filepath.Join(dir, pageName(page)+".1"), func(w io.Writer) error { return manPage(w, page) }); err != nil {
					return err
				}
				pages++
			}
			c.note("wrote %s into %s", counted(pages, "page"), dir)
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "the folder to write to")
	return cmd
}

// documented are a command and those below it that its help shows.
func documented(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && !sub.IsAdditionalHelpTopicCommand() {
			all = append(all, documented(sub)...)
		}
	}
	return all
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// manPage writes a command's help as man(7).
func manPage(w io.Writer, cmd *cobra.Command) error {
	out := bufio.NewWriter(w)
	cmd.InitDefaultHelpFlag()
	fmt.Fprintf(out, ".TH %q 1 \"\" \"domicile %s\" \"User Commands\"\n", strings.ToUpper(pageName(cmd)), version)
	fmt.Fprintf(out, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(lowerFirst(cmd.Short)))
	fmt.Fprintf(out, ".SH SYNOPSIS\n\\fB%s\\fR\n", roff(cmd.UseLine()))
	text := cmd.Long
	if text == "" {
		text = cmd.Short + "."
	}
	out.WriteString(".SH DESCRIPTION\n")
	roffText(out, text)
	if cmd.Example != "" {
		out.WriteString(".SH EXAMPLES\n.nf\n" + roff(cmd.Example) + "\n.fi\n")
	}
	roffFlags(out, "OPTIONS", cmd.NonInheritedFlags())
	roffFlags(out, "OPTIONS OF EVERY COMMAND", cmd.InheritedFlags())
	var related []string
	if parent := cmd.Parent(); parent != nil {
		related = append(related, pageName(parent))
	}
	for _, sub := range documented(cmd)[1:] {
		if sub.Parent() == cmd {
			related = append(related, pageName(sub))
		}
	}
	for i, name := range related {
		related[i] = "\\fB" + roff(name) + "\\fR(1)"
	}
	if len(related) > 0 {
		out.WriteString(".SH SEE ALSO\n" + strings.Join(related, ",\n") + "\n")
	}
	return out.Flush()
}

// roffText keeps paragraphs, and lines that are indented as they are.
func roffText(out *bufio.Writer, text string) {
	asIs := false
	for line := range strings.SplitSeq(text, "\n") {
		if indented := strings.HasPrefix(line, " "); indented != asIs {
			asIs = indented
			out.WriteString(map[bool]string{true: ".nf\n", false: ".fi\n"}[asIs])
		}
		if line == "" {
			line = ".PP"
		} else {
			line = roff(line)
		}
		out.WriteString(line + "\n")
	}
	if asIs {
		out.WriteString(".fi\n")
	}
}

func roffFlags(out *bufio.Writer, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	out.WriteString(".SH " + title + "\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		value, help := pflag.UnquoteUsage(f)
		name := "\\fB" + roff("--"+f.Name) + "\\fR"
		if f.Shorthand != "" {
			name = "\\fB" + roff("-"+f.Shorthand) + "\\fR, " + name
		}
		if value != "" {
			name += " \\fI" + roff(value) + "\\fR"
		}
		if d := f.DefValue; d != "" && d != "false" && d != "0" && d != "[]" && d != "0s" {
			help += " (default " + d + ")"
		}
		out.WriteString(".TP\n" + name + "\n" + roff(help) + "\n")
	})
}

// roff escapes what roff would obey.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n.", "\n\\&.", "\n'", "\n\\&'").Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}

func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
