package scanners

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/oam"
	"github.com/aws/aws-sdk-go-v2/service/oam/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// CloudWatch cross-account observability: links let a monitoring account look at logs, metrics and traces where they lie. Nothing
// is copied. A sink's policy says who may link to it; that lets nobody read, and so it is not asked for.
var _ = register(Scanner{
	Service: "oam", Version: 1, Scope: Regional, Kinds: []string{"oam.link", "oam.sink"},
	Calls: []Call{
		{Operation: "ListLinks", IAM: "oam:ListLinks", Facts: allFacts},
		{Operation: "ListSinks", IAM: "oam:ListSinks", Facts: allFacts},
		{Operation: "ListAttachedLinks", IAM: "oam:ListAttachedLinks", Facts: []residency.Fact{residency.FactSources}},
		{Operation: "ListTagsForResource", IAM: "oam:ListTagsForResource", Facts: tagFacts},
	},
	Scan: scanOAM,
})

func scanOAM(ctx context.Context, t *Target, out *Sink) error {
	client := oam.NewFromConfig(t.Config())
	oamLinks(ctx, client, t, out)
	for pages := oam.NewListSinksPaginator(client, &oam.ListSinksInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, t, page.Items, func(ctx context.Context, s types.ListSinksItem) error {
			out.Add(oamSink(ctx, client, t, out, s))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func oamLinks(ctx context.Context, client *oam.Client, t *Target, out *Sink) {
	for pages := oam.NewListLinksPaginator(client, &oam.ListLinksInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			out.Gap("", "ListLinks", err)
			return
		}
		if err := each(ctx, t, page.Items, func(ctx context.Context, l types.ListLinksItem) error {
			role, via := linkRole(l.ResourceTypes)
			r := residency.Resource{ID: aws.ToString(l.Arn), Kind: "oam.link", Region: t.Region, Name: aws.ToString(l.Label),
				Tags:       oamTags(ctx, client, out, l.Arn),
				Placements: []residency.Placement{t.Home().Resolve(aws.ToString(l.SinkArn)).Place(role, via)}}
			out.AddCollector(r, Covers{Role: role, Regions: []string{t.Region}, Via: via})
			return nil
		}); err != nil {
			out.Gap("", "ListLinks", err)
			return
		}
	}
}

// linkRole: log events and traces carry what users sent, and are looked at in the other account; metrics and settings do not.
func linkRole(kinds []string) (residency.Role, string) {
	var short []string
	role := residency.Metadata
	for _, k := range kinds {
		short = append(short, k[strings.LastIndex(k, ":")+1:])
		if k == "AWS::Logs::LogGroup" || k == "AWS::XRay::Trace" {
			role = residency.Transit
		}
	}
	slices.Sort(short)
	return role, "link of " + strings.Join(short, ", ")
}

// oamSink is the monitoring account's end: what is linked to it.
func oamSink(ctx context.Context, client *oam.Client, t *Target, out *Sink, s types.ListSinksItem) residency.Resource {
	r := residency.Resource{ID: aws.ToString(s.Arn), Kind: "oam.sink", Region: t.Region, Name: aws.ToString(s.Name),
		Tags: oamTags(ctx, client, out, s.Arn), Placements: []residency.Placement{}}
	for pages := oam.NewListAttachedLinksPaginator(client, &oam.ListAttachedLinksInput{SinkIdentifier: s.Arn}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			out.Gap(r.ID, "ListAttachedLinks", err)
			break
		}
		for _, l := range page.Items {
			role, via := linkRole(l.ResourceTypes)
			r.Sources = append(r.Sources, t.Home().Resolve(aws.ToString(l.LinkArn)).Source(role, via))
		}
	}
	return r
}

func oamTags(ctx context.Context, client *oam.Client, out *Sink, arn *string) map[string]string {
	tags, err := client.ListTagsForResource(ctx, &oam.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil {
		out.Gap(aws.ToString(arn), "ListTagsForResource", err)
		return nil
	}
	return tagsRead(tags.Tags)
}
