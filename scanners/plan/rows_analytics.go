package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Analytics and machine learning: where queries, jobs and models write.
var _ = both(
	pair("aws_glue_catalog_database name", "AWS::Glue::Database", row{kind: "glue.database", arn: "arn:{partition}:glue:{region}:{account}:database/{name}", read: func(v view) {
		v.here(residency.Metadata, "")
		for _, prefix := range []string{"", "database_input."} {
			v.place(residency.Capability, "location of the data", prefix+"location_uri", asARN)
			v.place(residency.Capability, "linked database", prefix+"target_database.region", asRegion)
		}
	}}),
	pair("aws_glue_catalog_table name", "AWS::Glue::Table", row{kind: "glue.table", arn: "arn:{partition}:glue:{region}:{account}:table/{id}", read: func(v view) {
		v.here(residency.Metadata, "") // columns and statistics; the data is where it points
		for _, prefix := range []string{"", "table_input."} {
			v.place(residency.Capability, "location of the data", prefix+"storage_descriptor.location", asARN)
			v.place(residency.Capability, "linked table", prefix+"target_table.region", asRegion)
		}
	}}),
	pair("aws_glue_job name", "AWS::Glue::Job Name", row{kind: "glue.job", arn: "arn:{partition}:glue:{region}:{account}:job/{name}", read: readGlueJob}),
	pair("aws_glue_connection name", "AWS::Glue::Connection", row{kind: "glue.connection", arn: "arn:{partition}:glue:{region}:{account}:connection/{name}", read: func(v view) {
		for _, prefix := range []string{"", "connection_input."} {
			v.place(residency.Capability, "connection", prefix+"connection_properties.JDBC_CONNECTION_URL", asHost)
		}
	}}),
	pair("aws_glue_dev_endpoint name", "AWS::Glue::DevEndpoint EndpointName", row{class: NoData}),
	pair("aws_athena_workgroup name", "AWS::Athena::WorkGroup Name", row{kind: "athena.work_group", arn: "arn:{partition}:athena:{region}:{account}:workgroup/{name}", read: func(v view) {
		c := v.inner("configuration|work_group_configuration")
		results := c.inner("result_configuration")
		results.place(residency.Stream, "query results", "output_location", asARN)
		results.place(residency.Key, "KmsKey of the query results", "encryption_configuration.kms_key_arn|kms_key", copyKey)
		if v.is("configuration|work_group_configuration.enforce_workgroup_configuration|enforce_work_group_configuration", "false") {
			v.here(residency.Capability, c.via("enforce_workgroup_configuration|enforce_work_group_configuration", "not enforced: each client may name another bucket"))
		}
	}}),
	[]row{{typ: "aws_athena_database", kind: "glue.database", arn: "arn:{partition}:glue:{region}:{account}:database/{name}", name: "name", read: func(v view) {
		v.here(residency.Metadata, "")
		v.place(residency.Stream, "query results", "bucket", asBucket)
	}}},
	pair("aws_athena_data_catalog name", "AWS::Athena::DataCatalog Name", row{kind: "athena.data_catalog", arn: "arn:{partition}:athena:{region}:{account}:datacatalog/{name}", read: func(v view) {
		parameters := v.get("parameters")
		for _, name := range slices.Sorted(maps.Keys(parameters.fields)) {
			if strings.HasSuffix(name, "function") {
				v.place(residency.Transit, "connector", "parameters."+name, asARN)
			}
		}
		if parameters.kind == unknown {
			v.place(residency.Transit, "connector", "parameters", asARN)
		}
	}}),
	pair("aws_emr_studio name", "AWS::EMR::Studio Name", row{kind: "emr.studio", arn: "arn:{partition}:elasticmapreduce:{region}:{account}:studio/{id}", read: func(v view) {
		v.place(residency.Primary, "workspaces and notebooks", "default_s3_location", asARN)
		v.place(residency.Key, "EncryptionKeyArn", "encryption_key_arn", asKey)
	}}),
	pair("aws_sagemaker_endpoint_configuration name", "AWS::SageMaker::EndpointConfig EndpointConfigName", row{kind: "sagemaker.endpoint_config",
		arn: "arn:{partition}:sagemaker:{region}:{account}:endpoint-config/{name}", read: func(v view) {
			v.place(residency.Key, "KmsKeyId", "kms_key_arn|kms_key_id", asKey)
			if c := v.inner("data_capture_config"); !c.is("enable_capture", "false") {
				c.place(residency.Stream, "data capture", "destination_s3_uri", asARN)
				c.place(residency.Key, "KmsKeyId of the data capture", "kms_key_id", copyKey)
			}
			v.place(residency.Stream, "answers of asynchronous inference", "async_inference_config.output_config.s3_output_path", asARN)
			v.place(residency.Stream, "failures of asynchronous inference", "async_inference_config.output_config.s3_failure_path", asARN)
		}}),
	pair("aws_sagemaker_feature_group feature_group_name", "AWS::SageMaker::FeatureGroup FeatureGroupName", row{kind: "sagemaker.feature_group",
		arn: "arn:{partition}:sagemaker:{region}:{account}:feature-group/{name}", read: func(v view) {
			v.here(residency.Primary, "")
			v.place(residency.Replica, "offline store", "offline_store_config.s3_storage_config.s3_uri", asARN)
			v.place(residency.Key, "KmsKeyId of the offline store", "offline_store_config.s3_storage_config.kms_key_id", copyKey)
			v.place(residency.Key, "KmsKeyId of the online store", "online_store_config.security_config.kms_key_id", asKey)
		}}),
	pair("aws_sagemaker_endpoint name", "AWS::SageMaker::Endpoint EndpointName", row{class: NoData}), // its configuration is judged
	holding("sagemaker.domain", "arn:{partition}:sagemaker:{region}:{account}:domain/{id}", "aws_sagemaker_domain domain_name", "AWS::SageMaker::Domain DomainName"),
	holding("sagemaker.notebook_instance", "arn:{partition}:sagemaker:{region}:{account}:notebook-instance/{name}", "aws_sagemaker_notebook_instance name", "AWS::SageMaker::NotebookInstance NotebookInstanceName"),
	holding("sagemaker.model", "arn:{partition}:sagemaker:{region}:{account}:model/{name}", "aws_sagemaker_model name", "AWS::SageMaker::Model ModelName"),
	holding("sagemaker.pipeline", "arn:{partition}:sagemaker:{region}:{account}:pipeline/{name}", "aws_sagemaker_pipeline pipeline_name", "AWS::SageMaker::Pipeline PipelineName"),
	pair("aws_quicksight_data_set data_set_id", "AWS::QuickSight::DataSet DataSetId", row{kind: "quicksight.data_set", arn: "arn:{partition}:quicksight:{region}:{account}:dataset/{name}", read: func(v view) {
		role := residency.Primary // SPICE keeps a copy in memory
		if v.is("import_mode", "DIRECT_QUERY") {
			role = residency.Capability
		}
		v.here(role, "")
	}}),
)

// readGlueJob: a job reads and writes what its code says. Its arguments are all that a plan tells: every bucket in them is one that it
// may write to.
func readGlueJob(v view) {
	v.here(residency.Capability, "")
	arguments := v.get("default_arguments")
	for _, name := range slices.Sorted(maps.Keys(arguments.fields)) {
		one := arguments.fields[name]
		role := residency.Capability
		if slices.Contains([]string{"--TempDir", "--spark-event-logs-path", "--continuous-log-logGroup"}, name) {
			role = residency.Log
		}
		switch {
		case name == "--continuous-log-logGroup":
			v.place(role, "log of the job", "default_arguments."+name, asNamed("logs", "log-group:"))
		case strings.HasPrefix(one.text, "s3"), one.kind == reference:
			v.place(role, "argument "+name, "default_arguments."+name, asARN)
		}
	}
	v.place(residency.Log, "logs of the job", "log_uri", asARN)
}
