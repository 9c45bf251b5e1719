package scanners

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrock"
	"github.com/aws/aws-sdk-go-v2/service/bedrock/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// profileTypes are asked for one by one: without a type AWS is free to leave those of applications out.
var profileTypes = []types.InferenceProfileType{types.InferenceProfileTypeSystemDefined, types.InferenceProfileTypeApplication}

// pageOfProfiles is a page of the profiles of one type. An endpoint that does not know the filter gives all of them twice: each is
// taken once, and what says no type that is known counts as an application's.
func pageOfProfiles(ctx context.Context, client *bedrock.Client, kind types.InferenceProfileType, token *string) ([]types.InferenceProfileSummary, *string, error) {
	page, err := client.ListInferenceProfiles(ctx, &bedrock.ListInferenceProfilesInput{TypeEquals: kind, NextToken: token})
	if err != nil {
		return nil, nil, err
	}
	system := kind == types.InferenceProfileTypeSystemDefined
	other := func(p types.InferenceProfileSummary) bool {
		return (p.Type == types.InferenceProfileTypeSystemDefined) != system
	}
	return slices.DeleteFunc(page.InferenceProfileSummaries, other), page.NextToken, nil
}

// inferenceProfile: AWS's own profiles are in every account, and that one could be asked moves nothing; an application's profile is
// there to be asked.
func inferenceProfile(ctx context.Context, client *bedrock.Client, t *Target, out *Sink, p types.InferenceProfileSummary) residency.Resource {
	r := residency.Resource{ID: aws.ToString(p.InferenceProfileArn), Kind: "bedrock.inference_profile", Region: t.Region, Name: aws.ToString(p.InferenceProfileName),
		Facts: map[string]any{"type": string(p.Type)}}
	if slices.ContainsFunc(p.Models, func(m types.InferenceProfileModel) bool { return anywhere(aws.ToString(m.ModelArn)) }) {
		r.Facts["any_region"] = true
	}
	if p.Type == types.InferenceProfileTypeSystemDefined {
		r.Tags = map[string]string{} // they take no tags, and refuse the question
		r.Placements = placeModels(t.Home(), p.Models, residency.Capability, "system-defined inference profile")
		return r
	}
	r.Placements = placeModels(t.Home(), p.Models, residency.Transit, "application inference profile")
	got, err := client.ListTagsForResource(ctx, &bedrock.ListTagsForResourceInput{ResourceARN: p.InferenceProfileArn})
	if err != nil {
		out.Gap(r.ID, "ListTagsForResource", err)
		return r
	}
	r.Tags = map[string]string{}
	for _, tag := range got.Tags {
		r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return r
}

// commercial are three regions on three continents that stand for "any commercial region", which is what AWS says of the models of
// a global profile ("the destination Regions for Global cross-Region inference profiles include all commercial Regions", Amazon
// Bedrock user guide, "Supported Regions and models for inference profiles", as of 2026-09). A request may be processed in each of
// them just as in each region that a geographic profile lists, so a zone that lacks one of them is proved to be left.
var commercial = []string{"ap-northeast-1", "eu-west-1", "us-east-1"}

// anywhere reports whether a model's ARN names no region: that of a global profile.
func anywhere(arn string) bool {
	_, service, region, _, _, ok := ParseARN(arn)
	return ok && service == "bedrock" && region == ""
}

// placeModels lists every region in which the models of a profile may be asked.
//
// A model without a region is placed in the commercial regions above. Where data passes there is one more placement without a
// region, by which no zone is ever proved, however wide. A capability has none: AWS puts its global profiles into every account, so
// that no run of anybody could be concluded; its resource has the fact any_region instead.
func placeModels(h Home, models []types.InferenceProfileModel, role residency.Role, via string) []residency.Placement {
	found := []residency.Placement{}
	add := func(p residency.Placement) {
		if !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	if len(models) == 0 && role != residency.Capability {
		add(residency.Placement{Role: role, Via: via + " without models"})
	}
	for _, m := range models {
		arn := aws.ToString(m.ModelArn)
		if !anywhere(arn) {
			add(h.Resolve(arn).Place(role, via))
			continue
		}
		if h.Partition == "aws" {
			for _, region := range commercial {
				add(residency.Placement{Role: role, Region: region, Target: arn, Via: via + ", any commercial region"})
			}
		}
		if role != residency.Capability {
			add(residency.Placement{Role: role, Target: arn, Via: via + ", any region"})
		}
	}
	return found
}

// modelNames understands how a model is named where it is used: by its id, by a profile's id, or by the ARN of either.
type modelNames struct {
	home     Home
	profiles map[string][]types.InferenceProfileModel // by id and by ARN
	read     bool                                     // every profile was listed
}

// listModelNames lists the profiles of the account and region. What fails is a gap.
func listModelNames(ctx context.Context, client *bedrock.Client, t *Target, out *Sink) modelNames {
	names := modelNames{home: t.Home(), profiles: map[string][]types.InferenceProfileModel{}, read: true}
	for _, kind := range profileTypes {
		all, ok := gather(out, "", "ListInferenceProfiles", func(token *string) ([]types.InferenceProfileSummary, *string, error) {
			return pageOfProfiles(ctx, client, kind, token)
		})
		names.read = names.read && ok
		for _, p := range all {
			names.profiles[aws.ToString(p.InferenceProfileArn)] = p.Models
			names.profiles[aws.ToString(p.InferenceProfileId)] = p.Models
		}
	}
	return names
}

// geography is how the ids of AWS's own profiles begin. No provider of models has so short a name.
var geography = regexp.MustCompile(`^(?:[a-z]{2}|us-gov|apac|global)\.`)

// place is where the model that a setting names is asked. A name that cannot be followed has no region.
func (m modelNames) place(name, via string) []residency.Placement {
	if name == "" {
		return nil
	}
	via += " " + name
	if models, ok := m.profiles[name]; ok {
		return placeModels(m.home, models, residency.Transit, via)
	}
	_, service, _, _, resource, isARN := ParseARN(name)
	kind, _, _ := strings.Cut(resource, "/")
	switch {
	case isARN && service == "bedrock" && strings.HasSuffix(kind, "inference-profile"):
		return []residency.Placement{{Role: residency.Transit, Target: name, Via: via + ", a profile that is not listed"}}
	case isARN && service == "bedrock" && strings.HasSuffix(kind, "prompt-router"):
		return []residency.Placement{{Role: residency.Transit, Target: name, Via: via + ", which chooses among models"}}
	case isARN:
		return placeModels(m.home, []types.InferenceProfileModel{{ModelArn: &name}}, residency.Transit, via)
	case !m.read || geography.MatchString(name):
		return []residency.Placement{{Role: residency.Transit, Via: via + ", not among the profiles that were read"}}
	}
	// AWS asks a model that is named by its own id in the region of the call.
	model := "arn:" + m.home.Partition + ":bedrock:" + m.home.Region + "::foundation-model/" + name
	return []residency.Placement{{Role: residency.Transit, Region: m.home.Region, Target: model, Via: via}}
}
