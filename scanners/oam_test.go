package scanners_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Answers by hand from the SDK's own types.

const oamARN = "arn:aws:oam:eu-west-1:111111111111:"

func oamAnswers(sinkRegion string) aws {
	a := account("eu-west-1")
	a.on("any", "oam", "ListLinks", "", `{"Items":[{"Arn":"`+oamARN+`link/1","Id":"1","Label":"app","ResourceTypes":["AWS::Logs::LogGroup","AWS::CloudWatch::Metric"],"SinkArn":"arn:aws:oam:`+sinkRegion+`:222222222222:sink/9"}]}`)
	a.on("any", "oam", "ListSinks", "", `{"Items":[]}`)
	return a.on("any", "oam", "ListTagsForResource", "", `{"Tags":{"k":"v"}}`)
}

func TestObservabilityLinks(t *testing.T) {
	a := oamAnswers("eu-west-1").secondPage("oam", "ListLinks", "{}", `{"Items":[{"Arn":"`+oamARN+`link/2","Label":"metrics","ResourceTypes":["AWS::CloudWatch::Metric"],"SinkArn":"arn:aws:oam:eu-west-1:222222222222:sink/9"}],"NextToken":"t"}`)
	a.on("eu-west-1", "oam", "ListSinks", "{}", `{"Items":[],"NextToken":"t"}`)
	a.on("eu-west-1", "oam", "ListSinks", `{"NextToken":"t"}`, `{"Items":[{"Arn":"`+oamARN+`sink/1","Id":"1","Name":"here"}]}`)
	a.on("eu-west-1", "oam", "ListAttachedLinks", `{"SinkIdentifier":"`+oamARN+`sink/1"}`, `{"Items":[{"LinkArn":"arn:aws:oam:eu-west-1:333333333333:link/a","ResourceTypes":["AWS::XRay::Trace"]}],"NextToken":"t"}`)
	a.on("eu-west-1", "oam", "ListAttachedLinks", `{"SinkIdentifier":"`+oamARN+`sink/1","NextToken":"t"}`, `{"Items":[{"LinkArn":"arn:aws:oam:eu-west-1:444444444444:link/b","ResourceTypes":["AWS::CloudWatch::Metric"]}]}`)
	f := scan(t, "oam", a)
	f.noGaps(t)
	want := residency.Resource{ID: oamARN + "link/1", Kind: "oam.link", Account: ownAccount, Region: "eu-west-1", Name: "app", Tags: map[string]string{"k": "v"},
		Placements: []residency.Placement{{Role: residency.Transit, Region: "eu-west-1", Account: "222222222222", Target: "arn:aws:oam:eu-west-1:222222222222:sink/9", Via: "link of LogGroup, Metric"}}}
	if diff := cmp.Diff(want, f.resource(t, oamARN+"link/1")); diff != "" {
		t.Error(diff)
	}
	placement(t, f.resource(t, oamARN+"link/2"), residency.Metadata, "arn:aws:oam:eu-west-1:222222222222:sink/9")
	sink := residency.Resource{ID: oamARN + "sink/1", Kind: "oam.sink", Account: ownAccount, Region: "eu-west-1", Name: "here", Tags: map[string]string{"k": "v"}, Placements: []residency.Placement{},
		Sources: []residency.Source{{ID: "arn:aws:oam:eu-west-1:333333333333:link/a", Role: residency.Transit, Region: "eu-west-1", Account: "333333333333", Via: "link of Trace"},
			{ID: "arn:aws:oam:eu-west-1:444444444444:link/b", Role: residency.Metadata, Region: "eu-west-1", Account: "444444444444", Via: "link of Metric"}}}
	if diff := cmp.Diff(sink, f.resource(t, oamARN+"sink/1")); diff != "" {
		t.Error(diff)
	}
}

func TestObservabilityDenied(t *testing.T) {
	a := oamAnswers("eu-west-1").deny("oam", "ListLinks").deny("oam", "ListAttachedLinks").deny("oam", "ListTagsForResource").set("oam", "ListSinks", `{"Items":[{"Arn":"`+oamARN+`sink/1"}]}`)
	f := scan(t, "oam", a)
	want := []string{"ListAttachedLinks denied " + oamARN + "sink/1", "ListLinks denied", "ListTagsForResource denied " + oamARN + "sink/1"}
	if diff := cmp.Diff(want, f.gaps()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ListSinks denied"}, scan(t, "oam", oamAnswers("eu-west-1").deny("oam", "ListSinks")).gaps()); diff != "" {
		t.Error(diff)
	}
}
