package plan

import (
	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// File systems: EFS, FSx, and the gateways of Storage Gateway.
var _ = both(
	pair("aws_efs_file_system", "AWS::EFS::FileSystem", row{kind: "efs.file_system", arn: "arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}", zone: "availability_zone_name", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		for _, d := range v.each("replication_configuration.destinations") {
			replicateFiles(v, d)
		}
		v.share("file_system_policy", residency.Primary, "elasticfilesystem")
	}}),
	[]row{{typ: "aws_efs_replication_configuration", kind: "efs.file_system", settings: settingsOf("source_file_system_id", asFiles), read: func(v view) {
		for _, d := range v.each("destination") {
			replicateFiles(v, d)
		}
	}}},
	pair("aws_fsx_lustre_file_system", "AWS::FSx::FileSystem", row{kind: "fsx.file_system", arn: filesARN, read: readFSx}),
	[]row{
		{typ: "aws_fsx_ontap_file_system", kind: "fsx.file_system", arn: filesARN, read: readFSx},
		{typ: "aws_fsx_openzfs_file_system", kind: "fsx.file_system", arn: filesARN, read: readFSx},
		{typ: "aws_fsx_windows_file_system", kind: "fsx.file_system", arn: filesARN, read: readFSx},
		{typ: "aws_fsx_ontap_volume", kind: "fsx.volume", arn: "arn:{partition}:fsx:{region}:{account}:volume/{id}", read: readFSxVolume},
		{typ: "aws_fsx_ontap_storage_virtual_machine", class: NoData}, // its volumes hold the data
		{typ: "AWS::FSx::StorageVirtualMachine", class: NoData},
	},
	pair("aws_fsx_openzfs_volume name", "AWS::FSx::Volume Name", row{kind: "fsx.volume", arn: "arn:{partition}:fsx:{region}:{account}:volume/{id}", read: readFSxVolume}),
	pair("aws_fsx_openzfs_snapshot name", "AWS::FSx::Snapshot Name", row{kind: "fsx.snapshot", arn: "arn:{partition}:fsx:{region}:{account}:snapshot/{id}", read: keeps(residency.Backup, "")}),
	pair("aws_fsx_file_cache", "AWS::FSx::FileCache", row{kind: "fsx.file_cache", arn: "arn:{partition}:fsx:{region}:{account}:file-cache/{id}", read: func(v view) {
		v.here(residency.Cache, "")
		v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		for _, d := range v.each("data_repository_association|data_repository_associations") {
			syncFiles(d)
		}
	}}),
	pair("aws_fsx_backup", "AWS::FSx::Backup", row{kind: "fsx.backup", arn: "arn:{partition}:fsx:{region}:{account}:backup/{id}", read: func(v view) {
		v.here(residency.Backup, "")
		v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
		v.from(residency.Backup, "backup", "file_system_id", asLocal("fsx", "file-system/"))
		v.from(residency.Backup, "backup", "volume_id", asLocal("fsx", "volume/"))
	}}),
	pair("aws_fsx_data_repository_association", "AWS::FSx::DataRepositoryAssociation", row{kind: "fsx.file_system", settings: settingsOf("file_system_id", asLocal("fsx", "file-system/")), read: syncFiles}),
	pair("aws_storagegateway_nfs_file_share", "AWS::StorageGateway::NFSFileShare", row{kind: "storagegateway.nfs_file_share", arn: shareARN, read: readFileShare}),
	pair("aws_storagegateway_smb_file_share", "AWS::StorageGateway::SMBFileShare", row{kind: "storagegateway.smb_file_share", arn: shareARN, read: readFileShare}),
	holding("storagegateway.gateway", "arn:{partition}:storagegateway:{region}:{account}:gateway/{id}", "aws_storagegateway_gateway gateway_name", ""),
	pair("aws_storagegateway_cached_iscsi_volume", "AWS::StorageGateway::Volume", row{kind: "storagegateway.volume", arn: "arn:{partition}:storagegateway:{region}:{account}:gateway/{id}", read: keeps(residency.Primary, "kms_key")}),
)

const (
	filesARN = "arn:{partition}:fsx:{region}:{account}:file-system/{id}"
	shareARN = "arn:{partition}:storagegateway:{region}:{account}:share/{id}"
)

func asFiles(h locate.Home, s string) locate.Destination {
	return asLocal("elasticfilesystem", "file-system/")(h, s)
}

// replicateFiles: the destination is an existing file system, or a new one in a region or a zone.
func replicateFiles(v, d view) {
	const label = "file system replication"
	switch zone := d.text("availability_zone_name"); {
	case d.set("region"):
		for _, to := range d.targets("region", asRegion) {
			v.add(to.place(residency.Replica, d.via("region", label)))
		}
	case zone != "":
		v.add(residency.Placement{Role: residency.Replica, Region: v.w.regionOfZone(zone), Via: d.via("availability_zone_name", label)})
	default:
		d.place(residency.Replica, label, "file_system_id", asFiles)
	}
	d.place(residency.Key, "key of the "+label, "kms_key_id", copyKey)
}

func readFSx(v view) {
	v.here(residency.Primary, "")
	v.place(residency.Key, "KmsKeyId", "kms_key_id", asKey)
	for _, prefix := range []string{"", "lustre_configuration."} { // Terraform has a type for each kind of file system
		v.place(residency.Replica, "export to S3", prefix+"export_path", asARN)
		v.from(residency.Stream, "import from S3", prefix+"import_path", asARN)
	}
	for _, path := range []string{"log_configuration.destination", "audit_log_configuration.audit_log_destination", "windows_configuration.audit_log_configuration.audit_log_destination"} {
		v.place(residency.Log, "audit logging", path, asARN)
	}
}

func readFSxVolume(v view) {
	v.here(residency.Primary, "")
	for _, prefix := range []string{"", "open_zfsconfiguration."} {
		v.from(residency.Replica, "origin snapshot", prefix+"origin_snapshot.snapshot_arn", asARN)
	}
}

// syncFiles: what changes in the file system is written to the bucket, and the other way round.
func syncFiles(v view) {
	v.place(residency.Replica, "data repository", "data_repository_path", asARN)
	for _, from := range v.targets("data_repository_path", asARN) {
		v.out.sources = append(v.out.sources, from.source(residency.Stream, v.via("data_repository_path", "data repository")))
	}
}

// readFileShare: a share is a door on premises to a bucket.
func readFileShare(v view) {
	v.place(residency.Transit, "file share", "location_arn", asARN)
	v.place(residency.Transit, "file share", "bucket_region", asRegion)
	v.place(residency.Log, "audit logging", "audit_destination_arn", asARN)
	v.place(residency.Key, "KmsKey", "kms_key_arn|kms_key", asKey)
}
