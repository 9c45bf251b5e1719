package scanners

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3control"
	"github.com/aws/aws-sdk-go-v2/service/s3control/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (s *controlScan) storageLens(ctx context.Context) error {
	in := &s3control.ListStorageLensConfigurationsInput{AccountId: &s.t.Account}
	for pages := s3control.NewListStorageLensConfigurationsPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.StorageLensConfigurationList, func(ctx context.Context, c types.ListStorageLensConfigurationEntry) error {
			_, _, named, _, _, _ := ParseARN(aws.ToString(c.StorageLensArn))
			home := s.home
			home.Region = orDefault(aws.ToString(c.HomeRegion), orDefault(named, home.Region))
			first := s.home.Region == s.t.Regions[0] && !slices.Contains(s.t.Regions, home.Region)
			if home.Region == s.home.Region || first { // reported once, at home; where that is not examined, by the first region
				s.lens(ctx, home, c)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *controlScan) lens(ctx context.Context, home Home, listed types.ListStorageLensConfigurationEntry) {
	id := aws.ToString(listed.Id)
	r := residency.Resource{ID: orDefault(aws.ToString(listed.StorageLensArn), home.ARN("s3", "storage-lens/"+id)),
		Kind: "s3control.storage_lens_configuration", Region: home.Region, Name: id, Facts: map[string]any{"enabled": listed.IsEnabled}}
	tags, err := s.client.GetStorageLensConfigurationTagging(ctx, &s3control.GetStorageLensConfigurationTaggingInput{AccountId: &s.t.Account, ConfigId: listed.Id})
	if err != nil {
		s.out.Gap(r.ID, "GetStorageLensConfigurationTagging", err)
	} else {
		r.Tags = make(map[string]string, len(tags.Tags))
		for _, tag := range tags.Tags {
			r.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	got, err := s.client.GetStorageLensConfiguration(ctx, &s3control.GetStorageLensConfigurationInput{AccountId: &s.t.Account, ConfigId: listed.Id})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "GetStorageLensConfiguration", err)
		out := residency.Placement{Role: residency.Metadata, Region: home.Region, Via: "home region of the metrics"}
		r.Placements = []residency.Placement{out}
		s.out.Add(r)
	case got.StorageLensConfiguration == nil:
		s.out.Malformed(r.ID, "GetStorageLensConfiguration", "no configuration in the answer")
		s.out.Add(r)
	default:
		r.Placements = placeLens(home, got.StorageLensConfiguration)
		s.out.AddCollector(r, lensCovers(got.StorageLensConfiguration, s.t.Regions)...)
	}
}

// placeLens: metrics of all regions come together in the home region, and are exported from there: names of buckets and
// prefixes, no objects.
func placeLens(home Home, c *types.StorageLensConfiguration) []residency.Placement {
	role, suffix := residency.Metadata, ""
	if !c.IsEnabled {
		role, suffix = residency.Capability, " (disabled)"
	}
	out := []residency.Placement{{Role: role, Region: home.Region, Via: "home region of the metrics" + suffix}}
	bucket := func(d *types.S3BucketDestination, via string) {
		if d == nil {
			return
		}
		to := home.Bucket(aws.ToString(d.Arn))
		to.Account = orDefault(aws.ToString(d.AccountId), to.Account)
		out = append(out, to.Place(role, via+suffix))
		if c.IsEnabled && d.Encryption != nil && d.Encryption.SSEKMS != nil {
			out = append(out, placeCopyKey(home, d.Encryption.SSEKMS.KeyId, "KeyId of the "+via)...)
		}
	}
	table := func(d *types.StorageLensTableDestination, via string) {
		if d != nil && d.IsEnabled { // AWS's own table bucket of the home region
			out = append(out, home.Local("s3tables", "bucket/aws-s3").Place(role, via+suffix))
		}
	}
	if d := c.DataExport; d != nil {
		bucket(d.S3BucketDestination, "metrics export")
		table(d.StorageLensTableDestination, "metrics export to tables")
	}
	if d := c.ExpandedPrefixesDataExport; d != nil {
		bucket(d.S3BucketDestination, "prefix metrics export")
		table(d.StorageLensTableDestination, "prefix metrics export to tables")
	}
	return out
}

// lensCovers says whose metrics are gathered: an organisation's or the account's, of every region but those left out.
func lensCovers(c *types.StorageLensConfiguration, regions []string) []Covers {
	if !c.IsEnabled {
		return nil
	}
	covers := Covers{Role: residency.Metadata, Organization: c.AwsOrg != nil, Via: "storage lens"}
	if c.Include != nil {
		covers.Regions = c.Include.Regions
	}
	if c.Exclude != nil && len(c.Exclude.Regions) > 0 {
		covers.Regions = slices.DeleteFunc(slices.Clone(regions), func(r string) bool { return slices.Contains(c.Exclude.Regions, r) })
		if len(covers.Regions) == 0 {
			return nil
		}
	}
	return []Covers{covers}
}
