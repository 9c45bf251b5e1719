package reports

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "sarif", Ext: ".sarif", MediaType: "application/sarif+json", Write: writeSARIF})

// The part of SARIF 2.1.0 that is written, by the names of its section 3.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Properties  map[string]any    `json:"properties"`
	// Results come last and one by one: see writeSARIF.
}

type sarifDriver struct {
	Name  string      `json:"name"`
	Rules []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID      string        `json:"id"`
	Short   sarifMessage  `json:"shortDescription"`
	Full    *sarifMessage `json:"fullDescription,omitempty"`
	Help    *sarifMessage `json:"help,omitempty"`
	Default struct {
		Level string `json:"level"`
	} `json:"defaultConfiguration"`
	Properties map[string]any `json:"properties"`
}

type sarifMessage struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	End           string              `json:"endTimeUtc"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level      string            `json:"level"`
	Message    sarifMessage      `json:"message"`
	Locations  []sarifLocation   `json:"locations,omitempty"`
	Properties map[string]string `json:"properties,omitempty"`
}

type sarifResult struct {
	Rule         string             `json:"ruleId"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Message      sarifMessage       `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Related      []sarifLocation    `json:"relatedLocations,omitempty"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	Properties   map[string]any     `json:"properties"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	Message  *sarifMessage  `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region struct {
		Line int `json:"startLine"`
	} `json:"region"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind,omitempty"`
}

type sarifSuppression struct {
	Kind          string            `json:"kind"`
	Status        string            `json:"status"`
	Justification string            `json:"justification"`
	Properties    map[string]string `json:"properties"`
}

// writeSARIF writes what the run is about, and then a result for each verdict as they come.
func writeSARIF(w io.Writer, r residency.Report) error {
	log := sarifLog{"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json", "2.1.0", []sarifRun{sarifHead(r)}}
	head, err := json.Marshal(log)
	if err != nil {
		return fmt.Errorf("encode sarif: %w", err)
	}
	out := bufio.NewWriter(w)
	out.Write(bytes.TrimSuffix(head, []byte("}]}"))) // a bufio.Writer keeps its first error until Flush
	out.WriteString(",\"results\":[")
	separator := "\n"
	for v, err := range verdictsOf(r) {
		if err != nil {
			return fmt.Errorf("read verdicts: %w", err)
		}
		line, err := json.Marshal(sarifOf(r, v))
		if err != nil {
			return fmt.Errorf("encode verdict on %q: %w", v.Resource, err)
		}
		out.WriteString(separator)
		separator = ",\n"
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("write verdict on %q: %w", v.Resource, err)
		}
	}
	out.WriteString("\n]}]}\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write sarif: %w", err)
	}
	return nil
}

func sarifHead(r residency.Report) sarifRun {
	run := sarifRun{Properties: map[string]any{
		"conclusion": r.Summary.Conclusion, "totals": everyOutcome(r.Summary.Totals), "passesListed": r.Passes,
		"narrowed": r.Summary.Scope != nil && r.Summary.Scope.Narrowed,
	}}
	run.Tool.Driver = sarifDriver{Name: "domicile", Rules: []sarifRule{}}
	for _, id := range slices.Sorted(maps.Keys(r.Controls)) {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(r.Controls[id]))
	}
	told := []sarifNotification{}
	for _, g := range r.Summary.Coverage.Gaps {
		n := sarifNotification{"error", sarifText(gapWords(g)), nil, filledOnly(map[string]string{
			"scanner": g.Scanner, "account": g.Account, "region": g.Region, "call": g.Call, "class": string(g.Class), "resource": g.Resource,
		})}
		if at := sarifPlace(locationOf(r, cmp.Or(g.Resource, g.Input), g.Detail)); at != nil {
			n.Locations = []sarifLocation{{Physical: at}}
		}
		told = append(told, n)
	}
	run.Invocations = []sarifInvocation{{r.Summary.Complete, r.Summary.Run.UTC().Format(time.RFC3339), told}}
	return run
}

