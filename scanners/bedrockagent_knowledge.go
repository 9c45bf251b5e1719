package scanners

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// knowledgeBase reads a knowledge base with its data sources: what comes in from them rests, cut in pieces, in its store.
func (s *agentScan) knowledgeBase(ctx context.Context, k types.KnowledgeBaseSummary) {
	r := residency.Resource{ID: s.t.ARN("bedrock", "knowledge-base/"+aws.ToString(k.KnowledgeBaseId)), Kind: "bedrockagent.knowledge_base", Region: s.t.Region, Name: aws.ToString(k.Name)}
	got, err := s.client.GetKnowledgeBase(ctx, &bedrockagent.GetKnowledgeBaseInput{KnowledgeBaseId: k.KnowledgeBaseId})
	switch {
	case err != nil:
		s.out.Gap(r.ID, "GetKnowledgeBase", err)
	case got.KnowledgeBase == nil || got.KnowledgeBase.KnowledgeBaseConfiguration == nil:
		s.out.Malformed(r.ID, "GetKnowledgeBase", "the answer has no configuration")
	default:
		c := *got.KnowledgeBase.KnowledgeBaseConfiguration
		r.Facts = map[string]any{"type": string(c.Type)}
		r.Placements = append(placeVectors(s.models, c.VectorKnowledgeBaseConfiguration), placeStorage(s.t.Home(), got.KnowledgeBase.StorageConfiguration)...)
		r.Sources = knowledgeSources(s.t.Home(), c)
		if !slices.Contains(c.Type.Values(), c.Type) {
			s.out.Unresolved(r.ID, "GetKnowledgeBase", "a knowledge base of type "+string(c.Type)+" is not known to this version")
		}
	}
	for _, d := range s.dataSources(ctx, r.ID, k.KnowledgeBaseId) {
		r.Placements = append(r.Placements, placeDataSource(s.models, d)...)
		r.Sources = append(r.Sources, dataSourceSources(s.t.Home(), d)...)
	}
	s.add(ctx, r)
}

