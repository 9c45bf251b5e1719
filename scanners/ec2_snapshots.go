package scanners

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// readSnapshotState asks whether the account holds public sharing of snapshots back in this region.
func (s *ec2Scan) readSnapshotState(ctx context.Context) error {
	state, err := s.client.GetSnapshotBlockPublicAccessState(ctx, &ec2.GetSnapshotBlockPublicAccessStateInput{})
	if err != nil {
		return err
	}
	s.snapshotState = state.State
	return nil
}

func (s *ec2Scan) snapshots(ctx context.Context) error {
	in := &ec2.DescribeSnapshotsInput{OwnerIds: []string{"self"}, MaxResults: aws.Int32(1000)}
	for pages := ec2.NewDescribeSnapshotsPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(ctx, s.t, page.Snapshots, func(ctx context.Context, sn types.Snapshot) error {
			if s.owned(sn.OwnerId) {
				s.out.Add(s.snapshot(ctx, sn))
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *ec2Scan) snapshot(ctx context.Context, sn types.Snapshot) residency.Resource {
	r := residency.Resource{ID: s.ownerless(s.t.Region, "snapshot/"+aws.ToString(sn.SnapshotId)), Kind: "ec2.snapshot", Region: s.t.Region,
		Name: ec2Name(sn.Tags, sn.SnapshotId), Tags: ec2Tags(sn.Tags), Facts: map[string]any{"encrypted": aws.ToBool(sn.Encrypted)},
		Placements: []residency.Placement{s.place(residency.Backup, sn.AvailabilityZone, sn.OutpostArn)}}
	if sn.StorageTier != "" {
		r.Facts["storage_tier"] = string(sn.StorageTier)
	}
	if key := aws.ToString(sn.KmsKeyId); key != "" {
		r.Placements = append(r.Placements, s.t.Home().Key(key).Place(residency.Key, "KmsKeyId"))
	}
	s.snapshotOrigin(&r, sn)
	attribute, err := s.client.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{SnapshotId: sn.SnapshotId,
		Attribute: types.SnapshotAttributeNameCreateVolumePermission})
	if err != nil {
		s.out.Gap(r.ID, "DescribeSnapshotAttribute", err)
		return r
	}
	r.Placements = append(r.Placements, snapshotShares(s.t.Account, r.Placements[0], s.snapshotState, attribute.CreateVolumePermissions)...)
	return r
}

// snapshotShares are the receivers of a snapshot. AWS treats a public snapshot as private while all public sharing is blocked:
// then lifting the block is all that keeps the public out.
func snapshotShares(own string, at residency.Placement, state types.SnapshotBlockPublicAccessState, permissions []types.CreateVolumePermission) (shares []residency.Placement) {
	for _, p := range permissions {
		share := residency.Placement{Role: residency.Backup, Region: at.Region, Account: aws.ToString(p.UserId), Via: "createVolumePermission"}
		if p.Group == types.PermissionGroupAll {
			share.Account = "*"
			if state == types.SnapshotBlockPublicAccessStateBlockAllSharing {
				share.Role, share.Via = residency.Capability, "createVolumePermission all, held back by the public access block"
			}
		}
		if share.Account != "" && share.Account != own {
			shares = append(shares, share)
		}
	}
	return shares
}

// The texts that EC2 itself writes into the description of a copy. A user may have put another in their place.
var (
	copiedSnapshot = regexp.MustCompile(`\[Copied (snap-[0-9a-f]+) from ([a-z]{2,4}(?:-[a-z]+)+-\d+)\]`)
	copiedForImage = regexp.MustCompile(`Copied for DestinationAmi (ami-[0-9a-f]+) from SourceAmi ami-[0-9a-f]+ for SourceSnapshot (snap-[0-9a-f]+)`)
)

// snapshotOrigin says what the snapshot was made of. EC2 has no field for a copy's source region: the description names it,
// or the image that the snapshot belongs to. A copy that AWS Backup made stands with its source in the vault's record.
func (s *ec2Scan) snapshotOrigin(r *residency.Resource, sn types.Snapshot) {
	id, description := aws.ToString(sn.SnapshotId), aws.ToString(sn.Description)
	if source, ok := s.copySource(id, description); ok {
		r.Sources = append(r.Sources, source)
		return
	}
	volume := aws.ToString(sn.VolumeId)
	// An import has the placeholder of a volume too, and is no copy.
	placeholder := volume == "vol-ffffffff" && !strings.HasPrefix(description, "Created by AWS-VMImport")
	_, byBackup := r.Tags["aws:backup:source-resource"]
	switch {
	case byBackup:
	case sn.TransferType != "" || placeholder: // of a copy the volume's id means nothing
		s.out.Unresolved(r.ID, "DescribeSnapshots", "a copy whose description does not name the region that it came from: see CopySnapshot in CloudTrail")
	case volume != "" && volume != "vol-ffffffff":
		r.Sources = append(r.Sources, s.t.Home().Local("ec2", "volume/"+volume).Source(residency.Backup, "VolumeId"))
	}
}

// copySource is the source that a snapshot's description names, or that of the image it belongs to.
func (s *ec2Scan) copySource(id, description string) (residency.Source, bool) {
	if m := copiedSnapshot.FindStringSubmatch(description); m != nil {
		return residency.Source{ID: s.ownerless(m[2], "snapshot/"+m[1]), Role: residency.Backup, Region: m[2], Via: "Description of the copy"}, true
	}
	source, ok := s.copiedImage[id]
	if m := copiedForImage.FindStringSubmatch(description); ok && m != nil {
		source.ID = s.ownerless(source.Region, "snapshot/"+m[2])
	}
	return source, ok
}

// recycledSnapshots are deleted and still kept: they rest where they were. AWS does not give their tags.
func (s *ec2Scan) recycledSnapshots(ctx context.Context) error {
	in := &ec2.ListSnapshotsInRecycleBinInput{MaxResults: aws.Int32(1000)}
	for pages := ec2.NewListSnapshotsInRecycleBinPaginator(s.client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, sn := range page.Snapshots {
			id := aws.ToString(sn.SnapshotId)
			r := residency.Resource{ID: s.ownerless(s.t.Region, "snapshot/"+id), Kind: "ec2.snapshot", Region: s.t.Region, Name: id,
				Facts:      map[string]any{"recycle_bin": true},
				Placements: []residency.Placement{{Role: residency.Backup, Region: s.t.Region, Via: "recycle bin"}}}
			if source, ok := s.copySource(id, aws.ToString(sn.Description)); ok {
				r.Sources = append(r.Sources, source)
			} else if volume := aws.ToString(sn.VolumeId); volume != "" && volume != "vol-ffffffff" {
				r.Sources = append(r.Sources, s.t.Home().Local("ec2", "volume/"+volume).Source(residency.Backup, "VolumeId"))
			}
			s.out.Add(r)
		}
	}
	return nil
}
