package audit

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

// plainVerdict is what a bundle says of a verdict.
type plainVerdict struct {
	Control, Resource, Kind, Zone string
	Outcome                       residency.Outcome
	Severity                      residency.Severity
}

// Plain OPA, with the bundle and the document and nothing else of ours, gives every verdict of the story and no other.
func TestBundleGivesTheSameVerdicts(t *testing.T) {
	run := scanStory(t)
	kept, cfg, err := stored(t.Context(), run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	want := map[plainVerdict]int{}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(run.Dir, snapshot.VerdictsFileName)) {
		if err != nil {
			t.Fatal(err)
		}
		want[plainVerdict{v.Control, v.Resource, v.Kind, v.Zone, v.Outcome, v.Severity}]++
	}
	var input bytes.Buffer
	if err := NewJudge(kept, cfg).Document(t.Context(), filepath.Join(run.Dir, snapshot.FileName), &input); err != nil {
		t.Fatal(err)
	}
	got := map[plainVerdict]int{}
	for _, v := range evaluate(t, kept, input.Bytes()) {
		got[v]++
	}
	if len(want) < 300 {
		t.Errorf("%d verdicts: is the story read?", len(want))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-domicile +opa):\n%s", diff)
	}
}

func evaluate(t *testing.T, engine *policies.Engine, input []byte) (verdicts []plainVerdict) {
	t.Helper()
	var packed bytes.Buffer
	if err := engine.WriteBundle(&packed); err != nil {
		t.Fatal(err)
	}
	b, err := bundle.NewReader(&packed).Read()
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := util.UnmarshalJSON(input, &document); err != nil {
		t.Fatal(err)
	}
	found, err := rego.New(rego.Query("data.domicile.verdicts"), rego.ParsedBundle("domicile", &b), rego.SetRegoVersion(ast.RegoV1),
		rego.Input(document), rego.StrictBuiltinErrors(true)).Eval(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatalf("%d results, %v", len(found), err)
	}
	data, err := json.Marshal(found[0].Expressions[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &verdicts); err != nil {
		t.Fatal(err)
	}
	return verdicts
}
