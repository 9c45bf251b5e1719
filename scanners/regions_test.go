package scanners_test

import (
	"slices"
	"testing"

	"github.com/seed-1578181b/domicile/internal/replay"
	"github.com/seed-1578181b/domicile/scanners"
)

// regionsOf answers ListRegions with a body; "" leaves it without an answer of its own.
func regionsOf(pages ...replay.Answer) aws {
	a := quiet()
	for _, account := range []string{ownAccount, "any"} {
		a[account+"/any/account/ListRegions"] = pages
	}
	return a
}

func deniedList(operation string) replay.Answer {
	return *failure("kinesis", 400, "AccessDenied", "User: x is not authorized to perform: "+operation+" because no identity-based policy allows it")
}

// describeRegions answers EC2's list, by hand from the SDK's types.
func describeRegions(states ...string) string {
	body := `<DescribeRegionsResponse><regionInfo>`
	for i := 0; i < len(states); i += 2 {
		body += `<item><regionName>` + states[i] + `</regionName><optInStatus>` + states[i+1] + `</optInStatus></item>`
	}
	return body + `</regionInfo></DescribeRegionsResponse>`
}

func page(input map[string]any, body string) replay.Answer {
	return replay.Answer{Input: input, Body: []byte(body)}
}

func TestRegions(t *testing.T) {
	twoPages := []replay.Answer{
		page(map[string]any{"MaxResults": 50.0}, `{"Regions":[{"RegionName":"eu-west-1","RegionOptStatus":"ENABLED_BY_DEFAULT"},{"RegionName":"ap-southeast-2","RegionOptStatus":"DISABLED"}],"NextToken":"t"}`),
		page(map[string]any{"MaxResults": 50.0, "NextToken": "t"}, `{"Regions":[{"RegionName":"us-east-1","RegionOptStatus":"ENABLING"}]}`),
	}
	unimplemented := replay.Answer{Status: 404, Headers: map[string]string{"Content-Type": "text/html"}, Body: text("<html>no</html>")}
	ec2 := func(a aws, status int, body string) aws {
		return a.answer("any", "any", "ec2", "DescribeRegions", "", status, body)
	}
	denial := string(failure("ec2", 403, "UnauthorizedOperation", "no").Body)
	for _, test := range []struct {
		name     string
		answers  aws
		regions  []string // of the configuration or a flag
		lines    []string
		gaps     []string
		narrowed bool
	}{
		{"two pages", regionsOf(twoPages...), nil,
			[]string{"ap-southeast-2 disabled", "eu-west-1 complete", "us-east-1 complete"}, nil, false},
		{"second page denied, EC2 answers", ec2(regionsOf(twoPages[0], replay.Answer{Input: twoPages[1].Input, Status: 400, Body: deniedList("account:ListRegions").Body}), 200,
			describeRegions("eu-west-1", "opt-in-not-required", "us-east-1", "opted-in", "ap-southeast-2", "not-opted-in")), nil,
			[]string{"ap-southeast-2 disabled", "eu-west-1 complete", "us-east-1 complete"}, nil, false},
		{"denied, EC2 answers", ec2(regionsOf(deniedList("account:ListRegions")), 200, describeRegions("eu-west-1", "opted-in", "us-east-1", "not-opted-in")), nil,
			[]string{"ap-southeast-2 disabled", "eu-west-1 complete", "us-east-1 disabled"}, nil, false},
		{"not implemented, EC2 answers", ec2(regionsOf(unimplemented), 200, describeRegions("eu-west-1", "opted-in")), nil,
			[]string{"ap-southeast-2 disabled", "eu-west-1 complete", "us-east-1 disabled"}, nil, false},
		{"empty, EC2 answers", ec2(regionsOf(page(nil, `{"Regions":[]}`)), 200, describeRegions("eu-west-1", "opted-in")), nil,
			[]string{"ap-southeast-2 disabled", "eu-west-1 complete", "us-east-1 disabled"}, nil, false},
		{"both denied", ec2(regionsOf(deniedList("account:ListRegions")), 403, denial[1:len(denial)-1]), nil,
			[]string{"ap-southeast-2 partial", "eu-west-1 complete", "us-east-1 complete"},
			[]string{"DescribeRegions denied", "ListRegions denied"}, false},
		{"both empty", ec2(regionsOf(page(nil, `{"Regions":[]}`)), 200, describeRegions()), nil,
			[]string{"ap-southeast-2 partial", "eu-west-1 complete", "us-east-1 complete"},
			[]string{"DescribeRegions malformed", "ListRegions malformed"}, false},
		{"a list without an end", regionsOf(
			page(map[string]any{"MaxResults": 50.0}, `{"Regions":[{"RegionName":"eu-west-1"}],"NextToken":"t"}`),
			page(map[string]any{"MaxResults": 50.0, "NextToken": "t"}, `{"Regions":[],"NextToken":"t"}`)), nil,
			[]string{"ap-southeast-2 partial", "eu-west-1 complete", "us-east-1 complete"},
			[]string{"DescribeRegions unreachable", "ListRegions malformed"}, false},
		{"a region that the table does not know", regionsOf(page(nil, regionList(map[string]string{"eu-west-1": "ENABLED", "xx-new-9": "ENABLED", "yy-off-1": "DISABLED"}))), nil,
			[]string{"ap-southeast-2 disabled", "eu-west-1 complete", "us-east-1 disabled", "xx-new-9 complete", "yy-off-1 disabled"}, nil, false},
		{"named regions, less than enabled", regionsOf(page(nil, regionList(map[string]string{"eu-west-1": "ENABLED", "us-east-1": "ENABLED"}))), []string{"eu-west-1"},
			[]string{"eu-west-1 complete"}, nil, true},
		{"named regions, all that are enabled", regionsOf(page(nil, regionList(map[string]string{"eu-west-1": "ENABLED", "us-east-1": "DISABLED"}))), []string{"eu-west-1"},
			[]string{"eu-west-1 complete"}, nil, false},
		{"a named region that is off", regionsOf(page(nil, regionList(map[string]string{"eu-west-1": "ENABLED", "us-east-1": "DISABLED"}))), []string{"eu-west-1", "us-east-1"},
			[]string{"eu-west-1 complete", "us-east-1 disabled"}, nil, false},
		{"named regions, not known which are enabled", ec2(regionsOf(deniedList("account:ListRegions")), 403, denial[1:len(denial)-1]), []string{"eu-west-1"},
			[]string{"eu-west-1 partial"}, []string{"DescribeRegions denied", "ListRegions denied"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			tp := &tape{}
			f := scanWith(t, tp.over(t, test.answers), "kinesis", with(streams()), func(o *scanners.Options) { o.Regions = test.regions })
			var lines []string
			for _, c := range f.coverage {
				lines = append(lines, c.Region+" "+string(c.Status))
				if c.Gaps == nil {
					t.Errorf("%s: null gaps", c.Region)
				}
				for _, call := range tp.calls {
					if call.Operation == "ListStreams" && call.Region == c.Region && c.Status == "disabled" {
						t.Errorf("asked in %s, which is off", c.Region)
					}
				}
			}
			same(t, "lines", lines, test.lines)
			same(t, "gaps", f.gaps(), test.gaps)
			if f.scope.Narrowed != test.narrowed {
				t.Errorf("narrowed: %v", f.scope.Narrowed)
			}
			if test.regions == nil && len(f.scope.Regions) != len(lines) {
				t.Errorf("scope: %v", f.scope.Regions)
			}
		})
	}
}

