package plan

import "testing"

func TestBedrockMechanisms(t *testing.T) {
	runMechanisms(t, []mechanism{
		{name: "invocations to a bucket", role: "log", to: "bucket", terraform: `aws_bedrock_model_invocation_logging_configuration.x {"logging_config": [{"s3_config": [{"bucket_name": "%"}]}]}`},
		{name: "invocations to a group", role: "log", to: "group", terraform: `aws_bedrock_model_invocation_logging_configuration.x {"logging_config": [{"cloudwatch_config": [{"log_group_name": "%"}]}]}`},
		{name: "who asked which model", role: "metadata", to: "bucket", terraform: `aws_bedrock_model_invocation_logging_configuration.x {"logging_config": [{"text_data_delivery_enabled": false, "image_data_delivery_enabled": false,
			"embedding_data_delivery_enabled": false, "video_data_delivery_enabled": false, "audio_data_delivery_enabled": false, "s3_config": [{"bucket_name": "%"}]}]}`},
		{name: "agent by a profile", role: "transit", to: "profile",
			terraform: `aws_bedrockagent_agent.x {"agent_name": "a", "foundation_model": "%"}`, template: `AWS::Bedrock::Agent x {"AgentName": "a", "FoundationModel": "%"}`},
		{name: "vectors", role: "replica", to: "collection",
			terraform: `aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "VECTOR"}], "storage_configuration": [{"type": "OPENSEARCH_SERVERLESS", "opensearch_serverless_configuration": [{"collection_arn": "%"}]}]}`,
			template:  `AWS::Bedrock::KnowledgeBase x {"Name": "k", "KnowledgeBaseConfiguration": {"Type": "VECTOR"}, "StorageConfiguration": {"Type": "OPENSEARCH_SERVERLESS", "OpensearchServerlessConfiguration": {"CollectionArn": "%"}}}`},
		{name: "pictures of documents", role: "replica", to: "bucket",
			terraform: `aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "VECTOR", "vector_knowledge_base_configuration": [{"supplemental_data_storage_configuration": [{"storage_location": [{"s3_location": [{"uri": "%"}]}]}]}]}]}`,
			template:  `AWS::Bedrock::KnowledgeBase x {"Name": "k", "KnowledgeBaseConfiguration": {"Type": "VECTOR", "VectorKnowledgeBaseConfiguration": {"SupplementalDataStorageConfiguration": {"SupplementalDataStorageLocations": [{"S3Location": {"URI": "%"}}]}}}}`},
		{name: "steps between", role: "replica", to: "bucket",
			terraform: `aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "VECTOR"}]}
				aws_bedrockagent_data_source.d {"name": "d", "knowledge_base_id": "@aws_bedrockagent_knowledge_base.x.id", "vector_ingestion_configuration": [{"custom_transformation_configuration": [{"intermediate_storage": [{"s3_location": [{"uri": "%"}]}]}]}]}`,
			template: `AWS::Bedrock::KnowledgeBase x {"KnowledgeBaseConfiguration": {"Type": "VECTOR"}}
				AWS::Bedrock::DataSource d {"Name": "d", "KnowledgeBaseId": "@x", "VectorIngestionConfiguration": {"CustomTransformationConfiguration": {"IntermediateStorage": {"S3Location": {"URI": "%"}}}}}`},
		{name: "node of a flow", role: "stream", to: "bucket",
			terraform: `aws_bedrockagent_flow.x {"name": "f", "definition": [{"node": [{"name": "n", "type": "Storage", "configuration": [{"storage": [{"service_configuration": [{"s3": [{"bucket_name": "%"}]}]}]}]}]}]}`,
			template:  `AWS::Bedrock::Flow x {"Name": "f", "Definition": {"Nodes": [{"Name": "n", "Type": "Storage", "Configuration": {"Storage": {"ServiceConfiguration": {"S3": {"BucketName": "%"}}}}}]}}`},
		{name: "prompt", role: "transit", to: "profile",
			terraform: `aws_bedrockagent_prompt.x {"name": "p", "variant": [{"name": "v", "model_id": "%"}]}`, template: `AWS::Bedrock::Prompt x {"Name": "p", "Variants": [{"Name": "v", "ModelId": "%"}]}`},
		{name: "profile of a profile", role: "transit", to: "profile",
			terraform: `aws_bedrock_inference_profile.x {"name": "p", "model_source": [{"copy_from": "%"}]}`,
			template:  `AWS::Bedrock::ApplicationInferenceProfile x {"InferenceProfileName": "p", "ModelSource": {"CopyFrom": "%"}}`},
	})
}

