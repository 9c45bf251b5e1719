package scanners

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"golang.org/x/time/rate"
)

// One token bucket for each account × region × service, at the rate of the service, whichever scanner asks it first.
func TestLimiters(t *testing.T) {
	limits := Limits{}.withDefaults()
	limits.services = rates([]Scanner{{Service: "s3", Rate: 100}, {Service: "ec2"}})
	one, two := newSession("111111111111", OfflineConfig("eu-west-1"), limits), newSession("222222222222", OfflineConfig("eu-west-1"), limits)
	if first, again := one.limiter("eu-west-1", "s3"), one.limiter("eu-west-1", "s3"); first != again {
		t.Error("two buckets for the same account, region and service")
	}
	for _, other := range []*rate.Limiter{one.limiter("us-east-1", "s3"), one.limiter("eu-west-1", "ec2"), two.limiter("eu-west-1", "s3")} {
		if other == one.limiter("eu-west-1", "s3") {
			t.Error("one bucket for two")
		}
	}
	for service, want := range map[string]rate.Limit{"s3": 100, "ec2": 25, "sts": 25} {
		if got := one.limiter("eu-west-1", service).Limit(); got != want {
			t.Errorf("%s: %v requests a second, want %v", service, got, want)
		}
	}
	// An operation with a rate of its own has a bucket of its own.
	limits.services = rates([]Scanner{{Service: "cloudtrail", Rate: 5, Calls: []Call{{Operation: "LookupEvents", Rate: 2}}}})
	if got := limits.bucket("cloudtrail", "LookupEvents"); got != "cloudtrail.LookupEvents" || limits.rate(got) != 2 || limits.bucket("cloudtrail", "ListTags") != "cloudtrail" || limits.rate("cloudtrail") != 5 {
		t.Errorf("%q at %v, the others at %v", got, limits.rate(got), limits.rate("cloudtrail"))
	}
	limits.Rate = 7
	if got := newSession("1", OfflineConfig("eu-west-1"), limits).limiter("eu-west-1", "s3").Limit(); got != 7 {
		t.Errorf("the run's rate gives way to the scanner's: %v", got)
	}
}

// Every try takes from the bucket of its own region and service, the retries too.
func TestTriesTakeTokens(t *testing.T) {
	base := OfflineConfig("eu-west-1")
	base.HTTPClient = &wire{status: 400, kind: "application/x-amz-json-1.1", body: `{"__type":"ThrottlingException"}`}
	s := newSession("111111111111", base, Limits{Rate: 1e-9, MaxAttempts: 4, MaxBackoff: 1, Steady: true}.withDefaults())
	s.limiters["eu-west-1\x00kinesis"] = rate.NewLimiter(rate.Limit(1e-9), 10)
	cfg := s.config("eu-west-1", func(string, string) bool { return true }, nil)
	if _, err := kinesis.NewFromConfig(cfg).ListStreams(context.Background(), &kinesis.ListStreamsInput{}); err == nil {
		t.Fatal("no error")
	}
	if left := s.limiters["eu-west-1\x00kinesis"].Tokens(); left < 5.9 || left > 6.1 {
		t.Errorf("%v tokens left of 10 after 4 tries", left)
	}
	if len(s.limiters) != 1 {
		t.Errorf("%d buckets for one service", len(s.limiters))
	}
}

// At one of many items a scanner may crash: the others are done, and there is a gap whatever the scanner makes of the error.
func TestEachCrash(t *testing.T) {
	s := &Scanner{Service: "kinesis", Calls: []Call{{Operation: "ListStreams"}}, Scan: func(ctx context.Context, t *Target, out *Sink) error {
		return each(ctx, t, []int{1, 2, 3}, func(_ context.Context, i int) error {
			if i == 2 {
				panic("nil pointer")
			}
			out.Unresolved("", "ListStreams", "item")
			return nil
		})
	}}
	out := &Sink{scanner: s}
	target := &Target{scanner: s, session: newSession("1", OfflineConfig("eu-west-1"), Limits{}.withDefaults()), crash: out.crashed}
	if err := guarded(context.Background(), target, out); err != nil || len(out.gaps) != 3 {
		t.Errorf("%v, %+v", err, out.gaps)
	}
	// Interrupted, it does no more and says so.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := each(ctx, target, []int{1, 2}, func(context.Context, int) error { t.Error("done after the interruption"); return nil })
	if err == nil {
		t.Error("no error")
	}
}

func TestReports(t *testing.T) {
	for _, test := range []struct {
		name        string
		target      Target
		owner, home string
		want        bool
	}{
		{"home region of the owner", Target{Account: "1", Region: "eu-west-1", Regions: []string{"eu-west-1", "us-east-1"}, Accounts: []string{"1"}}, "1", "eu-west-1", true},
		{"shadow", Target{Account: "1", Region: "us-east-1", Regions: []string{"eu-west-1", "us-east-1"}, Accounts: []string{"1"}}, "1", "eu-west-1", false},
		{"home not examined, first region", Target{Account: "1", Region: "eu-west-1", Regions: []string{"eu-west-1", "us-east-1"}, Accounts: []string{"1"}}, "1", "sa-east-1", true},
		{"home not examined, later region", Target{Account: "1", Region: "us-east-1", Regions: []string{"eu-west-1", "us-east-1"}, Accounts: []string{"1"}}, "1", "sa-east-1", false},
		{"member, owner examined", Target{Account: "2", Region: "eu-west-1", Regions: []string{"eu-west-1"}, Accounts: []string{"1", "2"}}, "1", "eu-west-1", false},
		{"member, owner not examined", Target{Account: "2", Region: "eu-west-1", Regions: []string{"eu-west-1"}, Accounts: []string{"2"}}, "1", "eu-west-1", true},
	} {
		if got := test.target.Reports(test.owner, test.home); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