// A flag that leaves services out narrows the run, and the regions that only other accounts have on do not.
func TestNarrowed(t *testing.T) {
	one := scanWith(t, (&tape{}).over(t, quiet("eu-west-1")), "kinesis", with(streams()), func(o *scanners.Options) { o.Shipped = 2 })
	if !one.scope.Narrowed {
		t.Error("one of two scanners, and not narrowed")
	}
	a := quiet("eu-west-1")
	a["222222222222/any/account/ListRegions"] = []replay.Answer{page(nil, regionList(map[string]string{"us-east-1": "ENABLED"}))}
	two := scanWith(t, (&tape{program: opens}).over(t, a), "kinesis", with(streams(), ownAccount, "222222222222"))
	same(t, "lines", two.lines(), []string{"111111111111 ap-southeast-2 disabled", "111111111111 eu-west-1 complete", "111111111111 us-east-1 disabled",
		"222222222222 ap-southeast-2 disabled", "222222222222 eu-west-1 disabled", "222222222222 us-east-1 complete"})
	if two.scope.Narrowed {
		t.Error("narrowed without a flag")
	}
	named := scanWith(t, (&tape{program: opens}).over(t, a), "kinesis", with(streams(), ownAccount, "222222222222"), func(o *scanners.Options) { o.Regions = []string{"eu-west-1"} })
	if !named.scope.Narrowed {
		t.Error("the second account has us-east-1 on: the run is narrowed")
	}
}

// A global scanner has one line an account, and is asked in the partition's home region.
func TestGlobalScanner(t *testing.T) {
	s := streams()
	s.Scope = scanners.Global
	tp := &tape{}
	f := scanWith(t, tp.over(t, quiet("eu-west-1")), "kinesis", with(s))
	same(t, "lines", f.lines(), []string{"111111111111 global complete"})
	if !slices.ContainsFunc(tp.calls, func(c replay.Call) bool { return c.Operation == "ListStreams" && c.Region == "us-east-1" }) {
		t.Error("not asked at home")
	}
	if f.scope.Scanners["kinesis"] != "global" {
		t.Errorf("scope: %v", f.scope.Scanners)
	}
}
