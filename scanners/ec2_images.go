package scanners

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// readImageState asks whether new public sharing of images is blocked in this region. It says nothing of those that are public.
func (s *ec2Scan) readImageState(ctx context.Context) error {
	state, err := s.client.GetImageBlockPublicAccessState(ctx, &ec2.GetImageBlockPublicAccessStateInput{})
	if err != nil {
		return err
	}
	s.imageState = aws.ToString(state.ImageBlockPublicAccessState)
	return nil
}

func (s *ec2Scan) images(ctx context.Context) error {
	// A disabled image keeps its snapshots and is listed only on request.
	in := &ec2.DescribeImagesInput{Owners: []string{"self"}, IncludeDeprecated: aws.Bool(true), IncludeDisabled: aws.Bool(true), MaxResults: aws.Int32(1000)}
	for pages := ec2.NewDescribeImagesPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		own := slices.DeleteFunc(page.Images, func(i types.Image) bool { return !s.owned(i.OwnerId) })
		stored := make(map[string][]residency.Placement, len(own))
		for _, i := range own {
			stored[aws.ToString(i.ImageId)] = s.takeStored(i.ImageId)
			s.rememberCopy(i)
		}
		if err := each(ctx, s.t, own, func(ctx context.Context, i types.Image) error {
			r := s.image(ctx, i)
			r.Placements = append(r.Placements, stored[aws.ToString(i.ImageId)]...)
			s.out.Add(r)
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// takeStored are the copies of an image in buckets, handed out once.
func (s *ec2Scan) takeStored(id *string) []residency.Placement {
	placements := s.stored[aws.ToString(id)]
	delete(s.stored, aws.ToString(id))
	return placements
}

// unlistedImages are those whose copies in buckets are known and which no list held: deregistered since.
func (s *ec2Scan) unlistedImages(context.Context) error {
	for id, placements := range s.stored {
		s.out.Add(residency.Resource{ID: s.ownerless(s.t.Region, "image/"+id), Kind: "ec2.image", Region: s.t.Region, Name: id,
			Placements: placements, Facts: map[string]any{"listed": false}})
	}
	return nil
}

// rememberCopy keeps for the snapshots of a copied image the region that their own record leaves out.
func (s *ec2Scan) rememberCopy(i types.Image) {
	source, ok := s.imageSource(i)
	if !ok || source.Region == "" || aws.ToString(i.SourceInstanceId) != "" { // made of an instance: the snapshots are no copies
		return
	}
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) != "" {
			s.copiedImage[aws.ToString(m.Ebs.SnapshotId)] = source
		}
	}
}

func (s *ec2Scan) image(ctx context.Context, i types.Image) residency.Resource {
	r := residency.Resource{ID: s.ownerless(s.t.Region, "image/"+aws.ToString(i.ImageId)), Kind: "ec2.image", Region: s.t.Region,
		Name: orDefault(aws.ToString(i.Name), aws.ToString(i.ImageId)), Tags: ec2Tags(i.Tags), Placements: []residency.Placement{s.imagePlace(i)},
		Facts: map[string]any{"public": aws.ToBool(i.Public)}}
	if s.imageState != "" {
		r.Facts["block_public_access"] = s.imageState
	}
	if i.RootDeviceType == types.DeviceTypeInstanceStore {
		r.Placements = append(r.Placements, s.t.Home().Bucket(aws.ToString(i.ImageLocation)).Place(residency.Backup, "ImageLocation"))
	}
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && aws.ToString(m.Ebs.SnapshotId) != "" {
			r.Sources = append(r.Sources, residency.Source{ID: s.ownerless(s.t.Region, "snapshot/"+aws.ToString(m.Ebs.SnapshotId)),
				Role: residency.Backup, Region: s.t.Region, Via: "BlockDeviceMappings"})
		}
	}
	s.imageOrigin(ctx, &r, i)
	attribute, err := s.client.DescribeImageAttribute(ctx, &ec2.DescribeImageAttributeInput{ImageId: i.ImageId, Attribute: types.ImageAttributeNameLaunchPermission})
	if err != nil {
		s.out.Gap(r.ID, "DescribeImageAttribute", err)
		return r
	}
	r.Placements = append(r.Placements, imageShares(s.t, r.Placements[0], attribute.LaunchPermissions)...)
	return r
}

// imagePlace is the region, unless one of the image's disks lies on an Outpost or in a zone of its own.
func (s *ec2Scan) imagePlace(i types.Image) residency.Placement {
	for _, m := range i.BlockDeviceMappings {
		if m.Ebs != nil && (aws.ToString(m.Ebs.OutpostArn) != "" || aws.ToString(m.Ebs.AvailabilityZone) != "") {
			if p := s.place(residency.Backup, m.Ebs.AvailabilityZone, m.Ebs.OutpostArn); p.Region != s.t.Region {
				return p
			}
		}
	}
	return residency.Placement{Role: residency.Backup, Region: s.t.Region}
}

