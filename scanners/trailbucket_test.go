package scanners_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// Log files by hand, as AWS's user guide describes them ("CloudTrail log file examples", "Finding your CloudTrail log files").

const trailFolder = "org/AWSLogs/111111111111/CloudTrail/"

// logFile is a compressed log file.
func logFile(text string) *replay.Answer {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return &replay.Answer{Body64: base64.StdEncoding.EncodeToString(b.Bytes())}
}

func recordsFile(records ...string) string {
	return `{"Records":[` + strings.Join(records, ",") + `]}`
}

// trailOf is a bucket in us-east-1 that holds these files, by key; every other day has an empty file.
func trailOf(files map[string]string) *tape {
	return &tape{program: func(c replay.Call) *replay.Answer {
		switch c.Operation {
		case "HeadBucket":
			if c.Input["Bucket"] != "trail" {
				return nil
			}
			return &replay.Answer{Body: text(""), Headers: map[string]string{"x-amz-bucket-region": "us-east-1"}}
		case "ListObjectsV2":
			prefix := c.Input["Prefix"].(string)
			var keys []string
			for key := range files {
				if strings.HasPrefix(key, prefix) {
					keys = append(keys, key)
				}
			}
			if keys == nil && strings.HasPrefix(prefix, trailFolder) {
				keys = append(keys, prefix+"111111111111_CloudTrail_r_20261126T0400Z_quiet.json.gz")
			}
			slices.Sort(keys)
			list := ""
			for _, key := range keys {
				list += "<Contents><Key>" + key + "</Key><Size>1000</Size></Contents>"
			}
			return &replay.Answer{Body: text("<ListBucketResult><IsTruncated>false</IsTruncated>" + list + "</ListBucketResult>")}
		case "GetObject":
			if body, ok := files[c.Input["Key"].(string)]; ok {
				return logFile(body)
			}
			return logFile(recordsFile())
		}
		return nil
	}}
}

// withTrail lets the tape answer what is asked of the bucket.
func withTrail(a aws) aws {
	for _, operation := range []string{"HeadBucket", "ListObjectsV2", "GetObject"} {
		a.answer("any", "any", "s3", operation, "", 404, "")
	}
	return a
}

func fromBucket(o *scanners.Options) {
	lookedFor(o)
	o.TrailBucket = "s3://trail/org/"
}

const copiedKey = trailFolder + "us-east-1/2026/11/26/111111111111_CloudTrail_us-east-1_20261126T0320Z_a.json.gz"

func TestTrailBucket(t *testing.T) {
	noise := record("ec2.amazonaws.com", "DescribeSnapshots", "us-east-1", `{}`, "", "")
	tp := trailOf(map[string]string{
		copiedKey: recordsFile(noise, copied("us-east-1"), noise),
		strings.Replace(copiedKey, "/CloudTrail/", "/CloudTrail-Digest/", 1):                                                      "not read",
		trailFolder + "us-east-1/2026/11/26/111111111111_CloudTrail_us-east-1_20261126T0100Z_before.json.gz":                      "not read: it was written before the window",
		trailFolder + "us-east-1/2026/11/26/notes.txt":                                                                            "not read",
		"AWSLogs/111111111111/CloudTrail/us-east-1/2026/11/26/111111111111_CloudTrail_us-east-1_20261126T0320Z_elsewhere.json.gz": "not read: outside the prefix",
	})
	f := scanWith(t, tp.over(t, withTrail(trailAnswers(trail(trailARN, "eu-west-1", "")).bucket("logs", "eu-west-1"))), "cloudtrail", fromBucket)
	f.noGaps(t)
	events := slices.DeleteFunc(slices.Clone(f.resources), func(r residency.Resource) bool { return r.Kind != "cloudtrail.event" })
	if len(events) != 1 || events[0].Placements[0].Region != "us-east-1" || events[0].Facts["event_id"] != eventNumber {
		t.Errorf("%+v", events)
	}
	if n := tp.asked("", "LookupEvents"); n != 0 {
		t.Errorf("%d look-ups", n)
	}
	for _, c := range tp.calls {
		if c.Service == "s3" && c.Operation != "HeadBucket" && (c.Input["Bucket"] != "trail" || c.Region != "us-east-1") {
			t.Errorf("asked %s of %v in %s", c.Operation, c.Input, c.Region)
		}
	}
}

// An organisation's trail writes below the organisation's id.
func TestTrailBucketOfOrganisation(t *testing.T) {
	a := trailAnswers()
	a[ownAccount+"/any/organizations/ListAccounts"] = nil
	a.on("any", "organizations", "ListAccounts", "", `{"Accounts":[{"Id":"111111111111","Arn":"arn:aws:organizations::111111111111:account/o-acme/111111111111","State":"ACTIVE"}]}`)
	key := strings.Replace(copiedKey, "AWSLogs/", "AWSLogs/o-acme/", 1)
	f := scanWith(t, trailOf(map[string]string{key: recordsFile(copied("us-east-1"))}).over(t, withTrail(a)), "cloudtrail", fromBucket)
	if len(f.resources) != 1 {
		t.Errorf("%v %v", f.ids(), f.details())
	}
}

