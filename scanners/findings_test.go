package scanners_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// gives is a scanner that asks nothing and hands over these resources, in the account and region that they name.
func gives(service string, resources ...residency.Resource) scanners.Scanner {
	s := streams()
	s.Service, s.Calls = service, []scanners.Call{{Operation: "List"}}
	s.Scan = func(_ context.Context, t *scanners.Target, out *scanners.Sink) error {
		for _, r := range resources {
			if r.Account == t.Account && r.Region == t.Region {
				out.Add(r)
			}
		}
		return nil
	}
	return s
}

// sends is a stream of the own account that sends to these buckets, each with the owner that its setting states, if any.
func sends(name string, buckets ...string) residency.Resource {
	r := residency.Resource{ID: "arn:aws:firehose:eu-west-1:111111111111:deliverystream/" + name, Kind: "firehose.stream", Account: ownAccount, Region: "eu-west-1"}
	for _, b := range buckets {
		bucket, owner, _ := strings.Cut(b, "=")
		r.Placements = append(r.Placements, residency.Placement{Role: residency.Stream, Account: owner, Target: "arn:aws:s3:::" + bucket, Via: "to"})
	}
	return r
}

// head answers HeadBucket as S3 does, from the region where it is asked.
func head(c replay.Call) *replay.Answer {
	if c.Operation != "HeadBucket" {
		return opens(c)
	}
	at := func(status int, region string) *replay.Answer {
		a := &replay.Answer{Status: status, Body: text("")}
		if region != "" {
			a.Headers = map[string]string{"X-Amz-Bucket-Region": region}
		}
		return a
	}
	elsewhere := func(region string, status int) *replay.Answer {
		if c.Region != region {
			return at(301, region)
		}
		return at(status, region)
	}
	switch c.Input["Bucket"] {
	case "own":
		return at(200, "us-east-1")
	case "own-elsewhere":
		return elsewhere("eu-central-1", 200)
	case "foreign":
		return at(403, "us-west-2")
	case "foreign-elsewhere":
		return elsewhere("ap-south-1", 403)
	case "malformed-elsewhere": // a wrong signing region may also be told by a 400
		if c.Region == "us-east-1" {
			return at(400, "eu-central-1")
		}
		return at(200, "eu-central-1")
	case "missing":
		return at(404, "")
	case "unavailable":
		return at(503, "")
	case "web":
		return &replay.Answer{Status: 404, Headers: map[string]string{"Content-Type": "text/html"}, Body: text("")}
	}
	return at(403, "")
}

func TestNamedBuckets(t *testing.T) {
	for _, test := range []struct {
		bucket, region, account, via, gap string
		asked                             int
	}{
		{"own", "us-east-1", "", "to", "", 1},
		{"own-elsewhere", "eu-central-1", "", "to", "", 2},
		{"malformed-elsewhere", "eu-central-1", "", "to", "", 2},
		{"foreign", "us-west-2", "", "to", "HeadBucket unresolved", 1},
		{"foreign=999999999999", "us-west-2", "999999999999", "to", "", 1},
		{"foreign-elsewhere", "ap-south-1", "", "to", "HeadBucket unresolved", 2},
		{"missing", "", "", "to; the bucket does not exist", "", 1},
		{"closed", "", "", "to", "HeadBucket denied", 1},
		{"closed=999999999999", "", "999999999999", "to", "HeadBucket denied", 1},
		{"unavailable", "", "", "to", "HeadBucket server_error", 2},
		{"web", "", "", "to", "HeadBucket unimplemented", 1},
		{"listed", "ap-southeast-2", "222222222222", "to", "", 0},
		{"listed-here", "eu-west-1", "", "to", "", 0},
	} {
		t.Run(test.bucket, func(t *testing.T) {
			tp := &tape{program: head}
			sender := sends("a", test.bucket, test.bucket) // named twice, by one resource and by another
			f := scanWith(t, tp.over(t, quiet("eu-west-1", "ap-southeast-2")), "kinesis", with(streams(), ownAccount, "222222222222"), func(o *scanners.Options) {
				o.Scanners = []scanners.Scanner{gives("firehose", sender, sends("b", test.bucket)), gives("s3",
					residency.Resource{ID: "arn:aws:s3:::listed", Name: "listed", Kind: "s3.bucket", Account: "222222222222", Region: "ap-southeast-2"},
					residency.Resource{ID: "arn:aws:s3:::listed-here", Name: "listed-here", Kind: "s3.bucket", Account: ownAccount, Region: "eu-west-1"})}
			})
			r := f.resource(t, sender.ID)
			for _, p := range r.Placements {
				if p.Region != test.region || p.Account != test.account || p.Via != test.via {
					t.Errorf("%+v", p)
				}
			}
			var want []string
			if test.gap != "" {
				want = []string{test.gap + " " + sender.ID, test.gap + " " + strings.TrimSuffix(sender.ID, "a") + "b"}
			}
			same(t, "gaps", f.gaps(), want)
			for _, c := range f.coverage {
				if (len(c.Gaps) > 0) != (c.Scanner == "firehose" && c.Account == ownAccount && c.Region == "eu-west-1" && test.gap != "") || len(c.Gaps) > 0 && c.Status != residency.Partial {
					t.Errorf("%+v", c)
				}
			}
			if n := tp.asked("", "HeadBucket"); n != test.asked {
				t.Errorf("asked %d times, want %d", n, test.asked)
			}
		})
	}
}

