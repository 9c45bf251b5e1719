package reports

import (
	"fmt"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// runResult is what a run check came to.
type runResult struct {
	residency.RunCheck
	outcome residency.Outcome
	reason  string // never empty
}

// runResults are the results of all run checks, by what the report knows. What it does not know is unknown or not applicable.
func runResults(r residency.Report) []runResult {
	judges := map[string]func(residency.Report) (residency.Outcome, string){
		"RUN-001": population, "RUN-002": continuity, "RUN-003": sealed, "RUN-004": waiversInForce, "RUN-005": readOnly,
	}
	var all []runResult
	for _, c := range residency.RunChecks() {
		res := runResult{c, residency.Unknown, "this format does not know how to tell"}
		if judge := judges[c.ID]; judge != nil {
			res.outcome, res.reason = judge(r)
		}
		all = append(all, res)
	}
	return all
}

func population(r residency.Report) (residency.Outcome, string) {
	s := r.Summary
	missing, data := 0, 0
	for _, o := range s.Oracles {
		missing += len(o.Missing) + o.Uncounted
	}
	for _, n := range s.NotJudged {
		if n.Data {
			data++
		}
	}
	switch {
	case s.Scope == nil:
		return residency.Unknown, "nothing states what should have been examined"
	case !s.Complete:
		return residency.Unknown, "the run was interrupted"
	case len(s.Coverage.Gaps) > 0:
		return residency.Unknown, counted(len(s.Coverage.Gaps), "question") + " without an answer"
	case s.Scope.Narrowed:
		return residency.Unknown, "the scope was narrowed: this run concludes about that scope only"
	case missing > 0:
		return residency.Unknown, counted(missing, "item") + " that another source knows are missing from the inventory"
	case data > 0:
		return residency.Unknown, counted(data, "use") + " of services that can hold data and that this version has no scanner for"
	case len(s.Oracles) == 0:
		return residency.Unknown, "no independent source was asked"
	}
	return residency.Pass, "no gap, and " + counted(len(s.Oracles), "comparison") + " with independent sources agree"
}

func continuity(r residency.Report) (residency.Outcome, string) {
	if r.Dossier == nil || r.Dossier.Period == nil {
		return residency.NotApplicable, "this report is about one instant"
	}
	p := r.Dossier.Period
	n := map[residency.NightState]int{}
	for _, night := range p.Nights {
		n[night.State]++
	}
	reason := fmt.Sprintf("%s: %d done, %d late, %d partial, %d failed, %d missed; longest gap %s", counted(len(p.Nights), "day"),
		n[residency.NightDone], n[residency.NightLate], n[residency.NightPartial], n[residency.NightFailed], n[residency.NightMissed], counted(p.Longest, "day"))
	switch kept := n[residency.NightDone] + n[residency.NightLate]; {
	case n[residency.NightMissed]+n[residency.NightFailed] > 0:
		return residency.Fail, reason
	case kept < len(p.Nights) || kept == 0:
		return residency.Unknown, reason
	}
	return residency.Pass, reason
}

func sealed(r residency.Report) (residency.Outcome, string) {
	d := r.Dossier
	switch {
	case d == nil:
		return residency.NotApplicable, "nothing was kept of this run"
	case d.Seal.Manifest == "" || d.Seal.Key == "":
		return residency.Unknown, "the run bears no seal"
	case len(d.Manifest.Problems)+len(d.Seal.Failed) > 0:
		return residency.Unknown, "sealing left " + counted(len(d.Manifest.Problems)+len(d.Seal.Failed), "problem") + ": see how to verify"
	case d.Seal.Published == "":
		return residency.Pass, "signed and logged; no outside witness keeps the log's checkpoints"
	}
	return residency.Pass, "signed, logged, and the log's checkpoints are published"
}

func waiversInForce(r residency.Report) (residency.Outcome, string) {
	inForce, expired := 0, 0
	for _, w := range registered(r) {
		switch {
		case w.Status == residency.WaiverActive || w.Status == residency.WaiverExpiring:
			inForce++
		case w.Status == residency.WaiverExpired && w.Matched > 0:
			expired++
		}
	}
	switch {
	case len(registered(r)) == 0 && r.Summary.Totals[residency.Waived] == 0:
		return residency.NotApplicable, "there are no waivers"
	case len(registered(r)) == 0:
		return residency.Unknown, "the register of waivers is not known"
	case expired > 0:
		return residency.Fail, counted(expired, "expired waiver") + " would cover a violation; the violation stands"
	}
	return residency.Pass, counted(len(registered(r)), "waiver") + ", " + strconv.Itoa(inForce) + " of them in force"
}

func readOnly(r residency.Report) (residency.Outcome, string) {
	if r.Dossier == nil || r.Dossier.Calls.Total == 0 {
		return residency.NotApplicable, "no call is on record"
	}
	return residency.Pass, counted(r.Dossier.Calls.Total, "call") + ", each among the operations that the scanners declare"
}