// dataSources reads those of one knowledge base, in the order of their ids.
func (s *agentScan) dataSources(ctx context.Context, resource string, base *string) (found []types.DataSource) {
	list, _ := gather(s.out, resource, "ListDataSources", func(token *string) ([]types.DataSourceSummary, *string, error) {
		page, err := s.client.ListDataSources(ctx, &bedrockagent.ListDataSourcesInput{KnowledgeBaseId: base, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return page.DataSourceSummaries, page.NextToken, nil
	})
	var mu sync.Mutex
	_ = each(ctx, s.t, list, func(ctx context.Context, d types.DataSourceSummary) error { // nil: what fails of one is its own gap
		got, err := s.client.GetDataSource(ctx, &bedrockagent.GetDataSourceInput{KnowledgeBaseId: base, DataSourceId: d.DataSourceId})
		switch {
		case err != nil:
			s.out.Gap(resource, "GetDataSource", err)
		case got.DataSource == nil:
			s.out.Malformed(resource, "GetDataSource", "the answer has no data source")
		default:
			mu.Lock()
			found = append(found, *got.DataSource)
			mu.Unlock()
		}
		return nil
	})
	slices.SortFunc(found, func(a, b types.DataSource) int {
		return cmp.Compare(aws.ToString(a.DataSourceId), aws.ToString(b.DataSourceId))
	})
	return found
}

// placeVectors is the model that turns text into vectors, and the bucket that keeps the pictures of a document.
func placeVectors(m modelNames, c *types.VectorKnowledgeBaseConfiguration) []residency.Placement {
	found := []residency.Placement{}
	if c == nil {
		return found
	}
	found = append(found, m.place(aws.ToString(c.EmbeddingModelArn), "embeddingModelArn")...)
	if c.SupplementalDataStorageConfiguration != nil {
		for _, l := range c.SupplementalDataStorageConfiguration.StorageLocations {
			if l.S3Location != nil {
				found = append(found, m.home.Resolve(aws.ToString(l.S3Location.Uri)).Place(residency.Replica, "supplementalDataStorageConfiguration"))
			}
		}
	}
	return found
}

// placeStorage is the store of the vectors, which hold the text that they were made from. Beyond AWS only a host is known.
func placeStorage(h Home, c *types.StorageConfiguration) []residency.Placement {
	if c == nil {
		return nil
	}
	name := ""
	switch {
	case c.OpensearchServerlessConfiguration != nil:
		name = aws.ToString(c.OpensearchServerlessConfiguration.CollectionArn)
	case c.OpensearchManagedClusterConfiguration != nil:
		name = aws.ToString(c.OpensearchManagedClusterConfiguration.DomainArn)
	case c.RdsConfiguration != nil:
		name = aws.ToString(c.RdsConfiguration.ResourceArn)
	case c.NeptuneAnalyticsConfiguration != nil:
		name = aws.ToString(c.NeptuneAnalyticsConfiguration.GraphArn)
	case c.S3VectorsConfiguration != nil:
		name = orDefault(aws.ToString(c.S3VectorsConfiguration.VectorBucketArn), aws.ToString(c.S3VectorsConfiguration.IndexArn))
	case c.PineconeConfiguration != nil:
		name = aws.ToString(c.PineconeConfiguration.ConnectionString)
	case c.MongoDbAtlasConfiguration != nil:
		name = aws.ToString(c.MongoDbAtlasConfiguration.Endpoint)
	case c.RedisEnterpriseCloudConfiguration != nil:
		name = aws.ToString(c.RedisEnterpriseCloudConfiguration.Endpoint)
	}
	via := "storageConfiguration " + string(c.Type)
	if name == "" {
		return []residency.Placement{{Role: residency.Replica, Via: via}}
	}
	return []residency.Placement{h.Resolve(name).Place(residency.Replica, via)}
}

// knowledgeSources are the stores that a knowledge base asks and does not copy.
func knowledgeSources(h Home, c types.KnowledgeBaseConfiguration) (sources []residency.Source) {
	if k := c.KendraKnowledgeBaseConfiguration; k != nil {
		sources = append(sources, h.Resolve(aws.ToString(k.KendraIndexArn)).Source(residency.Transit, "kendraIndexArn"))
	}
	if c.SqlKnowledgeBaseConfiguration == nil || c.SqlKnowledgeBaseConfiguration.RedshiftConfiguration == nil {
		return sources
	}
	engine := c.SqlKnowledgeBaseConfiguration.RedshiftConfiguration.QueryEngineConfiguration
	if engine == nil {
		return sources
	}
	if p := engine.ProvisionedConfiguration; p != nil {
		sources = append(sources, h.Local("redshift", "cluster:"+aws.ToString(p.ClusterIdentifier)).Source(residency.Transit, "clusterIdentifier"))
	}
	if w := engine.ServerlessConfiguration; w != nil {
		sources = append(sources, h.Resolve(aws.ToString(w.WorkgroupArn)).Source(residency.Transit, "workgroupArn"))
	}
	return sources
}

// placeDataSource is what reading a source in sends elsewhere: to models that parse or enrich it, to a bucket between two steps.
func placeDataSource(m modelNames, d types.DataSource) (found []residency.Placement) {
	of := " of data source " + aws.ToString(d.Name)
	if k := d.ServerSideEncryptionConfiguration; k != nil && aws.ToString(k.KmsKeyArn) != "" {
		found = append(found, m.home.Key(*k.KmsKeyArn).Place(residency.Key, "kmsKeyArn"+of))
	}
	c := d.VectorIngestionConfiguration
	if c == nil {
		return found
	}
	if p := c.ParsingConfiguration; p != nil {
		if p.BedrockFoundationModelConfiguration != nil {
			found = append(found, m.place(aws.ToString(p.BedrockFoundationModelConfiguration.ModelArn), "parsingConfiguration"+of)...)
		}
		if p.ParsingStrategy == types.ParsingStrategyBedrockDataAutomation {
			// AWS: Data Automation always takes a geographic profile, and no answer says which.
			found = append(found, residency.Placement{Role: residency.Transit, Via: "parsingConfiguration" + of + ", Bedrock Data Automation"})
		}
	}
	if e := c.ContextEnrichmentConfiguration; e != nil && e.BedrockFoundationModelConfiguration != nil {
		found = append(found, m.place(aws.ToString(e.BedrockFoundationModelConfiguration.ModelArn), "contextEnrichmentConfiguration"+of)...)
	}
	return append(found, placeTransformation(m.home, c.CustomTransformationConfiguration, of)...)
}

func placeTransformation(h Home, c *types.CustomTransformationConfiguration, of string) (found []residency.Placement) {
	if c == nil {
		return nil
	}
	if c.IntermediateStorage != nil && c.IntermediateStorage.S3Location != nil {
		found = append(found, h.Resolve(aws.ToString(c.IntermediateStorage.S3Location.Uri)).Place(residency.Replica, "intermediateStorage"+of))
	}
	for _, step := range c.Transformations {
		if f := step.TransformationFunction; f != nil && f.TransformationLambdaConfiguration != nil {
			found = append(found, h.Resolve(aws.ToString(f.TransformationLambdaConfiguration.LambdaArn)).Place(residency.Transit, "transformations"+of))
		}
	}
	return found
}

// dataSourceSources are where the documents come from. Outside AWS only a host is known.
func dataSourceSources(h Home, d types.DataSource) (sources []residency.Source) {
	c := d.DataSourceConfiguration
	if c == nil {
		return nil
	}
	via := "data source " + aws.ToString(d.Name)
	host := func(url *string) { sources = append(sources, h.Resolve(aws.ToString(url)).Source("", via)) }
	if c.S3Configuration != nil {
		from := h.Bucket(aws.ToString(c.S3Configuration.BucketArn))
		from.Account = aws.ToString(c.S3Configuration.BucketOwnerAccountId)
		sources = append(sources, from.Source("", via))
	}
	if c.ConfluenceConfiguration != nil && c.ConfluenceConfiguration.SourceConfiguration != nil {
		host(c.ConfluenceConfiguration.SourceConfiguration.HostUrl)
	}
	if c.SalesforceConfiguration != nil && c.SalesforceConfiguration.SourceConfiguration != nil {
		host(c.SalesforceConfiguration.SourceConfiguration.HostUrl)
	}
	if c.SharePointConfiguration != nil && c.SharePointConfiguration.SourceConfiguration != nil {
		for _, url := range c.SharePointConfiguration.SourceConfiguration.SiteUrls {
			host(&url)
		}
	}
	if w := c.WebConfiguration; w != nil && w.SourceConfiguration != nil && w.SourceConfiguration.UrlConfiguration != nil {
		for _, seed := range w.SourceConfiguration.UrlConfiguration.SeedUrls {
			host(seed.Url)
		}
	}
	return sources
}
