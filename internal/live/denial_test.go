//go:build live

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// deniedServices are those of the clean estate whose signatures moto can check. It rejects those of Route 53, GuardDuty and
// S3 Vectors whatever the policy says.
const deniedServices = "s3,configservice,elasticloadbalancing,elasticloadbalancingv2,firehose,kinesis,route53resolver,wafv2"

// motoAction names the permission by which moto decides, where AWS decides by another: it knows no name of its own for these.
var motoAction = map[string]string{
	"s3.GetBucketReplication":              "s3:ListBucket",
	"s3.ListBucketInventoryConfigurations": "s3:ListBucket",
	"s3.ListBucketAnalyticsConfigurations": "s3:ListBucket",
	"s3.GetBucketMetadataConfiguration":    "s3:ListBucket",
	"s3.GetPublicAccessBlock":              "s3:ListBucket",
	"s3.HeadBucket":                        "", // a name that nobody can grant: denied always
}

// notAsked are the calls for which the clean estate gives no reason; the conformance suite denies them.
var notAsked = []string{
	"configservice.ListTagsForResource",   // no aggregator
	"ec2.DescribeAvailabilityZones",       // no directory bucket
	"route53resolver.ListTagsForResource", // no configuration: moto finds no tags of one
	"s3.GetBucketPolicy of s3express",     // no directory bucket
	"s3control.GetPublicAccessBlock",      // nothing looks public
	"s3control.ListTagsForResource",       // no directory bucket
}

// exempt are the calls whose denial leaves no question open, with the reason; each is proved by the resources being the same.
var exempt = map[string]string{
	"account.ListRegions":                "EC2 answers the same",
	"organizations.DescribeOrganization": "nothing is shared with anybody",
	"organizations.ListAccounts":         "nothing is shared with anybody",
	"s3.HeadBucket":                      "the bucket's location answers the same; moto wants a permission of its own for it and so denies it always",
	"sts.AssumeRole":                     "one account only",
	"sts.GetCallerIdentity":              "AWS denies it to nobody",
	"s3.ListDirectoryBuckets":            "moto denies it always: it wants s3express:ListAllMyBuckets, which AWS does not know",
}

// call is one line of domicile list operations.
type call struct{ name, action string }

// TestDenials takes one permission at a time from a policy of exactly what domicile list operations prints. Each time there is a gap
// that names the call, and the run is not concluded.
func TestDenials(t *testing.T) {
	moto := startMoto(t)
	script(t, "estate.py", "clean", moto.url)
	narrowed := []string{"--accounts", "111111111111", "--regions", "eu-west-1"}
	allowed := scan(t, moto.caller(t, "111111111111"), deniedServices, narrowed...)
	if allowed.exit != 0 {
		t.Fatalf("exit %d without enforcement: %+v", allowed.exit, allowed.Coverage.Gaps)
	}
	calls := operations(t)
	users := makeUsers(t, moto, calls)
	moto.control(t, "/moto-api/reset-auth", "0") // from now on every call is checked

	as := func(without string, args ...string) outcome {
		user := users[without]
		return scan(t, environment(moto.url, user[0], user[1], ""), deniedServices, append(slices.Clone(narrowed), args...)...)
	}
	recording := t.TempDir()
	whole := as("", "--record", recording)
	if diff := cmp.Diff(resources(t, allowed.dir), resources(t, whole.dir)); diff != "" {
		t.Errorf("the listed permissions prove less than all (-all +listed):\n%s", diff)
	}
	asked := askedIn(t, recording)
	var silent []string
	for _, c := range calls {
		if !asked[c.name] {
			silent = append(silent, c.name)
			continue
		}
		t.Run(c.name, func(t *testing.T) { requireDenied(t, c, whole, as) })
	}
	slices.Sort(silent)
	if diff := cmp.Diff(notAsked, slices.DeleteFunc(slices.Compact(silent), func(name string) bool { return exempt[name] != "" })); diff != "" {
		t.Errorf("calls that are not asked (-want +got):\n%s", diff)
	}
}