// Where the buckets of an account were not listed (the run was narrowed, or the list was denied), that account is asked whether a
// bucket is its own, before the bucket is called nobody's.
func TestNamedBucketOfAnUnlistedAccount(t *testing.T) {
	const two = "222222222222"
	program := func(c replay.Call) *replay.Answer {
		if c.Operation == "HeadBucket" && c.Account == two {
			return &replay.Answer{Status: 200, Headers: map[string]string{"X-Amz-Bucket-Region": "us-west-2"}, Body: text("")}
		}
		return head(c)
	}
	for name, listed := range map[string]bool{"unlisted": false, "listed": true} {
		t.Run(name, func(t *testing.T) {
			tp, sender := &tape{program: program}, sends("a", "foreign")
			f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(streams(), ownAccount, two), func(o *scanners.Options) {
				o.Scanners = []scanners.Scanner{gives("firehose", sender)}
				if listed {
					o.Scanners = append(o.Scanners, gives("s3"))
				}
			})
			want, gaps := two, []string(nil)
			if listed {
				want, gaps = "", []string{"HeadBucket unresolved " + sender.ID}
			}
			if p := f.resource(t, sender.ID).Placements[0]; p.Region != "us-west-2" || p.Account != want {
				t.Errorf("%+v", p)
			}
			same(t, "gaps", f.gaps(), gaps)
		})
	}
}

// The gap's words name the cure, and of the account only what a reader needs.
func TestNamedBucketCure(t *testing.T) {
	for bucket, want := range map[string]string{
		"foreign": `bucket "foreign" is in no account of the run: add its account, or name the owner in the setting`,
		"closed":  "the audit role lacks s3:ListBucket: allow it",
	} {
		f := scanWith(t, (&tape{program: head}).over(t, quiet("eu-west-1")), "kinesis", with(gives("firehose", sends("a", bucket))))
		same(t, bucket, f.details(), []string{"111111111111 HeadBucket " + map[string]string{"foreign": "unresolved", "closed": "denied"}[bucket] + ": " + want})
	}
}

// A source's bucket is found like a destination's, and leaves no gap: where data came from is no place that it is in now.
func TestNamedSources(t *testing.T) {
	r := sends("a")
	r.Placements = []residency.Placement{{Role: residency.Backup, Region: "eu-west-1"}}
	r.Sources = []residency.Source{{ID: "arn:aws:s3:::own"}, {ID: "arn:aws:s3:::foreign"}, {ID: "arn:aws:s3:::listed"}}
	f := scanWith(t, (&tape{program: head}).over(t, quiet("eu-west-1", "ap-southeast-2")), "kinesis", with(streams(), ownAccount, "222222222222"), func(o *scanners.Options) {
		o.Scanners = []scanners.Scanner{gives("firehose", r), gives("s3", residency.Resource{ID: "arn:aws:s3:::listed", Name: "listed", Kind: "s3.bucket", Account: "222222222222", Region: "ap-southeast-2"})}
	})
	f.noGaps(t)
	same(t, "sources", f.resource(t, r.ID).Sources, []residency.Source{{ID: "arn:aws:s3:::own", Region: "us-east-1"}, {ID: "arn:aws:s3:::foreign", Region: "us-west-2"},
		{ID: "arn:aws:s3:::listed", Region: "ap-southeast-2", Account: "222222222222"}})
}

// After an interruption no bucket is asked about, and that is said.
func TestNamedBucketsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	tp := &tape{program: head}
	s := gives("firehose", sends("a", "own"))
	scan := s.Scan
	s.Scan = func(c context.Context, t *scanners.Target, out *scanners.Sink) error {
		defer cancel()
		return scan(c, t, out)
	}
	f := scanIn(t, ctx, tp.over(t, quiet("eu-west-1")), "kinesis", with(s))
	if n := tp.asked("", "HeadBucket"); n != 0 {
		t.Errorf("asked %d times", n)
	}
	if !slices.Contains(f.gaps(), "HeadBucket cancelled arn:aws:firehose:eu-west-1:111111111111:deliverystream/a") {
		t.Errorf("gaps: %v", f.gaps())
	}
}

