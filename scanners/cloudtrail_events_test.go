package scanners_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// Records and answers by hand, from AWS's user guide ("CloudTrail record contents") and the SDK's own types.

const (
	copyRequest  = `{"sourceRegion":"eu-west-1","sourceSnapshotId":"snap-1"}`
	copyResponse = `{"requestId":"r","snapshotId":"snap-2"}`
)

// copied is the record of a snapshot that was copied to a region.
func copied(region string) string {
	return record("ec2.amazonaws.com", "CopySnapshot", region, copyRequest, copyResponse, "")
}

// other is a record with another id and time.
func other(record string, n int, at string) string {
	return strings.NewReplacer(eventNumber, fmt.Sprintf("0ac3e000-0000-4000-8000-0000000f%04d", n), eventTime, at).Replace(record)
}

var _ = catalogue("CloudTrail", "event lookup", row{scanner: "cloudtrail", between: true,
	inside: expect{resource: "arn:aws:cloudtrail:eu-west-1:111111111111:event/" + eventNumber, answers: eventAnswersOf("eu-west-1", copied("eu-west-1")),
		placement: copiedTo("eu-west-1", "arn:aws:ec2:eu-west-1::snapshot/snap-2")},
	outside: expect{resource: "arn:aws:cloudtrail:us-east-1:111111111111:event/" + eventNumber, answers: eventAnswersOf("us-east-1", copied("us-east-1")),
		placement: copiedTo("us-east-1", "arn:aws:ec2:us-east-1::snapshot/snap-2")},
	unknown: expect{resource: "arn:aws:cloudtrail:us-east-1:111111111111:event/" + eventNumber,
		answers:   eventAnswersOf("us-east-1", record("ec2.amazonaws.com", "CopySnapshot", "us-east-1", `{"omitted":true}`, "", "")),
		placement: copiedTo("", "")},
})

func copiedTo(region, target string) residency.Placement {
	return residency.Placement{Role: residency.Backup, Region: region, Target: target, Via: "copy: CopySnapshot by " + somebody + " at " + eventTime + ", event " + eventNumber}
}

// between two scans a run asks each region for what changed since a quarter of an hour before the last, page by page.
func TestEventsAsked(t *testing.T) {
	first := map[string]any{}
	if err := json.Unmarshal([]byte(lookupBody(copied("us-east-1"))), &first); err != nil {
		t.Fatal(err)
	}
	first["NextToken"] = "more"
	one, _ := json.Marshal(first)
	ask := `{"StartTime":"2026-11-26T01:45:00Z","EndTime":"2026-11-27T02:00:00Z","MaxResults":50,"LookupAttributes":[{"AttributeKey":"ReadOnly","AttributeValue":"false"}]}`
	a := trailAnswers().on("us-east-1", "cloudtrail", "LookupEvents", ask, string(one))
	a.on("us-east-1", "cloudtrail", "LookupEvents", strings.Replace(ask, "{", `{"NextToken":"more",`, 1), lookupBody(other(copied("us-east-1"), 2, "2026-11-26T05:00:00Z"),
		record("ec2.amazonaws.com", "DeleteSnapshot", "us-east-1", `{"snapshotId":"snap-2"}`, "", "")))
	for _, name := range []string{"Converse", "InvokeModel"} {
		a.on("us-east-1", "cloudtrail", "LookupEvents", strings.Replace(ask, `"ReadOnly","AttributeValue":"false"`, `"EventName","AttributeValue":"`+name+`"`, 1), `{"Events":[]}`)
	}
	a.on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
	f := scan(t, "cloudtrail", a, lookedFor)
	f.noGaps(t)
	if len(f.resources) != 1 || f.resources[0].Facts["times"] != 2 || f.resources[0].Facts["time"] != eventTime {
		t.Errorf("want both calls, told once with the first of them: %+v", f.resources)
	}
	for _, c := range f.coverage {
		if want := map[string]int{"us-east-1": 1}[c.Region]; c.Resources != want {
			t.Errorf("%s: %d resources, want %d", c.Region, c.Resources, want)
		}
	}
}

