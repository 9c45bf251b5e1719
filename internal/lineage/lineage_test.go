package lineage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var testZones = []residency.Zone{
	{ID: "eu", Regions: []string{"eu-west-1"}, Promise: true},
	{ID: "au", Regions: []string{"ap-southeast-2"}, Promise: true},
}

func follow(t testing.TB, rules []residency.Rule, accounts residency.Accounts, rs ...residency.Resource) *Graph {
	t.Helper()
	b, err := NewBuilder(testZones, rules, accounts)
	if err != nil {
		t.Fatal(err)
	}
	for i := range rs {
		b.Add(&rs[i])
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rs {
		g.Name(rs[i].ID)
	}
	g.Follow()
	return g
}

// holding is what the tests compare: "eu held a>b", "eu crossed a>b".
func holding(t testing.TB, g *Graph, r residency.Resource) (out []string) {
	t.Helper()
	n, ok := g.Find(r.ID)
	if !ok {
		t.Fatalf("%s is not in the graph", r.ID)
	}
	for _, h := range g.Holds(n, nil) {
		out = append(out, fmt.Sprintf("%s held %s", testZones[h.Zone].ID, strings.Join(g.Path(n, h.Zone, r.ID), ">")))
	}
	for _, c := range g.Crossings(n, &r) {
		out = append(out, fmt.Sprintf("%s crossed %s", testZones[c.Zone].ID, strings.Join(append(c.Path, r.ID), ">")))
	}
	return out
}

func store(id, region string, tag string, more ...residency.Placement) residency.Resource {
	tags := map[string]string{}
	if tag != "" {
		tags["zone"] = tag
	}
	return residency.Resource{ID: id, Kind: "test.store", Account: "1", Region: region, Tags: tags,
		Placements: append([]residency.Placement{{Role: residency.Primary, Region: region}}, more...)}
}

func to(role residency.Role, region, target string) residency.Placement {
	return residency.Placement{Role: role, Region: region, Target: target}
}

var byTag = []residency.Rule{{TagKey: "zone"}}

func TestChainStopsAtTheBorder(t *testing.T) {
	g := follow(t, byTag, residency.NewAccounts([]string{"1"}, nil),
		store("a", "eu-west-1", "eu", to(residency.Log, "eu-west-1", "b")),
		store("b", "eu-west-1", "", to(residency.Stream, "us-east-1", "c")),
		store("c", "us-east-1", "", to(residency.Backup, "us-east-1", "d")),
		store("d", "us-east-1", ""))
	for id, want := range map[string][]string{"a": {"eu held a"}, "b": {"eu held a>b"}, "c": nil, "d": nil} {
		if diff := cmp.Diff(want, holding(t, g, residency.Resource{ID: id})); diff != "" {
			t.Errorf("%s: %s", id, diff)
		}
	}
	b, _ := g.Find("b")
	if diff := cmp.Diff([]string{"c", "d"}, g.Downstream(0, []string{"c"}, b)); diff != "" {
		t.Error(diff)
	}
}

func TestEdges(t *testing.T) {
	org := residency.NewAccounts([]string{"1", "2"}, []residency.TrustedAccount{{ID: "3"}})
	copyOf := func(r residency.Resource, s residency.Source) residency.Resource {
		r.Sources = append(r.Sources, s)
		return r
	}
	withAccount := func(p residency.Placement, account string) residency.Placement { p.Account = account; return p }
	tests := []struct {
		name string
		rs   []residency.Resource
		want []string // of resource b
	}{
		{"inside", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "eu-west-1", "b")), store("b", "eu-west-1", "")}, []string{"eu held a>b"}},
		{"outside", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "us-east-1", "b")), store("b", "us-east-1", "")}, nil},
		{"region of the target", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "", "b")), store("b", "eu-west-1", "")}, []string{"eu held a>b"}},
		{"no region at all", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "", "b")), store("b", "", "")}, nil},
		{"metadata carries nothing", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Metadata, "eu-west-1", "b")), store("b", "eu-west-1", "")}, nil},
		{"transit carries", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Transit, "eu-west-1", "b")), store("b", "eu-west-1", "")}, []string{"eu held a>b"}},
		{"another account of the organisation", []residency.Resource{store("a", "eu-west-1", "eu", withAccount(to(residency.Replica, "eu-west-1", "b"), "2")), store("b", "eu-west-1", "")}, []string{"eu held a>b"}},
		{"a trusted account", []residency.Resource{store("a", "eu-west-1", "eu", withAccount(to(residency.Replica, "eu-west-1", "b"), "3")), store("b", "eu-west-1", "")}, []string{"eu held a>b"}},
		{"a stranger's account", []residency.Resource{store("a", "eu-west-1", "eu", withAccount(to(residency.Replica, "eu-west-1", "b"), "9")), store("b", "eu-west-1", "")}, nil},
		{"only the copy knows, inside", []residency.Resource{store("a", "eu-west-1", "eu"), copyOf(store("b", "eu-west-1", ""), residency.Source{ID: "a"})}, []string{"eu held a>b"}},
		{"only the copy knows, outside", []residency.Resource{store("a", "eu-west-1", "eu"), copyOf(store("b", "us-east-1", ""), residency.Source{ID: "a"})}, []string{"eu crossed a>b"}},
		{"both sides, outside, named twice by the copy", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "us-east-1", "b")),
			copyOf(copyOf(store("b", "eu-west-1", ""), residency.Source{ID: "a", Via: "by plan x"}), residency.Source{ID: "a", Via: "by hand"})}, nil},
		{"both sides, outside: the source has it", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "us-east-1", "b")), copyOf(store("b", "us-east-1", ""), residency.Source{ID: "a"})}, nil},
		{"source of metadata", []residency.Resource{store("a", "eu-west-1", "eu"), copyOf(store("b", "us-east-1", ""), residency.Source{ID: "a", Role: residency.Metadata})}, []string{"eu crossed a>b"}},
		{"assigned and reached: its own path", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "eu-west-1", "b")), store("b", "eu-west-1", "eu")}, []string{"eu held b"}},
		{"two zones", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "eu-west-1", "b")), store("b", "eu-west-1", "au")}, []string{"eu held a>b", "au held b"}},
		{"its own place decides, not its region", []residency.Resource{store("a", "eu-west-1", "eu"), {ID: "b", Kind: "test.store", Account: "1", Tags: map[string]string{},
			Placements: []residency.Placement{{Role: residency.Primary, Region: "eu-west-1"}}, Sources: []residency.Source{{ID: "a"}}}}, []string{"eu held a>b"}},
		{"the same source twice is one edge", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Replica, "us-east-1", "b")),
			copyOf(copyOf(store("b", "us-east-1", ""), residency.Source{ID: "a"}), residency.Source{ID: "a", Via: "again"})}, nil},
		{"metadata from both sides is one edge", []residency.Resource{store("a", "eu-west-1", "eu", to(residency.Metadata, "us-east-1", "b")),
			copyOf(store("b", "us-east-1", ""), residency.Source{ID: "a", Role: residency.Metadata})}, nil},
		{"a forwarder is judged where it delivers", []residency.Resource{store("a", "eu-west-1", "eu"),
			{ID: "b", Kind: "test.trail", Account: "1", Region: "us-east-1", Tags: map[string]string{}, Placements: []residency.Placement{to(residency.Log, "us-east-1", "c")},
				Sources: []residency.Source{{ID: "a", Role: residency.Log}}}}, []string{"eu held a>b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, holding(t, follow(t, byTag, org, tt.rs...), tt.rs[len(tt.rs)-1])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSourceOutsideTheInventory(t *testing.T) {
	org := residency.NewAccounts([]string{"1", "2"}, nil)
	tests := []struct {
		name   string
		rules  []residency.Rule
		region string // of the copy
		source residency.Source
		want   []string
		silent string
	}{
		{"zone by own region", []residency.Rule{{OwnRegion: true}}, "us-east-1", residency.Source{ID: "arn:aws:rds:eu-west-1:1:snapshot:x"}, []string{"eu crossed arn:aws:rds:eu-west-1:1:snapshot:x>b"}, ""},
		{"inside", []residency.Rule{{ARN: "arn:aws:rds:*", Zone: "eu"}}, "eu-west-1", residency.Source{ID: "arn:aws:rds:eu-west-1:1:snapshot:x"}, []string{"eu held arn:aws:rds:eu-west-1:1:snapshot:x>b"}, ""},
		{"tag lines are skipped", []residency.Rule{{TagKey: "zone"}, {Account: "2", Zone: "au"}}, "us-east-1", residency.Source{ID: "x", Account: "2"}, []string{"au crossed x>b"}, ""},
		{"owner outside", []residency.Rule{{ARN: "*", Zone: "eu"}}, "us-east-1", residency.Source{ID: "x", Account: "9"}, nil, "source x brings no zone: its owner 9 is outside the organisation"},
		{"no line", []residency.Rule{{Account: "7", Zone: "eu"}}, "us-east-1", residency.Source{ID: "x"}, nil, "source x brings no zone: no line of assign matches"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := store("b", tt.region, "")
			r.Sources = []residency.Source{tt.source}
			g := follow(t, append([]residency.Rule{{ARN: "b", Zone: residency.NoZone}}, tt.rules...), org, r)
			if diff := cmp.Diff(tt.want, holding(t, g, r)); diff != "" {
				t.Error(diff)
			}
			if got := strings.Join(g.SilentSources(&r), "; "); got != tt.silent {
				t.Errorf("silent: %q, want %q", got, tt.silent)
			}
		})
	}
}

