package plan

import (
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Containers: registries of images, and clusters with their logs.
var _ = both(
	pair("aws_ecr_repository name", "AWS::ECR::Repository RepositoryName", row{kind: "ecr.repository", arn: "arn:{partition}:ecr:{region}:{account}:repository/{name}", read: func(v view) {
		v.here(residency.Primary, "")
		v.place(residency.Key, "KmsKey", "encryption_configuration.kms_key", asKey)
		v.share("repository_policy_text", residency.Primary, "ecr")
	}}),
	[]row{{typ: "aws_ecr_repository_policy", kind: "ecr.repository", settings: settingsOf("repository", asLocal("ecr", "repository/")), read: func(v view) {
		v.share("policy", residency.Primary, "ecr")
	}}},
	pair("aws_ecr_replication_configuration", "AWS::ECR::ReplicationConfiguration", row{kind: "ecr.replication_configuration", read: func(v view) {
		for _, d := range v.each("replication_configuration.rule|rules.destination|destinations") {
			d.placeOwned(residency.Metadata, "image replication", "region", "registry_id", asRegion)
		}
	}}),
	pair("aws_ecr_pull_through_cache_rule", "AWS::ECR::PullThroughCacheRule", row{kind: "ecr.pull_through_cache_rule", read: func(v view) {
		v.place(residency.Capability, "upstream registry", "upstream_registry_url", asARN)
	}}),
	pair("aws_ecr_registry_policy", "AWS::ECR::RegistryPolicy", row{class: NoData}), // who may replicate into it
	pair("aws_ecrpublic_repository repository_name", "AWS::ECR::PublicRepository RepositoryName", row{kind: "ecrpublic.repository", arn: "arn:{partition}:ecr-public::{account}:repository/{name}", read: func(v view) {
		v.here(residency.Primary, "")
		v.add(v.ownPlace(residency.Everybody).place(residency.Primary, v.via("", "a public registry")))
	}}),
	[]row{{typ: "aws_ecrpublic_repository_policy", class: NoData}}, // who may push
	pair("aws_eks_cluster name", "AWS::EKS::Cluster Name", row{kind: "eks.cluster", arn: "arn:{partition}:eks:{region}:{account}:cluster/{name}", read: func(v view) {
		v.here(residency.Capability, "") // what its workloads keep and send is theirs to tell
		v.place(residency.Key, "KeyArn of the secrets", "encryption_config.provider.key_arn", asKey)
		if v.set("enabled_cluster_log_types") || v.set("logging.cluster_logging.enabled_types") {
			for _, to := range v.targetsOf(textOf("/aws/eks/"+v.t.name+"/cluster"), asNamed("logs", "log-group:")) {
				v.add(to.place(residency.Log, v.via("enabled_cluster_log_types|logging", "control plane logs")))
			}
		}
	}}),
	pair("aws_ecs_cluster name", "AWS::ECS::Cluster ClusterName", row{kind: "ecs.cluster", arn: "arn:{partition}:ecs:{region}:{account}:cluster/{name}", read: func(v view) {
		execute := v.inner("configuration").inner("execute_command_configuration")
		if execute.is("logging", "NONE") {
			return
		}
		execute.place(residency.Log, "transcripts of commands", "log_configuration.s3_bucket_name", asBucket)
		execute.place(residency.Log, "transcripts of commands", "log_configuration.cloud_watch_log_group_name", asNamed("logs", "log-group:"))
		execute.place(residency.Key, "KmsKeyId of the commands", "kms_key_id", asKey)
	}}),
	pair("aws_ecs_task_definition family", "AWS::ECS::TaskDefinition Family", row{kind: "ecs.task_definition", arn: "arn:{partition}:ecs:{region}:{account}:task-definition/{name}:{id}", read: readTaskDefinition}),
)

// readTaskDefinition: containers send their logs where the driver's options say. Terraform gives them as a JSON text.
func readTaskDefinition(v view) {
	const path = "container_definitions"
	containers := v.get(path)
	if containers.kind == text {
		var ok bool
		if containers, ok = v.listed(path); !ok {
			containers = unknownBecause("the containers are known only after the deployment")
		}
	}
	for _, c := range containers.blocks() {
		c := view{w: v.w, t: v.t, held: v.held, at: c, path: path, out: v.out}
		l := c.inner("logConfiguration|log_configuration")
		switch driver := l.text("logDriver|log_driver"); {
		case c.at.kind == unknown || c.at.kind == reference:
			v.add(residency.Placement{Role: residency.Log, Via: v.via(path, "logs of the containers") + ": they are known only after the deployment"})
		case !l.set("logDriver|log_driver") || slices.Contains([]string{"json-file", "local", "journald", "none"}, driver):
		case driver == "awslogs":
			for _, to := range l.targetsIn("options.awslogs-group", "options.awslogs-region", asNamed("logs", "log-group:")) {
				v.add(to.place(residency.Log, l.via("", "logs of the containers")))
			}
		default:
			v.add(residency.Placement{Role: residency.Log, Via: l.via("", "log driver "+driver) + ": where it sends them only its own settings tell"})
		}
	}
}

// listed is a list that is given as a JSON text.
func (v view) listed(path string) (Value, bool) {
	one := v
	one.at = Value{kind: object, fields: map[string]Value{path: textOf(`{"list":` + v.get(path).text + `}`)}}
	doc, ok := one.parsed(path)
	return doc.field("list"), ok && doc.field("list").kind == list
}
