package audit

import (
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// observations are the read-only commands by which a person sees a resource for himself, by kind. NAME is the last part of its ARN,
// ARN the whole; where a setting is what matters, the command that shows the setting.
var observations = map[string]string{
	"backup.plan":                                  "backup get-backup-plan --backup-plan-id NAME",
	"backup.recovery_point":                        "backup list-recovery-points-by-resource --resource-arn ARN",
	"backup.vault":                                 "backup describe-backup-vault --backup-vault-name NAME",
	"bedrock.model_invocation_logging":             "bedrock get-model-invocation-logging-configuration",
	"bedrock.inference_profile":                    "bedrock get-inference-profile --inference-profile-identifier ARN",
	"bedrockagent.agent":                           "bedrock-agent get-agent --agent-id NAME",
	"bedrockagent.knowledge_base":                  "bedrock-agent get-knowledge-base --knowledge-base-id NAME",
	"bedrockagent.prompt":                          "bedrock-agent get-prompt --prompt-identifier ARN",
	"bedrockagent.flow":                            "bedrock-agent get-flow --flow-identifier ARN",
	"cloudtrail.trail":                             "cloudtrail get-trail --name ARN",
	"cloudtrail.event_data_store":                  "cloudtrail get-event-data-store --event-data-store ARN",
	residency.KindEvent:                            "cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=NAME",
	"cloudtrail.channel":                           "cloudtrail get-channel --channel ARN",
	"cloudwatch.metric_stream":                     "cloudwatch get-metric-stream --name NAME",
	"cloudwatchlogs.group":                         "logs describe-subscription-filters --log-group-name NAME",
	"cloudwatchlogs.destination":                   "logs describe-destinations --destination-name-prefix NAME",
	"cloudwatchlogs.delivery":                      "logs get-delivery --id NAME",
	"cloudwatchlogs.delivery_destination":          "logs get-delivery-destination --name NAME",
	"cloudwatchlogs.export_task":                   "logs describe-export-tasks --task-id NAME",
	"configservice.delivery_channel":               "configservice describe-delivery-channels",
	"configservice.aggregator":                     "configservice describe-configuration-aggregators",
	"configservice.aggregation_authorization":      "configservice describe-aggregation-authorizations",
	"dlm.policy":                                   "dlm get-lifecycle-policy --policy-id NAME",
	"dynamodb.table":                               "dynamodb describe-table --table-name NAME",
	"dynamodb.backup":                              "dynamodb describe-backup --backup-arn ARN",
	"dynamodb.export":                              "dynamodb describe-export --export-arn ARN",
	"ec2.volume":                                   "ec2 describe-volumes --volume-ids NAME",
	"ec2.snapshot":                                 "ec2 describe-snapshots --snapshot-ids NAME",
	"ec2.image":                                    "ec2 describe-images --image-ids NAME",
	"ec2.flow_log":                                 "ec2 describe-flow-logs --flow-log-ids NAME",
	"ec2.export_task":                              "ec2 describe-export-tasks --export-task-ids NAME",
	"ec2.export_image_task":                        "ec2 describe-export-image-tasks --export-image-task-ids NAME",
	"elasticloadbalancing.load_balancer":           "elb describe-load-balancer-attributes --load-balancer-name NAME",
	"elasticloadbalancingv2.load_balancer":         "elbv2 describe-load-balancer-attributes --load-balancer-arn ARN",
	"firehose.stream":                              "firehose describe-delivery-stream --delivery-stream-name NAME",
	"kinesis.stream":                               "kinesis describe-stream-summary --stream-arn ARN",
	"oam.link":                                     "oam get-link --identifier ARN",
	"oam.sink":                                     "oam get-sink --identifier ARN",
	"observabilityadmin.centralization_rule":       "observabilityadmin get-centralization-rule-for-organization --rule-identifier NAME",
	"organizations.policy":                         "organizations describe-policy --policy-id NAME",
	"rds.instance":                                 "rds describe-db-instances --db-instance-identifier ARN",
	"rds.cluster":                                  "rds describe-db-clusters --db-cluster-identifier ARN",
	"rds.global_cluster":                           "rds describe-global-clusters --global-cluster-identifier NAME",
	"rds.snapshot":                                 "rds describe-db-snapshots --db-snapshot-identifier ARN",
	"rds.cluster_snapshot":                         "rds describe-db-cluster-snapshots --db-cluster-snapshot-identifier ARN",
	"rds.automated_backup":                         "rds describe-db-instance-automated-backups --db-instance-automated-backups-arn ARN",
	"rds.export_task":                              "rds describe-export-tasks --export-task-identifier NAME",
	"rds.integration":                              "rds describe-integrations --integration-identifier ARN",
	"rds.blue_green_deployment":                    "rds describe-blue-green-deployments --blue-green-deployment-identifier NAME",
	"route53.hosted_zone":                          "route53 list-query-logging-configs --hosted-zone-id NAME",
	"route53resolver.query_log_config":             "route53resolver get-resolver-query-log-config --resolver-query-log-config-id NAME",
	"s3.bucket":                                    "s3api get-bucket-location --bucket NAME",
	"s3control.access_point":                       "s3control get-access-point --account-id ACCOUNT --name NAME",
	"s3control.job":                                "s3control describe-job --account-id ACCOUNT --job-id NAME",
	"s3control.multi_region_access_point":          "s3control list-multi-region-access-points --account-id ACCOUNT",
	"s3control.storage_lens_configuration":         "s3control get-storage-lens-configuration --account-id ACCOUNT --config-id NAME",
	"s3tables.table_bucket":                        "s3tables get-table-bucket --table-bucket-arn ARN",
	"s3vectors.vector_bucket":                      "s3vectors get-vector-bucket --vector-bucket-arn ARN",
	"securityhub.finding_aggregator":               "securityhub get-finding-aggregator --finding-aggregator-arn ARN",
	"wafv2.web_acl":                                "wafv2 get-logging-configuration --resource-arn ARN",
	"macie2.classification_export":                 "macie2 get-classification-export-configuration",
	"route53resolver.query_log_config_association": "route53resolver get-resolver-query-log-config-association --resolver-query-log-config-association-id NAME",
}

// observation is the read-only command that repeats the observation of a resource. What has none of its own is looked up by ARN.
func observation(r *residency.Resource) string {
	command, ok := observations[r.Kind]
	if !ok {
		command = "resourcegroupstaggingapi get-resources --resource-arn-list ARN"
	}
	words := strings.Fields(command)
	for i, w := range words {
		switch w {
		case "NAME":
			words[i] = shellWord(lastPart(r))
		case "ARN":
			words[i] = shellWord(r.ID)
		case "ACCOUNT":
			words[i] = shellWord(r.Account)
		}
	}
	if r.Region != "" {
		words = append(words, "--region", shellWord(r.Region))
	}
	return "aws " + strings.Join(words, " ")
}

// lastPart is what AWS calls a resource by itself: its name, or the end of its ARN. Names of log groups hold slashes.
func lastPart(r *residency.Resource) string {
	if _, group, ok := strings.Cut(r.ID, ":log-group:"); ok {
		return group
	}
	return r.ID[strings.LastIndexAny(r.ID, ":/")+1:]
}

// shellWord quotes an argument where a shell would take it apart.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
