package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
	"github.com/seed-1578181b/domicile/reports"
	"github.com/seed-1578181b/domicile/scanners"
)

// An organisation of 40 accounts as it is met: the audit account, one that never got the role, and 38 in which a service control
// policy closes every region but one. The audit role lacks an action everywhere. Sessions are short. Answers by hand, from the
// SDK's own types.
const (
	members  = 40
	roleless = members - 1
	serves   = 60 // calls of a session before it is over: more than may be on their way at once
)

func member(i int) string { return fmt.Sprintf("1000000000%02d", i) }

var onRegions = []string{"eu-west-1", "eu-central-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-southeast-1", "ap-southeast-2", "sa-east-1"}

// nothing answers every call with an empty object, so that a test programs only what is not empty.
type nothing struct{}

func (nothing) Open(name string) (fs.File, error) {
	if !strings.HasPrefix(name, "any/any/") {
		return nil, fs.ErrNotExist
	}
	return fstest.MapFS{name: &fstest.MapFile{Data: []byte(`[{"body":{}}]`)}}.Open(name)
}

type fortyAccounts struct {
	mu       sync.Mutex
	sessions map[string]int // sessions of each account so far
	used     map[string]int // calls of its current one
}

func xmlAnswer(status int, body string) *replay.Answer {
	text, _ := json.Marshal(body) // a string always marshals
	return &replay.Answer{Status: status, Body: text}
}

func jsonAnswer(status int, body any) *replay.Answer {
	data, _ := json.Marshal(body) // plain maps always marshal
	return &replay.Answer{Status: status, Body: data}
}

func refused(c replay.Call, why string) *replay.Answer {
	message := fmt.Sprintf("User: arn:aws:sts::%s:assumed-role/Audit/domicile is not authorized to perform: %s:%s %s", c.Account, c.Service, c.Operation, why)
	return jsonAnswer(400, map[string]string{"__type": "AccessDeniedException", "message": message})
}