// How a model is named decides where it is asked.
func TestModelNames(t *testing.T) {
	anywhere := []string{"transit in ?", "transit in ap-northeast-1", "transit in eu-west-1", "transit in us-east-1"}
	at := func(target string, lines []string) (all []string) {
		for _, l := range lines {
			all = append(all, l+" at "+target)
		}
		return all
	}
	for name, want := range map[string][]string{
		"anthropic.claude-v2": {"transit in eu-west-1 at arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-v2"},
		"arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2": {"transit in us-east-1 at arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2"},
		"eu.anthropic.claude-v2":     {"transit in ?"},
		"global.anthropic.claude-v2": anywhere,
		"arn:aws:bedrock:eu-west-1:111111111111:inference-profile/eu.anthropic.claude-v2":     {"transit in ?"},
		"arn:aws:bedrock:eu-west-1:111111111111:inference-profile/global.anthropic.claude-v2": at("arn:aws:bedrock:eu-west-1:111111111111:inference-profile/global.anthropic.claude-v2", anywhere),
		"arn:aws:bedrock:::foundation-model/anthropic.claude-v2":                              at("arn:aws:bedrock:::foundation-model/anthropic.claude-v2", anywhere),
		"arn:aws:bedrock:eu-west-1:111111111111:application-inference-profile/abc":            {"transit in ? of 111111111111 at arn:aws:bedrock:eu-west-1:111111111111:application-inference-profile/abc"},
		"arn:aws:bedrock:eu-west-1:111111111111:default-prompt-router/abc":                    {"transit in ? at arn:aws:bedrock:eu-west-1:111111111111:default-prompt-router/abc"},
		"arn:aws:sagemaker:us-east-1:111111111111:endpoint/e":                                 {"transit in us-east-1 of 111111111111 at arn:aws:sagemaker:us-east-1:111111111111:endpoint/e"},
	} {
		runLines(t, []lineCase{{name: name, want: want,
			terraform: `aws_bedrockagent_agent.x {"agent_name": "a", "foundation_model": "` + name + `"}`,
			template:  `AWS::Bedrock::Agent x {"AgentName": "a", "FoundationModel": "` + name + `"}`}})
	}
}

