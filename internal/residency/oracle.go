package residency

// Reconciled is the inventory held against what another source knows: every account, region or ARN that the oracle knows, of a
// scanned kind, must be in the inventory. A surplus in the inventory says nothing.
type Reconciled struct {
	Oracle    string   `json:"oracle"` // organizations, regions, tagging, config, billing
	Account   string   `json:"account,omitempty"`
	Region    string   `json:"region,omitempty"`
	What      string   `json:"what"`                // accounts, regions, resources
	Known     int      `json:"known"`               // to the oracle
	Inventory int      `json:"inventory"`           // of these, in the inventory
	Gone      int      `json:"gone,omitempty"`      // known to the oracle, and no longer there at a second look
	Missing   []string `json:"missing,omitempty"`   // the first 20, sorted
	Uncounted int      `json:"uncounted,omitempty"` // missing beside those 20
}

// NotJudged is an AWS service in use for which this version has no scanner.
type NotJudged struct {
	Service string `json:"service"` // as in its ARNs
	Account string `json:"account"`
	Region  string `json:"region"`
	Count   int    `json:"count"`
	Data    bool   `json:"data"` // it can hold customers' data: the run is not concluded
	By      string `json:"by"`   // the oracle that knows it
}
