package residency

import (
	"iter"
	"time"
)

// AccountRegions counts the account-regions of the regional scanners, each once.
type AccountRegions struct {
	Planned  int `json:"planned"`
	Examined int `json:"examined"`
	Denied   int `json:"denied"`
	Disabled int `json:"disabled"`
	Failed   int `json:"failed"`
}

// RunGap is a gap with the coverage line that it stands in. Scanner, account and region are empty where the scope itself
// is missing a line.
type RunGap struct {
	Scanner string `json:"scanner"`
	Account string `json:"account"`
	Region  string `json:"region"`
	Input   string `json:"input,omitempty"` // the plan or template that it is of
	Gap
}

// InputCount counts the plans and templates of a change.
type InputCount struct {
	Given int `json:"given"`
	Read  int `json:"read"` // whole, or with gaps
}

// CoverageSummary is the part of the summary that says what was examined.
type CoverageSummary struct {
	AccountRegions AccountRegions `json:"account_regions"`
	Inputs         *InputCount    `json:"inputs,omitempty"` // of a change; nil where the cloud was observed
	Gaps           []RunGap       `json:"gaps"`
}

// Summary is summary.json: the whole of a run but its verdicts.
type Summary struct {
	Conclusion Conclusion                 `json:"conclusion"`
	Totals     map[Outcome]int            `json:"totals"`
	Controls   map[string]map[Outcome]int `json:"controls"`
	Coverage   CoverageSummary            `json:"coverage"`
	Scope      *Scope                     `json:"scope,omitempty"`
	Complete   bool                       `json:"complete"` // false: interrupted; what is missing is a gap of class cancelled
	Run        time.Time                  `json:"run"`      // the snapshot's time
	Zones      []ZoneCount                `json:"zones"`    // one for each zone of the configuration, in its order
	NoZone     []NoZoneStore              `json:"none,omitempty"`
	Unassigned []AssignHint               `json:"unclassified,omitempty"` // the commonest patterns, at most 20
	Notes      []string                   `json:"notes,omitempty"`
	// Waivers is the register as it stood; Oracles is the inventory held against what others know; NotJudged are the services in
	// use for which there is no scanner.
	Waivers   []WaiverState `json:"waivers,omitempty"`
	Oracles   []Reconciled  `json:"oracles,omitempty"`
	NotJudged []NotJudged   `json:"not_judged,omitempty"`
	// Fails counts the unwaived fails by severity, and Open says that an unknown or a gap keeps the run from a pass: what an
	// exit code is made of.
	Fails map[Severity]int `json:"fails"`
	Open  bool             `json:"open"`
	// Parts are the stores that hold the rest of a divided run. Their counts are in Totals, Controls, Zones, Fails, Open and the
	// conclusion; their verdicts are not among this run's.
	Parts []Part `json:"parts,omitempty"`
}

// OfChange reports whether it was a change that was judged before its deployment, and not the cloud.
func (s *Summary) OfChange() bool { return s.Coverage.Inputs != nil }

// ZoneCount says how the data stores of a zone came to it.
type ZoneCount struct {
	Zone
	Stores map[Basis]int `json:"stores"` // assigned data stores by the form of rule
}

// NoZoneStore is a data store under zone none, with the reason that the configuration gives.
type NoZoneStore struct {
	Resource string `json:"resource"`
	Kind     string `json:"kind"`
	Reason   string `json:"reason"`
	Owner    string `json:"owner"`
}

// AssignHint is one pattern of unclassified data stores, with a line of assign that would match it.
type AssignHint struct {
	Kind    string `json:"kind"`
	Stem    string `json:"stem"`
	Account string `json:"account"`
	Count   int    `json:"count"`
	Line    string `json:"line"` // a line to review and paste; none is applied by itself
}

// Report is all that a format receives: no clock, no terminal, no environment.
type Report struct {
	Summary  Summary
	Controls map[string]Control // by id
	// Verdicts yields the verdicts in file order: those that are neither pass nor not_applicable, unless Passes.
	Verdicts iter.Seq2[Verdict, error]
	Passes   bool
	Width    int    // columns of the table, 0 for the default of 100
	Color    bool   // the writer may colour; words stand beside colours always
	Command  string // how the user would list the rest: "domicile judge FILE -o csv"
	Base     string // the file's name without folder and extension, for links between the files of a report; empty: stdout
	// Locate is where a resource, or the setting that via names, is declared; nil where it is the cloud that was observed.
	Locate  func(resource, via string) Location
	Dossier *Dossier // nil: of a bare snapshot, not of a kept run
}