func TestBedrockSettings(t *testing.T) {
	runLines(t, []lineCase{
		{name: "agent with a memory and a key", want: []string{"primary in eu-west-1", "key in us-east-1 of 111111111111 at arn:aws:kms:us-east-1:111111111111:key/k"},
			terraform: `aws_bedrockagent_agent.x {"agent_name": "a", "memory_configuration": [{"enabled_memory_types": ["SESSION_SUMMARY"]}], "customer_encryption_key_arn": "arn:aws:kms:us-east-1:111111111111:key/k"}`,
			template:  `AWS::Bedrock::Agent x {"MemoryConfiguration": {"EnabledMemoryTypes": ["SESSION_SUMMARY"]}, "CustomerEncryptionKeyArn": "arn:aws:kms:us-east-1:111111111111:key/k"}`},
		{name: "profile whose models are known", want: []string{"transit in eu-central-1 at arn:aws:bedrock:eu-central-1::foundation-model/m", "transit in us-east-1 at arn:aws:bedrock:us-east-1::foundation-model/m"},
			terraform: `aws_bedrock_inference_profile.x {"name": "p", "model_source": [{"copy_from": "arn:aws:bedrock:eu-west-1:111111111111:inference-profile/eu.m"}],
				"models": [{"model_arn": "arn:aws:bedrock:eu-central-1::foundation-model/m"}, {"model_arn": "arn:aws:bedrock:us-east-1::foundation-model/m"}]}`},
		{name: "profile without models", want: []string{"transit in ?"}, terraform: `aws_bedrock_inference_profile.x {"name": "p"}`, template: `AWS::Bedrock::ApplicationInferenceProfile x {}`},
		{name: "large payloads of invocations", want: []string{"log in eu-west-1 at arn:aws:logs:eu-west-1::log-group:g", "log in us-east-1 at there"},
			terraform: `aws_s3_bucket.there in us-east-1 {"bucket": "b"}
				aws_bedrock_model_invocation_logging_configuration.x {"logging_config": [{"cloudwatch_config": [{"log_group_name": "g", "large_data_delivery_s3_config": [{"bucket_name": "b"}]}]}]}`},
		{name: "knowledge base of a type that is not known", want: []string{"gap knowledge_base_configuration unresolved"},
			terraform: `aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "MANAGED"}]}`,
			template:  `AWS::Bedrock::KnowledgeBase x {"KnowledgeBaseConfiguration": {"Type": "MANAGED"}}`},
		{name: "knowledge base with what it asks", want: []string{"replica in ? at x.pinecone.io", "transit in us-east-1 at arn:aws:bedrock:us-east-1::foundation-model/e", "from transit in us-east-1 of 111111111111 at arn:aws:kendra:us-east-1:111111111111:index/i",
			"from transit in eu-west-1 at arn:aws:redshift:eu-west-1::cluster:c"},
			terraform: `aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "VECTOR", "vector_knowledge_base_configuration": [{"embedding_model_arn": "arn:aws:bedrock:us-east-1::foundation-model/e"}],
				"kendra_knowledge_base_configuration": [{"kendra_index_arn": "arn:aws:kendra:us-east-1:111111111111:index/i"}],
				"sql_knowledge_base_configuration": [{"redshift_configuration": [{"query_engine_configuration": [{"provisioned_configuration": [{"cluster_identifier": "c"}]}]}]}]}],
				"storage_configuration": [{"type": "PINECONE", "pinecone_configuration": [{"connection_string": "https://x.pinecone.io"}]}]}`,
			template: `AWS::Bedrock::KnowledgeBase x {"KnowledgeBaseConfiguration": {"Type": "VECTOR", "VectorKnowledgeBaseConfiguration": {"EmbeddingModelArn": "arn:aws:bedrock:us-east-1::foundation-model/e"},
				"KendraKnowledgeBaseConfiguration": {"KendraIndexArn": "arn:aws:kendra:us-east-1:111111111111:index/i"},
				"SqlKnowledgeBaseConfiguration": {"RedshiftConfiguration": {"QueryEngineConfiguration": {"ProvisionedConfiguration": {"ClusterIdentifier": "c"}}}}},
				"StorageConfiguration": {"Type": "PINECONE", "PineconeConfiguration": {"ConnectionString": "https://x.pinecone.io"}}}`},
		{name: "vector store of a type that is not known", want: []string{"replica in ?"},
			terraform: `aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "VECTOR"}], "storage_configuration": [{"type": "FAX"}]}`,
			template:  `AWS::Bedrock::KnowledgeBase x {"KnowledgeBaseConfiguration": {"Type": "VECTOR"}, "StorageConfiguration": {"Type": "FAX"}}`},
		{name: "data source", want: []string{"transit in ?", "transit in us-east-1 of 111111111111 at arn:aws:lambda:us-east-1:111111111111:function:f", "from in us-east-1 at there", "key in eu-west-1 of 111111111111 at arn:aws:kms:eu-west-1:111111111111:key/k"},
			terraform: `aws_s3_bucket.there in us-east-1 {"bucket": "b"}
				aws_bedrockagent_knowledge_base.x {"name": "k", "knowledge_base_configuration": [{"type": "VECTOR"}]}
				aws_bedrockagent_data_source.d {"name": "d", "knowledge_base_id": "@aws_bedrockagent_knowledge_base.x.id", "data_source_configuration": [{"type": "S3", "s3_configuration": [{"bucket_arn": "@aws_s3_bucket.there.arn"}]}],
				"server_side_encryption_configuration": [{"kms_key_arn": "arn:aws:kms:eu-west-1:111111111111:key/k"}],
				"vector_ingestion_configuration": [{"parsing_configuration": [{"parsing_strategy": "BEDROCK_DATA_AUTOMATION"}],
				"custom_transformation_configuration": [{"transformation": [{"transformation_function": [{"transformation_lambda_configuration": [{"lambda_arn": "arn:aws:lambda:us-east-1:111111111111:function:f"}]}]}]}]}]}`,
			template: `AWS::S3::Bucket there in us-east-1 {}
				AWS::Bedrock::KnowledgeBase x {"KnowledgeBaseConfiguration": {"Type": "VECTOR"}}
				AWS::Bedrock::DataSource d {"Name": "d", "KnowledgeBaseId": "@x", "DataSourceConfiguration": {"Type": "S3", "S3Configuration": {"BucketArn": "@there"}},
				"ServerSideEncryptionConfiguration": {"KmsKeyArn": "arn:aws:kms:eu-west-1:111111111111:key/k"},
				"VectorIngestionConfiguration": {"ParsingConfiguration": {"ParsingStrategy": "BEDROCK_DATA_AUTOMATION"},
				"CustomTransformationConfiguration": {"Transformations": [{"TransformationFunction": {"TransformationLambdaConfiguration": {"LambdaArn": "arn:aws:lambda:us-east-1:111111111111:function:f"}}}]}}}`},
		{name: "nodes of a flow", want: []string{"transit in us-east-1 of 111111111111 at arn:aws:bedrock:us-east-1:111111111111:agent/A", "transit in us-east-1 of 111111111111 at arn:aws:bedrock:us-east-1:111111111111:prompt/P",
			"from transit in eu-west-1 at k", "gap definition unresolved"},
			template: `AWS::Bedrock::KnowledgeBase k {"KnowledgeBaseConfiguration": {"Type": "VECTOR"}}
				AWS::Bedrock::Flow x {"Definition": {"Nodes": [{"Name": "a", "Type": "Agent", "Configuration": {"Agent": {"AgentAliasArn": "arn:aws:bedrock:us-east-1:111111111111:agent-alias/A/1"}}},
				{"Name": "l", "Type": "Loop", "Configuration": {"Loop": {"Definition": {"Nodes": [{"Name": "p", "Type": "Prompt", "Configuration": {"Prompt": {"SourceConfiguration": {"Resource": {"PromptArn": "arn:aws:bedrock:us-east-1:111111111111:prompt/P:2"}}}}}]}}}},
				{"Name": "k", "Type": "KnowledgeBase", "Configuration": {"KnowledgeBase": {"KnowledgeBaseId": "@k"}}}, {"Name": "in", "Type": "Input"}, {"Name": "new", "Type": "Fax"}]}}`},
	})
}
