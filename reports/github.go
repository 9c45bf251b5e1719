package reports

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "github", Ext: ".txt", MediaType: "text/plain; charset=utf-8", Write: writeGitHub})

// writeGitHub writes workflow commands, by which a step of GitHub Actions annotates the files of a change: one for each verdict and
// each gap, as they come, and the conclusion last. Source: GitHub Docs, "Workflow commands for GitHub Actions".
func writeGitHub(w io.Writer, r residency.Report) error {
	out := bufio.NewWriter(w)
	for v, err := range verdictsOf(r) {
		if err != nil {
			return fmt.Errorf("read verdicts: %w", err)
		}
		if level := annotationLevel(v); level != "" {
			title := v.Control + " · " + v.Resource
			annotate(out, level, verdictLocation(r, v), title, annotationText(r, v))
		}
	}
	for _, l := range foldGaps(r.Summary.Coverage.Gaps) {
		resource := cmp.Or(l.resource.first, l.inputs.first)
		annotate(out, "warning", locationOf(r, resource, l.detail), "not examined", l.text())
	}
	annotate(out, "notice", residency.Location{}, "domicile", githubConclusion(r.Summary))
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write github: %w", err)
	}
	return nil
}

// annotationLevel is empty for what needs no annotation.
func annotationLevel(v residency.Verdict) string {
	switch {
	case v.Outcome == residency.Fail && v.Severity != residency.Info:
		return "error"
	case v.Outcome == residency.Unknown:
		return "warning"
	case v.Outcome == residency.Waived, v.Outcome == residency.Fail:
		return "notice"
	}
	return ""
}

// annotationText is the reason, the chain, the setting and the cure, a line each.
func annotationText(r residency.Report, v residency.Verdict) string {
	lines := []string{cell(sentence(v))}
	if path := newRow(v).path; len(path) > 0 {
		lines = append(lines, "chain: "+strings.Join(path, " → "))
	}
	if by := settings(v.Placements); by != "" {
		lines = append(lines, "by "+by)
	}
	if cure := cureOf(r, v); cure != "" {
		lines = append(lines, "cure: "+cell(clip(cure)))
	}
	return strings.Join(lines, "\n")
}

// githubConclusion is the last line, which also stands in the log.
func githubConclusion(s residency.Summary) string {
	n := everyOutcome(s.Totals)
	return fmt.Sprintf("%s: %d failed, %d unknown, %d waived, %d passed, %s", strings.ReplaceAll(string(s.Conclusion), "_", " "),
		n[residency.Fail], n[residency.Unknown], n[residency.Waived], n[residency.Pass], counted(len(s.Coverage.Gaps), "gap"))
}

// annotate writes one command. A bufio.Writer keeps its first error until Flush.
func annotate(out *bufio.Writer, level string, at residency.Location, title, text string) {
	out.WriteString("::" + level + " ")
	if at.File != "" {
		out.WriteString("file=" + property(at.File) + ",line=" + strconv.Itoa(max(1, at.Line)) + ",")
	}
	out.WriteString("title=" + property(clipTo(title, mostMarkdownName)) + "::" + data(text) + "\n")
}

// data escapes the text of a command: a new line in it would begin another command.
func data(s string) string {
	lines := strings.Split(s, "\n") // ours; one from outside was made visible before
	for i := range lines {
		lines[i] = strings.ReplaceAll(cell(lines[i]), "%", "%25")
	}
	return strings.Join(lines, "%0A")
}

// property escapes a property of a command, which a comma or colon would end.
func property(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(cell(s))
}
