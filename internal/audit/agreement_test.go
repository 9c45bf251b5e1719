package audit

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/scanners/plan"
)

const agreement = "testdata/agreement"

// described is one resource of the estate of three-zones as each side names it. A side that has no name for it has a reason.
type described struct {
	arn, reason string
	planned     map[string]string // address by language
}

// languages are the columns of the tables, with the input that describes the estate in each.
var languages = []struct {
	name  string
	input func(*testing.T) plan.Input
}{
	{"terraform", func(t *testing.T) plan.Input {
		data, err := os.ReadFile(filepath.Join(agreement, "plan.json"))
		if err != nil {
			t.Fatal(err)
		}
		return plan.Input{Name: "plan.json", Data: bytes.NewReader(data), Size: int64(len(data))}
	}},
	{"cloudformation", func(*testing.T) plan.Input {
		return plan.Input{Name: "cdk.out", Dir: os.DirFS(filepath.Join(agreement, "cdk.out"))}
	}},
}

// TestAgreement judges one estate thrice: as AWS answered the scan of three-zones, as a Terraform plan, and as CloudFormation
// templates. Resource by resource, every control has to come to the same for the same zone: outcome, severity, what decides and the
// path. What cannot agree stands in differences.csv with its reason, and is held to that too.
func TestAgreement(t *testing.T) {
	run := scanStory(t)
	file := filepath.Join(run.Dir, snapshot.FileName)
	table := readResources(t)
	tableIsWhole(t, table, "arn", func(d described) string { return d.arn }, resourcesOf(t, file))
	live := map[judged]residency.Verdict{}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(run.Dir, snapshot.VerdictsFileName)) {
		if err != nil {
			t.Fatal(err)
		}
		live[judged{v.Control, v.Resource, v.Zone}] = v
	}
	differences := readDifferences(t)
	for _, l := range languages {
		t.Run(l.name, func(t *testing.T) {
			planned, resources := checkStory(t, l.input(t))
			tableIsWhole(t, table, l.name, func(d described) string { return d.planned[l.name] }, resources)
			sameResources(t, table, l.name, resourcesOf(t, file), resources, differences)
			c := comparison{table: table, language: l.name, live: live, planned: planned}
			c.compare(t, differences)
		})
	}
}

// checkStory judges a change with the configuration of three-zones.
func checkStory(t *testing.T, in plan.Input) (map[judged]residency.Verdict, map[string]residency.Resource) {
	t.Helper()
	ctx := context.Background()
	cfg := storyConfig(t)
	c := Check{Judge: NewJudge(engine, cfg), Config: cfg, Inputs: []plan.Input{in}, Dir: t.TempDir(), Tool: "test", Now: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)}
	var out bytes.Buffer
	result, err := c.Run(ctx, func(residency.Outcome) bool { return true }, &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range result.Summary.Coverage.Gaps {
		if g.Call != plan.OwnerGap { // those are verdicts of RES-012 too
			t.Errorf("a gap: %+v", g)
		}
	}
	verdicts := map[judged]residency.Verdict{}
	for line := range strings.Lines(out.String()) {
		var v residency.Verdict
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		verdicts[judged{v.Control, v.Resource, v.Zone}] = v
	}
	return verdicts, resourcesOf(t, filepath.Join(c.Dir, "after.ndjson"))
}