func requireDenied(t *testing.T, c call, whole outcome, as func(string, ...string) outcome) {
	action, ok := motoAction[c.name]
	if !ok {
		action = c.action
	}
	got := as(action)
	if exempt[c.name] != "" {
		if diff := cmp.Diff(resources(t, whole.dir), resources(t, got.dir)); diff != "" {
			t.Errorf("exempt (%s), and the resources differ (-with +without):\n%s", exempt[c.name], diff)
		}
		return
	}
	_, operation, _ := strings.Cut(c.name, ".")
	had := map[residency.RunGap]bool{}
	for _, g := range whole.Coverage.Gaps {
		had[g] = true
	}
	if !slices.ContainsFunc(got.Coverage.Gaps, func(g residency.RunGap) bool {
		return !had[g] && g.Call == operation && g.Class == residency.ClassDenied
	}) {
		t.Errorf("without %s: no gap names %s: %+v", action, operation, got.Coverage.Gaps)
	}
	if got.exit != 3 {
		t.Errorf("without %s: exit %d, want 3", action, got.exit)
	}
}

var columns = regexp.MustCompile(` {2,}`)

// operations reads what the program itself prints, for the services of the test.
func operations(t *testing.T) (calls []call) {
	t.Helper()
	program, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "list", "operations").Output()
	if err != nil {
		t.Fatal(err)
	}
	relevant := append(strings.Split(deniedServices, ","), "sts", "account", "organizations")
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n")[1:] {
		cells := columns.Split(line, -1)
		if len(cells) < 3 || cells[2] == "" {
			t.Fatalf("list operations: %q", line)
		}
		c := call{name: cells[0] + "." + cells[1], action: cells[2]}
		if strings.HasPrefix(c.action, "s3express:") && c.name == "s3.GetBucketPolicy" {
			c.name += " of s3express"
		}
		ofTest := slices.Contains(relevant, cells[0]) && (cells[0] != "organizations" || cells[1] == "ListAccounts" || cells[1] == "DescribeOrganization") ||
			slices.Contains(notAsked, c.name) || c.name == "ec2.DescribeRegions"
		same := func(o call) bool { return o.name == c.name && o.action == c.action }
		if ofTest && !slices.ContainsFunc(calls, same) {
			calls = append(calls, c)
		}
	}
	return calls
}

// makeUsers makes one user with every action, and for each action one without it.
func makeUsers(t *testing.T, moto *server, calls []call) map[string][2]string {
	t.Helper()
	actions := []string{}
	for _, c := range calls {
		actions = append(actions, c.action)
	}
	slices.Sort(actions)
	list, err := json.Marshal(slices.Compact(actions))
	if err != nil {
		t.Fatal(err)
	}
	var users map[string][2]string
	if err := json.Unmarshal(scriptWith(t, bytes.NewReader(list), "access.py", moto.url, "111111111111"), &users); err != nil {
		t.Fatal(err)
	}
	return users
}

// askedIn lists the calls of a recording as package.Operation.
func askedIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "aws", "*", "*", "*", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recording: %v", err)
	}
	asked := map[string]bool{}
	for _, f := range files {
		asked[filepath.Base(filepath.Dir(f))+"."+strings.TrimSuffix(filepath.Base(f), ".json")] = true
	}
	return asked
}

// resources are the lines of a run's inventory.
func resources(t *testing.T, run string) map[string]residency.Resource {
	t.Helper()
	f, err := snapshot.Open(run)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := map[string]residency.Resource{}
	err = f.Each(context.Background(), func(r *residency.Resource) error {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		var own residency.Resource // r is valid only until this returns
		if err := json.Unmarshal(line, &own); err != nil {
			return err
		}
		own.Facts = nil // for a reader: no control needs them, and they give way where a denial costs one call more
		found[own.ID] = own
		return nil
	}, func(*residency.Coverage) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return found
}
