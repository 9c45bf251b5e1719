package plan

import (
	"regexp"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// commercial are three regions on three continents that stand for "any commercial region", which is what AWS says of the models of
// a global profile ("the destination Regions for Global cross-Region inference profiles include all commercial Regions", Amazon
// Bedrock user guide, "Supported Regions and models for inference profiles", as of 2026-09). A zone that lacks one of them is proved
// to be left.
var commercial = []string{"ap-northeast-1", "eu-west-1", "us-east-1"}

// geography is how the ids of AWS's own profiles begin. No provider of models has so short a name.
var geography = regexp.MustCompile(`^(?:[a-z]{2}|us-gov|apac|global)\.`)

// models adds where the models are asked that an attribute names: by their ids, by a profile's id, or by the ARN of either.
func (v view) models(label, path string) {
	for _, one := range v.get(path).blocks() {
		if one.kind != text || !known(one.text) {
			for _, to := range v.targetsOf(one, asARN) {
				v.add(to.place(residency.Transit, v.via(path, label)))
			}
			continue
		}
		v.model(one.text, v.via(path, label)+" "+one.text)
	}
}

// model adds where one model is asked that is known by name.
func (v view) model(name, via string) {
	home := v.t.home(v.w.partition)
	_, service, region, _, resource, isARN := locate.ParseARN(name)
	kind, id, _ := strings.Cut(resource, "/")
	switch {
	case name == "":
	case isARN && service == "bedrock" && strings.HasSuffix(kind, "prompt-router"):
		v.add(residency.Placement{Role: residency.Transit, Target: name, Via: via + ", which chooses among models"})
	case isARN && service == "bedrock" && kind == "application-inference-profile":
		to := v.w.find(home.Resolve(name))
		if to.thing == nil { // where the profile is does not tell where its models are
			to.region, to.why = "", "where its models are asked stands in no change"
		}
		v.add(to.place(residency.Transit, via))
	case isARN && service == "bedrock" && kind == "inference-profile":
		v.profile(id, name, via)
	case isARN && service == "bedrock" && region == "":
		v.anywhere(name, via)
	case isARN:
		v.add(v.w.find(home.Resolve(name)).place(residency.Transit, via))
	case geography.MatchString(name):
		v.profile(name, "", via)
	default: // AWS asks a model that is named by its own id in the region of the call
		to := v.ownPlace("")
		if to.region != "" {
			to.id = "arn:" + v.w.partition + ":bedrock:" + to.region + "::foundation-model/" + name
		}
		v.add(to.place(residency.Transit, via))
	}
}

// profile adds where one of AWS's own inference profiles sends what it is asked. Only a global one says so by its name. The profile is
// no target: that it is in the region of the call would hide where its models are.
func (v view) profile(id, arn, via string) {
	if strings.HasPrefix(id, "global.") {
		v.anywhere(arn, via)
		return
	}
	v.add(residency.Placement{Role: residency.Transit, Via: via + ": the regions of a profile stand in no change: ask a model of one region, or scan after the deployment"})
}

// anywhere adds the places of a model that may be asked in any region: some that stand for all, and one by which no zone is proved.
func (v view) anywhere(arn, via string) {
	if v.w.partition == "aws" {
		for _, region := range commercial {
			v.add(residency.Placement{Role: residency.Transit, Region: region, Target: arn, Via: via + ", any commercial region"})
		}
	}
	v.add(residency.Placement{Role: residency.Transit, Target: arn, Via: via + ", any region"})
}
