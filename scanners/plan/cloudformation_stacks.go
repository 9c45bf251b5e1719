package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Values that one stack takes from another: of the stack that it lies in or that lies in it, by export and import, by CDK's carriers
// from region to region.

// export is a value that a stack of the change offers to others.
type export struct {
	stack *stack
	name  string // of an export, or of the parameter that CDK's writer writes
	to    string // the region that it is written to; empty for an export
	value Value
}

// exported are the exports of a stack, and what CDK's export writers carry to other regions.
func (s *stack) exported() (all []export) {
	for _, id := range slices.Sorted(maps.Keys(s.outputs)) {
		out := s.outputs[id]
		if c := out.field("Condition"); c.kind == text && s.condition(c.text).verdict == no {
			continue
		}
		if name := s.eval(out.field("Export").field("Name")); name.kind == text {
			all = append(all, export{stack: s, name: name.text, value: out.field("Value")})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		if s.typeOf(id) != "Custom::CrossRegionExportWriter" {
			continue
		}
		writer := s.resources[id].field("Properties").field("WriterProps")
		for _, name := range slices.Sorted(maps.Keys(writer.field("exports").fields)) {
			all = append(all, export{stack: s, name: name, to: s.eval(writer.field("region")).text, value: writer.field("exports").fields[name]})
		}
	}
	return all
}

// imported is Fn::ImportValue: of the one stack of the same account and region that exports the name.
func (s *stack) imported(name Value) Value {
	var found []export
	for _, e := range s.of.w.exports {
		if name.kind == text && e.to == "" && e.name == name.text && e.stack.region == s.region && e.stack.account == s.account {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		return unknownBecause("it is imported: no stack of this check exports " + shown(name.text) + " in its place; check the stack that does together with this one")
	}
	return s.from(found[0].stack, found[0].value)
}

// from evaluates a value of another stack, of this input or another.
func (s *stack) from(other *stack, v Value) Value {
	if other.of != s.of { // the two share the bounds
		other.of.depth, other.of.steps = s.of.depth, max(other.of.steps, s.of.steps)
	}
	got := other.eval(v)
	if other.of != s.of {
		s.of.steps, other.of.depth = other.of.steps, 0
		s.of.err = errors.Join(s.of.err, other.of.err)
	}
	return got
}

// carried is a value that CDK's export reader takes from the region where another stack's writer put it.
func (s *stack) carried(id, name string) Value {
	reader := s.resources[id].field("Properties").field("ReaderProps")
	if _, ok := reader.field("imports").fields[name]; !ok {
		return unknownBecause(s.addressOf(id) + " does not import " + name)
	}
	to := orElse(s.eval(reader.field("region")).text, s.region)
	for _, e := range s.of.w.exports {
		if e.name == name && e.to != "" && e.to == to {
			return s.from(e.stack, e.value)
		}
	}
	return unknownBecause("it comes from another region as " + name + ", and no stack of this check writes that: check the whole assembly")
}

// stackOutput is Fn::GetStackOutput: an output of another stack, by its name, of any region.
func (s *stack) stackOutput(argument Value) Value {
	name, output := argument.field("StackName").text, argument.field("OutputName").text
	region := orElse(argument.field("Region").text, s.region)
	for _, other := range s.of.w.stacks {
		if v, ok := other.outputs[output]; ok && name != "" && other.name == name && other.region == region {
			return s.from(other, v.field("Value"))
		}
	}
	return unknownBecause("it is output " + shown(output) + " of stack " + shown(name) + " in " + shown(orElse(region, "a region that is not known")) +
		", which is not in this check: check the two together")
}

// output is an output of a stack that this one nests.
func (s *stack) output(id, attr string) Value {
	inner := s.nested[id]
	name, ok := strings.CutPrefix(attr, "Outputs.")
	if inner == nil || !ok {
		return unknownBecause(attr + " of nested stack " + s.addressOf(id) + " is known only after the deployment")
	}
	out, ok := inner.outputs[name]
	if !ok {
		return unknownBecause("nested stack " + s.addressOf(id) + " has no output " + name)
	}
	return inner.eval(out.field("Value"))
}

// nest takes in the template of a nested stack, where it lies beside its parent's: CDK says where by its metadata.
func (s *stack) nest(id string) {
	resource := s.resources[id]
	properties := resource.field("Properties")
	file := resource.field("Metadata").field("aws:asset:path").text
	inner := &stack{parent: s, address: s.addressOf(id), account: s.account, region: s.region, unsaid: s.unsaid, folder: s.folder, depth: s.depth + 1}
	if s.folder == nil || file == "" || s.depth >= maxNesting {
		s.of.gap(residency.ClassUnresolved, inner.address+" is a nested stack, and its template is not here ("+
			s.said(s.eval(properties.field("TemplateURL")))+"): check that template too")
		return
	}
	inner.path = path.Join(path.Dir(s.path), file)
	if err := inner.read(); err != nil {
		s.of.gap(residency.ClassUnresolved, inner.address+" is a nested stack, and its template cannot be read: "+err.Error())
		return
	}
	inner.tags = maps.Clone(s.tags)
	if inner.tags == nil {
		inner.tags = map[string]string{}
	}
	addTags(inner.tags, s.eval(properties.field("Tags")))
	inner.given = func(parameter string) (Value, bool) {
		v := properties.field("Parameters").field(parameter)
		return s.eval(v), v.kind != absent
	}
	s.nested[id] = inner
	s.of.take(inner)
}

// read parses the template at the stack's path in its folder.
func (s *stack) read() error {
	if !fs.ValidPath(s.path) {
		return fmt.Errorf("%s lies outside the assembly", s.path)
	}
	data, err := fs.ReadFile(s.folder, s.path)
	if err != nil {
		return err
	}
	root, foreign, err := readTemplate(data)
	if err != nil {
		return fmt.Errorf("%s: %w", s.path, lined(data, err))
	}
	s.foreign = foreign
	s.fill(root)
	return nil
}

// multiply takes in the template of a stack set once for each region that its instances are deployed to.
func (s *stack) multiply(id string) {
	at := s.addressOf(id)
	properties := s.resources[id].field("Properties")
	body := s.eval(properties.field("TemplateBody"))
	if body.kind != text || !known(body.text) || s.depth >= maxNesting {
		why := orElse(body.text, "its template is at "+s.said(s.eval(properties.field("TemplateURL"))))
		s.of.gap(residency.ClassUnresolved, at+" is a stack set, and its template is not here ("+shown(why)+"): check that template for each of its regions")
		return
	}
	root, foreign, err := readTemplate([]byte(body.text))
	if err != nil {
		s.of.gap(residency.ClassMalformed, at+" is a stack set, and its template cannot be read: "+lined([]byte(body.text), err).Error())
		return
	}
	groups := s.eval(properties.field("StackInstancesGroup")).blocks()
	if len(groups) == 0 {
		s.of.gap(residency.ClassUnresolved, at+" is a stack set, and its template does not say to which regions it is deployed: give StackInstancesGroup, or check its template for each region")
	}
	seen := map[string]int{}
	for _, group := range groups {
		for _, region := range groupRegions(group) {
			inner := &stack{parent: s, address: at + "@" + orElse(region.text, "?"), region: region.text, foreign: foreign, depth: s.depth + 1,
				account: accountOfTargets(group.field("DeploymentTargets"))}
			if region.kind != text || !known(region.text) {
				inner.address, inner.region = at+"@?", ""
				inner.unsaid = "the regions of stack set " + at + " are not known: " + orElse(missing(region.text), region.text)
			}
			if seen[inner.address]++; seen[inner.address] > 1 {
				inner.address += "#" + itoa(seen[inner.address])
			}
			inner.tags = map[string]string{}
			addTags(inner.tags, s.eval(properties.field("Tags")))
			inner.given = givenBy(s.eval(properties.field("Parameters")), group.field("ParameterOverrides"))
			inner.fill(root)
			s.of.take(inner)
		}
	}
}

// groupRegions are the regions of a group of stack instances. Where not even their number is known that is one, not known.
func groupRegions(group Value) []Value {
	switch regions := group.field("Regions"); regions.kind {
	case list:
		return regions.list
	case absent:
		return []Value{unknownBecause(orElse(group.text, "Regions is missing"))}
	default:
		return []Value{regions}
	}
}

// accountOfTargets is the account that a group deploys to, where that is a single one.
func accountOfTargets(targets Value) string {
	accounts := targets.field("Accounts")
	if len(accounts.list) != 1 || !targets.field("OrganizationalUnitIds").empty() {
		return ""
	}
	return accountOnly(accounts.list[0].text)
}

// givenBy are the values of lists of ParameterKey and ParameterValue, the last one first.
func givenBy(lists ...Value) func(string) (Value, bool) {
	return func(parameter string) (Value, bool) {
		for _, given := range slices.Backward(lists) {
			if given.kind == unknown {
				return unknownBecause("the parameters of its stack set are not known: " + given.text), true
			}
			for _, one := range given.list {
				if one.field("ParameterKey").text == parameter {
					return one.field("ParameterValue"), true
				}
			}
		}
		return Value{}, false
	}
}

// harmless are the custom resources of CDK itself that neither hold nor move what is judged, each with the reason.
var harmless = map[string]string{
	"Custom::CDKBucketDeployment":              "copies the app's own assets into a bucket of the template",
	"Custom::S3AutoDeleteObjects":              "empties a bucket before it is deleted",
	"Custom::ECRAutoDeleteImages":              "empties a repository before it is deleted",
	"Custom::LogRetention":                     "sets how long a log group keeps its events",
	"Custom::CrossRegionExportWriter":          "writes names of resources to another region's Parameter Store",
	"Custom::CrossRegionExportReader":          "reads names of resources from Parameter Store",
	"Custom::CrossRegionStringParameterReader": "reads a name of a resource from Parameter Store",
	"Custom::VpcRestrictDefaultSG":             "takes the rules out of a default security group",
	"Custom::CrossAccountZoneDelegation":       "writes name server records",
	"Custom::AWSCDKOpenIdConnectProvider":      "makes an identity provider",
	"Custom::CloudwatchLogResourcePolicy":      "lets AWS services write to log groups",
	"Custom::DescribeCognitoUserPoolClient":    "reads a client's secret",
	"Custom::AWSCDK-EKS-KubernetesPatch":       "changes objects inside a cluster",
	"Custom::AWSCDK-EKS-KubernetesObjectValue": "reads a value from a cluster",
	"Custom::AWSCDKCfnUtilsProvider":           "turns text into JSON",
	"Custom::AWSCDKCfnJson":                    "turns text into JSON",
	"AWS::CDK::Metadata":                       "tells AWS which constructs are used",
}

// What CDK declares by custom resources, because CloudFormation would need a circle for it.
var _ = rows(
	row{typ: "Custom::S3BucketNotifications", kind: "s3.bucket", settings: settingsOf("BucketName", asBucket), read: func(v view) {
		const at = "NotificationConfiguration."
		for i, q := range v.each(at + "QueueConfigurations") {
			notify(q, residency.Queue, "QueueArn", q.label("Id", i))
		}
		for i, t := range v.each(at + "TopicConfigurations") {
			notify(t, residency.Queue, "TopicArn", t.label("Id", i))
		}
		for i, f := range v.each(at + "LambdaFunctionConfigurations") {
			notify(f, residency.Capability, "LambdaFunctionArn", f.label("Id", i))
		}
		if v.get(at+"EventBridgeConfiguration").kind != absent {
			v.here(residency.Capability, v.via(at+"EventBridgeConfiguration", "event notification to EventBridge"))
		}
	}},
	row{typ: "Custom::DynamoDBReplica", kind: "dynamodb.table", settings: settingsOf("TableName", asLocal("dynamodb", "table/")), read: func(v view) {
		v.place(residency.Replica, "replica", "Region", asRegion)
	}},
)
