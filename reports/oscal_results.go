package reports

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What the assessment results hold one by one. Everything beyond is counted, with a digest of what was counted.
const (
	mostObservations = 5000 // verdicts
	mostGapObserved  = 500  // causes of gaps
	mostRisks        = 1000
)

// oscalWriter keeps a bounded amount of what passes by.
type oscalWriter struct {
	*oscal
	out       *bufio.Writer
	separator string
	items     []oscalItem
	seen      map[string]bool              // resources among items
	related   map[string][]oscalRelated    // by check
	risks     map[string]*oscalRisk        // by waiver
	covered   map[string]map[string]bool   // by check, its waivers
	single    int                          // verdicts observed one by one
	grouped   map[oscalGroup]*oscalGrouped // the others
}

type oscalGroup struct {
	control string
	outcome residency.Outcome
}

type oscalGrouped struct {
	count  int
	digest hash.Hash
}

// writeOSCAL writes the assessment results.
func writeOSCAL(w io.Writer, r residency.Report) error {
	o := &oscalWriter{oscal: newOSCAL(r), out: bufio.NewWriter(w), separator: "\n", seen: map[string]bool{}, related: map[string][]oscalRelated{},
		risks: map[string]*oscalRisk{}, covered: map[string]map[string]bool{}, grouped: map[oscalGroup]*oscalGrouped{}}
	if err := o.head(); err != nil {
		return err
	}
	results := runResults(r)
	for _, res := range results {
		err := o.observe(res.ID, oscalObservation{UUID: o.uuid("observation", res.ID), Title: code(res.ID), Description: prose(res.reason),
			Props: oscalProps("outcome", string(res.outcome))})
		if err != nil {
			return err
		}
	}
	if err := o.gaps(); err != nil {
		return err
	}
	o.register()
	for v, err := range verdictsOf(r) {
		if err != nil {
			return fmt.Errorf("read verdicts: %w", err)
		}
		if err := o.verdict(v); err != nil {
			return fmt.Errorf("write verdict on %q: %w", v.Resource, err)
		}
	}
	if err := o.counted(); err != nil {
		return err
	}
	if err := o.tail(results); err != nil {
		return err
	}
	if err := o.out.Flush(); err != nil {
		return fmt.Errorf("write oscal: %w", err)
	}
	return nil
}

func (o *oscalWriter) head() error {
	s := o.r.Summary
	h := oscalHead{
		UUID: o.uuid("result"), Title: "Where the data lives", Start: o.time, Reviewed: o.reviewed(),
		Description: conclusionWords(&tally{report: o.r, fails: newSection(o.r), free: map[residency.Outcome]int{}}) + ".",
		Props:       oscalProps("conclusion", string(s.Conclusion)),
	}
	if d := o.r.Dossier; d != nil {
		h.Start, h.End = orTime(d.Manifest.Start, o.time), orTime(d.Manifest.End, "")
		if p := d.Period; p != nil {
			h.Start, h.End = day(p.From, "T00:00:00Z"), day(p.To, "T23:59:59Z")
			h.Start = cmp.Or(h.Start, o.time)
		}
	}
	if s.Scope != nil && s.Scope.Narrowed {
		h.Description += " The scope was narrowed: this run concludes about " + code(scopeWords(s.Scope)) + " only."
		h.Props = append(h.Props, oscalProps("narrowed", "true")...)
	}
	metadata := o.metadata("Results of the data residency audit")
	start, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode oscal: %w", err)
	}
	about, err := json.Marshal(metadata)
	if err != nil {
		return fmt.Errorf("encode oscal: %w", err)
	}
	fmt.Fprintf(o.out, `{"assessment-results":{"uuid":%q,"metadata":%s,"import-ap":{"href":%q},"results":[%s,"observations":[`,
		o.uuid("results"), about, href(o.base+".plan.json"), bytes.TrimSuffix(start, []byte("}")))
	return nil
}

func orTime(t time.Time, otherwise string) string {
	if t.IsZero() {
		return otherwise
	}
	return t.UTC().Format(time.RFC3339)
}

// day is a date with a time of day, empty where it is no date.
func day(date, at string) string {
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return ""
	}
	return date + at
}