func TestDuplicateID(t *testing.T) {
	b, err := NewBuilder(testZones, byTag, residency.Accounts{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "a"} {
		r := store(id, "eu-west-1", "eu")
		b.Add(&r)
	}
	_, err = b.Build()
	if err == nil || !b.DuplicateID(err, "a") || b.DuplicateID(err, "b") {
		t.Errorf("a duplicate id must be refused and named: %v", err)
	}
}

// TestFollowAgainstEveryPath compares with a search that lists every path of random graphs.
func TestFollowAgainstEveryPath(t *testing.T) {
	regions := []string{"eu-west-1", "ap-southeast-2", ""}
	roles := []residency.Role{residency.Replica, residency.Log, residency.Metadata}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "n")
		rs := make([]residency.Resource, n)
		for i := range rs {
			rs[i] = store(fmt.Sprint(i), rapid.SampledFrom(regions).Draw(t, "region"), rapid.SampledFrom([]string{"", "", "eu", "au"}).Draw(t, "zone"))
			for range rapid.IntRange(0, 3).Draw(t, "edges") {
				rs[i].Placements = append(rs[i].Placements, to(rapid.SampledFrom(roles).Draw(t, "role"), rapid.SampledFrom(regions).Draw(t, "to"), fmt.Sprint(rapid.IntRange(0, n-1).Draw(t, "target"))))
			}
		}
		order := rapid.Permutation(rs).Draw(t, "order")
		b, _ := NewBuilder(testZones, byTag, residency.NewAccounts([]string{"1"}, nil))
		for i := range order {
			b.Add(&order[i])
		}
		g, err := b.Build()
		if err != nil {
			t.Fatal(err)
		}
		for i := range order {
			g.Name(order[i].ID)
		}
		g.Follow()
		for z := range testZones {
			want := everyPath(rs, z)
			for _, r := range rs {
				node, _ := g.Find(r.ID)
				var got []string
				for _, h := range g.Holds(node, nil) {
					if h.Zone == z {
						got = g.Path(node, z, r.ID)
					}
				}
				if !slices.Equal(got, want[r.ID]) {
					t.Fatalf("zone %s at %s: got %v, want %v", testZones[z].ID, r.ID, got, want[r.ID])
				}
			}
		}
	})
}