func resourcesOf(t *testing.T, path string) map[string]residency.Resource {
	t.Helper()
	f, err := snapshot.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all := map[string]residency.Resource{}
	err = f.Each(context.Background(), func(r *residency.Resource) error {
		line, err := snapshot.AppendResource(nil, r) // what Each gives is valid only now
		if err != nil {
			return err
		}
		var own residency.Resource
		if err := json.Unmarshal(line, &own); err != nil {
			return err
		}
		all[own.ID] = own
		return nil
	}, func(*residency.Coverage) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// tableIsWhole: every resource of a side stands in the table, and the table names no other.
func tableIsWhole(t *testing.T, table []described, side string, name func(described) string, resources map[string]residency.Resource) {
	t.Helper()
	named := map[string]bool{}
	for _, d := range table {
		id := name(d)
		if id == "" && d.reason == "" {
			t.Errorf("resources.csv says neither what %s is in %s nor why it is nothing there", cmp.Or(d.arn, fmt.Sprint(d.planned)), side)
		}
		if _, there := resources[id]; id != "" && !there {
			t.Errorf("resources.csv names %s in column %s, which is not there", id, side)
		}
		named[id] = true
	}
	for id := range resources {
		if !named[id] {
			t.Errorf("resources.csv leaves out %s of column %s", id, side)
		}
	}
}

// sameResources: a planned resource is of the kind, in the place and has the ARN of the live one, as far as that is known, and its data
// goes to the same places, unless differences.csv names a verdict on it.
func sameResources(t *testing.T, table []described, language string, live, planned map[string]residency.Resource, differences map[judged]map[string]string) {
	t.Helper()
	differs := map[string]bool{}
	for k := range differences {
		differs[k.resource] = true
	}
	for _, d := range table {
		l, p := live[d.arn], planned[d.planned[language]]
		if l.ID == "" || p.ID == "" {
			continue
		}
		if l.Kind != p.Kind || l.Account != p.Account || l.Region != p.Region || !residency.NewGlob(p.ARN).Match(l.ID) {
			t.Errorf("%s is %s %s in %s of %s, and %s is %s %s in %s of %s", l.ID, l.Kind, l.ID, l.Region, l.Account, p.ID, p.Kind, p.ARN, p.Region, p.Account)
		}
		if is, was := places(l.Placements, l.Account), places(p.Placements, p.Account); !slices.Equal(is, was) && !differs[l.ID] {
			t.Errorf("%s: %s in the cloud, %s in %s", l.ID, is, was, language)
		}
	}
}

// places are where the placements of a resource of that account are, each once.
func places(all []residency.Placement, own string) (found []string) {
	for _, p := range all {
		where := string(p.Role) + " in " + cmp.Or(p.Region, "?")
		if p.Account != "" && p.Account != own {
			where += " of " + p.Account
		}
		found = append(found, where)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// judged is what a verdict is about.
type judged struct{ control, resource, zone string }

// comparison holds the verdicts on a change against those on the cloud.
type comparison struct {
	table         []described
	language      string
	live, planned map[judged]residency.Verdict
}

func (c comparison) compare(t *testing.T, differences map[judged]map[string]string) {
	t.Helper()
	arns := map[string]string{}
	for _, d := range c.table {
		arns[d.planned[c.language]] = d.arn
	}
	keys := map[judged]bool{}
	for k := range c.planned {
		if arn := arns[k.resource]; arn != "" {
			keys[judged{k.control, arn, k.zone}] = true
		} else if o := c.planned[k].Outcome; o == residency.Fail || o == residency.Unknown {
			t.Errorf("%s of %s, which is nothing in the cloud, is %s for %s", k.resource, c.language, o, k.control)
		}
	}
	address := map[string]string{}
	for _, d := range c.table {
		address[d.arn] = d.planned[c.language]
	}
	for k := range c.live {
		if address[k.resource] != "" {
			keys[k] = true
		}
	}
	agreed := map[residency.Outcome]int{}
	for k := range keys {
		l, p := c.live[k], c.planned[judged{k.control, address[k.resource], k.zone}]
		is, was := inShort(l), inShort(p)
		want, listed := differences[k]
		switch {
		case listed && (want["live"] != is || want[c.language] != was):
			t.Errorf("differences.csv says of %+v %q and %q; it is %q and %q", k, want["live"], want[c.language], is, was)
		case !listed && is != was:
			t.Errorf("%+v: %s in the cloud, %s in %s (%s)", k, is, was, c.language, p.Reason)
		case is == was && l.Outcome != "":
			agreed[l.Outcome]++
			c.samePath(t, arns, l, p)
		}
	}
	for k := range differences {
		if !keys[k] && address[k.resource] != "" {
			t.Errorf("differences.csv: there is no verdict on %+v", k)
		}
	}
	t.Logf("the same in the cloud and in %s: %v", c.language, agreed)
	if agreed[residency.Fail] < 40 || agreed[residency.Pass] < 250 { // a table that shrinks would agree too
		t.Errorf("only %v agree", agreed)
	}
}

func (c comparison) samePath(t *testing.T, arns map[string]string, live, planned residency.Verdict) {
	t.Helper()
	path := slices.Clone(planned.Path)
	for i, step := range path {
		path[i] = cmp.Or(arns[step], step)
	}
	if !slices.Equal(live.Path, path) || live.Severity != planned.Severity {
		t.Errorf("%s on %s: %s by %v in the cloud, %s by %v in %s", live.Control, live.Resource, live.Severity, live.Path, planned.Severity, path, c.language)
	}
}

// inShort is a verdict in short: the outcome, and each placement that decides it with its role, region and foreign account.
func inShort(v residency.Verdict) string {
	if v.Outcome == "" {
		return "-"
	}
	return strings.Join(append([]string{string(v.Outcome)}, places(v.Placements, v.Account)...), ", ")
}

func readResources(t *testing.T) (all []described) {
	t.Helper()
	for _, line := range readCSV(t, "resources.csv") {
		all = append(all, described{arn: line["arn"], reason: line["reason"], planned: line})
	}
	return all
}

// readDifferences are the verdicts that cannot agree, by ARN: what each side says.
func readDifferences(t *testing.T) map[judged]map[string]string {
	t.Helper()
	all := map[judged]map[string]string{}
	for _, line := range readCSV(t, "differences.csv") {
		if line["reason"] == "" {
			t.Errorf("differences.csv gives no reason for %v", line)
		}
		all[judged{line["control"], line["arn"], line["zone"]}] = line
	}
	return all
}

func readCSV(t *testing.T, name string) (all []map[string]string) {
	t.Helper()
	f, err := os.Open(filepath.Join(agreement, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		one := map[string]string{}
		for i, column := range lines[0] {
			one[column] = line[i]
		}
		all = append(all, one)
	}
	return all
}