// observe writes an observation and relates it to a check.
func (o *oscalWriter) observe(check string, x oscalObservation) error {
	x.Methods, x.Collected = []string{"TEST"}, o.time
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	o.out.WriteString(o.separator) // a bufio.Writer keeps its first error until Flush
	o.separator = ",\n"
	o.related[check] = append(o.related[check], oscalRelated{x.UUID})
	_, err = o.out.Write(b)
	return err
}

func (o *oscalWriter) gaps() error {
	rest := 0
	for i, l := range foldGaps(o.r.Summary.Coverage.Gaps) {
		if i >= mostGapObserved {
			rest += l.count
			continue
		}
		err := o.observe("RUN-001", oscalObservation{UUID: o.uuid("gap", l.text()), Title: "Not examined", Description: code(l.text()), Props: oscalProps("outcome", "not_examined")})
		if err != nil {
			return err
		}
	}
	if rest == 0 {
		return nil
	}
	return o.observe("RUN-001", oscalObservation{UUID: o.uuid("gap", "rest"), Title: "Not examined", Description: counted(rest, "more gap") + ", listed by the format json.",
		Props: oscalProps("outcome", "not_examined")})
}

func (o *oscalWriter) verdict(v residency.Verdict) error {
	if v.Outcome == residency.Pass || v.Outcome == residency.NotApplicable {
		return nil // counted by the summary, all of them
	}
	if v.Outcome == residency.Waived && v.Waiver != nil {
		o.waive(v)
	}
	if o.single >= mostObservations {
		key := oscalGroup{v.Control, v.Outcome}
		g := o.grouped[key]
		if g == nil {
			g = &oscalGrouped{digest: sha256.New()}
			o.grouped[key] = g
		}
		g.count++
		fmt.Fprintln(g.digest, fingerprint(v))
		return nil
	}
	o.single++
	item := o.uuid("item", v.Resource)
	if !o.seen[v.Resource] {
		o.seen[v.Resource] = true
		o.items = append(o.items, oscalItem{item, code(v.Resource), oscalProps("asset-id", v.Resource, "kind", v.Kind, "account", v.Account, "region", v.Region)})
	}
	x := oscalObservation{
		UUID: o.uuid("verdict", v.Control, v.Resource, v.Zone), Title: code(v.Control + " " + string(v.Outcome)), Description: code(sentence(v)),
		Props:    oscalProps("outcome", string(v.Outcome), "severity", string(v.Severity), "zone", v.Zone, "fingerprint", fingerprint(v)),
		Subjects: []oscalSubject{{item, "inventory-item", code(v.Resource)}},
	}
	if path := newRow(v).path; len(path) > 1 {
		x.Remarks = "The zone's data came by the chain " + code(strings.Join(path, " → ")) + "."
	}
	return o.observe(v.Control, x)
}

// register makes a risk of each waiver of the register, so that its state is known before a verdict names it.
func (o *oscalWriter) register() {
	status := map[residency.WaiverStatus]string{residency.WaiverActive: "deviation-approved", residency.WaiverExpiring: "deviation-approved",
		residency.WaiverExpired: "open", residency.WaiverFuture: "deviation-requested"}
	for _, w := range registered(o.r) {
		if len(o.risks) >= mostRisks {
			return
		}
		words := fmt.Sprintf("%s, %s", w.Status, counted(w.Matched, "verdict"))
		o.risks[w.ID] = &oscalRisk{UUID: o.uuid("risk", w.ID), Title: code("waiver " + w.ID), Description: code(w.Reason),
			Statement: code(cmp.Or(w.Risk, w.Reason)) + " (" + prose(words) + ")", Status: cmp.Or(status[w.Status], "open"), Deadline: day(w.Expires, "T23:59:59Z"),
			Props: oscalProps("waiver", w.ID, "control", w.Control, "scope", w.Scope, "owner", w.Owner, "approver", w.Approver, "ticket", w.Ticket, "from", w.From)}
	}
}

