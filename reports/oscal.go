package reports

import (
	"bufio"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{
	Name: "oscal", Ext: ".json", MediaType: "application/oscal+json", Write: writeOSCAL, Siblings: oscalSiblings,
})

// The version of OSCAL (NIST) that is written, and the name space of our own properties.
const (
	oscalVersion = "1.2.2"
	oscalNS      = "https://github.com/seed-1578181b/domicile/ns/oscal"
)

// The parts of OSCAL that more than one document has, by its own names.

type oscalMetadata struct {
	Title    string      `json:"title"`
	Modified string      `json:"last-modified"`
	Version  string      `json:"version"`
	OSCAL    string      `json:"oscal-version"`
	Props    []oscalProp `json:"props,omitempty"`
	Remarks  string      `json:"remarks,omitempty"`
}

type oscalProp struct {
	Name  string `json:"name"`
	NS    string `json:"ns,omitempty"`
	Value string `json:"value"`
}

type oscalLink struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
}

type oscalBackMatter struct {
	Resources []oscalResource `json:"resources"`
}

type oscalResource struct {
	UUID        string       `json:"uuid"`
	Title       string       `json:"title"`
	Description string       `json:"description,omitempty"`
	RLinks      []oscalRLink `json:"rlinks,omitempty"`
}

type oscalRLink struct {
	Href   string      `json:"href"`
	Hashes []oscalHash `json:"hashes,omitempty"`
}

type oscalHash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

type oscalReviewed struct {
	Links      []oscalLink      `json:"links,omitempty"`
	Selections []oscalSelection `json:"control-selections"`
	Objectives []oscalObjective `json:"control-objective-selections"`
}

type oscalSelection struct {
	Include []oscalControlID `json:"include-controls"`
}

type oscalControlID struct {
	ID string `json:"control-id"`
}

type oscalObjective struct {
	Include []oscalObjectiveID `json:"include-objectives"`
}

type oscalObjectiveID struct {
	ID string `json:"objective-id"`
}

// oscal is one report on its way into documents: what all of them need.
type oscal struct {
	r      residency.Report
	base   string
	time   string
	key    string // names the run: uuids are made of it, so that the same run gives the same
	checks []oscalCheck
}

// oscalCheck is a control or run check as a control of our own catalogue.
type oscalCheck struct {
	id, title, description string
	severity               residency.Severity // empty: a run check
}

func newOSCAL(r residency.Report) *oscal {
	o := &oscal{r: r, base: r.Base, time: r.Summary.Run.UTC().Format(time.RFC3339)}
	if o.base == "" {
		o.base = "oscal"
	}
	o.key = o.time
	if r.Dossier != nil {
		o.key += " " + r.Dossier.Manifest.Run
	}
	ids := map[string]bool{}
	for id := range r.Controls {
		ids[id] = true
	}
	for id := range r.Summary.Controls {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		c := r.Controls[id]
		o.checks = append(o.checks, oscalCheck{id, c.Title, c.Description, c.Severity})
	}
	for _, c := range residency.RunChecks() {
		o.checks = append(o.checks, oscalCheck{c.ID, c.Title, c.Description, ""})
	}
	return o
}

func (o *oscal) metadata(title string) oscalMetadata {
	m := oscalMetadata{Title: title, Modified: o.time, Version: o.time, OSCAL: oscalVersion}
	if d := o.r.Dossier; d != nil {
		m.Props = oscalProps("organization", d.Organization, "system", d.System, "run", d.Manifest.Run, "tool-version", d.Manifest.Tool)
	}
	return m
}

func (o *oscal) reviewed() oscalReviewed {
	var s oscalSelection
	var goals oscalObjective
	for _, c := range o.checks {
		s.Include = append(s.Include, oscalControlID{token(c.id)})
		goals.Include = append(goals.Include, oscalObjectiveID{objective(c.id)})
	}
	return oscalReviewed{[]oscalLink{{o.catalogFile(checksCatalog), "catalog"}}, []oscalSelection{s}, []oscalObjective{goals}}
}

// uuid is the version 5 (RFC 9562, 5.5) of a name within this run.
func (o *oscal) uuid(kind string, names ...string) string {
	space, _ := hex.DecodeString("6ba7b8119dad11d180b400c04fd430c8") // the RFC's name space of URLs
	name := fmt.Appendf(space, "%s %q %q %q", oscalNS, o.key, kind, names)
	sum := sha1.Sum(name)
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

func (o *oscal) catalogFile(id string) string { return href(o.base + catalogSuffix(id)) }

func catalogSuffix(id string) string { return ".catalog-" + token(id) + ".json" }

// href is the name of a file beside this one as a relative reference.
func href(file string) string {
	var b strings.Builder
	for _, c := range []byte(file) {
		if c == '.' || c == '-' || c == '_' || c == '~' || c < 0x80 && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// token is an id in the form that OSCAL takes: "CC6.7" as cc6.7, "164.308(a)(8)" as _164.308-a-8.
func token(id string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(id) {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && r != '_' {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
	}
	s := b.String()
	if s == "" || s[0] != '_' && !unicode.IsLetter(rune(s[0])) {
		return "_" + s
	}
	return s
}

// objective is the id of the part of a check that a finding is about.
func objective(id string) string { return token(id) + "_obj" }

// oscalProps takes names and values in turn and leaves out what is empty.
func oscalProps(pairs ...string) []oscalProp {
	var props []oscalProp
	for i := 0; i+1 < len(pairs); i += 2 {
		if value := strings.TrimSpace(cell(pairs[i+1])); value != "" {
			props = append(props, oscalProp{pairs[i], oscalNS, value})
		}
	}
	return props
}

// asJSON is one document under its root key.
func asJSON(w io.Writer, root string, document any) error {
	b, err := json.MarshalIndent(map[string]any{root: document}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", root, err)
	}
	out := bufio.NewWriter(w)
	out.Write(b) // a bufio.Writer keeps its first error until Flush
	out.WriteString("\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", root, err)
	}
	return nil
}