var copiedImageText = regexp.MustCompile(`\[Copied (ami-[0-9a-f]+) from ([a-z]{2,4}(?:-[a-z]+)+-\d+)\]`)

// imageSource is where an image was made from. The source fields are empty on older copies; then the description may tell.
func (s *ec2Scan) imageSource(i types.Image) (residency.Source, bool) {
	id, region, via := aws.ToString(i.SourceImageId), aws.ToString(i.SourceImageRegion), "SourceImageRegion"
	if m := copiedImageText.FindStringSubmatch(aws.ToString(i.Description)); m != nil && region == "" {
		id, region, via = m[1], m[2], "Description of the copy"
	}
	if id == "" && region == "" {
		return residency.Source{}, false
	}
	return residency.Source{ID: s.ownerless(region, "image/"+id), Role: residency.Backup, Region: region, Via: via}, true
}

func (s *ec2Scan) imageOrigin(ctx context.Context, r *residency.Resource, i types.Image) {
	source, ok := s.imageSource(i)
	switch {
	case !ok:
		return
	case source.Region == "":
		s.out.Unresolved(r.ID, "DescribeImages", "the source image is named without its region")
		return
	}
	if source.Region == s.t.Region {
		r.Sources = append(r.Sources, source)
		return
	}
	ancestry, err := s.client.GetImageAncestry(ctx, &ec2.GetImageAncestryInput{ImageId: i.ImageId})
	if err != nil {
		s.out.Gap(r.ID, "GetImageAncestry", err)
		r.Sources = append(r.Sources, source)
		return
	}
	r.Sources = append(r.Sources, s.ancestors(source, ancestry.ImageAncestryEntries)...)
}

// ancestors are the images that a copy goes back to: the image between a copy of a copy and the first may be gone, and with it
// the trace. What Amazon publishes, or a vendor, holds no data of the account, and where they copied it from tells nothing.
func (s *ec2Scan) ancestors(source residency.Source, entries []types.ImageAncestryEntry) []residency.Source {
	published := map[string]bool{}
	for _, e := range entries {
		alias := aws.ToString(e.ImageOwnerAlias)
		published[aws.ToString(e.ImageId)] = alias == "amazon" || alias == "aws-marketplace"
	}
	var sources []residency.Source
	if _, id, _ := strings.Cut(source.ID, ":image/"); !published[id] {
		sources = append(sources, source)
	}
	for _, e := range entries {
		id, region := aws.ToString(e.SourceImageId), aws.ToString(e.SourceImageRegion)
		ancestor := s.ownerless(region, "image/"+id)
		if id == "" || region == "" || ancestor == source.ID || published[id] || published[aws.ToString(e.ImageId)] {
			continue
		}
		sources = append(sources, residency.Source{ID: ancestor, Role: residency.Backup, Region: region, Via: "GetImageAncestry"})
	}
	return sources
}

// imageShares are the receivers of an image. An organisation and its units are named with the management account, which
// stands for them; the run's own organisation is no receiver.
func imageShares(t *Target, at residency.Placement, permissions []types.LaunchPermission) (shares []residency.Placement) {
	for _, p := range permissions {
		share := residency.Placement{Role: residency.Backup, Region: at.Region, Account: aws.ToString(p.UserId), Via: "launchPermission"}
		unit := orDefault(aws.ToString(p.OrganizationArn), aws.ToString(p.OrganizationalUnitArn))
		switch {
		case p.Group == types.PermissionGroupAll:
			share.Account = "*"
		case unit != "":
			_, _, _, account, resource, _ := ParseARN(unit)
			if t.Organization != "" && slices.Contains(strings.Split(resource, "/"), t.Organization) {
				continue
			}
			share.Account, share.Via = account, "launchPermission "+resource
		}
		if share.Account != "" && share.Account != t.Account {
			shares = append(shares, share)
		}
	}
	return shares
}

// recycledImages are deregistered and still kept. AWS does not give their tags or disks.
func (s *ec2Scan) recycledImages(ctx context.Context) error {
	in := &ec2.ListImagesInRecycleBinInput{MaxResults: aws.Int32(1000)}
	for pages := ec2.NewListImagesInRecycleBinPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, i := range page.Images {
			r := residency.Resource{ID: s.ownerless(s.t.Region, "image/"+aws.ToString(i.ImageId)), Kind: "ec2.image", Region: s.t.Region,
				Name: orDefault(aws.ToString(i.Name), aws.ToString(i.ImageId)), Facts: map[string]any{"recycle_bin": true},
				Placements: []residency.Placement{{Role: residency.Backup, Region: s.t.Region, Via: "recycle bin"}}}
			r.Placements = append(r.Placements, s.takeStored(i.ImageId)...)
			if source, ok := s.imageSource(types.Image{Description: i.Description}); ok {
				r.Sources = append(r.Sources, source)
			}
			s.out.Add(r)
		}
	}
	return nil
}
