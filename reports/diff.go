package reports

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Diff writes what changed between two runs for a person, a heading for each kind of change.
func Diff(w io.Writer, c *residency.Comparison) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%s -> %s\n", cell(c.Old), cell(c.New))
	for _, s := range []struct {
		changed bool
		what    string
	}{{c.Policies, "the policies"}, {c.Config, "the configuration"}, {c.Tool, "the version of domicile"}} {
		if s.changed {
			fmt.Fprintf(out, "%s changed between the two: a difference may be theirs and not the cloud's\n", s.what)
		}
	}
	if len(c.Differences) == 0 {
		fmt.Fprintln(out, "\nnothing changed")
		return out.Flush()
	}
	last := residency.Became("")
	for _, d := range c.Differences {
		if d.Change != last {
			fmt.Fprintf(out, "\n%s\n", strings.ToUpper(string(d.Change)))
			last = d.Change
		}
		fmt.Fprintf(out, "  %s\n", cell(differenceLine(d)))
	}
	return out.Flush()
}

// differenceLine is one difference in a line.
func differenceLine(d residency.Difference) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(d.Control)
	add(string(d.Severity))
	add(d.Resource)
	if d.Zone != "" {
		add("zone " + d.Zone)
	}
	place := d.Role
	if d.Region != "" {
		place = strings.TrimSpace(place + " in " + d.Region)
	}
	if d.Was != "" {
		place += ", before in " + d.Was
	}
	if d.Account != "" {
		place += " of " + d.Account
	}
	if d.Target != "" {
		place += " at " + d.Target
	}
	add(strings.TrimSpace(place))
	add(d.Detail)
	return strings.Join(parts, " · ")
}
