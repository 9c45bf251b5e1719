package plan

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	snapshotARN = "arn:{partition}:ec2:{region}::snapshot/{id}"
	imageARN    = "arn:{partition}:ec2:{region}::image/{id}"
	volumeARN   = "arn:{partition}:ec2:{region}:{account}:volume/{id}"
)

// EC2: volumes, snapshots and images, and with whom they are shared. A scan finds an instance's disks as volumes; before the deployment
// there is only the instance, which stands for them.
var _ = both(
	pair("aws_ebs_volume", "AWS::EC2::Volume", row{kind: "ec2.volume", arn: volumeARN, zone: "availability_zone", read: func(v view) {
		v.zoned(residency.Primary, "availability_zone", "outpost_arn")
		v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		v.from("", "SnapshotId", "snapshot_id", asSnapshot)
		v.from("", "SourceVolumeId", "source_volume_id", asLocal("ec2", "volume/"))
	}}),
	pair("aws_instance", "AWS::EC2::Instance", row{kind: "ec2.volume", arn: volumeARN, zone: "availability_zone", read: readInstance}),
	[]row{
		{typ: "aws_spot_instance_request", kind: "ec2.volume", arn: volumeARN, zone: "availability_zone", read: readInstance},
		{typ: "aws_ebs_snapshot", kind: "ec2.snapshot", arn: snapshotARN, read: func(v view) {
			v.zoned(residency.Backup, "", "outpost_arn")
			v.from(residency.Backup, "VolumeId", "volume_id", asLocal("ec2", "volume/"))
		}},
		{typ: "aws_ebs_snapshot_copy", kind: "ec2.snapshot", arn: snapshotARN, read: func(v view) {
			v.here(residency.Backup, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
			v.fromIn(residency.Backup, "copy of a snapshot", "source_snapshot_id", "source_region", asSnapshot)
		}},
		{typ: "aws_ebs_snapshot_import", kind: "ec2.snapshot", arn: snapshotARN, read: func(v view) {
			v.here(residency.Backup, "")
			v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
			for _, disk := range v.each("disk_container.user_bucket") {
				disk.from(residency.Stream, "import from S3", "s3_bucket", asBucket)
			}
		}},
		{typ: "aws_snapshot_create_volume_permission", kind: "ec2.snapshot", settings: settingsOf("snapshot_id", asSnapshot), read: func(v view) {
			v.shareWith(residency.Backup, "createVolumePermission", "account_id", "all")
		}},
		{typ: "aws_ami", kind: "ec2.image", arn: imageARN, read: readImage},
		{typ: "aws_ami_copy", kind: "ec2.image", arn: imageARN, read: readImage},
		{typ: "aws_ami_from_instance", kind: "ec2.image", arn: imageARN, read: readImage},
		{typ: "aws_ami_launch_permission", kind: "ec2.image", settings: settingsOf("image_id", asImage), read: func(v view) {
			v.shareWith(residency.Backup, "launchPermission", "account_id", "")
			if v.is("group", "all") || v.open("group") {
				v.add(v.ownPlace(residency.Everybody).place(residency.Backup, v.via("group", "launchPermission")))
			}
			shareUnit(v, "organization_arn")
			shareUnit(v, "organizational_unit_arn")
		}},
	},
	pair("aws_rbin_rule", "AWS::Rbin::Rule", row{kind: "rbin.rule", arn: "arn:{partition}:rbin:{region}:{account}:rule/{id}", read: func(v view) {
		v.here(residency.Capability, v.via("resource_type", "what is deleted is kept in the recycle bin"))
	}}),
)

// asSnapshot and asImage leave the account out, as AWS does.
func asSnapshot(h locate.Home, s string) locate.Destination { return ownerless(h, "snapshot/"+s) }
func asImage(h locate.Home, s string) locate.Destination    { return ownerless(h, "image/"+s) }

func ownerless(h locate.Home, resource string) locate.Destination {
	h.Account = ""
	return h.Local("ec2", resource)
}

// fromIn is from, for a name that is understood in the region which another attribute gives.
func (v view) fromIn(role residency.Role, label, path, region string, as form) {
	for _, to := range v.targetsIn(path, region, as) {
		v.out.sources = append(v.out.sources, to.source(role, v.via(path, label)))
	}
}

func readInstance(v view) {
	v.zoned(residency.Primary, "availability_zone", "outpost_arn")
	for _, path := range []string{"root_block_device", "ebs_block_device|block_device_mappings"} {
		for _, disk := range v.declared(path) {
			if v.t.row.template() {
				disk = disk.inner("ebs")
			}
			disk.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
			disk.from("", "SnapshotId", "snapshot_id", asSnapshot)
		}
	}
}

// inner is the view of the one block of a name.
func (v view) inner(name string) view {
	_, spelled := v.walk(name)
	v.at, v.path = v.get(name), strings.TrimPrefix(v.path+"."+spelled, ".")
	if len(v.at.list) == 1 { // as Terraform writes it
		v.at = v.at.list[0]
	}
	return v
}

// readImage: an image lies with its snapshots, which are what it is made of. A copy names the region that it comes from.
func readImage(v view) {
	v.zoned(residency.Backup, "", "destination_outpost_arn")
	v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
	v.fromIn(residency.Backup, "SourceImageRegion", "source_ami_id", "source_ami_region", asImage)
	for _, disk := range v.declared("ebs_block_device") {
		disk.from(residency.Backup, "BlockDeviceMappings", "snapshot_id", asSnapshot)
	}
}

// shareUnit: an organisation and its units are named with the management account, which stands for them.
func shareUnit(v view, path string) {
	if _, _, _, account, resource, ok := locate.ParseARN(v.text(path)); ok {
		v.add(v.ownPlace(account).place(residency.Backup, v.via(path, "launchPermission "+resource)))
	} else if v.set(path) {
		v.gap("policy", residency.ClassUnresolved, v.via(path, "launchPermission")+" is known only after the deployment: whom it lets in cannot be told")
	}
}