// emptyDay makes the listing of one day of November empty.
func emptyDay(tp *tape, day string) {
	was := tp.program
	tp.program = func(c replay.Call) *replay.Answer {
		if prefix, _ := c.Input["Prefix"].(string); c.Operation == "ListObjectsV2" && strings.HasSuffix(prefix, "us-east-1/2026/11/"+day+"/") {
			return &replay.Answer{Body: text("<ListBucketResult/>")}
		}
		return was(c)
	}
}

// A day that is not over may have no files yet.
func TestTrailBucketToday(t *testing.T) {
	tp := trailOf(nil)
	emptyDay(tp, "27")
	scanWith(t, tp.over(t, withTrail(trailAnswers())), "cloudtrail", fromBucket).noGaps(t)
}

// What of the bucket gives no answer is a gap.
func TestTrailBucketGaps(t *testing.T) {
	quietDay := func(tp *tape) { emptyDay(tp, "26") }
	fail := func(operation string) func(*tape) {
		return func(tp *tape) {
			was := tp.program
			tp.program = func(c replay.Call) *replay.Answer {
				if c.Operation == operation {
					return failure("s3", 403, "AccessDenied", "Access Denied")
				}
				return was(c)
			}
		}
	}
	for name, tc := range map[string]struct {
		files map[string]string
		edit  func(*tape)
		want  string // a gap's beginning
	}{
		"no files of a day": {nil, quietDay, "111111111111 ListObjectsV2 unresolved: the trail's bucket has no log file of 2026-11-26"},
		"listing denied":    {nil, fail("ListObjectsV2"), "111111111111 ListObjectsV2 denied: the caller may not read the trail's bucket trail: allow it s3:ListBucket there"},
		"reading denied":    {nil, fail("GetObject"), "111111111111 GetObject denied: the caller may not read the trail's bucket trail: allow it s3:GetObject"},
		"no place":          {nil, fail("HeadBucket"), "111111111111 HeadBucket "},
		"cut off":           {map[string]string{copiedKey: `{"Records":[` + copied("us-east-1")}, nil, "111111111111 GetObject malformed: log file " + copiedKey},
		"no records":        {map[string]string{copiedKey: `[]`}, nil, "111111111111 GetObject malformed: log file " + copiedKey + ": read its records: it does not begin with them"},
		"no id":             {map[string]string{copiedKey: recordsFile(strings.Replace(copied("us-east-1"), eventNumber, "", 1))}, nil, "111111111111 GetObject malformed"},
		"too large":         {map[string]string{copiedKey: `{"Records":["` + strings.Repeat("x", 6<<20) + `"]}`}, nil, "111111111111 GetObject malformed: log file " + copiedKey},
	} {
		t.Run(name, func(t *testing.T) {
			tp := trailOf(tc.files)
			if tc.edit != nil {
				tc.edit(tp)
			}
			f := scanWith(t, tp.over(t, withTrail(trailAnswers())), "cloudtrail", fromBucket)
			if !slices.ContainsFunc(f.details(), func(d string) bool { return strings.HasPrefix(d, tc.want) }) {
				t.Errorf("no gap %q: %q", tc.want, f.details())
			}
		})
	}
}

// A trail whose bucket is read has to write to it.
func TestTrailBucketStatus(t *testing.T) {
	for status, want := range map[string][]string{
		`{"IsLogging":true}`:  nil,
		`{"IsLogging":false}`: {"111111111111 GetTrailStatus unresolved: trail " + trailARN + " does not log: start it, or take events.trail_bucket off"},
		`{"IsLogging":true,"LatestDeliveryError":"AccessDenied"}`: {"111111111111 GetTrailStatus unresolved: trail " + trailARN + " cannot write to its bucket (AccessDenied): repair it"},
	} {
		a := trailAnswers(strings.Replace(trail(trailARN, "eu-west-1", ""), `"logs"`, `"trail"`, 1)).set("cloudtrail", "GetTrailStatus", status)
		f := scanWith(t, trailOf(nil).over(t, withTrail(a)), "cloudtrail", fromBucket)
		if diff := cmp.Diff(want, f.details()); diff != "" {
			t.Errorf("%s: %s", status, diff)
		}
	}
}

func TestParseTrailBucket(t *testing.T) {
	for name, want := range map[string]string{"s3://trail": "trail ", "trail": "trail ", "s3://trail/a/b/": "trail a/b", "s3://": "", "": "", "arn:aws:s3:::trail": "", "s3:// x": ""} {
		bucket, prefix, err := scanners.ParseTrailBucket(name)
		if got := fmt.Sprint(bucket, " ", prefix); (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%q: %q, %v, want %q", name, got, err, want)
		}
	}
	_, err := scanners.Run(t.Context(), options(t, &tape{}, quiet("eu-west-1"), func(o *scanners.Options) { lookedFor(o); o.TrailBucket = "s3://" }), &collect{})
	if err == nil || !strings.Contains(err.Error(), "events.trail_bucket") {
		t.Errorf("%v", err)
	}
}