func sarifRuleOf(c residency.Control) sarifRule {
	rule := sarifRule{ID: c.ID, Short: sarifText(c.Title), Properties: map[string]any{"severity": c.Severity}}
	if c.Description != "" {
		m := sarifText(c.Description)
		rule.Full = &m
	}
	if c.Remediation != "" {
		m := sarifText(c.Remediation)
		rule.Help = &m
	}
	rule.Default.Level = sarifLevel(c.Severity)
	return rule
}

// sarifOf takes the names from outside through cell, so that a viewer shows what is hostile in them. The level of what is no
// fail is "none", as the standard has it (3.27.10).
func sarifOf(r residency.Report, v residency.Verdict) sarifResult {
	res := sarifResult{
		Rule: cell(v.Control), Kind: "notApplicable", Level: "none", Message: sarifText(sentence(v)),
		Locations:    []sarifLocation{{Physical: sarifPlace(verdictLocation(r, v)), Logical: []sarifLogical{{cell(v.Resource), "resource"}}}},
		Fingerprints: map[string]string{"domicile/v1": fingerprint(v)},
		Properties:   map[string]any{"outcome": v.Outcome, "severity": v.Severity},
	}
	switch v.Outcome {
	case residency.Pass:
		res.Kind = "pass"
	case residency.Unknown:
		res.Kind = "review"
	case residency.Fail, residency.Waived:
		res.Kind, res.Level = "fail", sarifLevel(v.Severity)
	}
	for key, value := range filledOnly(map[string]string{"resourceKind": v.Kind, "account": v.Account, "region": v.Region, "zone": v.Zone}) {
		res.Properties[key] = value
	}
	if path := newRow(v).path; len(path) > 1 {
		for _, hop := range path[:len(path)-1] {
			m := sarifMessage{"the zone's data came by this resource"}
			res.Related = append(res.Related, sarifLocation{sarifPlace(locationOf(r, hop, "")), []sarifLogical{{hop, "resource"}}, &m})
		}
	}
	if v.Outcome == residency.Waived && v.Waiver != nil {
		x := v.Waiver
		res.Suppressions = []sarifSuppression{{"external", "accepted", cell(x.Reason), filledOnly(map[string]string{
			"waiver": x.ID, "owner": x.Owner, "approver": x.Approver, "expires": x.Expires,
		})}}
	}
	return res
}

// sarifPlace is a location as a relative reference (3.4.3); nil for none.
func sarifPlace(at residency.Location) *sarifPhysical {
	if at.File == "" {
		return nil
	}
	p := &sarifPhysical{}
	p.Artifact.URI = (&url.URL{Path: at.File}).String()
	p.Region.Line = max(1, at.Line)
	return p
}

// sarifText is a plain text message. A pair of square brackets would be a link in it (3.11.6).
func sarifText(s string) sarifMessage {
	return sarifMessage{strings.NewReplacer("[", `\[`, "]", `\]`).Replace(cell(s))}
}

func sarifLevel(s residency.Severity) string {
	switch s {
	case residency.Critical, residency.High:
		return "error"
	case residency.Medium:
		return "warning"
	}
	return "note"
}

// fingerprint is equal for the same violation in another run: control, resource, zone and each deciding placement, whatever
// the words of the reason.
func fingerprint(v residency.Verdict) string {
	places := make([]string, len(v.Placements))
	for i, p := range v.Placements {
		places[i] = fmt.Sprintf("%q %q %q %q", p.Role, p.Region, p.Account, p.Target)
	}
	slices.Sort(places)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", v.Control, v.Resource, v.Zone, slices.Compact(places)))
	return hex.EncodeToString(sum[:])
}

// filledOnly leaves out what is empty, and makes the rest visible.
func filledOnly(m map[string]string) map[string]string {
	for key, value := range m {
		if m[key] = cell(value); value == "" {
			delete(m, key)
		}
	}
	return m
}