// everyPath is the slow and plain definition: all simple paths inside the zone, the shortest, then the first by byte order.
func everyPath(rs []residency.Resource, z int) map[string][]string {
	byID := map[string]residency.Resource{}
	for _, r := range rs {
		byID[r.ID] = r
	}
	best := map[string][]string{}
	var walk func(path []string)
	walk = func(path []string) {
		last := path[len(path)-1]
		if old, ok := best[last]; !ok || len(path) < len(old) || len(path) == len(old) && slices.Compare(path, old) < 0 {
			best[last] = slices.Clone(path)
		}
		for _, p := range byID[last].Placements {
			region := p.Region
			if region == "" {
				region = byID[p.Target].Region
			}
			if p.Target != "" && p.Role.Carries() && testZones[z].Contains(region) && !slices.Contains(path, p.Target) {
				walk(append(slices.Clone(path), p.Target))
			}
		}
	}
	for _, r := range rs {
		if r.Tags["zone"] == testZones[z].ID {
			walk([]string{r.ID})
		}
	}
	for _, r := range rs { // who was assigned the zone has the path of itself alone
		if r.Tags["zone"] == testZones[z].ID {
			best[r.ID] = []string{r.ID}
		}
	}
	return best
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		glob, s string
		want    bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a*", "ab", true}, {"*", "", true}, {"a*a", "a", false}, {"a*a", "aa", true},
		{"arn:aws:s3:::acme-eu-*", "arn:aws:s3:::acme-eu-files", true}, {"*-eu-*-x", "a-eu-b-c-x", true}, {"a**b", "ab", true}, {"*a*b*", "ba", false},
	} {
		if got := match(tt.glob, tt.s); got != tt.want {
			t.Errorf("match(%q, %q) = %v", tt.glob, tt.s, got)
		}
	}
}

