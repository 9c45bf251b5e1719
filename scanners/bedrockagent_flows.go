package scanners

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent"
	"github.com/aws/aws-sdk-go-v2/service/bedrockagent/types"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func (s *agentScan) flow(ctx context.Context, f types.FlowSummary) {
	r := residency.Resource{ID: s.t.ARN("bedrock", "flow/"+aws.ToString(f.Id)), Kind: "bedrockagent.flow", Region: s.t.Region, Name: aws.ToString(f.Name)}
	got, err := s.client.GetFlow(ctx, &bedrockagent.GetFlowInput{FlowIdentifier: f.Id})
	if err != nil {
		s.out.Gap(r.ID, "GetFlow", err)
	} else {
		r.Placements = []residency.Placement{}
		if !s.nodes(&r, got.Definition) {
			s.out.Unresolved(r.ID, "GetFlow", "it has a node of a kind that is not known to this version")
		}
		r.Placements = append(r.Placements, placeAgentKey(s.t.Home(), got.CustomerEncryptionKeyArn)...)
	}
	s.add(ctx, r)
}

// nodes adds what each node of a flow sends and takes. It reports whether all of them are understood.
func (s *agentScan) nodes(r *residency.Resource, d *types.FlowDefinition) (understood bool) {
	understood = true
	if d == nil {
		return true
	}
	for _, n := range d.Nodes {
		of := " of node " + aws.ToString(n.Name)
		switch c := n.Configuration.(type) {
		case *types.FlowNodeConfigurationMemberLoop:
			understood = s.nodes(r, c.Value.Definition) && understood
		case *types.FlowNodeConfigurationMemberRetrieval:
			from, ok := c.Value.ServiceConfiguration.(*types.RetrievalFlowNodeServiceConfigurationMemberS3)
			if ok {
				r.Sources = append(r.Sources, s.t.Home().Bucket(aws.ToString(from.Value.BucketName)).Source(residency.Transit, "bucketName"+of))
			}
			understood = understood && ok
		case *types.FlowNodeConfigurationMemberKnowledgeBase:
			base := s.t.Home().Local("bedrock", "knowledge-base/"+aws.ToString(c.Value.KnowledgeBaseId))
			r.Sources = append(r.Sources, base.Source(residency.Transit, "knowledgeBaseId"+of))
			r.Placements = append(r.Placements, placeKnowledgeNode(s.models, c.Value, of)...)
		default:
			found, ok := placeNode(s.models, n.Configuration, of)
			r.Placements = append(r.Placements, found...)
			understood = understood && ok
		}
	}
	return understood
}

// placeNode is where a node sends what passes through it. ok is false for a kind that is not known.
func placeNode(m modelNames, c types.FlowNodeConfiguration, of string) (found []residency.Placement, ok bool) {
	through := func(arn *string, via string) []residency.Placement {
		return []residency.Placement{m.home.Resolve(aws.ToString(arn)).Place(residency.Transit, via+of)}
	}
	switch c := c.(type) {
	case *types.FlowNodeConfigurationMemberPrompt:
		switch from := c.Value.SourceConfiguration.(type) {
		case *types.PromptFlowNodeSourceConfigurationMemberInline:
			return m.place(aws.ToString(from.Value.ModelId), "modelId"+of), true
		case *types.PromptFlowNodeSourceConfigurationMemberResource:
			return through(aws.String(promptARN(aws.ToString(from.Value.PromptArn))), "promptArn"), true
		}
		return nil, false
	case *types.FlowNodeConfigurationMemberStorage:
		to, isBucket := c.Value.ServiceConfiguration.(*types.StorageFlowNodeServiceConfigurationMemberS3)
		if !isBucket {
			return nil, false
		}
		return []residency.Placement{exported(m.home, aws.ToString(to.Value.BucketName), "", residency.Stream, "bucketName"+of)}, true
	case *types.FlowNodeConfigurationMemberLambdaFunction:
		return through(c.Value.LambdaArn, "lambdaArn"), true
	case *types.FlowNodeConfigurationMemberLex:
		return through(c.Value.BotAliasArn, "botAliasArn"), true
	case *types.FlowNodeConfigurationMemberAgent:
		return through(aws.String(agentARN(aws.ToString(c.Value.AgentAliasArn))), "agentAliasArn"), true
	case *types.UnknownUnionMember:
		return nil, false
	}
	return nil, true // the other kinds steer a flow and send nothing anywhere
}

func placeKnowledgeNode(m modelNames, c types.KnowledgeBaseFlowNodeConfiguration, of string) []residency.Placement {
	found := m.place(aws.ToString(c.ModelId), "modelId"+of)
	if c.RerankingConfiguration != nil && c.RerankingConfiguration.BedrockRerankingConfiguration != nil {
		if model := c.RerankingConfiguration.BedrockRerankingConfiguration.ModelConfiguration; model != nil {
			found = append(found, m.place(aws.ToString(model.ModelArn), "rerankingConfiguration"+of)...)
		}
	}
	return found
}

// agentARN is the agent behind an alias.
func agentARN(arn string) string {
	head, rest, isAlias := strings.Cut(arn, ":agent-alias/")
	if !isAlias {
		return arn
	}
	agent, _, _ := strings.Cut(rest, "/")
	return head + ":agent/" + agent
}

// promptARN is a prompt without its version.
func promptARN(arn string) string {
	head, rest, ok := strings.Cut(arn, ":prompt/")
	if !ok {
		return arn
	}
	id, _, _ := strings.Cut(rest, ":")
	return head + ":prompt/" + id
}
