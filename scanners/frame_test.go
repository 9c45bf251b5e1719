package scanners_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// tape notes every request that leaves, and answers those that program knows; nil leaves the answer to the recording.
type tape struct {
	program func(replay.Call) *replay.Answer

	mu    sync.Mutex
	calls []replay.Call
}

func (tp *tape) over(t *testing.T, a aws) *replay.Replay {
	t.Helper()
	return replay.Open(a.files(t)).Edit(func(c replay.Call, recorded *replay.Answer) (*replay.Answer, error) {
		tp.mu.Lock()
		tp.calls = append(tp.calls, c)
		tp.mu.Unlock()
		if tp.program != nil {
			if answer := tp.program(c); answer != nil {
				return answer, nil
			}
		}
		return recorded, nil
	})
}

// asked counts the requests for an operation, in one account or ("") in all.
func (tp *tape) asked(account, operation string) (n int) {
	tp.mu.Lock()
	defer tp.mu.Unlock()
	for _, c := range tp.calls {
		if c.Operation == operation && (account == "" || c.Account == account) {
			n++
		}
	}
	return n
}

// streams is a scanner of one call: a stream in every place.
func streams() scanners.Scanner {
	return scanners.Scanner{Service: "kinesis", Scope: scanners.Regional, Kinds: []string{"kinesis.stream"},
		Calls: []scanners.Call{{Operation: "ListStreams", IAM: "kinesis:ListStreams", Facts: []residency.Fact{residency.FactAll}}},
		Scan: func(ctx context.Context, t *scanners.Target, out *scanners.Sink) error {
			client := kinesis.NewFromConfig(t.Config())
			for range 3 {
				if _, err := client.ListStreams(ctx, &kinesis.ListStreamsInput{}); err != nil {
					return err
				}
			}
			out.Add(residency.Resource{ID: t.ARN("kinesis", "stream/s"), Kind: "kinesis.stream", Region: t.Region,
				Placements: []residency.Placement{{Role: residency.Primary, Region: t.Region}}})
			return nil
		}}
}

// quiet answers the streams of every account and region, with these regions enabled.
func quiet(regions ...string) aws {
	a := account(regions...)
	for key, answers := range a {
		if rest, ok := strings.CutPrefix(key, ownAccount); ok {
			a["any"+rest] = answers
		}
	}
	a.answer("any", "any", "kinesis", "ListStreams", "", 200, `{"StreamNames":[],"HasMoreStreams":false}`)
	a.answer("any", "any", "s3", "HeadBucket", "", 404, "")
	return a.answer("any", "any", "sts", "AssumeRole", "", 200, `<none/>`)
}

// assumeRole answers for the account that the role is of, or for another.
func assumeRole(account string, expires time.Time) *replay.Answer {
	return &replay.Answer{Body: text(`<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:domicile</AssumedRoleId><Arn>arn:aws:sts::` + account +
		`:assumed-role/Audit/domicile</Arn></AssumedRoleUser><Credentials><AccessKeyId>K</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken><Expiration>` +
		expires.UTC().Format(time.RFC3339) + `</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)}
}

func roleOwner(c replay.Call) string {
	arn, _ := c.Input["RoleArn"].(string)
	return strings.Split(arn+":::::", ":")[4]
}

func inAnHour() time.Time { return time.Now().Add(time.Hour) }

// opens lets every role be assumed, for an hour.
func opens(c replay.Call) *replay.Answer {
	if c.Operation == "AssumeRole" {
		return assumeRole(roleOwner(c), inAnHour())
	}
	return nil
}

func with(s scanners.Scanner, accounts ...string) func(*scanners.Options) {
	return func(o *scanners.Options) {
		o.Scanners, o.Shipped, o.Accounts, o.Role = []scanners.Scanner{s}, 1, accounts, "Audit"
	}
}

// lines are the coverage as "account region status".
func (f found) lines() (lines []string) {
	for _, c := range f.coverage {
		lines = append(lines, c.Account+" "+c.Region+" "+string(c.Status))
	}
	return lines
}

func (f found) details() (details []string) {
	for _, c := range f.coverage {
		for _, g := range c.Gaps {
			details = append(details, fmt.Sprintf("%s %s %s: %s", c.Account, g.Call, g.Class, g.Detail))
		}
	}
	return details
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// options are those of a run of streams over answers.
func options(t *testing.T, tp *tape, answers aws, set ...func(*scanners.Options)) scanners.Options {
	t.Helper()
	o := scanners.Options{AWS: scanners.OfflineConfig("us-east-1"), Transport: tp.over(t, answers), Scanners: []scanners.Scanner{streams()}, Shipped: 1, Role: "Audit",
		Partition: func(string) []string { return slices.Clone(testRegions) },
		Limits:    scanners.Limits{Rate: 1e6, MaxAttempts: 2, MaxBackoff: time.Millisecond, Steady: true}}
	for _, f := range set {
		f(&o)
	}
	return o
}

func regionList(states map[string]string) string {
	list := []map[string]string{}
	for region, state := range states {
		list = append(list, map[string]string{"RegionName": region, "RegionOptStatus": state})
	}
	body, _ := json.Marshal(map[string]any{"Regions": list})
	return string(body)
}
