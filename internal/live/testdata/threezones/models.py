"""Bedrock: what is logged of conversations, and where the models are asked."""

from places import *

TITAN = f"arn:aws:bedrock:{EU}::foundation-model/amazon.titan-embed-text-v2:0"
NOVA = "amazon.nova-lite-v1:0"


def write(r):
    profiles(r)
    agents(r)
    knowledge(r)
    prompts(r)


def profiles(r):
    package = "bedrock"
    r.put(ANY, ANY, package, "GetModelInvocationLoggingConfiguration", {})
    r.put(ANY, ANY, package, "ListInferenceProfiles", {"inferenceProfileSummaries": []})
    r.put(ANY, ANY, package, "ListTagsForResource", {"tags": []})
    r.put(HOME, EU, package, "GetModelInvocationLoggingConfiguration", {"loggingConfig": {"s3Config": {"bucketName": "acme-eu-reports"}, "textDataDeliveryEnabled": True}})

    def profile(kind, name, resource, *regions):
        return {"inferenceProfileName": name, "inferenceProfileId": resource.split("/")[1], "inferenceProfileArn": arn(package, EU, HOME, resource), "status": "ACTIVE",
                "type": kind, "models": [{"modelArn": f"arn:aws:bedrock:{region}::foundation-model/{NOVA}"} for region in regions]}

    # AWS's own profile of the continent is in every account; that it could be asked moves nothing.
    own = profile("SYSTEM_DEFINED", "EU Nova Lite", f"inference-profile/eu.{NOVA}", EU, "eu-central-1")
    ours = profile("APPLICATION", "acme-eu-assistant", "application-inference-profile/0ac3e0000001", EU, "eu-central-1")
    single = profile("APPLICATION", "acme-eu-summary", "application-inference-profile/0ac3e0000002", EU)
    given = {"typeEquals": "APPLICATION"}
    r.put(HOME, EU, package, "ListInferenceProfiles", {"inferenceProfileSummaries": [own]}, {"typeEquals": "SYSTEM_DEFINED"})
    r.put(HOME, EU, package, "ListInferenceProfiles", {"inferenceProfileSummaries": [ours], "nextToken": "page-2"}, given)
    r.put(HOME, EU, package, "ListInferenceProfiles", {"inferenceProfileSummaries": [single]}, given | {"nextToken": "page-2"})


def agents(r):
    package = "bedrockagent"
    for operation, member in [("ListAgents", "agentSummaries"), ("ListKnowledgeBases", "knowledgeBaseSummaries"), ("ListPrompts", "promptSummaries"), ("ListFlows", "flowSummaries")]:
        r.put(ANY, ANY, package, operation, {member: []})
    r.put(ANY, ANY, package, "ListTagsForResource", {"tags": {}})
    r.put(HOME, EU, package, "ListAgents", {"agentSummaries": [{"agentId": "AGENTEU001", "agentName": "acme-eu-assistant", "agentStatus": "PREPARED", "updatedAt": THEN}],
                                            "nextToken": "page-2"})
    r.put(HOME, EU, package, "ListAgents", {"agentSummaries": []}, {"nextToken": "page-2"})
    r.put(HOME, EU, package, "GetAgent", {"agent": {"agentId": "AGENTEU001", "agentName": "acme-eu-assistant", "agentArn": arn("bedrock", EU, HOME, "agent/AGENTEU001"),
          "agentVersion": "DRAFT", "agentStatus": "PREPARED", "idleSessionTTLInSeconds": 600, "agentResourceRoleArn": f"arn:aws:iam::{HOME}:role/agent",
          "createdAt": THEN, "updatedAt": THEN, "foundationModel": f"eu.{NOVA}", "memoryConfiguration": {"enabledMemoryTypes": ["SESSION_SUMMARY"], "storageDays": 30}}})


