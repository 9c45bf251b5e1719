package audit

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/policies"
)

// firstNight of the period that the tests keep.
var firstNight = time.Date(2026, 8, 25, 2, 0, 0, 0, time.UTC)

const periodConfig = `version: 1
organization: {name: Example GmbH, system: Messaging}
zones:
  eu: {name: European Union, regions: [eu-west-1]}
assign:
  - {tag: data-residency}
commitments: [{id: C-1, text: EU workspace data stays in the EU}]
controls: [{id: CTL-1, text: Copies stay in the zone, owner: security, frequency: daily, commitment: C-1, checks: [RES-001, RES-002]}]
`

// periodWaivers holds one that covers the replica abroad until day 54.
var periodWaivers = fmt.Sprintf(`version: 1
waivers:
  - {id: W-1, control: RES-001, scope: {resource: "arn:aws:s3:::acme-eu-files", to: {region: us-east-1}}, reason: migration, risk: low, owner: team, approver: security, ticket: T-1, from: %q, expires: %q}
`, dayOf(0), dayOf(54))

// nightly keeps one run of a small estate in store.
type nightly struct {
	store string
	tool  string
	more  string           // added to the configuration
	rules *policies.Engine // nil: the shipped
}

func (n *nightly) keep(t testing.TB, day int, replica, gap, account bool) string {
	t.Helper()
	at := firstNight.AddDate(0, 0, day)
	zones, err := policies.Zones()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse("domicile.yaml", []byte(periodConfig+n.more), zones)
	if err != nil {
		t.Fatal(err)
	}
	if n.rules == nil {
		n.rules = engine
	}
	if cfg.Waivers != "" {
		if err := cfg.ParseWaivers("waivers.yaml", []byte(periodWaivers), n.rules.Controls()); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "s.ndjson")
	if err := os.WriteFile(path, []byte(estateOf(at, replica, gap, account)), 0o644); err != nil {
		t.Fatal(err)
	}
	signer, err := evidence.MakeSigner(n.store)
	if err != nil {
		t.Fatal(err)
	}
	k := &Keeper{Engine: n.rules, Config: cfg, Store: n.store, ID: evidence.RunID(at, [3]byte{byte(day)}), Tool: n.tool, Signer: signer, Now: func() time.Time { return at }}
	run, err := k.Snapshot(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return run.Dir
}

// estateOf is a snapshot of one bucket, with a replica abroad, a denied call or a second account where it is asked for.
func estateOf(at time.Time, replica, gap, account bool) string {
	accounts, more, gaps, status := `"111111111111"`, "", "[]", "complete"
	if replica {
		more = `,{"role":"replica","region":"us-east-1","account":"111111111111","target":"arn:aws:s3:::acme-us-copy","via":"rule all"}`
	}
	if gap {
		gaps, status = `[{"call":"ListBuckets","class":"denied","detail":"the audit role lacks s3:ListAllMyBuckets: allow it"}]`, "partial"
	}
	lines := []string{"", fmt.Sprintf(`{"resource":{"id":"arn:aws:s3:::acme-eu-files","kind":"s3.bucket","account":"111111111111","region":"eu-west-1","name":"acme-eu-files","tags":{"data-residency":"eu"},"placements":[{"role":"primary","region":"eu-west-1","account":"111111111111"}%s]}}`, more),
		fmt.Sprintf(`{"coverage":{"scanner":"s3","account":"111111111111","region":"global","status":%q,"resources":1,"gaps":%s}}`, status, gaps)}
	coverage := 1
	if account {
		accounts += `,"222222222222"`
		lines = append(lines, `{"coverage":{"scanner":"s3","account":"222222222222","region":"global","status":"complete","resources":0,"gaps":[]}}`)
		coverage++
	}
	lines[0] = fmt.Sprintf(`{"snapshot":{"schema":1,"run":%q,"tool":"t","partition":"aws","scope":{"accounts":[%s],"regions":["eu-west-1"],"scanners":{"s3":"global"},"organization_accounts":["111111111111","222222222222"],"narrowed":false}}}`, at.Format(time.RFC3339), accounts)
	lines = append(lines, fmt.Sprintf(`{"end":{"resources":1,"coverage":%d}}`, coverage))
	return strings.Join(lines, "\n") + "\n"
}

// ninetyNights keeps a period in which a night is missed (day 20), one late (30), one partial (40), a violation is opened (50) under a
// waiver that runs out (after 54) and fixed (60), the configuration (70), the policies (72) and the tool (75) change, and an account
// joins (80).
func ninetyNights(t testing.TB) (store string) {
	t.Helper()
	n := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1.0.0", more: "waivers: waivers.yaml\n"}
	for day := range 90 {
		switch day {
		case 20:
			continue
		case 30:
			signer, err := evidence.OwnSigner(n.store)
			if err != nil {
				t.Fatal(err)
			}
			at := firstNight.AddDate(0, 0, day).Add(-time.Hour)
			if err := evidence.Heartbeat(t.Context(), n.store, signer, evidence.KindFailed, evidence.RunID(at, [3]byte{1}), at, "no credentials"); err != nil {
				t.Fatal(err)
			}
		case 70:
			n.more += "signing: {key_file: key.pem}\n"
		case 72:
			n.rules = otherPolicies(t)
		case 75:
			n.tool = "1.1.0"
		}
		n.keep(t, day, day >= 50 && day < 60, day == 40, day >= 80)
	}
	return n.store
}

// otherPolicies are the shipped ones with a comment more: others, by their digest.
func otherPolicies(t testing.TB) *policies.Engine {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, policies.Shipped()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "controls", "replicas_inside", "policy.rego")
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(source, "\n# reviewed\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := policies.LoadFS(t.Context(), os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func dayOf(n int) string { return firstNight.AddDate(0, 0, n).Format(time.DateOnly) }

func TestNinetyNights(t *testing.T) {
	store := ninetyNights(t)
	p, dir, err := PeriodOf(t.Context(), store, dayOf(0), dayOf(89))
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(dir)[:8] != strings.ReplaceAll(dayOf(89), "-", "") {
		t.Errorf("the period is reported by %s", dir)
	}
	if len(p.Nights) != 90 || p.Longest != 1 {
		t.Errorf("%d nights, longest gap %d", len(p.Nights), p.Longest)
	}
	want := map[int]residency.NightState{20: residency.NightMissed, 30: residency.NightLate, 40: residency.NightPartial}
	for i, n := range p.Nights {
		state, special := want[i]
		if !special {
			state = residency.NightDone
		}
		if n.State != state || n.Date != dayOf(i) || special == (n.Reason == "") {
			t.Errorf("night %d: %+v", i, n)
		}
		if fails := i >= 55 && i < 60; fails != (n.Conclusion == residency.ConcludeFail) || fails != (n.Violations > 0) {
			t.Errorf("night %d: %+v", i, n)
		}
		if waived := i >= 50 && i < 55; waived != (n.Waived > 0) {
			t.Errorf("night %d: %+v", i, n)
		}
	}
	if len(p.Spells) != 1 || p.Spells[0].FirstSeen != dayOf(50) || p.Spells[0].LastSeen != dayOf(59) || p.Spells[0].Ended != dayOf(60) || p.Spells[0].DaysOpen != 10 || p.Spells[0].Open {
		t.Errorf("spells %+v", p.Spells)
	}
	changes := []string{}
	for _, c := range p.Changes {
		text := c.Date + " " + c.What
		if strings.HasPrefix(c.What, "waiver") {
			text += " " + c.To
		}
		changes = append(changes, text)
	}
	if want := []string{dayOf(40) + " waiver W-1 expiring", dayOf(55) + " waiver W-1 expired", dayOf(70) + " configuration", dayOf(72) + " policies",
		dayOf(75) + " tool", dayOf(80) + " account"}; !slices.Equal(changes, want) {
		t.Errorf("changes %q, want %q", changes, want)
	}
}

// TestPartialNightClosesNothing: what a night did not examine may still be there.
func TestPartialNightClosesNothing(t *testing.T) {
	n := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1"}
	n.keep(t, 0, true, false, false)
	n.keep(t, 1, false, true, false)
	p, _, err := PeriodOf(t.Context(), n.store, dayOf(0), dayOf(1))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Spells) != 1 || !p.Spells[0].Open || p.Spells[0].LastSeen != dayOf(0) || p.Spells[0].DaysOpen != 2 {
		t.Errorf("%+v", p.Spells)
	}
	for _, bad := range [][2]string{{"2026-13-01", dayOf(1)}, {dayOf(1), dayOf(0)}, {"2020-01-01", "2020-01-02"}, {"yesterday", "today"}} {
		if _, _, err := PeriodOf(t.Context(), n.store, bad[0], bad[1]); err == nil {
			t.Errorf("%v is accepted", bad)
		}
	}
}

// TestOpenKeptRun reads a run for a report: sample, population, coverage; the same seed gives the same.
func TestOpenKeptRun(t *testing.T) {
	n := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1"}
	dir := n.keep(t, 0, true, false, true)
	k, err := Open(t.Context(), dir, Sampling{Size: 5})
	if err != nil {
		t.Fatal(err)
	}
	d := k.Dossier
	if d.Organization != "Example GmbH" || len(d.Commitments) != 1 || len(d.Controls) != 1 || len(d.Coverage) != 2 || len(d.Frameworks) < 9 || d.SampleSeed != d.Seal.Manifest {
		t.Errorf("%+v", d)
	}
	if len(d.Population) != 1 || d.Population[0].Count != 1 || d.Population[0].Stores != 1 {
		t.Errorf("population %+v", d.Population)
	}
	if len(d.Samples) != 1 || len(d.Samples[0].Verdicts) < 2 || d.Samples[0].Command != "aws s3api get-bucket-location --bucket acme-eu-files --region eu-west-1" {
		t.Errorf("samples %+v", d.Samples)
	}
	if err := os.WriteFile(filepath.Join(dir, "summary.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Sampling{}); err == nil || !strings.Contains(err.Error(), "does not verify (summary.json") {
		t.Error(err)
	}
}

// TestPicks: the sample depends on the seed and the ids, not on the order, and is as large as asked.
func TestPicks(t *testing.T) {
	draw := func(seed string, reverse bool) (ids []string) {
		p := newPicks(seed, 10)
		for i := range 1000 {
			if reverse {
				i = 999 - i
			}
			p.offer(&residency.Resource{ID: fmt.Sprint("arn:", i)})
		}
		for _, own := range p.own {
			ids = append(ids, own.resource.ID)
		}
		return ids
	}
	a := draw("seed", false)
	if len(a) != 10 || !slices.Equal(a, draw("seed", true)) || slices.Equal(a, draw("another", false)) {
		t.Errorf("%v", a)
	}
}

// TestReperform: a run that was judged otherwise than its own policies judge does not verify, although it was sealed well.
func TestReperform(t *testing.T) {
	n := &nightly{store: filepath.Join(t.TempDir(), "runs"), tool: "1"}
	dir := n.keep(t, 0, true, false, false)
	if c, err := Verify(t.Context(), dir, nil, "1"); err != nil || len(c.Problems) > 0 {
		t.Fatalf("%v %v", err, c.Problems)
	}
	problems, err := reperform(t.Context(), dir, residency.Manifest{Verdicts: "other", Policies: "other", Config: "other", Conclusion: residency.ConcludeFail})
	if err != nil || len(problems) != 3 {
		t.Errorf("%v %v", err, problems)
	}
}

func TestProofOf(t *testing.T) {
	r := &residency.Resource{ID: "arn:aws:s3:::acme-eu-files", Kind: "s3.bucket", Account: "1", Region: "eu-west-1", Name: "acme-eu-files"}
	call := func(scanner, account, place string, input map[string]any) *residency.CallRecord {
		return &residency.CallRecord{Scanner: scanner, Account: account, Place: place, Input: input}
	}
	for name, tc := range map[string]struct {
		call *residency.CallRecord
		want proof
	}{
		"list":            {call("s3", "1", "global", map[string]any{"MaxBuckets": 1000.0}), proofListed},
		"named":           {call("s3", "1", "global", map[string]any{"Bucket": "acme-eu-files"}), proofNamed},
		"named in a list": {call("s3", "1", "eu-west-1", map[string]any{"Names": []any{"a", "acme-eu-files"}}), proofNamed},
		"another":         {call("s3", "1", "global", map[string]any{"Bucket": "acme-au-files"}), proofNone},
		"other account":   {call("s3", "2", "global", nil), proofNone},
		"other region":    {call("s3", "1", "us-east-1", nil), proofNone},
		"other scanner":   {call("rds", "1", "global", nil), proofNone},
	} {
		if got := proofOf(tc.call, r); got != tc.want {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
