package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/locate"
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What is rolled out to several regions, and what runs where nobody sees what it does: images, stack sets, containers, clusters.
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
	pair("aws_ecs_task_definition family", "AWS::ECS::TaskDefinition Family", row{kind: "ecs.task_definition", arn: "arn:{partition}:ecs:{region}:{account}:task-definition/{name}:{id}", read: readTask}),
	pair("aws_eks_cluster name", "AWS::EKS::Cluster Name", row{kind: "eks.cluster", arn: "arn:{partition}:eks:{region}:{account}:cluster/{name}",
		read: holds(residency.Capability, leg{residency.Key, "encryption_config.provider.key_arn", asKey, ""})}),
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

// readTask: the containers of a task write their logs where their log driver says, and may be told of other regions.
func readTask(v view) {
	v.here(residency.Capability, "")
	containers := v.each("container_definitions")
	if !v.t.row.template() {
		doc, ok := v.parsedList("container_definitions")
		if !ok {
			v.add(residency.Placement{Role: residency.Log, Via: v.via("container_definitions", "log of containers") + ": they are known only after the deployment"})
			return
		}
		containers = nil
		for _, one := range doc.list {
			c := v
			c.at, c.path = one, "container_definitions"
			containers = append(containers, c)
		}
	}
	for _, c := range containers {
		for _, l := range c.each("logConfiguration|log_configuration") {
			containerLog(l)
		}
		for _, e := range c.each("environment") {
			for _, region := range v.w.regionsIn(e.text("value")) {
				if region != v.held.region {
					v.add(residency.Placement{Role: residency.Capability, Region: region, Via: e.via("value", e.text("name")+" names "+region)})
				}
			}
		}
	}
}

// containerLog: the awslogs driver names a group and its region; of others only a region and a bucket among their options are understood.
func containerLog(l view) {
	driver := l.text("logDriver|log_driver")
	options := l.get("options")
	label := "log driver " + driver
	region := l.targetsOf(options.fields["awslogs-region"], asRegion)
	if driver == "awslogs" {
		group := func(h locate.Home, s string) locate.Destination {
			if len(region) == 1 && region[0].region != "" {
				h.Region = region[0].region
			}
			return asGroup(h, s)
		}
		if len(region) == 1 && region[0].region == "" {
			l.add(region[0].place(residency.Log, l.via("options", label)))
			return
		}
		for _, to := range l.targetsOf(options.fields["awslogs-group"], group) {
			l.add(to.place(residency.Log, l.via("options", label)))
		}
		return
	}
	before := len(l.out.placements)
	for _, name := range slices.Sorted(maps.Keys(options.fields)) {
		as := asARN
		switch lower := strings.ToLower(name); {
		case lower == "region":
			as = asRegion
		case lower == "bucket":
			as = asBucket
		case !strings.Contains(lower, "url") && lower != "host":
			continue
		}
		for _, to := range l.targetsOf(options.fields[name], as) {
			l.add(to.place(residency.Log, l.via("options", label+" "+name)))
		}
	}
	if len(l.out.placements) == before && !l.is("logDriver|log_driver", "json-file", "none", "journald", "local") {
		l.add(residency.Placement{Role: residency.Log, Via: l.via("options", label) + ": where it writes to is not known to this version"})
	}
}
