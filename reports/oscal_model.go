package reports

// The parts of OSCAL assessment results, by its own names.

type oscalObservation struct {
	UUID        string         `json:"uuid"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Props       []oscalProp    `json:"props,omitempty"`
	Methods     []string       `json:"methods"`
	Subjects    []oscalSubject `json:"subjects,omitempty"`
	Collected   string         `json:"collected"`
	Remarks     string         `json:"remarks,omitempty"`
}

type oscalSubject struct {
	UUID  string `json:"subject-uuid"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type oscalFinding struct {
	UUID         string         `json:"uuid"`
	Title        string         `json:"title"`
	Description  string         `json:"description"`
	Props        []oscalProp    `json:"props,omitempty"`
	Target       oscalTarget    `json:"target"`
	Observations []oscalRelated `json:"related-observations"`
	Risks        []oscalRiskRef `json:"related-risks,omitempty"`
}

type oscalTarget struct {
	Type   string      `json:"type"`
	ID     string      `json:"target-id"`
	Status oscalStatus `json:"status"`
}

type oscalStatus struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Remarks string `json:"remarks,omitempty"`
}

type oscalRelated struct {
	UUID string `json:"observation-uuid"`
}

type oscalRiskRef struct {
	UUID string `json:"risk-uuid"`
}

type oscalRisk struct {
	UUID         string         `json:"uuid"`
	Title        string         `json:"title"`
	Description  string         `json:"description"`
	Statement    string         `json:"statement"`
	Props        []oscalProp    `json:"props,omitempty"`
	Status       string         `json:"status"`
	Deadline     string         `json:"deadline,omitempty"`
	Observations []oscalRelated `json:"related-observations,omitempty"`
}

type oscalItem struct {
	UUID        string      `json:"uuid"`
	Description string      `json:"description"`
	Props       []oscalProp `json:"props,omitempty"`
}

type oscalEntry struct {
	UUID        string `json:"uuid"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Start       string `json:"start"`
	End         string `json:"end,omitempty"`
}

// oscalHead is what stands before the observations, and oscalTail what stands behind: the tail refers to them, and they come one
// by one.
type oscalHead struct {
	UUID        string        `json:"uuid"`
	Title       string        `json:"title"`
	Description string        `json:"description"`
	Start       string        `json:"start"`
	End         string        `json:"end,omitempty"`
	Props       []oscalProp   `json:"props,omitempty"`
	Reviewed    oscalReviewed `json:"reviewed-controls"`
}

type oscalTail struct {
	Local    *oscalLocal    `json:"local-definitions,omitempty"`
	Risks    []oscalRisk    `json:"risks,omitempty"`
	Findings []oscalFinding `json:"findings"`
	Log      oscalLog       `json:"assessment-log"`
	Remarks  string         `json:"remarks"`
}

type oscalLocal struct {
	Items []oscalItem `json:"inventory-items"`
}

type oscalLog struct {
	Entries []oscalEntry `json:"entries"`
}