func (o *fortyAccounts) answer(c replay.Call, empty *replay.Answer) (*replay.Answer, error) {
	switch c.Operation {
	case "GetCallerIdentity":
		return xmlAnswer(200, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::`+member(0)+`:user/audit</Arn><Account>`+member(0)+`</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`), nil
	case "AssumeRole":
		return o.assume(c), nil
	case "ListAccounts":
		return listAccounts(c), nil
	}
	switch over := o.expired(c.Account); {
	case over && c.Service == "s3":
		return xmlAnswer(400, `<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>`), nil
	case over:
		return jsonAnswer(400, map[string]string{"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}), nil
	case c.Operation == "ListRegions":
		var list []map[string]string
		for _, r := range onRegions {
			list = append(list, map[string]string{"RegionName": r, "RegionOptStatus": "ENABLED_BY_DEFAULT"})
		}
		return jsonAnswer(200, map[string]any{"Regions": list}), nil
	case c.Service == "s3":
		return bucketAnswer(c), nil
	case c.Region != "eu-west-1" && c.Account != member(0):
		return refused(c, "with an explicit deny in a service control policy"), nil
	case c.Operation == "ListStreams" || c.Operation == "ListDeliveryStreams":
		return refused(c, "because no identity-based policy allows the action"), nil
	}
	return empty, nil
}

// assume opens every account but one, for 60 seconds.
func (o *fortyAccounts) assume(c replay.Call) *replay.Answer {
	arn, _ := c.Input["RoleArn"].(string)
	account := strings.Split(arn, ":")[4]
	if account == member(roleless) {
		return xmlAnswer(403, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::`+member(0)+`:user/audit is not authorized to perform: sts:AssumeRole on resource: `+arn+`</Message></Error></ErrorResponse>`)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sessions[account]++
	o.used[account] = 0
	return xmlAnswer(200, `<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::`+account+`:assumed-role/Audit/domicile</Arn></AssumedRoleUser><Credentials><AccessKeyId>K</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>`+
		time.Now().Add(time.Minute).UTC().Format(time.RFC3339)+`</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
}

// expired ends a session after some calls, as the minute would.
func (o *fortyAccounts) expired(account string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.used[account]++
	return account != member(0) && o.used[account] > serves
}

func listAccounts(c replay.Call) *replay.Answer {
	first, last, more := 0, members/2, "t"
	if c.Input["NextToken"] == "t" {
		first, last, more = members/2, members, ""
	}
	page := map[string]any{}
	var list []map[string]string
	for i := first; i < last; i++ {
		list = append(list, map[string]string{"Id": member(i), "Arn": "arn:aws:organizations::" + member(0) + ":account/o-forty/" + member(i), "State": "ACTIVE"})
	}
	if page["Accounts"] = list; more != "" {
		page["NextToken"] = more
	}
	return jsonAnswer(200, page)
}

// bucketAnswer gives the first three members one clean bucket each.
func bucketAnswer(c replay.Call) *replay.Answer {
	none := map[string]string{"GetBucketReplication": "ReplicationConfigurationNotFoundError", "GetBucketMetadataConfiguration": "MetadataConfigurationNotFound",
		"GetBucketTagging": "NoSuchTagSet", "GetBucketPolicy": "NoSuchBucketPolicy", "GetBucketPolicyStatus": "NoSuchBucketPolicy",
		"GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration"}
	switch code := none[c.Operation]; {
	case code != "":
		return xmlAnswer(404, `<Error><Code>`+code+`</Code><Message>none</Message></Error>`)
	case c.Operation == "ListBuckets" && c.Account <= member(2):
		return xmlAnswer(200, `<ListAllMyBucketsResult><Buckets><Bucket><Name>acme-eu-`+c.Account+`</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>`)
	case c.Operation == "GetBucketAcl":
		return xmlAnswer(200, `<AccessControlPolicy><Owner><ID>x</ID></Owner><AccessControlList/></AccessControlPolicy>`)
	}
	return xmlAnswer(200, `<Result/>`)
}

const organizationConfig = `version: 1
zones:
  eu: {name: European Union, regions: [eu-west-1]}
assign:
  - {arn: "arn:aws:s3:::acme-eu-*", zone: eu}
aws: {organization: true, role: Audit}
`

// scanOrganization runs the whole job and gives the run and its table at 80 columns.
func scanOrganization(t *testing.T, o *fortyAccounts) (*residency.Summary, string) {
	t.Helper()
	engine, err := policies.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse("domicile.yaml", []byte(organizationConfig), nil)
	if err != nil {
		t.Fatal(err)
	}
	picked, err := scanners.Select(scanners.All(), []string{"s3", "kinesis", "dynamodb", "firehose", "s3tables"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	s := Scan{Observed: at, Redact: func(b []byte) []byte { return b }, Keeper: Keeper{Engine: engine, Config: cfg, Store: t.TempDir(), ID: "20261123T020000Z-aaaaaa", Tool: "test", Now: func() time.Time { return at }},
		Options: scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: replay.Open(nothing{}).Edit(o.answer), Scanners: picked, Shipped: len(picked),
			Limits: scanners.Limits{Rate: 1e6, Steady: true, MaxAttempts: 2, MaxBackoff: time.Millisecond}}}
	run, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table, ok := reports.ByName("table")
	if !ok {
		t.Fatal("no table")
	}
	controls := map[string]residency.Control{}
	for _, c := range engine.Controls() {
		controls[c.ID] = c
	}
	var out bytes.Buffer
	report := residency.Report{Summary: *run.Summary, Controls: controls, Width: 80, Command: "domicile judge latest -o csv",
		Verdicts: snapshot.ReadVerdicts(run.Dir+"/"+snapshot.VerdictsFileName, residency.Pass, residency.NotApplicable)}
	if err := table.Write(&out, report); err != nil {
		t.Fatal(err)
	}
	return run.Summary, out.String()
}

func TestOrganization(t *testing.T) {
	o := &fortyAccounts{sessions: map[string]int{}, used: map[string]int{}}
	summary, table := scanOrganization(t, o)
	t.Log("\n" + table)
	if summary.Conclusion != residency.ConcludeNotConcluded || !summary.Complete {
		t.Errorf("conclusion %s, complete %v", summary.Conclusion, summary.Complete)
	}
	if n := strings.Count(table, "\n"); n >= 60 {
		t.Errorf("%d lines", n)
	}
	flat := strings.Join(strings.Fields(table), " ")
	for _, want := range []string{
		"38 accounts", "explicit deny in a service control policy: exempt the audit role from it",
		"kinesis:ListStreams: allow it", "firehose:ListDeliveryStreams: allow it",
		"role Audit cannot be assumed: create it in the account, or let its trust policy name",
	} {
		if strings.Count(flat, want) != 1 {
			t.Errorf("%q stands %d times", want, strings.Count(flat, want))
		}
	}
	for _, c := range []string{"100000000001", "100000000038"} { // its session ended on the way and was renewed
		if o.sessions[c] < 2 {
			t.Errorf("%d sessions of %s", o.sessions[c], c)
		}
	}
	tellGaps(t, summary)
	if n := summary.Totals[residency.Fail]; n != 0 || summary.Totals[residency.Pass] == 0 {
		t.Errorf("totals: %v", summary.Totals)
	}
}

// tellGaps: every denied question stands in the JSON, each with its own cause.
func tellGaps(t *testing.T, summary *residency.Summary) {
	t.Helper()
	causes := map[string]map[string]bool{}
	for _, g := range summary.Coverage.Gaps {
		if causes[g.Detail] == nil {
			causes[g.Detail] = map[string]bool{}
		}
		causes[g.Detail][g.Account+g.Region+g.Scanner] = true
		if g.Class != residency.ClassDenied {
			t.Errorf("%+v", g)
		}
	}
	closed := causes["explicit deny in a service control policy: exempt the audit role from it"]
	if want := 38 * (len(onRegions) - 1) * 4; len(closed) != want { // four regional scanners
		t.Errorf("%d places closed by the service control policy, want %d", len(closed), want)
	}
	for _, action := range []string{"kinesis:ListStreams", "firehose:ListDeliveryStreams"} {
		if got := causes["the audit role lacks "+action+": allow it"]; len(got) != 38+len(onRegions) { // the audit account in every region
			t.Errorf("%s: %d places", action, len(got))
		}
	}
	n := summary.Coverage.AccountRegions
	all := len(config.PartitionRegions("aws"))
	if n.Planned != members*all || n.Disabled != (members-1)*(all-len(onRegions)) || n.Denied != all+38*len(onRegions)+len(onRegions) {
		t.Errorf("account-regions: %+v", n)
	}
	if len(causes) != 4 || !slices.Contains(summary.Scope.Accounts, member(roleless)) {
		t.Errorf("%d causes", len(causes))
	}
}

// A gap on HeadBucket, the runner's question about the owner, leaves sharing open and nothing else, whatever the scanner.
func TestCallFacts(t *testing.T) {
	facts := CallFacts()
	for _, scanner := range []string{"s3", "firehose", "kinesis"} {
		if got, known := facts(scanner, "HeadBucket"); !known || !slices.Equal(got, []residency.Fact{residency.FactSharing}) {
			t.Errorf("%s: %v", scanner, got)
		}
	}
	if got, known := facts("s3", "GetBucketLocation"); !known || !slices.Contains(got, residency.PlacementsOf(residency.Primary)) {
		t.Errorf("where a bucket is: %v", got)
	}
	if _, known := facts("s3", "GetNothing"); known {
		t.Error("an unknown call is known")
	}
}
