package audit

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

const taleConfig = `version: 1
zones:
  eu: {name: European Union, regions: [eu-west-1, eu-central-1]}
  au: {name: Australia, regions: [ap-southeast-2]}
  us: {name: United States, regions: [us-east-1], promise: false}
assign:
  - {arn: "arn:aws:s3:::mid-*", zone: none, reason: passes on, owner: platform}
  - {arn: "arn:aws:s3:::copy-*", zone: none, reason: copies, owner: platform}
  - {arn: "arn:aws:logs:*:*:log-group:copy-*", zone: none, reason: copies, owner: platform}
  - {tag: data-residency}
`

// tale keeps run after run in one store.
type tale struct {
	store, config string
	zones         map[string]residency.Zone
	rules         *policies.Engine
	n             int
}

// taleNight is what one night sees.
type taleNight struct {
	day       int    // of the snapshot
	begun     int    // day of the run, where that is later
	config    string // empty: the tale's
	waivers   string
	accounts  []string // nil: 111111111111 and 222222222222
	regions   []string
	scanners  map[string]string
	unread    bool     // the organisation's accounts
	resources []string // JSON; the account is 111111111111 unless given
	// lines are those that are not complete; Without leaves lines out.
	lines   []residency.Coverage
	without []string // "scanner account region"
}

func newTale(t testing.TB) *tale {
	t.Helper()
	zones, err := policies.Zones()
	if err != nil {
		t.Fatal(err)
	}
	return &tale{store: filepath.Join(t.TempDir(), "runs"), config: taleConfig, zones: zones, rules: engine}
}

var taleScanners = map[string]string{"s3": "global", "s3control": "global", "rds": "regional", "dynamodb": "regional", "cloudwatchlogs": "regional", "cloudtrail": "regional"}

// header fills in what the night does not say.
func (n *taleNight) header(at time.Time) residency.Header {
	if n.accounts == nil {
		n.accounts = []string{"111111111111", "222222222222"}
	}
	if n.regions == nil {
		n.regions = []string{"eu-west-1", "us-east-1"}
	}
	if n.scanners == nil {
		n.scanners = taleScanners
	}
	h := residency.Header{Schema: 1, Run: at, Tool: "t", Partition: "aws", Scope: &residency.Scope{Accounts: n.accounts, Regions: n.regions, Scanners: n.scanners,
		OrganizationAccounts: []string{"111111111111", "222222222222"}}}
	if n.unread {
		h.Scope.OrganizationAccounts = nil
	}
	return h
}

// write writes the snapshot.
func (n *taleNight) write(t testing.TB, path string, at time.Time) {
	t.Helper()
	w, err := snapshot.Create(path, n.header(at))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range n.resources {
		var r residency.Resource
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if r.Account == "" {
			r.Account = "111111111111"
		}
		if err := w.Resource(&r); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range n.coverage() {
		if err := w.Coverage(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// coverage is a line for each scanner, account and region of the scope: those of the night, and complete ones.
func (n *taleNight) coverage() (all []residency.Coverage) {
	for _, scanner := range slices.Sorted(maps.Keys(n.scanners)) {
		regions := n.regions
		if n.scanners[scanner] == residency.ScopeGlobal {
			regions = []string{residency.GlobalRegion}
		}
		for _, account := range n.accounts {
			for _, region := range regions {
				c := residency.Coverage{Scanner: scanner, Account: account, Region: region, Status: residency.Complete}
				if i := slices.IndexFunc(n.lines, func(l residency.Coverage) bool {
					return l.Scanner == scanner && l.Account == account && l.Region == region
				}); i >= 0 {
					c = n.lines[i]
				}
				if !slices.Contains(n.without, scanner+" "+account+" "+region) {
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// keep keeps a night and returns its folder.
func (s *tale) keep(t testing.TB, n taleNight) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), snapshot.FileName)
	n.write(t, path, n.at())
	k := s.keeper(t, n)
	signer, err := evidence.MakeSigner(s.store)
	if err != nil {
		t.Fatal(err)
	}
	k.Signer = signer
	run, err := k.Snapshot(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return run.Dir
}

func (n *taleNight) at() time.Time { return firstNight.AddDate(0, 0, n.day) }

func (s *tale) keeper(t testing.TB, n taleNight) *Keeper {
	t.Helper()
	s.n++
	begun := firstNight.AddDate(0, 0, max(n.day, n.begun)).Add(time.Duration(s.n) * time.Second)
	return &Keeper{Engine: s.rules, Config: s.configOf(t, n), Store: s.store, ID: evidence.RunID(begun, [3]byte{byte(s.n >> 8), byte(s.n)}), Tool: "1", Now: func() time.Time { return begun }}
}

func (s *tale) configOf(t testing.TB, n taleNight) *config.Config {
	t.Helper()
	text := s.config
	if n.config != "" {
		text = n.config
	}
	if n.waivers != "" {
		text += "waivers: waivers.yaml\n"
	}
	cfg, err := config.Parse("domicile.yaml", []byte(text), s.zones)
	if err != nil {
		t.Fatal(err)
	}
	if n.waivers != "" {
		if err := cfg.ParseWaivers("waivers.yaml", []byte(n.waivers), s.rules.Controls()); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// judge does of a night what counts for the next one, without the sealing: it follows upon the run in before, if any.
func (s *tale) judge(t testing.TB, n taleNight, before string) string {
	t.Helper()
	k := s.keeper(t, n)
	p, err := evidence.Begin(k.Store, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	n.write(t, p.Path(snapshot.FileName), n.at())
	if before != "" {
		if k.carried, err = openAfter(before, n.at().AddDate(0, 0, -1)); err != nil {
			t.Fatal(err)
		}
	}
	summary, _, err := k.judge(t.Context(), p, share{config: k.Config, carried: k.carried})
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{summaryName: summary, evidence.ManifestName: residency.Manifest{Run: k.ID, Observed: summary.Run}} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p.Path(name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return p.Dir()
}

// stands says how each violation stands after a run, those that it proved ended among them.
func stands(t testing.TB, dir string) map[string]string {
	t.Helper()
	r, err := readRun(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for v, now := range r.states {
		text := string(now.State)
		if now.Detail != "" {
			text += ": " + now.Detail
		}
		all[fmt.Sprint(strings.Join(strings.Fields(strings.Join([]string{v.Control, v.Resource, v.Zone, string(v.Role), v.Region, v.Account, v.Target}, " ")), " "))] = text
	}
	return all
}

func gapLine(scanner, account, region, call, resource string) residency.Coverage {
	return residency.Coverage{Scanner: scanner, Account: account, Region: region, Status: residency.Partial,
		Gaps: []residency.Gap{{Call: call, Class: residency.ClassThrottled, Resource: resource}}}
}

func deniedLine(scanner, account, region string) residency.Coverage {
	return residency.Coverage{Scanner: scanner, Account: account, Region: region, Status: residency.Denied, Gaps: []residency.Gap{{Call: "List", Class: residency.ClassDenied}}}
}
