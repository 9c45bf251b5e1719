package plan

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// planned is one resource of a plan as a test writes it: values that are known, names of those that are not, and what the
// configuration refers to for them.
type planned struct {
	address  string
	provider string         // aws (eu-west-1), aws.us (us-east-1), aws.open (no region)
	values   string         // JSON
	refs     map[string]any // attribute, with dots for blocks: the references
}

// realPlan is a plan that Terraform 1.9.8 wrote, of format 1.2, whose own resources hold no data: what a test adds is all that it comes to.
func realPlan(t *testing.T) (plan map[string]any) {
	t.Helper()
	data, err := os.ReadFile("testdata/tfplan/008_aquasecurity__trivy-checks__examples_terraform-plan_tfplan.json")
	if err == nil {
		err = json.Unmarshal(data, &plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// planOf puts resources into the real plan: a mutation of it.
func planOf(t *testing.T, all ...planned) string {
	t.Helper()
	var changes, configured []any
	for _, r := range all {
		typ, name, _ := strings.Cut(r.address, ".")
		values, unknown, expressions := map[string]any{}, map[string]any{}, map[string]any{}
		if r.values != "" {
			if err := json.Unmarshal([]byte(r.values), &values); err != nil {
				t.Fatalf("%s: %v", r.address, err)
			}
		}
		for path, refs := range r.refs {
			put(unknown, path, true, false)
			put(expressions, path, map[string]any{"references": refs}, true)
		}
		changes = append(changes, map[string]any{"address": r.address, "mode": "managed", "type": typ, "name": name,
			"change": map[string]any{"actions": []string{"create"}, "after": values, "after_unknown": unknown}})
		configured = append(configured, map[string]any{"address": r.address, "mode": "managed", "type": typ, "name": name,
			"provider_config_key": orElse(r.provider, "aws"), "expressions": expressions})
	}
	plan := realPlan(t)
	plan["resource_changes"] = append(plan["resource_changes"].([]any), changes...)
	configuration := plan["configuration"].(map[string]any)
	root, providers := configuration["root_module"].(map[string]any), configuration["provider_config"].(map[string]any)
	root["resources"] = append(root["resources"].([]any), configured...)
	region := func(r string) map[string]any { return map[string]any{"region": map[string]any{"constant_value": r}} }
	providers["aws"].(map[string]any)["expressions"] = region("eu-west-1")
	providers["aws.us"] = map[string]any{"name": "aws", "alias": "us", "expressions": region("us-east-1")}
	providers["aws.open"] = map[string]any{"name": "aws", "alias": "open", "expressions": map[string]any{"region": map[string]any{"references": []string{"local.region"}}}}
	data, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// put sets a member at a path; a block is a list of one.
func put(at map[string]any, path string, v any, block bool) {
	first, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		at[first] = v
		return
	}
	inner := map[string]any{}
	if there, ok := at[first].([]any); ok {
		inner, _ = there[0].(map[string]any)
	}
	put(inner, rest, v, block)
	at[first] = []any{inner}
}

// property is one resource of a template as a test writes it.
type property struct {
	id, typ, region string
	values          string // JSON; {"Ref": ID} refers to another
}

// placed is what a change comes to, without the texts for a reader: by id, one line for each placement, source and gap.
type placed map[string][]string

func (p placed) add(r *residency.Resource) {
	for _, pl := range r.Placements {
		p[r.ID] = append(p[r.ID], placeLine(string(pl.Role), pl.Region, pl.Account, pl.Target))
	}
	for _, s := range r.Sources {
		p[r.ID] = append(p[r.ID], "from "+placeLine(string(s.Role), s.Region, s.Account, s.ID))
	}
	if len(r.Placements)+len(r.Sources) == 0 && p[r.ID] == nil {
		p[r.ID] = []string{}
	}
}

func placeLine(role, region, account, target string) string {
	line := role + " in " + orElse(region, "?")
	if account != "" {
		line += " of " + account
	}
	if target != "" {
		line += " at " + target
	}
	return strings.TrimPrefix(line, " ")
}

func (p placed) gaps(gaps []residency.Gap) {
	for _, g := range gaps {
		if g.Call == OwnerGap { // beside every place that nobody knows: see TestOwnersNobodyKnows
			continue
		}
		p[g.Resource] = append(p[g.Resource], fmt.Sprintf("gap %s %s", g.Call, g.Class))
	}
}

// terraformPlaces is what a plan comes to.
func terraformPlaces(t *testing.T, all ...planned) placed {
	t.Helper()
	data := planOf(t, all...)
	c, err := Read([]Input{{Name: "plan", Data: strings.NewReader(data), Size: int64(len(data))}}, Options{}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out collected
	lines, err := c.Emit(&out)
	if err != nil {
		t.Fatal(err)
	}
	p := placed{}
	for _, id := range out.ids {
		p.add(out.byID[id])
	}
	for _, l := range lines {
		p.gaps(l.Gaps)
	}
	return p
}

// templatePlaces is what the properties of a template come to, without a reader of templates.
func templatePlaces(t *testing.T, all ...property) placed {
	t.Helper()
	w := newWorld("aws", someRegions, nil)
	var things []*thing
	for _, r := range all {
		var raw any
		if err := json.Unmarshal([]byte(orElse(r.values, "{}")), &raw); err != nil {
			t.Fatalf("%s: %v", r.id, err)
		}
		values := fromJSON(raw)
		th := &thing{address: r.id, row: rowOf(r.typ).with(values), values: values, name: tokenFor(r.id), tags: map[string]string{}}
		switch {
		case th.row.global:
		case r.region == "?":
			th.unsaid = "give --region"
		default:
			th.region = orElse(r.region, "eu-west-1")
		}
		if name := th.values.field(th.row.name); name.kind == text {
			th.name = name.text
		}
		w.add(th)
		things = append(things, th)
	}
	var out collected
	e := &emitter{w: w, sink: &out, all: &gathering{stores: map[accountRegion]bool{}}, listed: map[string]int{}}
	for _, th := range things {
		if err := e.emit(th); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.all.flush(w.partition, &out); err != nil {
		t.Fatal(err)
	}
	p := placed{}
	for _, id := range out.ids {
		p.add(out.byID[id])
	}
	p.gaps(append(e.gaps, e.unlisted()...))
	return p
}

func fromJSON(raw any) Value {
	switch raw := raw.(type) {
	case map[string]any:
		if ref, ok := raw["Ref"].(string); ok {
			attr, _ := raw["Attr"].(string)
			return refTo(ref, attr)
		}
		if why, ok := raw["Unknown"].(string); ok {
			return unknownBecause(why)
		}
		v := Value{kind: object, fields: map[string]Value{}}
		for name, one := range raw {
			v.fields[name] = fromJSON(one)
		}
		return v
	case []any:
		v := Value{kind: list}
		for _, one := range raw {
			v.list = append(v.list, fromJSON(one))
		}
		return v
	case nil:
		return Value{}
	}
	return textOf(fmt.Sprint(raw))
}

// rowCase is one row's behaviour: the resources of a change and what some of them come to.
type rowCase struct {
	name      string
	terraform []planned
	template  []property
	want      placed
}

func runRows(t *testing.T, cases []rowCase) {
	t.Helper()
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			var got placed
			if tc.terraform != nil {
				got = terraformPlaces(t, tc.terraform...)
			} else {
				got = templatePlaces(t, tc.template...)
			}
			for id, want := range tc.want {
				slices.Sort(want)
				have := slices.Clone(got[id])
				slices.Sort(have)
				if diff := cmp.Diff(want, have); diff != "" {
					t.Errorf("%s:\n%s", id, diff)
				}
			}
		})
	}
}

// TestNothingKnown: a resource of which nothing at all is known is read to an end by every row, and comes to something or to a gap.
func TestNothingKnown(t *testing.T) {
	w := newWorld("aws", someRegions, nil)
	for typ, r := range table {
		th := &thing{address: "x", row: r, values: unknownBecause("not known"), name: "n", region: "eu-west-1"}
		w.things["x"] = th
		v := view{w: w, t: th, at: th.values, out: &draft{}, held: target{id: "x", region: "eu-west-1", thing: th}}
		if r.settings != nil {
			v.held = r.settings(v)
		}
		if r.read != nil {
			r.read(v)
		}
		for _, p := range v.out.placements {
			if p.Via == "" && p.Region == "" {
				t.Errorf("%s: a placement that is nowhere and does not say why", typ)
			}
		}
	}
}
