package plan

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A resource as a line: its type and label, "in us-east-1" where it is not in eu-west-1 ("in ?": not known), and its settings as
// JSON. The text "@aws_s3_bucket.b.arn" refers to another one ("@b" in a template; a plus parts several, as in a document), and "?" is
// known only after the deployment.
//
//	aws_cloudwatch_log_group.g {"name": "/app"}
//	AWS::Logs::LogGroup g in us-east-1 {"LogGroupName": "/app"}
type resourceLine struct {
	typ, label, region string
	settings           any
}

func resourceLines(t *testing.T, lines string) (all []resourceLine) {
	t.Helper()
	for _, line := range joinedLines(lines) {
		head, settings, _ := strings.Cut(line, "{")
		words := strings.Fields(head)
		if len(words) == 0 {
			continue
		}
		l := resourceLine{typ: words[0], region: "eu-west-1"}
		switch words = words[1:]; {
		case strings.HasPrefix(l.typ, "aws_"):
			l.typ, l.label, _ = strings.Cut(l.typ, ".")
		default:
			l.label, words = words[0], words[1:]
		}
		if len(words) == 2 {
			l.region = words[1]
		}
		if err := json.Unmarshal([]byte("{"+settings), &l.settings); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, l)
	}
	return all
}

// joinedLines are the lines, with those that only go on with the settings of the one before joined to it.
func joinedLines(lines string) (all []string) {
	for line := range strings.Lines(lines) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "aws_"), strings.HasPrefix(line, "AWS::"):
			all = append(all, line)
		case line != "":
			all[len(all)-1] += " " + line
		}
	}
	return all
}

// inPlan writes a line as a resource of a plan.
func (l resourceLine) inPlan(t *testing.T) planned {
	t.Helper()
	r := planned{address: l.typ + "." + l.label, provider: map[string]string{"eu-west-1": "aws", "us-east-1": "aws.us", "?": "aws.open"}[l.region], refs: map[string]any{}}
	values, _ := json.Marshal(withoutReferences(l.settings, "", r.refs))
	r.values = string(values)
	return r
}

// withoutReferences takes what is not known out of a value, and keeps the references by their paths.
func withoutReferences(v any, path string, refs map[string]any) any {
	switch v := v.(type) {
	case string:
		switch ref, isRef := strings.CutPrefix(v, "@"); {
		case v == "?":
			refs[path] = []string{"local.unknown"}
			return nil
		case isRef:
			var all []string
			for one := range strings.SplitSeq(ref, "+") {
				all = append(all, one, one[:strings.LastIndex(one, ".")])
			}
			refs[path] = all
			return nil
		}
	case []any:
		out := make([]any, 0, len(v))
		for _, item := range v {
			if kept := withoutReferences(item, path, refs); kept != nil {
				out = append(out, kept)
			}
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			if kept := withoutReferences(member, strings.TrimPrefix(path+"."+name, "."), refs); kept != nil {
				out[name] = kept
			}
		}
		return out
	}
	return v
}

// inTemplate writes a line as a resource of a template.
func (l resourceLine) inTemplate() property {
	values, _ := json.Marshal(withRefs(l.settings))
	return property{id: l.label, typ: l.typ, region: l.region, values: string(values)}
}