// No run before, or one of the same time: nothing is asked, and nothing is missing.
func TestEventsNotAsked(t *testing.T) {
	now := time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)
	for name, since := range map[string]time.Time{"first run": {}, "the same time": now} {
		t.Run(name, func(t *testing.T) {
			tp := &tape{}
			f := scanWith(t, tp.over(t, trailAnswers()), "cloudtrail", func(o *scanners.Options) { o.Since, o.Until = since, now })
			f.noGaps(t)
			if n := tp.asked("", "LookupEvents"); n != 0 {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

// A place whose events an earlier run was not told is asked from further back, and that place alone; what a look-up no longer reaches is
// its own gap.
func TestEventsOwedByOnePlace(t *testing.T) {
	for name, tc := range map[string]struct {
		owed int // days
		from string
		gaps []string
	}{
		"five nights": {5, "2026-11-22T01:45:00Z", nil},
		"too long": {100, "2026-08-29T02:00:00Z", []string{"111111111111 LookupEvents unresolved: what happened from the last answer of this region to 2026-08-29 is not known: " +
			"a look-up reaches back 90 days; name the trail's bucket (events.trail_bucket)"}},
	} {
		t.Run(name, func(t *testing.T) {
			tp := &tape{}
			a := trailAnswers().on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
			f := scanWith(t, tp.over(t, a), "cloudtrail", func(o *scanners.Options) {
				lookedFor(o)
				o.SinceIn = map[scanners.AccountRegion]time.Time{{Account: ownAccount, Region: "us-east-1"}: o.Until.AddDate(0, 0, -tc.owed)}
			})
			same(t, "gaps", f.details(), tc.gaps)
			asked := 0
			for _, c := range tp.calls {
				if c.Operation != "LookupEvents" {
					continue
				}
				asked++
				want := "2026-11-26T01:45:00Z"
				if c.Region == "us-east-1" {
					want = tc.from
				}
				if c.Input["StartTime"] != want {
					t.Errorf("%s is asked from %v, want %s", c.Region, c.Input["StartTime"], want)
				}
			}
			if asked < 2 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// What a look-up no longer reaches is a gap of the account, once.
func TestEventsForgotten(t *testing.T) {
	tp := &tape{}
	a := trailAnswers().on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
	f := scanWith(t, tp.over(t, a), "cloudtrail", func(o *scanners.Options) { lookedFor(o); o.Since = o.Until.AddDate(0, 0, -100) })
	want := []string{"111111111111 LookupEvents unresolved: what happened from 2026-08-19 to 2026-08-29 is not known: a look-up reaches back 90 days; name the trail's bucket (events.trail_bucket)"}
	if diff := cmp.Diff(want, f.details()); diff != "" {
		t.Error(diff)
	}
	for _, c := range tp.calls {
		if c.Operation == "LookupEvents" && c.Input["StartTime"] != "2026-08-29T02:00:00Z" {
			t.Errorf("asked from %v", c.Input["StartTime"])
		}
	}
}

// Where every run before was of a later time, nobody knows what happened since.
func TestEventsOfAClockSetBack(t *testing.T) {
	a := trailAnswers().on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
	f := scan(t, "cloudtrail", a, func(o *scanners.Options) { lookedFor(o); o.Since = o.Until.AddDate(0, 0, 30) })
	want := []string{"111111111111 LookupEvents unresolved: what happened before is not known: the runs of this store are of 2026-12-27T02:00:00Z and later: set the clock right"}
	if diff := cmp.Diff(want, f.details()); diff != "" {
		t.Error(diff)
	}
}

// A call that failed moved nothing; one whose record cannot be read may have.
func TestEventsFailedOrMalformed(t *testing.T) {
	refused := strings.Replace(copied("us-east-1"), `"awsRegion"`, `"errorCode":"Client.UnauthorizedOperation","awsRegion"`, 1)
	f := scan(t, "cloudtrail", eventAnswers(t, "us-east-1", refused), lookedFor)
	f.noGaps(t)
	if len(f.resources) != 0 || f.events.Failed != 1 {
		t.Errorf("%v, %+v", f.ids(), f.events)
	}
	for name, text := range map[string]string{"no record": "", "not JSON": "{", "no id": strings.Replace(copied("us-east-1"), eventNumber, "", 1)} {
		a := trailAnswers()
		a.on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
		body, _ := json.Marshal(map[string]any{"Events": []any{map[string]any{"EventId": eventNumber, "EventName": "CopySnapshot", "EventSource": "ec2.amazonaws.com", "CloudTrailEvent": text}}})
		f := scan(t, "cloudtrail", a.on("us-east-1", "cloudtrail", "LookupEvents", "", string(body)), lookedFor)
		if got := f.gaps(); len(got) == 0 || got[0] != "LookupEvents malformed" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// What the inventory shows anyway is judged there: a copy that is still there, a setting that still stands. The rest is transient.
func TestEventsTheInventoryKnows(t *testing.T) {
	there := func(r residency.Resource) scanners.Scanner {
		kind, _, _ := strings.Cut(r.Kind, ".")
		return scanners.Scanner{Service: kind, Scope: scanners.Regional, Kinds: []string{r.Kind}, Calls: []scanners.Call{{Operation: "None"}},
			Scan: func(_ context.Context, t *scanners.Target, out *scanners.Sink) error {
				if t.Region == r.Region {
					out.Add(r)
				}
				return nil
			}}
	}
	snapshot := func(id string) residency.Resource {
		return residency.Resource{ID: "arn:aws:ec2:us-east-1::snapshot/" + id, Kind: "ec2.snapshot", Region: "us-east-1", Tags: map[string]string{},
			Placements: []residency.Placement{{Role: residency.Backup, Region: "us-east-1"}}}
	}
	bucket := func(to string) residency.Resource {
		return residency.Resource{ID: "arn:aws:s3:::files", Kind: "s3.bucket", Name: "files", Region: "eu-west-1", Tags: map[string]string{},
			Placements: []residency.Placement{{Role: residency.Primary, Region: "eu-west-1"}, {Role: residency.Replica, Target: to, Via: "rule"}}}
	}
	rule := record("s3.amazonaws.com", "PutBucketReplication", "eu-west-1", `{"bucketName":"files","ReplicationConfiguration":{"Rule":{"Destination":{"Bucket":"arn:aws:s3:::copies"}}}}`, "", "")
	silent := record("ec2.amazonaws.com", "CopySnapshot", "us-east-1", copyRequest, "", "") // does not tell the copy's id
	export := record("ec2.amazonaws.com", "ExportImage", "eu-west-1", `{"ExportImageRequest":{"ImageId":"ami-1","S3ExportLocation":{"S3Bucket":"copies"}}}`,
		`{"ExportImageResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/","exportImageTaskId":"export-ami-1"}}`, "")
	task := residency.Resource{ID: "arn:aws:ec2:eu-west-1:111111111111:export-image-task/export-ami-1", Kind: "ec2.export_image_task", Region: "eu-west-1", Tags: map[string]string{},
		Placements: []residency.Placement{{Role: residency.Backup, Target: "arn:aws:s3:::copies", Via: "export"}}}
	from := snapshot("snap-9")
	from.Sources = []residency.Source{{ID: "arn:aws:ec2:eu-west-1::snapshot/snap-1", Region: "eu-west-1"}}
	enabled := func(region string) string {
		return record("account.amazonaws.com", "EnableRegion", "us-east-1", `{"regionName":"`+region+`"}`, "", "")
	}
	for name, tc := range map[string]struct {
		there  residency.Resource
		record string
		region string
		via    string // beginning; empty: the inventory has it
	}{
		"copy is there":             {snapshot("snap-2"), copied("us-east-1"), "us-east-1", ""},
		"copy is gone":              {snapshot("snap-3"), copied("us-east-1"), "us-east-1", "transient copy: CopySnapshot by " + somebody},
		"copy of unknown name":      {from, silent, "us-east-1", ""},
		"no copy of the source":     {snapshot("snap-3"), silent, "us-east-1", "transient copy: "},
		"task tells":                {task, export, "eu-west-1", ""},
		"rule stands":               {bucket("arn:aws:s3:::copies"), rule, "eu-west-1", ""},
		"rule names another bucket": {bucket("arn:aws:s3:::others"), rule, "eu-west-1", "transient copy: PutBucketReplication"},
		"nobody looks for such":     {bucket("arn:aws:s3:::others"), copied("us-east-1"), "us-east-1", "copy: CopySnapshot"},
		"region is on":              {bucket("arn:aws:s3:::others"), enabled("us-east-1"), "us-east-1", ""},
		"region is off again":       {bucket("arn:aws:s3:::others"), enabled("ap-southeast-2"), "us-east-1", "setting: EnableRegion"},
	} {
		t.Run(name, func(t *testing.T) {
			a := eventAnswers(t, tc.region, tc.record)
			a.bucket("copies", "us-east-1").bucket("others", "us-east-1")
			trails, err := scanners.Select(scanners.All(), []string{"cloudtrail"})
			if err != nil {
				t.Fatal(err)
			}
			f := scan(t, "cloudtrail", a, lookedFor, func(o *scanners.Options) { o.Scanners = append(trails, there(tc.there)) })
			var via []string
			for _, r := range f.resources {
				if r.Kind == "cloudtrail.event" {
					via = append(via, r.Placements[0].Via)
				}
			}
			if tc.via == "" && len(via) > 0 || tc.via != "" && (len(via) != 1 || !strings.HasPrefix(via[0], tc.via)) {
				t.Errorf("%q, want one that begins with %q", via, tc.via)
			}
			if want := map[bool]int{true: 1}[tc.via == ""]; f.events.Known != want || f.events.Moved != 1 {
				t.Errorf("%+v", f.events)
			}
		})
	}
}

// One event that several regions tell is one; those of two principals are two.
func TestEventsOnce(t *testing.T) {
	a := trailAnswers().on("any", "cloudtrail", "LookupEvents", "", lookupBody(copied("us-east-1"), strings.Replace(other(copied("us-east-1"), 2, eventTime), "/jane", "/joe", 1)))
	f := scan(t, "cloudtrail", a, lookedFor)
	if len(f.resources) != 2 || f.resources[0].Facts["times"] != nil {
		t.Errorf("%+v", f.resources)
	}
}

// Who called: a principal, the service that called for it, or a service alone.
func TestEventActors(t *testing.T) {
	for identity, want := range map[string]string{
		`{"type":"AssumedRole","arn":"arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForBackup/x","invokedBy":"backup.amazonaws.com"}`: "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForBackup/x through backup.amazonaws.com",
		`{"type":"AWSService","invokedBy":"rds.amazonaws.com"}`:                                                                              "rds.amazonaws.com",
		`{"type":"AWSAccount","principalId":"AIDAEXAMPLE","accountId":"222222222222"}`:                                                       "AWSAccount AIDAEXAMPLE",
		`{}`: "somebody unnamed",
	} {
		start, rest, _ := strings.Cut(copied("us-east-1"), `"userIdentity":{`)
		_, rest, _ = strings.Cut(rest, "}")
		f := scan(t, "cloudtrail", eventAnswers(t, "us-east-1", start+`"userIdentity":`+identity+rest), lookedFor)
		if len(f.resources) != 1 || f.resources[0].Facts["actor"] != want {
			t.Errorf("%s: %+v, want %q", identity, f.resources, want)
		}
	}
}

// What is no move is none: a setting that is turned off, a cluster that is made new, a share with oneself or with a service, a
// snapshot that is shared no longer.
func TestEventsThatMoveNothing(t *testing.T) {
	for _, r := range []string{
		record("s3.amazonaws.com", "PutBucketLogging", "eu-west-1", `{"bucketName":"files","BucketLoggingStatus":{}}`, "", ""),
		record("s3.amazonaws.com", "PutBucketAccelerateConfiguration", "eu-west-1", `{"bucketName":"files","AccelerateConfiguration":{"Status":"Suspended"}}`, "", ""),
		record("rds.amazonaws.com", "CreateDBCluster", "us-east-1", `{"dBClusterIdentifier":"new","engine":"aurora-postgresql"}`, "", ""),
		record("dynamodb.amazonaws.com", "UpdateTable", "eu-west-1", `{"tableName":"orders","billingMode":"PAY_PER_REQUEST"}`, "", ""),
		record("kms.amazonaws.com", "CreateGrant", "eu-west-1", `{"keyId":"k","granteePrincipal":"arn:aws:iam::111111111111:role/r"}`, "", ""),
		record("kms.amazonaws.com", "CreateGrant", "eu-west-1", `{"keyId":"k","granteePrincipal":"rds.eu-west-1.amazonaws.com"}`, "", ""),
		record("ec2.amazonaws.com", "ModifySnapshotAttribute", "eu-west-1", `{"snapshotId":"snap-1","createVolumePermission":{"remove":{"items":[{"userId":"999999999999"}]}}}`, "", ""),
		record("backup.amazonaws.com", "CreateBackupPlan", "eu-west-1", `{"backupPlan":{"rules":[{"targetBackupVaultName":"near"}]}}`, "", ""),
		record("quicksight.amazonaws.com", "CreateDataSet", "us-east-1", `{"dataSetId":"s","importMode":"DIRECT_QUERY"}`, "", ""),
	} {
		f := scan(t, "cloudtrail", eventAnswers(t, "eu-west-1", r), lookedFor)
		f.noGaps(t)
		if len(f.resources) != 0 {
			t.Errorf("%+v", f.resources)
		}
	}
}

// Names that services write in other ways, and what is not kept.
func TestEventNames(t *testing.T) {
	for name, tc := range map[string]struct {
		record string
		want   residency.Placement
	}{
		"API version": {record("lambda.amazonaws.com", "PutFunctionEventInvokeConfig20190925", "eu-west-1", `{"functionName":"f","destinationConfig":{"onFailure":{"destination":"arn:aws:sqs:us-east-1:111111111111:q"}}}`, "", ""),
			residency.Placement{Role: residency.Stream, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:sqs:us-east-1:111111111111:q"}},
		"S3's own name": {record("s3.amazonaws.com", "PutBucketNotification", "eu-west-1", `{"bucketName":"files","NotificationConfiguration":{"TopicConfiguration":[{"Topic":"arn:aws:sns:us-east-1:111111111111:t"}]}}`, "", ""),
			residency.Placement{Role: residency.Capability, Region: "us-east-1", Account: ownAccount, Target: "arn:aws:sns:us-east-1:111111111111:t"}},
		"everybody": {record("ec2.amazonaws.com", "ModifyImageAttribute", "eu-west-1", `{"imageId":"ami-1","launchPermission":{"add":{"items":[{"group":"all"}]}}}`, "", ""),
			residency.Placement{Role: residency.Backup, Region: "eu-west-1", Account: "*"}},
		"public bucket": {record("s3.amazonaws.com", "PutBucketPolicy", "eu-west-1", `{"bucketName":"files","bucketPolicy":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}}`, "", ""),
			residency.Placement{Role: residency.Primary, Region: "eu-west-1", Account: "*"}},
		"mail address": {record("sns.amazonaws.com", "Subscribe", "eu-west-1", `{"topicArn":"arn:aws:sns:eu-west-1:111111111111:t","protocol":"email","endpoint":"jane@example.com"}`, "", ""),
			residency.Placement{Role: residency.Stream}},
		"profile that chooses": {record("bedrock.amazonaws.com", "InvokeModel", "eu-west-1", `{"modelId":"eu.anthropic.claude"}`, "", ""),
			residency.Placement{Role: residency.Transit, Target: "eu.anthropic.claude"}},
		"model of the region": {record("bedrock.amazonaws.com", "Converse", "eu-west-1", `{"modelId":"anthropic.claude"}`, "", ""),
			residency.Placement{Role: residency.Transit, Region: "eu-west-1", Target: "anthropic.claude"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := scan(t, "cloudtrail", eventAnswers(t, "eu-west-1", tc.record), lookedFor)
			if len(f.resources) != 1 {
				t.Fatalf("%v %v", f.ids(), f.details())
			}
			got := f.resources[0].Placements[0]
			got.Via = ""
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(fmt.Sprint(f.resources), "jane@example.com") {
				t.Error("a person's address is kept")
			}
		})
	}
}

// A trail that is deleted is not on the list of events, and a gap all the same.
func TestTrailDeleted(t *testing.T) {
	f := scan(t, "cloudtrail", eventAnswers(t, "eu-west-1", record("cloudtrail.amazonaws.com", "DeleteTrail", "eu-west-1", `{"name":"main"}`, "", "")), lookedFor)
	want := []string{"111111111111 LookupEvents unresolved: trail main was deleted by " + somebody + " at " + eventTime + " (DeleteTrail, event " + eventNumber + "): make sure that nothing was left out since"}
	if diff := cmp.Diff(want, f.details()); diff != "" {
		t.Error(diff)
	}
}

// Calls of models are many: those that only read are asked for by name, and no more than so many of them.
func TestModelCallsAreBounded(t *testing.T) {
	tp := &tape{}
	n := 0
	tp.program = func(c replay.Call) *replay.Answer {
		if c.Operation != "LookupEvents" || c.Region != "eu-west-1" || !strings.Contains(fmt.Sprint(c.Input["LookupAttributes"]), "Converse") {
			return nil
		}
		n++
		return &replay.Answer{Body: []byte(fmt.Sprintf(`{"Events":[],"NextToken":"t%d"}`, n))}
	}
	a := trailAnswers().on("any", "cloudtrail", "LookupEvents", "", `{"Events":[]}`)
	f := scanWith(t, tp.over(t, a), "cloudtrail", lookedFor)
	want := []string{"111111111111 LookupEvents unresolved: more than 10000 calls of Converse: the older ones are not read; name the trail's bucket (events.trail_bucket)"}
	if diff := cmp.Diff(want, f.details()); diff != "" || n != 200 {
		t.Errorf("%d pages, %s", n, diff)
	}
}