// A gap about a resource whose place has no line of its own stands on another, and never on one that was not examined.
func TestGapWithoutALine(t *testing.T) {
	regionless, foreigners := sends("a", "foreign"), sends("b", "foreign")
	regionless.Region, foreigners.Account = "", "888888888888"
	s := streams()
	s.Service, s.Calls = "firehose", []scanners.Call{{Operation: "List"}}
	s.Scan = func(_ context.Context, _ *scanners.Target, out *scanners.Sink) error {
		out.Add(regionless)
		out.Add(foreigners)
		return nil
	}
	f := scanWith(t, (&tape{program: head}).over(t, quiet("us-east-1")), "kinesis", with(s))
	same(t, "lines", f.lines(), []string{"111111111111 ap-southeast-2 disabled", "111111111111 eu-west-1 disabled", "111111111111 us-east-1 partial"})
	same(t, "gaps", f.gaps(), []string{"HeadBucket unresolved " + regionless.ID, "HeadBucket unresolved " + foreigners.ID})
}

func store(account, region string) residency.Resource {
	return residency.Resource{ID: "arn:aws:kinesis:" + region + ":" + account + ":stream/s", Kind: "kinesis.stream", Account: account, Region: region,
		Placements: []residency.Placement{{Role: residency.Primary, Region: region}}}
}

// A collector has a source for each covered account-region in which there are data stores, and is reported once.
func TestCollectors(t *testing.T) {
	const two = "222222222222"
	key := store(ownAccount, "us-east-1")
	key.Placements = []residency.Placement{{Role: residency.Key, Region: "us-east-1"}} // holds no data
	for _, test := range []struct {
		name   string
		covers []scanners.Covers
		want   []string
	}{
		{"its own account", []scanners.Covers{{Role: residency.Log}}, []string{"log 111111111111 eu-west-1"}},
		{"the organisation", []scanners.Covers{{Role: residency.Log, Organization: true}},
			[]string{"log 111111111111 eu-west-1", "log 222222222222 ap-southeast-2", "log 222222222222 eu-west-1"}},
		{"regions", []scanners.Covers{{Role: residency.Metadata, Organization: true, Regions: []string{"eu-west-1"}}},
			[]string{"metadata 111111111111 eu-west-1", "metadata 222222222222 eu-west-1"}},
		{"accounts", []scanners.Covers{{Role: residency.Log, Accounts: []string{two}}}, []string{"log 222222222222 ap-southeast-2", "log 222222222222 eu-west-1"}},
		{"no accounts", []scanners.Covers{{Role: residency.Log, Accounts: []string{}}}, nil},
		{"two roles", []scanners.Covers{{Role: residency.Metadata}, {Role: residency.Log, Regions: []string{"us-east-1"}}}, []string{"metadata 111111111111 eu-west-1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			trail := residency.Resource{ID: "arn:aws:cloudtrail:eu-west-1:111111111111:trail/t", Kind: "cloudtrail.trail", Account: ownAccount, Region: "eu-west-1", Placements: []residency.Placement{}}
			s := streams()
			s.Service, s.Calls = "cloudtrail", []scanners.Call{{Operation: "List"}}
			s.Scan = func(_ context.Context, _ *scanners.Target, out *scanners.Sink) error { // everybody sees it
				out.AddCollector(trail, test.covers...)
				return nil
			}
			f := scanWith(t, (&tape{program: opens}).over(t, quiet(testRegions...)), "kinesis", with(streams(), ownAccount, two), func(o *scanners.Options) {
				o.Scanners = []scanners.Scanner{s, gives("kinesis", store(ownAccount, "eu-west-1"), key, store(two, "eu-west-1"), store(two, "ap-southeast-2"))}
			})
			var got []string
			for _, src := range f.resource(t, trail.ID).Sources {
				if src.ID != "arn:aws:iam::"+src.Account+":root" {
					t.Errorf("%+v", src)
				}
				got = append(got, string(src.Role)+" "+src.Account+" "+src.Region)
			}
			same(t, "sources", got, test.want)
			n := 0
			for _, r := range f.resources {
				if r.ID == trail.ID {
					n++
				}
			}
			if n != 1 {
				t.Errorf("reported %d times", n)
			}
		})
	}
}

// Of a collector that several accounts see the owner's word is kept, and without the owner the first account's.
func TestCollectorSeenByMany(t *testing.T) {
	s := streams()
	s.Service, s.Calls = "cloudtrail", []scanners.Call{{Operation: "List"}}
	s.Scan = func(_ context.Context, t *scanners.Target, out *scanners.Sink) error {
		for _, owner := range []string{"222222222222", "999999999999"} {
			out.AddCollector(residency.Resource{ID: "arn:aws:cloudtrail:eu-west-1:" + owner + ":trail/t", Kind: "cloudtrail.trail", Name: t.Account, Account: owner, Region: "eu-west-1"})
		}
		return nil
	}
	for range 5 {
		f := scanWith(t, (&tape{program: opens}).over(t, quiet("eu-west-1")), "kinesis", with(s, "333333333333", "222222222222", ownAccount))
		same(t, "seen by", []string{f.resources[0].Name, f.resources[1].Name}, []string{"222222222222", "111111111111"})
	}
}
