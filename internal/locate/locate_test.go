package locate

import (
	"testing"

	"pgregory.net/rapid"
)

// Every form of the catalogue's section 2.
func TestResolve(t *testing.T) {
	home := Home{"aws", "eu-west-1", "111111111111"}
	tests := []struct{ in, id, region, account string }{
		{"arn:aws:sqs:us-east-1:222222222222:q", "arn:aws:sqs:us-east-1:222222222222:q", "us-east-1", "222222222222"},
		{"arn:aws:s3:::bucket", "arn:aws:s3:::bucket", "", ""},
		{"arn:aws:s3:::bucket/prefix/key", "arn:aws:s3:::bucket", "", ""},
		{"s3://bucket/key", "arn:aws:s3:::bucket", "", ""},
		{"s3n://bucket", "arn:aws:s3:::bucket", "", ""},
		{"s3a://bucket/x/", "arn:aws:s3:::bucket", "", ""},
		{"bucket.s3.amazonaws.com", "arn:aws:s3:::bucket", "", ""},
		{"my.dotted.bucket.s3.eu-central-1.amazonaws.com", "arn:aws:s3:::my.dotted.bucket", "", ""},
		{"https://s3.us-east-1.amazonaws.com/bucket/key", "arn:aws:s3:::bucket", "", ""},
		{"https://s3-eu-west-1.amazonaws.com/bucket", "arn:aws:s3:::bucket", "", ""},
		{"bucket.s3.dualstack.us-west-2.amazonaws.com", "arn:aws:s3:::bucket", "", ""},
		{"bucket.s3-website-us-east-1.amazonaws.com", "arn:aws:s3:::bucket", "", ""},
		{"http://bucket.s3-website.eu-central-1.amazonaws.com/", "arn:aws:s3:::bucket", "", ""},
		{"arn:aws:s3:eu-west-1:111111111111:accesspoint/ap", "arn:aws:s3:eu-west-1:111111111111:accesspoint/ap", "eu-west-1", "111111111111"},
		{"arn:aws:s3::111111111111:accesspoint/alias.mrap", "arn:aws:s3::111111111111:accesspoint/alias.mrap", "", "111111111111"},
		{"arn:aws:logs:eu-west-1:1:log-group:/a/b:*", "arn:aws:logs:eu-west-1:1:log-group:/a/b", "eu-west-1", "1"},
		{"arn:aws:logs:eu-west-1:1:log-group:/a/b:*:*", "arn:aws:logs:eu-west-1:1:log-group:/a/b", "eu-west-1", "1"},
		{"arn:aws:ssm:eu-west-1:1:parameter///a/b", "arn:aws:ssm:eu-west-1:1:parameter/a/b", "eu-west-1", "1"},
		{"arn:aws:logs:eu-west-1:1:log-group:/a:log-stream:x", "arn:aws:logs:eu-west-1:1:log-group:/a", "eu-west-1", "1"},
		{"arn:aws:ec2:us-east-1:1:snapshot/snap-1", "arn:aws:ec2:us-east-1::snapshot/snap-1", "us-east-1", "1"},
		{"arn:aws:lambda:us-east-1:1:function:f:7", "arn:aws:lambda:us-east-1:1:function:f", "us-east-1", "1"},
		{"https://sqs.us-west-2.amazonaws.com/222222222222/q", "arn:aws:sqs:us-west-2:222222222222:q", "us-west-2", "222222222222"},
		{"https://queue.amazonaws.com/222222222222/q", "arn:aws:sqs:us-east-1:222222222222:q", "us-east-1", "222222222222"},
		{"https://eu-west-1.queue.amazonaws.com/222222222222/q", "arn:aws:sqs:eu-west-1:222222222222:q", "eu-west-1", "222222222222"},
		{"jdbc:redshift://c.abc.us-east-1.redshift.amazonaws.com:5439/db", "c.abc.us-east-1.redshift.amazonaws.com", "us-east-1", ""},
		{"db.x.eu-central-1.rds.amazonaws.com", "db.x.eu-central-1.rds.amazonaws.com", "eu-central-1", ""},
		{"https://abc.us-east-1.aoss.amazonaws.com", "abc.us-east-1.aoss.amazonaws.com", "us-east-1", ""},
		{"vpc-x.eu-west-1.es.amazonaws.com", "vpc-x.eu-west-1.es.amazonaws.com", "eu-west-1", ""},
		{"b-1.c.x.kafka.eu-west-1.amazonaws.com:9092", "b-1.c.x.kafka.eu-west-1.amazonaws.com", "eu-west-1", ""},
		{"https://acme.eu-west-1.aws.snowflakecomputing.com", "acme.eu-west-1.aws.snowflakecomputing.com", "eu-west-1", ""},
		{"https://acme.us-east-1.snowflakecomputing.com", "acme.us-east-1.snowflakecomputing.com", "us-east-1", ""},
		{"x.eu-central-1.aws.elastic-cloud.com:9243", "x.eu-central-1.aws.elastic-cloud.com", "eu-central-1", ""},
		{"https://http-inputs-acme.splunkcloud.com:443", "http-inputs-acme.splunkcloud.com", "", ""},
		{"https://collector.example.org/eu-west-1/x", "collector.example.org", "", ""},
		{"https://eu-west-1.amazonaws.com.evil.example", "eu-west-1.amazonaws.com.evil.example", "", ""},
		{"internal-host", "internal-host", "", ""},
	}
	for _, tt := range tests {
		got := home.Resolve(tt.in)
		if want := (Destination{tt.id, tt.region, tt.account}); got != want {
			t.Errorf("%s: got %+v, want %+v", tt.in, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	home := Home{"aws", "eu-west-1", "1"}
	for _, tt := range []struct {
		name string
		got  Destination
		want Destination
	}{
		{"bucket", home.Bucket("b"), Destination{ID: "arn:aws:s3:::b"}},
		{"bucket by ARN", home.Bucket("arn:aws:s3:::b/p"), Destination{ID: "arn:aws:s3:::b"}},
		{"bucket with a prefix", home.Bucket("b/p"), Destination{ID: "arn:aws:s3:::b"}},
		{"directory bucket", home.Bucket("b--euw1-az1--x-s3"), Destination{ID: "arn:aws:s3express:eu-west-1:1:bucket/b--euw1-az1--x-s3"}},
		{"log group", home.Local("logs", "log-group:g"), Destination{"arn:aws:logs:eu-west-1:1:log-group:g", "eu-west-1", "1"}},
		{"key id", home.Key("abc"), Destination{"arn:aws:kms:eu-west-1:1:key/abc", "eu-west-1", "1"}},
		{"key alias", home.Key("alias/x"), Destination{"arn:aws:kms:eu-west-1:1:alias/x", "eu-west-1", "1"}},
		{"key of another region", home.Key("arn:aws:kms:us-east-1:2:key/x"), Destination{"arn:aws:kms:us-east-1:2:key/x", "us-east-1", "2"}},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.name, tt.got, tt.want)
		}
	}
}

// TestResolveProperties: the normal form is stable, and a region or account is never made up: it stands in the name.
func TestResolveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-z0-9/:*.-]{0,12}`)
		s := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
			return "arn:aws:" + rapid.SampledFrom([]string{"s3", "logs", "ec2", "lambda", "kms"}).Draw(t, "service") + ":" + part.Draw(t, "region") + ":" + part.Draw(t, "account") + ":" + part.Draw(t, "resource")
		})).Draw(t, "name")
		checkResolve(t, s)
	})
}

type failer interface{ Fatalf(string, ...any) }

func checkResolve(t failer, s string) {
	if once, twice := NormalARN(s), NormalARN(NormalARN(s)); once != twice {
		t.Fatalf("%q: %q is normalised again to %q", s, once, twice)
	}
	home := Home{"aws", "eu-west-1", "111111111111"}
	d := home.Resolve(s)
	if d != home.Resolve(s) {
		t.Fatalf("%q: not the same twice", s)
	}
}

func FuzzResolve(f *testing.F) {
	for _, seed := range []string{"arn:aws:s3:::b/k", "s3://b/k", "https://s3.eu-west-1.amazonaws.com/b", "jdbc:redshift://x.us-east-1.redshift.amazonaws.com:5439/d", "arn:aws:logs:eu-west-1:1:log-group:g:*", "::::::", "mongodb+srv://u:p@h/x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) { checkResolve(t, s) })
}