func withRefs(v any) any {
	switch v := v.(type) {
	case string:
		if v == "?" {
			return map[string]any{"Unknown": "parameter P has no default"}
		}
		if ref, isRef := strings.CutPrefix(v, "@"); isRef {
			return map[string]any{"Ref": ref}
		}
	case []any:
		for i := range v {
			v[i] = withRefs(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = withRefs(v[name])
		}
	}
	return v
}

// placesOf is what the resource with a label comes to, in lines without the types of other resources: "log in us-east-1 at there".
func placesOf(t *testing.T, lines, label string) []string {
	t.Helper()
	var plan []planned
	var template []property
	for _, l := range resourceLines(t, lines) {
		if strings.HasPrefix(l.typ, "aws_") {
			plan = append(plan, l.inPlan(t))
		} else {
			template = append(template, l.inTemplate())
		}
	}
	all := templatePlaces(t, template...)
	if plan != nil {
		all = terraformPlaces(t, plan...)
	}
	var found []string // nil: there is no such resource
	for id, places := range all {
		if labelOf(id) != label {
			continue
		}
		found = append([]string{}, found...)
		for _, p := range places {
			head, target, at := strings.Cut(p, " at ")
			if at {
				head += " at " + labelOf(target)
			}
			found = append(found, head)
		}
	}
	slices.Sort(found)
	return found
}

// labelOf is the label of an address of a plan; anything else stays.
func labelOf(id string) string {
	if typ, label, ok := strings.Cut(id, "."); ok && strings.HasPrefix(typ, "aws_") {
		return label
	}
	return id
}

// lineCase is a change and what the resource labelled x comes to; in either language, where both are given.
type lineCase struct {
	name                string
	terraform, template string
	want                []string
}

func runLines(t *testing.T, cases []lineCase) {
	t.Helper()
	for _, tc := range cases {
		for language, lines := range map[string]string{"terraform": tc.terraform, "template": tc.template} {
			if lines == "" {
				continue
			}
			t.Run(tc.name+"/"+language, func(t *testing.T) {
				want := slices.Clone(tc.want)
				slices.Sort(want)
				if diff := cmp.Diff(want, placesOf(t, lines, "x")); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// templateRead is what the resource x of a template comes to that the reader of templates reads. Its resources are all in eu-west-1.
func templateRead(t *testing.T, lines string) []string {
	t.Helper()
	resources := map[string]any{}
	for _, l := range resourceLines(t, lines) {
		resources[l.label] = map[string]any{"Type": l.typ, "Properties": withFunctions(l.settings)}
	}
	data, err := json.Marshal(map[string]any{"AWSTemplateFormatVersion": "2010-09-09", "Parameters": map[string]any{"P": map[string]any{"Type": "String"}}, "Resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Read([]Input{{Name: "S.json", Data: strings.NewReader(string(data)), Size: int64(len(data))}}, Options{Region: "eu-west-1"}, "aws", someRegions, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out collected
	if _, err := c.Emit(&out); err != nil {
		t.Fatal(err)
	}
	all := placed{}
	if r := out.byID["S/x"]; r != nil {
		all.add(r)
	}
	for i, line := range all["S/x"] {
		all["S/x"][i] = strings.ReplaceAll(line, "at S/", "at ")
	}
	return all["S/x"]
}

// withFunctions writes references as a template does: the ARN of another resource, a parameter without a default.
func withFunctions(v any) any {
	switch v := v.(type) {
	case string:
		if v == "?" {
			return map[string]any{"Ref": "P"}
		}
		if ref, isRef := strings.CutPrefix(v, "@"); isRef {
			return map[string]any{"Fn::GetAtt": []string{ref, "Arn"}}
		}
	case []any:
		for i := range v {
			v[i] = withFunctions(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = withFunctions(v[name])
		}
	}
	return v
}

// mechanism is one way in which data leaves: resources in which % is where it goes. Each is tried thrice: it stays inside, it leaves
// for the right region, and nobody can know.
type mechanism struct {
	name, role          string
	to                  string // what it goes to: a key of destinations
	terraform, template string
	besides             []string // what x comes to as well, whatever % is
	unknown             string   // the role of a target that is not known, where that differs
	gathers             bool     // what x gathers from is tested elsewhere
}

// destinations are the types of what mechanisms go to, with the attribute that they name.
var destinations = map[string]struct{ terraform, attr, template string }{
	"bucket":        {"aws_s3_bucket", "arn", "AWS::S3::Bucket"},
	"stream":        {"aws_kinesis_stream", "arn", "AWS::Kinesis::Stream"},
	"firehose":      {"aws_kinesis_firehose_delivery_stream", "arn", "AWS::KinesisFirehose::DeliveryStream"},
	"group":         {"aws_cloudwatch_log_group", "arn", "AWS::Logs::LogGroup"},
	"topic":         {"aws_sns_topic", "arn", "AWS::SNS::Topic"},
	"queue":         {"aws_sqs_queue", "arn", "AWS::SQS::Queue"},
	"function":      {"aws_lambda_function", "arn", "AWS::Lambda::Function"},
	"sink":          {"aws_oam_sink", "arn", "AWS::Oam::Sink"},
	"bus":           {"aws_cloudwatch_event_bus", "arn", "AWS::Events::EventBus"},
	"store":         {"", "", "AWS::CloudTrail::EventDataStore"},
	"profile":       {"aws_bedrock_inference_profile", "arn", "AWS::Bedrock::ApplicationInferenceProfile"},
	"redshift":      {"aws_redshift_cluster", "endpoint", "AWS::Redshift::Cluster"},
	"elasticsearch": {"aws_elasticsearch_domain", "arn", "AWS::Elasticsearch::Domain"},
	"opensearch":    {"aws_opensearch_domain", "arn", "AWS::OpenSearchService::Domain"},
	"collection":    {"aws_opensearchserverless_collection", "arn", "AWS::OpenSearchServerless::Collection"},
	"msk":           {"aws_msk_cluster", "arn", "AWS::MSK::Cluster"},
}

func runMechanisms(t *testing.T, all []mechanism) {
	t.Helper()
	for _, m := range all {
		for language, lines := range map[string]string{"terraform": m.terraform, "template": m.template} {
			if lines == "" {
				continue
			}
			if language == "template" {
				t.Run(m.name+"/template/read/unknown", func(t *testing.T) {
					want := orElse(m.unknown, m.role) + " in ?"
					if got := templateRead(t, strings.ReplaceAll(lines, "%", "?")); !slices.Contains(got, want) {
						t.Errorf("the reader of templates finds %q, want %q", got, want)
					}
				})
			}
			if to := destinations[m.to]; language == "template" && to.template != "" {
				t.Run(m.name+"/template/read", func(t *testing.T) {
					want := m.role + " in eu-west-1 at there"
					if got := templateRead(t, strings.ReplaceAll(lines, "%", "@there")+"\n"+to.template+" there {}"); !slices.Contains(got, want) {
						t.Errorf("the reader of templates finds %q, want %q", got, want)
					}
				})
			}
			for outcome, region := range map[string]string{"stays": "eu-west-1", "leaves": "us-east-1", "unknown": "?"} {
				t.Run(m.name+"/"+language+"/"+outcome, func(t *testing.T) {
					want, name, target := m.role+" in "+region, region, ""
					if region == "?" && m.unknown != "" {
						want = m.unknown + " in ?"
					}
					if to, ok := destinations[m.to]; ok && region != "?" {
						want += " at there"
						name = "@there"
						target = to.template + " there in " + region + " {}"
						if language == "terraform" {
							name = "@" + to.terraform + ".there." + to.attr
							target = to.terraform + ".there in " + region + " {}"
						}
					}
					got := placesOf(t, strings.ReplaceAll(lines, "%", name)+"\n"+target, "x")
					if m.gathers {
						got = slices.DeleteFunc(got, func(line string) bool { return strings.HasPrefix(line, "from ") })
					}
					if diff := cmp.Diff(slices.Sorted(slices.Values(append(slices.Clone(m.besides), want))), got); diff != "" {
						t.Error(diff)
					}
				})
			}
		}
	}
}
