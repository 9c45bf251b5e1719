package reports

import (
	"bufio"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "junit", Ext: ".xml", MediaType: "application/xml", Write: writeJUnit})

// junitSuite is the start of a <testsuite>. There is no authoritative schema; these are the attributes that readers agree on.
type junitSuite struct {
	name                             string
	tests, failures, errors, skipped int
}

type junitCase struct {
	XMLName xml.Name      `xml:"testcase"`
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitProblem `xml:"skipped"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// junitWriter writes elements as they come, so that a suite needs no memory. What is not proved is an error, so that a gap turns a
// build red as an unknown does.
type junitWriter struct {
	out *bufio.Writer
	xml *xml.Encoder
	run string
}

// writeJUnit writes three suites: each control that left no question open, each gap, each verdict.
func writeJUnit(w io.Writer, r residency.Report) error {
	out := bufio.NewWriter(w)
	j := &junitWriter{out, xml.NewEncoder(out), r.Summary.Run.UTC().Format("2006-01-02T15:04:05")}
	j.xml.Indent("", " ")
	out.WriteString(xml.Header)
	root := xml.StartElement{Name: xml.Name{Local: "testsuites"}, Attr: []xml.Attr{attr("name", "domicile "+string(r.Summary.Conclusion))}}
	if err := j.xml.EncodeToken(root); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	if err := j.suites(r); err != nil {
		return err
	}
	if err := j.xml.EncodeToken(root.End()); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	if err := j.xml.Close(); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	out.WriteString("\n") // a bufio.Writer keeps its first error until Flush
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	return nil
}

func (j *junitWriter) suites(r residency.Report) error {
	if err := j.controls(r); err != nil {
		return err
	}
	gaps := r.Summary.Coverage.Gaps
	err := j.suite(junitSuite{name: "coverage", tests: len(gaps), errors: len(gaps)}, func() error {
		for _, g := range gaps {
			at := locationOf(r, cmp.Or(g.Resource, g.Input), g.Detail)
			c := junitCase{Class: "coverage", Name: cell(gapWords(g)), File: cell(at.File), Line: at.Line, Error: &junitProblem{Message: "no answer", Type: cell(string(g.Class))}}
			if err := j.xml.Encode(c); err != nil {
				return fmt.Errorf("write junit: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	n := here(&r.Summary)
	info := r.Summary.Fails[residency.Info]
	for _, p := range r.Summary.Parts {
		info -= p.Fails[residency.Info]
	}
	s := junitSuite{"verdicts", n[residency.Fail] + n[residency.Unknown] + n[residency.Waived],
		n[residency.Fail] - info, n[residency.Unknown], n[residency.Waived] + info}
	if r.Passes {
		s.tests += n[residency.Pass] + n[residency.NotApplicable]
		s.skipped += n[residency.NotApplicable]
	}
	if err := j.parts(r.Summary.Parts); err != nil {
		return err
	}
	return j.suite(s, func() error {
		for v, err := range verdictsOf(r) {
			if err != nil {
				return fmt.Errorf("read verdicts: %w", err)
			}
			if err := j.xml.Encode(junitOf(r, v)); err != nil {
				return fmt.Errorf("write verdict on %q: %w", v.Resource, err)
			}
		}
		return nil
	})
}

// parts has a case for each store that lists verdicts of its own: what fails there must not turn a build green here.
func (j *junitWriter) parts(parts []residency.Part) error {
	if len(parts) == 0 {
		return nil
	}
	s := junitSuite{name: "parts", tests: len(parts)}
	var cases []junitCase
	for i := range parts {
		p := &parts[i]
		c := junitCase{Class: "part", Name: cell("zone " + p.Zone + " in " + p.Store)}
		said := fmt.Sprintf("%d fail, %d unknown of %d resources: listed in that store", p.Totals[residency.Fail], p.Totals[residency.Unknown], p.Resources)
		switch problem := (&junitProblem{Message: said, Type: "part"}); {
		case deciding(p) > 0:
			c.Failure, s.failures = problem, s.failures+1
		case p.Open:
			c.Error, s.errors = problem, s.errors+1
		}
		cases = append(cases, c)
	}
	return j.suite(s, func() error {
		for _, c := range cases {
			if err := j.xml.Encode(c); err != nil {
				return fmt.Errorf("write junit: %w", err)
			}
		}
		return nil
	})
}

// controls has a case for each control that has neither a fail nor an unknown: without it a clean run would be an empty file.
func (j *junitWriter) controls(r residency.Report) error {
	var cases []junitCase
	s := junitSuite{name: "controls"}
	for _, id := range slices.Sorted(maps.Keys(r.Summary.Controls)) {
		n := r.Summary.Controls[id]
		if n[residency.Fail]+n[residency.Unknown] > 0 {
			continue
		}
		proved := strconv.Itoa(n[residency.Pass]) + " proved inside, " + strconv.Itoa(n[residency.Waived]) + " waived"
		c := junitCase{Class: cell(id), Name: cell(r.Controls[id].Title + ": " + proved)}
		if n[residency.Pass]+n[residency.Waived] == 0 {
			c.Skipped = &junitProblem{Message: "nothing in scope of this control"}
			s.skipped++
		}
		cases = append(cases, c)
	}
	s.tests = len(cases)
	return j.suite(s, func() error {
		for _, c := range cases {
			if err := j.xml.Encode(c); err != nil {
				return fmt.Errorf("write junit: %w", err)
			}
		}
		return nil
	})
}

func (j *junitWriter) suite(s junitSuite, cases func() error) error {
	start := xml.StartElement{Name: xml.Name{Local: "testsuite"}, Attr: []xml.Attr{
		attr("name", s.name), attr("tests", strconv.Itoa(s.tests)), attr("failures", strconv.Itoa(s.failures)),
		attr("errors", strconv.Itoa(s.errors)), attr("skipped", strconv.Itoa(s.skipped)), attr("timestamp", j.run),
	}}
	if err := j.xml.EncodeToken(start); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	if err := cases(); err != nil {
		return err
	}
	if err := j.xml.EncodeToken(start.End()); err != nil {
		return fmt.Errorf("write junit: %w", err)
	}
	return nil
}

// junitOf takes names through cell: XML can hold no control character, not even escaped.
func junitOf(r residency.Report, v residency.Verdict) junitCase {
	name := v.Resource
	if v.Zone != "" {
		name += " (" + v.Zone + ")"
	}
	at := verdictLocation(r, v)
	c := junitCase{Class: cell(v.Control), Name: cell(name), File: cell(at.File), Line: at.Line}
	problem := &junitProblem{Message: cell(sentence(v)), Type: cell(string(v.Severity))}
	switch {
	case v.Outcome == residency.Fail && v.Severity == residency.Info: // it decides nothing, and must not turn a build red
		problem.Type, problem.Message = "", "info: "+problem.Message
		c.Skipped = problem
	case v.Outcome == residency.Fail:
		c.Failure = problem
		for _, hop := range newRow(v).path {
			problem.Text += hop + "\n"
		}
	case v.Outcome == residency.Unknown:
		c.Error = problem
	case v.Outcome != residency.Pass:
		problem.Type = ""
		c.Skipped = problem
	}
	return c
}

func attr(name, value string) xml.Attr { return xml.Attr{Name: xml.Name{Local: name}, Value: value} }