def knowledge(r):
    package = "bedrockagent"

    def base(number, name, storage):
        r.put(HOME, EU, package, "GetKnowledgeBase", {"knowledgeBase": {"knowledgeBaseId": number, "name": name, "status": "ACTIVE", "createdAt": THEN, "updatedAt": THEN,
              "knowledgeBaseArn": arn("bedrock", EU, HOME, f"knowledge-base/{number}"), "roleArn": f"arn:aws:iam::{HOME}:role/knowledge",
              "knowledgeBaseConfiguration": {"type": "VECTOR", "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": TITAN}},
              "storageConfiguration": storage}}, {"knowledgeBaseId": number})
        return {"knowledgeBaseId": number, "name": name, "status": "ACTIVE", "updatedAt": THEN}

    near = base("KBEU000001", "acme-eu-handbook", {"type": "S3_VECTORS", "s3VectorsConfiguration": {
        "vectorBucketArn": arn("s3vectors", EU, HOME, "bucket/acme-eu-embeddings")}})
    far = base("KBEU000002", "acme-eu-tickets", {"type": "PINECONE", "pineconeConfiguration": {"connectionString": "https://acme-tickets.svc.gcp-starter.pinecone.io",
               "credentialsSecretArn": arn("secretsmanager", EU, HOME, "secret:pinecone"), "fieldMapping": {"textField": "text", "metadataField": "metadata"}}})
    r.put(HOME, EU, package, "ListKnowledgeBases", {"knowledgeBaseSummaries": [near], "nextToken": "page-2"})
    r.put(HOME, EU, package, "ListKnowledgeBases", {"knowledgeBaseSummaries": [far]}, {"nextToken": "page-2"})
    r.put(HOME, EU, package, "ListDataSources", {"dataSourceSummaries": []}, {"knowledgeBaseId": "KBEU000002"})
    r.put(HOME, EU, package, "ListDataSources", {"dataSourceSummaries": [{"knowledgeBaseId": "KBEU000001", "dataSourceId": "DSEU000001", "name": "handbook", "status": "AVAILABLE",
          "updatedAt": THEN}]}, {"knowledgeBaseId": "KBEU000001"})
    r.put(HOME, EU, package, "GetDataSource", {"dataSource": {"knowledgeBaseId": "KBEU000001", "dataSourceId": "DSEU000001", "name": "handbook", "status": "AVAILABLE",
          "createdAt": THEN, "updatedAt": THEN, "dataSourceConfiguration": {"type": "S3", "s3Configuration": {"bucketArn": bucket("acme-eu-media"), "bucketOwnerAccountId": HOME}}}})


def prompts(r):
    package = "bedrockagent"
    r.put(HOME, EU, package, "ListPrompts", {"promptSummaries": [{"id": "PROMPTEU01", "name": "acme-eu-greeting", "arn": arn("bedrock", EU, HOME, "prompt/PROMPTEU01"),
          "version": "DRAFT", "createdAt": THEN, "updatedAt": THEN}], "nextToken": "page-2"})
    r.put(HOME, EU, package, "ListPrompts", {"promptSummaries": []}, {"nextToken": "page-2"})
    r.put(HOME, EU, package, "GetPrompt", {"id": "PROMPTEU01", "name": "acme-eu-greeting", "arn": arn("bedrock", EU, HOME, "prompt/PROMPTEU01"), "version": "DRAFT",
          "createdAt": THEN, "updatedAt": THEN, "variants": [{"name": "one", "templateType": "TEXT", "templateConfiguration": {"text": {"text": "Hello"}}, "modelId": NOVA}]})
    r.put(HOME, EU, package, "ListFlows", {"flowSummaries": [{"id": "FLOWEU0001", "name": "acme-eu-triage", "arn": arn("bedrock", EU, HOME, "flow/FLOWEU0001"),
          "status": "Prepared", "version": "DRAFT", "createdAt": THEN, "updatedAt": THEN}], "nextToken": "page-2"})
    r.put(HOME, EU, package, "ListFlows", {"flowSummaries": []}, {"nextToken": "page-2"})
    r.put(HOME, EU, package, "GetFlow", {"id": "FLOWEU0001", "name": "acme-eu-triage", "arn": arn("bedrock", EU, HOME, "flow/FLOWEU0001"), "status": "Prepared",
          "version": "DRAFT", "createdAt": THEN, "updatedAt": THEN, "executionRoleArn": f"arn:aws:iam::{HOME}:role/flow", "definition": {"nodes": [
              {"name": "in", "type": "Input", "configuration": {"input": {}}},
              {"name": "keep", "type": "Storage", "configuration": {"storage": {"serviceConfiguration": {"s3": {"bucketName": "acme-us-analytics"}}}}}]}})
