package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What is rolled out to several regions, and what runs where nobody sees what it does: images, stack sets, clusters.
var _ = both(
	pair("aws_imagebuilder_distribution_configuration name", "AWS::ImageBuilder::DistributionConfiguration Name", row{kind: "imagebuilder.distribution_configuration",
		arn: "arn:{partition}:imagebuilder:{region}:{account}:distribution-configuration/{name}", read: func(v view) {
			for _, d := range v.each("distribution|distributions") {
				d.place(residency.Metadata, "images", "region", asRegion)
				d.leg(leg{residency.Metadata, "s3_export_configuration.s3_bucket", asBucket, ""})
				accounts, _ := d.textsOf("ami_distribution_configuration.target_account_ids")
				for _, account := range accounts {
					for _, to := range d.targets("region", asRegion) {
						to.account = account
						d.add(to.place(residency.Metadata, d.via("ami_distribution_configuration.target_account_ids", "images")))
					}
				}
			}
		}}),
	pair("aws_emr_cluster name", "AWS::EMR::Cluster Name", row{kind: "emr.cluster", arn: "arn:{partition}:elasticmapreduce:{region}:{account}:cluster/{id}",
		read: holds(residency.Capability, leg{residency.Log, "log_uri", asARN, ""}, leg{residency.Key, "log_encryption_kms_key_id", asKey, ""})}),
	pair("aws_mwaa_environment name", "AWS::MWAA::Environment Name", row{kind: "mwaa.environment", arn: "arn:{partition}:airflow:{region}:{account}:environment/{name}", read: func(v view) {
		v.here(residency.Capability, "")
		v.from("", "", "source_bucket_arn", asBucket)
		v.place(residency.Key, "", "kms_key|kms_key_arn", asKey)
	}}),
	pair("aws_route53_record", "AWS::Route53::RecordSet", row{kind: "route53.record_set", global: true, read: func(v view) {
		sends(leg{residency.Transit, "latency_routing_policy.region", asRegion, ""})(v)
		if v.t.row.template() {
			v.place(residency.Transit, "latency", "region", asRegion)
		}
	}, regionIsTarget: true}),
	pair("aws_resourceexplorer2_index", "AWS::ResourceExplorer2::Index", row{kind: "resourceexplorer2.index", arn: "arn:{partition}:resource-explorer-2:{region}:{account}:index/{id}", read: func(v view) {
		v.here(residency.Metadata, "index")
		if !v.is("type", "LOCAL") {
			v.collects(covers{role: residency.Metadata, via: "indexes of every region"})
		}
	}}),
	pair("aws_networkmanager_core_network", "AWS::NetworkManager::CoreNetwork", row{kind: "networkmanager.core_network", global: true, arn: "arn:{partition}:networkmanager::{account}:core-network/{id}", read: func(v view) {
		v.place(residency.Capability, "edge", "base_policy_regions", asRegion)
		for _, region := range v.w.regionsIn(v.text("policy_document|base_policy_document")) {
			v.add(residency.Placement{Role: residency.Capability, Region: region, Via: v.via("policy_document|base_policy_document", "edge in "+region)})
		}
	}}),
	pair("aws_workspaces_workspace", "AWS::WorkSpaces::Workspace", row{kind: "workspaces.workspace", arn: "arn:{partition}:workspaces:{region}:{account}:workspace/{id}",
		read: holds(residency.Primary, leg{residency.Key, "volume_encryption_key", asKey, ""})}),
	pair("aws_auditmanager_assessment name", "AWS::AuditManager::Assessment Name", row{kind: "auditmanager.assessment", arn: "arn:{partition}:auditmanager:{region}:{account}:assessment/{id}",
		read: holds(residency.Metadata, leg{residency.Metadata, "assessment_reports_destination.destination", asARN, ""})}),
	[]row{
		{typ: "aws_cloudformation_stack", name: "name", kind: "cloudformation.stack", arn: "arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{id}", read: rolledOut},
		{typ: "aws_cloudformation_stack_set", name: "name", kind: "cloudformation.stack_set", arn: "arn:{partition}:cloudformation:{region}:{account}:stackset/{name}:{id}", read: rolledOut},
		{typ: "aws_cloudformation_stack_set_instance", kind: "cloudformation.stack_set", settings: settingsOf("stack_set_name", asLocal("cloudformation", "stackset/")), read: func(v view) {
			v.place(residency.Capability, "rolled out", v.firstSet("stack_set_instance_region", "region"), asRegion)
		}, regionIsTarget: true},
		{typ: "aws_directory_service_region", kind: "directoryservice.directory", settings: settingsOf("directory_id", asLocal("ds", "directory/")), read: func(v view) {
			v.place(residency.Replica, "directory replication", "region_name", asRegion)
		}},
		{typ: "AWS::ARCRegionSwitch::Plan", name: "Name", kind: "arcregionswitch.plan", global: true, read: func(v view) {
			v.place(residency.Capability, "failover", "regions", asRegion)
		}},
	},
)

// rolledOut: what a stack's template makes stands in no Terraform plan.
func rolledOut(v view) {
	v.here(residency.Capability, "")
	v.gap("template", residency.ClassUnimplemented, v.via("template_body", "")+": what the template makes is not judged with the plan: give the template as a further PATH")
}
