package plan

import (
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Bedrock's knowledge bases and their data sources: what comes in from them rests, cut in pieces, in the base's store.
var _ = both(
	pair("aws_bedrockagent_knowledge_base name", "AWS::Bedrock::KnowledgeBase Name", row{kind: "bedrockagent.knowledge_base",
		arn: "arn:{partition}:bedrock:{region}:{account}:knowledge-base/{id}", read: readKnowledgeBase}),
	pair("aws_bedrockagent_data_source", "AWS::Bedrock::DataSource", row{kind: "bedrockagent.knowledge_base",
		settings: settingsOf("knowledge_base_id", asLocal("bedrock", "knowledge-base/")), read: readDataSource}),
)

// knowledgeTypes are the types of knowledge base whose settings are read below.
var knowledgeTypes = []string{"VECTOR", "KENDRA", "SQL"}

// vectorStores are where vectors rest, with the text that they were made from. Beyond AWS only a host is known.
var vectorStores = []string{
	"opensearch_serverless_configuration.collection_arn", "opensearch_managed_cluster_configuration.domain_arn", "rds_configuration.resource_arn",
	"neptune_analytics_configuration.graph_arn", "s3_vectors_configuration.vector_bucket_arn", "s3_vectors_configuration.index_arn",
	"pinecone_configuration.connection_string", "mongo_db_atlas_configuration.endpoint", "redis_enterprise_cloud_configuration.endpoint",
}

func readKnowledgeBase(v view) {
	for _, c := range v.each("knowledge_base_configuration") {
		for _, m := range c.each("vector_knowledge_base_configuration") {
			m.models("", "embedding_model_arn")
			for _, l := range m.each("supplemental_data_storage_configuration.storage_location|supplemental_data_storage_locations") {
				l.place(residency.Replica, "pictures of documents", "s3_location.uri", asARN)
			}
		}
		c.from(residency.Transit, "", "kendra_knowledge_base_configuration.kendra_index_arn", asARN)
		engine := "sql_knowledge_base_configuration.redshift_configuration.query_engine_configuration."
		c.from(residency.Transit, "", engine+"provisioned_configuration.cluster_identifier", asLocal("redshift", "cluster:"))
		c.from(residency.Transit, "", engine+"serverless_configuration.workgroup_arn", asARN)
		if !slices.Contains(knowledgeTypes, strings.ToUpper(c.text("type"))) {
			v.gap("knowledge_base_configuration", residency.ClassUnresolved, c.via("type", "")+" "+c.text("type")+" is a type of knowledge base that is not known to this version")
		}
	}
	for _, s := range v.each("storage_configuration") {
		path := s.firstSet(vectorStores...)
		if !s.set(path) {
			v.add(residency.Placement{Role: residency.Replica, Via: s.via("type", "vector store "+s.text("type"))})
			continue
		}
		s.place(residency.Replica, "vector store "+s.text("type"), path, asARN)
	}
}

// readDataSource is where documents come from, and what reading them in sends elsewhere: to models that parse or enrich it, to a bucket
// between two steps.
func readDataSource(v view) {
	of := "data source " + v.text("name")
	for _, c := range v.each("data_source_configuration") {
		for _, path := range []string{"confluence_configuration.source_configuration.host_url", "salesforce_configuration.source_configuration.host_url",
			"share_point_configuration.source_configuration.site_urls"} {
			c.from("", of, path, asARN)
		}
		c.from("", of, "s3_configuration.bucket_arn", asBucket)
		for _, seed := range c.each("web_configuration.source_configuration.url_configuration.seed_urls") {
			seed.from("", of, "url", asARN)
		}
	}
	v.place(residency.Key, of, "server_side_encryption_configuration.kms_key_arn", asKey)
	for _, c := range v.each("vector_ingestion_configuration") {
		c.models(of, "parsing_configuration.bedrock_foundation_model_configuration.model_arn")
		if strategy := c.text("parsing_configuration.parsing_strategy"); strategy == "BEDROCK_DATA_AUTOMATION" || strategy == "SMART_PARSING" {
			// AWS: Data Automation always takes a geographic profile, and nothing says which.
			v.add(residency.Placement{Role: residency.Transit, Via: c.via("parsing_configuration.parsing_strategy", of) + ", Bedrock Data Automation"})
		}
		c.models(of, "context_enrichment_configuration.bedrock_foundation_model_configuration.model_arn")
		for _, t := range c.each("custom_transformation_configuration") {
			t.place(residency.Replica, of, "intermediate_storage.s3_location.uri", asARN)
			for _, step := range t.each("transformation|transformations") {
				step.place(residency.Transit, of, "transformation_function.transformation_lambda_configuration.lambda_arn", asARN)
			}
		}
	}
}