func TestAssign(t *testing.T) {
	value := "prod-eu*"
	rules := []residency.Rule{
		{ARN: "arn:aws:s3:::acme-eu-*", Zone: "eu"},
		{TagKey: "residency"},
		{TagKey: "stack", TagValue: &value, Zone: "eu"},
		{Account: "222*", Zone: "au"},
		{ARN: "arn:aws:s3:::cdk-*", Zone: residency.NoZone, Reason: "build", Owner: "platform"},
		{OwnRegion: true},
	}
	a := NewAssigner(testZones, rules)
	tests := []struct {
		name   string
		r      residency.Resource
		want   string // zone id, "none" or ""
		basis  residency.Basis
		reason string
	}{
		{"by arn, tags not read", residency.Resource{ID: "arn:aws:s3:::acme-eu-x"}, "eu", residency.ByARN, ""},
		{"tags not read stop the search", residency.Resource{ID: "x", Account: "222", Region: "eu-west-1"}, "", "", `its tags were not read, and a line of assign asks for tag "residency"`},
		{"a tag that names no zone stops", residency.Resource{ID: "x", Tags: map[string]string{"residency": "EU"}, Region: "eu-west-1"}, "", "", `tag "residency" says "EU", which names no zone`},
		{"none is no zone for a tag", residency.Resource{ID: "x", Tags: map[string]string{"residency": "none"}}, "", "", `tag "residency" says "none", which names no zone`},
		{"tag names the zone", residency.Resource{ID: "x", Tags: map[string]string{"residency": "au"}}, "au", residency.ByTag, ""},
		{"tag value", residency.Resource{ID: "x", Tags: map[string]string{"stack": "prod-eu-1"}}, "eu", residency.ByTag, ""},
		{"account", residency.Resource{ID: "x", Account: "222222222222", Tags: map[string]string{}}, "au", residency.ByAccount, ""},
		{"account not known stops", residency.Resource{ID: "x", Region: "eu-west-1", Tags: map[string]string{}}, "", "", "its account is not known"},
		{"none", residency.Resource{ID: "arn:aws:s3:::cdk-1", Account: "1", Tags: map[string]string{}}, "none", residency.ByARN, ""},
		{"own region", residency.Resource{ID: "x", Account: "1", Region: "eu-west-1", Tags: map[string]string{}}, "eu", residency.ByOwnRegion, ""},
		{"no region of its own", residency.Resource{ID: "x", Account: "1", Tags: map[string]string{}}, "", "", "no line of assign matches"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := a.Resource(&tt.r)
			zone := ""
			if got.None {
				zone = "none"
			} else if got.Assigned() {
				zone = testZones[got.Zone].ID
			}
			if zone != tt.want || got.Basis != tt.basis || got.Reason != tt.reason {
				t.Errorf("got %q by %q (%s), want %q by %q (%s)", zone, got.Basis, got.Reason, tt.want, tt.basis, tt.reason)
			}
		})
	}
}
