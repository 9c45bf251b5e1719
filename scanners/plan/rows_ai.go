package plan

import (
	"github.com/seed-1578181b/domicile/internal/residency"
)

// What else is asked and remembered by models: guardrails, custom models, Data Automation, memories of agents, bots.
var _ = both(
	pair("aws_bedrock_guardrail name", "AWS::Bedrock::Guardrail Name", row{kind: "bedrock.guardrail", arn: "arn:{partition}:bedrock:{region}:{account}:guardrail/{id}", read: func(v view) {
		v.here(residency.Transit, "")
		for _, c := range v.each("cross_region_config") { // the regions of a guardrail profile stand in no change
			v.add(residency.Placement{Role: residency.Transit, Via: c.via("guardrail_profile_identifier|guardrail_profile_arn", "evaluated in any region of its profile")})
		}
		v.place(residency.Key, "", "kms_key_arn", asKey)
	}}),
	pair("aws_bedrockagentcore_memory name", "AWS::BedrockAgentCore::Memory Name", row{kind: "bedrockagentcorecontrol.memory",
		arn: "arn:{partition}:bedrock-agentcore:{region}:{account}:memory/{id}", read: holds(residency.Primary, leg{residency.Key, "encryption_key_arn", asKey, ""})}),
	pair("aws_lexv2models_bot name", "AWS::Lex::Bot Name", row{kind: "lexmodelsv2.bot", arn: "arn:{partition}:lex:{region}:{account}:bot/{id}", read: holds(residency.Primary,
		leg{residency.Replica, "replication.replica_regions", asRegion, ""},
		leg{residency.Log, "test_bot_alias_settings.conversation_log_settings.text_log_settings.destination.cloud_watch.cloud_watch_log_group_arn", asARN, ""},
		leg{residency.Log, "test_bot_alias_settings.conversation_log_settings.audio_log_settings.destination.s3_bucket.s3_bucket_arn", asBucket, ""})}),
	pair("aws_kendra_data_source name", "AWS::Kendra::DataSource Name", row{kind: "kendra.data_source", arn: "arn:{partition}:kendra:{region}:{account}:index/{id}", read: func(v view) {
		v.here(residency.Primary, "")
		v.fromAll("", "configuration|data_source_configuration.s3_configuration.bucket_name", asBucket)
	}}),
	pair("aws_customerprofiles_domain domain_name", "AWS::CustomerProfiles::Domain DomainName", row{kind: "customerprofiles.domain",
		arn: "arn:{partition}:profile:{region}:{account}:domains/{name}", read: holds(residency.Primary,
			leg{residency.Replica, "matching.exporting_config.s3_exporting.s3_bucket_name", asBucket, ""},
			leg{residency.Replica, "rule_based_matching.exporting_config.s3_exporting.s3_bucket_name", asBucket, ""},
			leg{residency.Queue, "dead_letter_queue_url", asQueue, ""}, leg{residency.Key, "default_encryption_key", asKey, ""})}),
	[]row{
		{typ: "aws_bedrock_custom_model", name: "custom_model_name", kind: "bedrock.custom_model", arn: "arn:{partition}:bedrock:{region}:{account}:custom-model/{id}", read: func(v view) {
			v.here(residency.Primary, "")
			v.fromAll("", "training_data_config.s3_uri", asARN)
			v.fromAll("", "validation_data_config.validator.s3_uri", asARN)
			sends(leg{residency.Replica, "output_data_config.s3_uri", asARN, ""}, leg{residency.Key, "custom_model_kms_key_id", asKey, ""})(v)
		}},
		{typ: "AWS::Bedrock::DataAutomationProject", name: "ProjectName", kind: "bedrockdataautomation.project", arn: "arn:{partition}:bedrock:{region}:{account}:data-automation-project/{id}", read: func(v view) {
			// AWS: Data Automation always takes a geographic profile, and nothing says which.
			v.add(residency.Placement{Role: residency.Transit, Via: v.via("project_name", "Bedrock Data Automation") + ": it asks in any region of a geographic profile"})
			v.place(residency.Key, "", "kms_key_id", asKey)
		}},
	},
	holding("connectcases.domain", "arn:{partition}:cases:{region}:{account}:domain/{id}", "", "AWS::Cases::Domain Name"),
)
