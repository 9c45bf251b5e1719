package reports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// mostOpen is how many open violations are listed for a person.
const mostOpen = 30

type nightWord struct {
	state  residency.NightState
	letter string
	style  style
}

// nightWords are the states of a night with the letter of each in the calendar, the worst last.
var nightWords = []nightWord{
	{residency.NightDone, ".", plain}, {residency.NightLate, "l", cyan}, {residency.NightPartial, "p", yellow}, {residency.NightFailed, "F", red}, {residency.NightMissed, "M", alarm},
}

// History writes what a store remembers for a person: runs, nights, and what is open. Width is in columns, 0 for the default.
func History(w io.Writer, c *residency.Chronicle, width int, color bool) error {
	p := newPage(w, width, color)
	expected := "each day"
	if c.Schedule != "" {
		expected = "schedule " + c.Schedule
	}
	p.text(0, 2, bold, fmt.Sprintf("History from %s to %s (%s, %s)", cell(c.From), cell(c.To), cell(expected), cell(c.Timezone)))
	p.pastRuns(c)
	p.pastNights(c)
	p.stillOpen(c)
	p.legalHolds(c)
	return p.flush()
}

func (p *page) pastRuns(c *residency.Chronicle) {
	p.title("RUNS · newest first")
	if len(c.Runs) == 0 {
		p.line(2, plain, "none in these days")
	}
	for _, r := range c.Runs {
		p.text(2, 2, plain, cell(r.Run)+"  "+runLine(r))
	}
	if c.Earlier > 0 {
		p.text(2, 2, dim, fmt.Sprintf("and %d earlier: --from and --to list them", c.Earlier))
	}
}

// runLine is what became of a run, or why there was none.
func runLine(r residency.ChronicleEntry) string {
	words := []string{strings.ReplaceAll(string(r.Conclusion), "_", " ")}
	switch {
	case r.Kind != "run":
		words = []string{r.Kind + ": " + clip(r.Reason)}
	case r.Conclusion == "":
		words = []string{"nothing is known: " + clip(r.Reason)}
	case !r.Complete:
		words[0] += ", interrupted"
	}
	for _, n := range []struct {
		count int
		noun  string
	}{{r.Violations, "violation"}, {r.Gaps, "gap"}} {
		if n.count > 0 {
			words = append(words, counted(n.count, n.noun))
		}
	}
	if r.Waived > 0 {
		words = append(words, fmt.Sprintf("%d waived", r.Waived))
	}
	if r.Unknown > 0 {
		words = append(words, fmt.Sprintf("%d unknown", r.Unknown))
	}
	if len(r.Held) > 0 {
		words = append(words, "held: "+strings.Join(r.Held, ", "))
	}
	if r.Expired {
		words = append(words, "expired")
	}
	return cell(strings.Join(words, " · "))
}

func (p *page) pastNights(c *residency.Chronicle) {
	counts := map[residency.NightState]int{}
	for _, n := range c.Nights {
		counts[n.State]++
	}
	var words, legend []string
	for _, s := range nightWords {
		words, legend = append(words, fmt.Sprintf("%d %s", counts[s.state], s.state)), append(legend, s.letter+" "+string(s.state))
	}
	p.title(fmt.Sprintf("NIGHTS · %d expected: %s", len(c.Nights), strings.Join(words, ", ")))
	if len(c.Nights) == 0 {
		return
	}
	p.calendar(c.Nights)
	p.line(2, dim, strings.Join(legend, "  "))
	for i, spans := 0, deviating(c.Nights); i < len(spans); i++ {
		if i == 0 {
			p.blank()
		}
		p.text(2, 2, plain, cell(spans[i].words()))
	}
}

// nightSpan is nights after each other that went the same way.
type nightSpan struct {
	first, last residency.Night
	count       int
}

func (s *nightSpan) words() string {
	if s.count == 1 {
		return fmt.Sprintf("%s %s: %s", s.first.Date, s.first.State, clip(s.first.Reason))
	}
	return fmt.Sprintf("%s to %s, %s %s: %s", s.first.Date, s.last.Date, counted(s.count, "night"), s.first.State, clip(s.first.Reason))
}

// deviating are the nights that are not just done.
func deviating(nights []residency.Night) (spans []nightSpan) {
	together := false
	for _, n := range nights {
		if n.State == residency.NightDone {
			together = false
			continue
		}
		if last := len(spans) - 1; together && spans[last].first.State == n.State && spans[last].first.Reason == n.Reason {
			spans[last].last = n
			spans[last].count++
			continue
		}
		spans, together = append(spans, nightSpan{n, n, 1}), true
	}
	return spans
}

// calendar draws a line for each month, with a letter for each day: the worst of its nights.
func (p *page) calendar(nights []residency.Night) {
	worst := map[string]int{} // by day
	var months []string
	for _, n := range nights {
		if len(n.Date) < len("2026-11-23") {
			continue
		}
		day, month := n.Date[:10], n.Date[:7]
		if !slices.Contains(months, month) {
			months = append(months, month)
		}
		i := slices.IndexFunc(nightWords, func(w nightWord) bool { return w.state == n.State })
		if old, seen := worst[day]; !seen || i > old {
			worst[day] = i
		}
	}
	p.line(2, dim, strings.Repeat(" ", 9)+"1   5    10   15   20   25   30")
	for _, month := range months {
		var line strings.Builder
		for day := 1; day <= 31; day++ {
			i, known := worst[fmt.Sprintf("%s-%02d", month, day)]
			if !known || i < 0 {
				line.WriteByte(' ')
				continue
			}
			line.WriteString(p.paint(nightWords[i].style, nightWords[i].letter))
		}
		p.line(2, plain, cell(month)+"  "+strings.TrimRight(line.String(), " "))
	}
}

func (p *page) stillOpen(c *residency.Chronicle) {
	p.title(fmt.Sprintf("OPEN · %s; in these days %d opened, %d closed", counted(len(c.Open), "violation"), c.Opened, c.Closed))
	for i, v := range c.Open {
		if i == mostOpen {
			p.text(2, 2, dim, fmt.Sprintf("and %d more: -o json has them all", len(c.Open)-mostOpen))
			break
		}
		p.text(2, 2, severityStyle(v.Severity), cell(strings.Join([]string{string(v.Severity), v.Control, "zone " + cmp.Or(v.Zone, "none"), string(v.State), counted(v.DaysOpen, "day")}, " · ")))
		p.id(4, "", cell(v.Resource))
		place := strings.TrimSpace(string(v.Role) + " in " + cmp.Or(v.Region, "a place that is not known"))
		if v.Account != "" {
			place += " of " + v.Account
		}
		if v.Role != "" {
			p.text(4, 2, plain, cell(place))
		}
		if v.Target != "" {
			p.id(4, "at ", cell(v.Target))
		}
		p.text(4, 2, dim, fmt.Sprintf("first seen %s, last seen %s", v.FirstSeen.UTC().Format("2006-01-02"), v.LastSeen.UTC().Format("2006-01-02")))
		if v.Detail != "" {
			p.text(4, 2, plain, cell(clip(v.Detail)))
		}
	}
}

func (p *page) legalHolds(c *residency.Chronicle) {
	if len(c.Holds) == 0 {
		return
	}
	p.title("LEGAL HOLDS · what they cover does not expire")
	for _, h := range c.Holds {
		what := "run " + h.Run
		if h.Run == "" {
			what = "runs from " + h.From + " to " + h.To
		}
		p.text(2, 2, plain, cell(strings.Join([]string{h.Ticket, what, "since " + h.Since.UTC().Format("2006-01-02"), clip(h.Reason)}, " · ")))
	}
}