// waive relates a waived verdict's control to its waiver.
func (o *oscalWriter) waive(v residency.Verdict) {
	w := v.Waiver
	risk := o.risks[w.ID]
	if risk == nil {
		if len(o.risks) >= mostRisks {
			return
		}
		risk = &oscalRisk{UUID: o.uuid("risk", w.ID), Title: code("waiver " + w.ID), Description: code(w.Reason), Statement: code(w.Reason),
			Status: "deviation-approved", Deadline: day(w.Expires, "T23:59:59Z"), Props: oscalProps("waiver", w.ID, "owner", w.Owner, "approver", w.Approver)}
		o.risks[w.ID] = risk
	}
	if o.single < mostObservations {
		risk.Observations = append(risk.Observations, oscalRelated{o.uuid("verdict", v.Control, v.Resource, v.Zone)})
	}
	if o.covered[v.Control] == nil {
		o.covered[v.Control] = map[string]bool{}
	}
	o.covered[v.Control][w.ID] = true
}

// counted writes what was not observed one by one: passes of each control, and the verdicts beyond the bound.
func (o *oscalWriter) counted() error {
	for _, c := range o.checks {
		n := o.r.Summary.Controls[c.id]
		if n == nil {
			continue
		}
		x := oscalObservation{UUID: o.uuid("counts", c.id), Title: code(c.id + " population"), Description: outcomeWords(n) + ".", Props: countProps(n)}
		if d := o.r.Dossier; d != nil && d.Manifest.Verdicts != "" {
			x.Remarks = "Every verdict stands in the run's verdicts, whose uncompressed lines have the SHA-256 " + code(d.Manifest.Verdicts) + "."
		}
		if err := o.observe(c.id, x); err != nil {
			return err
		}
	}
	keys := slices.SortedFunc(maps.Keys(o.grouped), func(a, b oscalGroup) int {
		return cmp.Or(strings.Compare(a.control, b.control), strings.Compare(string(a.outcome), string(b.outcome)))
	})
	for _, k := range keys {
		g := o.grouped[k]
		err := o.observe(k.control, oscalObservation{UUID: o.uuid("grouped", k.control, string(k.outcome)), Title: code(k.control + " " + string(k.outcome)),
			Description: fmt.Sprintf("%s of outcome %s, grouped here to bound this file.", counted(g.count, "more verdict"), code(string(k.outcome))),
			Props:       oscalProps("outcome", string(k.outcome), "grouped", fmt.Sprint(g.count)),
			Remarks:     "SHA-256 over their fingerprints, one a line, in the order of the run's verdicts: " + code(hex.EncodeToString(g.digest.Sum(nil))) + "."})
		if err != nil {
			return err
		}
	}
	return nil
}

func outcomeWords(n map[residency.Outcome]int) string {
	return fmt.Sprintf("%d proved inside, %d proved outside, %d unknown, %d waived, %d not applicable",
		n[residency.Pass], n[residency.Fail], n[residency.Unknown], n[residency.Waived], n[residency.NotApplicable])
}

func countProps(n map[residency.Outcome]int) (props []oscalProp) {
	for _, o := range []residency.Outcome{residency.Pass, residency.Fail, residency.Unknown, residency.Waived, residency.NotApplicable} {
		props = append(props, oscalProps(string(o), fmt.Sprint(n[o]))...)
	}
	return props
}

func (o *oscalWriter) tail(results []runResult) error {
	t := oscalTail{Findings: o.findings(results), Log: oscalLog{o.entries()},
		Remarks: "Passes are counted for each check and not listed; fails, unknowns and waived ones are, up to a bound. " +
			"OSCAL has no outcome for what is not concluded: it is not-satisfied with the reason other. " +
			"No criterion of a framework is concluded here; the component definition says which checks bear on which. " +
			"A test of places cannot show that nobody elsewhere reads the data."}
	if len(o.items) > 0 {
		t.Local = &oscalLocal{o.items}
	}
	for _, id := range slices.Sorted(maps.Keys(o.risks)) {
		t.Risks = append(t.Risks, *o.risks[id])
	}
	b, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode oscal: %w", err)
	}
	o.out.WriteString("\n],")
	o.out.Write(bytes.TrimPrefix(b, []byte("{")))
	o.out.WriteString("]")
	if files := o.evidence(); len(files) > 0 {
		back, err := json.Marshal(oscalBackMatter{files})
		if err != nil {
			return fmt.Errorf("encode oscal: %w", err)
		}
		fmt.Fprintf(o.out, ",\"back-matter\":%s", back)
	}
	o.out.WriteString("}}\n")
	return nil
}
