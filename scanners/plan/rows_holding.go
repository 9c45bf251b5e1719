package plan

// holding is a type that holds data whose copies this version does not judge: its place is, and the rest is a gap. Either type may be
// empty; each may have the attribute that names the resource after a space.
func holding(kind, arn, tf, cfn string) []row {
	var found []row
	for _, r := range pair(tf, cfn, row{kind: kind, arn: arn, class: HoldsData}) {
		if r.typ != "" {
			found = append(found, r)
		}
	}
	return found
}

const inAccount = ":{region}:{account}:"

// What holds data beside the stores that are judged.
var _ = both(
	holding("amplify.app", "arn:{partition}:amplify"+inAccount+"apps/{id}", "aws_amplify_app", "AWS::Amplify::App"),
	holding("appfabric.ingestion", "arn:{partition}:appfabric"+inAccount+"appbundle/{id}", "aws_appfabric_ingestion_destination", "AWS::AppFabric::IngestionDestination"),
	holding("apprunner.service", "arn:{partition}:apprunner"+inAccount+"service/{name}/{id}", "aws_apprunner_service service_name", "AWS::AppRunner::Service ServiceName"),
	holding("appstream.fleet", "arn:{partition}:appstream"+inAccount+"fleet/{name}", "aws_appstream_fleet name", "AWS::AppStream::Fleet Name"),
	holding("cloud9.environment", "arn:{partition}:cloud9"+inAccount+"environment:{id}", "aws_cloud9_environment_ec2", "AWS::Cloud9::EnvironmentEC2"),
	holding("cloudhsmv2.cluster", "arn:{partition}:cloudhsm"+inAccount+"cluster/{id}", "aws_cloudhsm_v2_cluster", "AWS::CloudHSM::Cluster"),
	holding("cloudsearch.domain", "arn:{partition}:cloudsearch"+inAccount+"domain/{name}", "aws_cloudsearch_domain name", ""),
	holding("codeartifact.domain", "arn:{partition}:codeartifact"+inAccount+"domain/{name}", "aws_codeartifact_domain domain", "AWS::CodeArtifact::Domain DomainName"),
	holding("codeartifact.repository", "arn:{partition}:codeartifact"+inAccount+"repository/{id}", "aws_codeartifact_repository repository", "AWS::CodeArtifact::Repository RepositoryName"),
	holding("codebuild.report_group", "arn:{partition}:codebuild"+inAccount+"report-group/{name}", "aws_codebuild_report_group name", "AWS::CodeBuild::ReportGroup Name"),
	holding("codecommit.repository", "arn:{partition}:codecommit"+inAccount+"{name}", "aws_codecommit_repository repository_name", "AWS::CodeCommit::Repository RepositoryName"),
	holding("cognitoidentity.identity_pool", "arn:{partition}:cognito-identity"+inAccount+"identitypool/{id}", "aws_cognito_identity_pool", "AWS::Cognito::IdentityPool"),
	holding("comprehend.document_classifier", "arn:{partition}:comprehend"+inAccount+"document-classifier/{name}", "aws_comprehend_document_classifier name", "AWS::Comprehend::DocumentClassifier DocumentClassifierName"),
	holding("comprehend.entity_recognizer", "arn:{partition}:comprehend"+inAccount+"entity-recognizer/{name}", "aws_comprehend_entity_recognizer name", ""),
	holding("dataexchange.data_set", "arn:{partition}:dataexchange"+inAccount+"data-sets/{id}", "aws_dataexchange_data_set name", ""),
	holding("datazone.domain", "arn:{partition}:datazone"+inAccount+"domain/{id}", "aws_datazone_domain name", "AWS::DataZone::Domain Name"),
	holding("detective.graph", "arn:{partition}:detective"+inAccount+"graph:{id}", "aws_detective_graph", "AWS::Detective::Graph"),
	holding("directoryservice.directory", "arn:{partition}:ds"+inAccount+"directory/{id}", "aws_directory_service_directory", "AWS::DirectoryService::MicrosoftAD"),
	holding("directoryservice.directory", "arn:{partition}:ds"+inAccount+"directory/{id}", "", "AWS::DirectoryService::SimpleAD"),
	holding("drs.replication_configuration_template", "arn:{partition}:drs"+inAccount+"replication-configuration-template/{id}", "aws_drs_replication_configuration_template", "AWS::DRS::ReplicationConfigurationTemplate"),
	holding("ec2.fleet", "arn:{partition}:ec2"+inAccount+"fleet/{id}", "aws_ec2_fleet", "AWS::EC2::EC2Fleet"),
	holding("ec2.spot_fleet_request", "arn:{partition}:ec2"+inAccount+"spot-fleet-request/{id}", "aws_spot_fleet_request", "AWS::EC2::SpotFleet"),
	holding("elasticbeanstalk.environment", "arn:{partition}:elasticbeanstalk"+inAccount+"environment/{id}", "aws_elastic_beanstalk_environment name", "AWS::ElasticBeanstalk::Environment EnvironmentName"),
	holding("emrserverless.application", "arn:{partition}:emr-serverless"+inAccount+"/applications/{id}", "aws_emrserverless_application name", "AWS::EMRServerless::Application Name"),
	holding("emrcontainers.virtual_cluster", "arn:{partition}:emr-containers"+inAccount+"/virtualclusters/{id}", "aws_emrcontainers_virtual_cluster name", "AWS::EMRContainers::VirtualCluster Name"),
	holding("finspace.kx_database", "arn:{partition}:finspace"+inAccount+"kxEnvironment/{id}", "aws_finspace_kx_database name", ""),
	holding("gamelift.fleet", "arn:{partition}:gamelift"+inAccount+"fleet/{id}", "aws_gamelift_fleet name", "AWS::GameLift::Fleet Name"),
	holding("glacier.vault", "arn:{partition}:glacier"+inAccount+"vaults/{name}", "aws_glacier_vault name", ""),
	holding("glue.crawler", "arn:{partition}:glue"+inAccount+"crawler/{name}", "aws_glue_crawler name", "AWS::Glue::Crawler Name"),
	holding("grafana.workspace", "arn:{partition}:grafana"+inAccount+"/workspaces/{id}", "aws_grafana_workspace name", "AWS::Grafana::Workspace Name"),
	holding("healthlake.datastore", "arn:{partition}:healthlake"+inAccount+"datastore/fhir/{id}", "", "AWS::HealthLake::FHIRDatastore DatastoreName"),
	holding("medicalimaging.datastore", "arn:{partition}:medical-imaging"+inAccount+"datastore/{id}", "", "AWS::HealthImaging::Datastore DatastoreName"),
	holding("identitystore.user", "", "aws_identitystore_user", "AWS::IdentityStore::User"),
	holding("iotanalytics.datastore", "arn:{partition}:iotanalytics"+inAccount+"datastore/{name}", "", "AWS::IoTAnalytics::Datastore DatastoreName"),
	holding("iotsitewise.asset", "arn:{partition}:iotsitewise"+inAccount+"asset/{id}", "", "AWS::IoTSiteWise::Asset"),
	holding("ivs.channel", "arn:{partition}:ivs"+inAccount+"channel/{id}", "aws_ivs_channel", "AWS::IVS::Channel"),
	holding("ivs.recording_configuration", "arn:{partition}:ivs"+inAccount+"recording-configuration/{id}", "aws_ivs_recording_configuration", "AWS::IVS::RecordingConfiguration"),
	holding("kendra.index", "arn:{partition}:kendra"+inAccount+"index/{id}", "aws_kendra_index name", "AWS::Kendra::Index Name"),
	holding("kinesisanalyticsv2.application", "arn:{partition}:kinesisanalytics"+inAccount+"application/{name}", "aws_kinesisanalyticsv2_application name", "AWS::KinesisAnalyticsV2::Application ApplicationName"),
	holding("lightsail.bucket", "arn:{partition}:lightsail"+inAccount+"Bucket/{id}", "aws_lightsail_bucket name", "AWS::Lightsail::Bucket BucketName"),
	holding("lightsail.database", "arn:{partition}:lightsail"+inAccount+"RelationalDatabase/{id}", "aws_lightsail_database relational_database_name", "AWS::Lightsail::Database RelationalDatabaseName"),
	holding("lightsail.disk", "arn:{partition}:lightsail"+inAccount+"Disk/{id}", "aws_lightsail_disk name", "AWS::Lightsail::Disk DiskName"),
	holding("lightsail.instance", "arn:{partition}:lightsail"+inAccount+"Instance/{id}", "aws_lightsail_instance name", "AWS::Lightsail::Instance InstanceName"),
	holding("location.tracker", "arn:{partition}:geo"+inAccount+"tracker/{name}", "aws_location_tracker tracker_name", "AWS::Location::Tracker TrackerName"),
	holding("pinpoint.app", "arn:{partition}:mobiletargeting"+inAccount+"apps/{id}", "aws_pinpoint_app name", "AWS::Pinpoint::App Name"),
	holding("amp.workspace", "arn:{partition}:aps"+inAccount+"workspace/{id}", "aws_prometheus_workspace", "AWS::APS::Workspace"),
	holding("qbusiness.application", "arn:{partition}:qbusiness"+inAccount+"application/{id}", "aws_qbusiness_application display_name", "AWS::QBusiness::Application DisplayName"),
	holding("qldb.ledger", "arn:{partition}:qldb"+inAccount+"ledger/{name}", "aws_qldb_ledger name", "AWS::QLDB::Ledger Name"),
	holding("rekognition.collection", "arn:{partition}:rekognition"+inAccount+"collection/{name}", "aws_rekognition_collection collection_id", "AWS::Rekognition::Collection CollectionId"),
	holding("sesv2.contact_list", "arn:{partition}:ses"+inAccount+"contact-list/{name}", "aws_sesv2_contact_list contact_list_name", "AWS::SES::ContactList ContactListName"),
	holding("swf.domain", "arn:{partition}:swf"+inAccount+"/domain/{name}", "aws_swf_domain name", ""),
	holding("transfer.server", "arn:{partition}:transfer"+inAccount+"server/{id}", "aws_transfer_server", "AWS::Transfer::Server"),
)
