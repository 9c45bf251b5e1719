// Two regions, one app: data of the EU replicated to a bucket in the US, which the stacks find by CDK's cross-region references.
const { App, Stack, Stage, NestedStack, Tags, RemovalPolicy, aws_s3: s3, aws_dynamodb: dynamodb, aws_sqs: sqs } = require('aws-cdk-lib');

const account = '111111111111';
const app = new App({ analyticsReporting: false });

const us = new Stack(app, 'Us', { stackName: 'acme-us', env: { account, region: 'us-east-1' }, crossRegionReferences: true });
const copies = new s3.Bucket(us, 'Copies', { versioned: true, removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true });

const eu = new Stack(app, 'Eu', { stackName: 'acme-eu', env: { account, region: 'eu-west-1' }, crossRegionReferences: true, tags: { 'data-residency': 'eu' } });
const logs = new s3.Bucket(eu, 'Logs');
const files = new s3.Bucket(eu, 'Files', { versioned: true, serverAccessLogsBucket: logs });
const role = new (require('aws-cdk-lib').aws_iam.Role)(eu, 'Replication', { assumedBy: new (require('aws-cdk-lib').aws_iam.ServicePrincipal)('s3.amazonaws.com') });
files.node.defaultChild.replicationConfiguration = {
  role: role.roleArn,
  rules: [{ id: 'everything', status: 'Enabled', priority: 1, filter: { prefix: '' }, deleteMarkerReplication: { status: 'Disabled' }, destination: { bucket: copies.bucketArn } }],
};
files.node.defaultChild.cfnOptions.metadata = { domicile: { waive: 'W-1' } };
const inner = new NestedStack(eu, 'Inner');
const innerFiles = new s3.Bucket(inner, 'Files', { serverAccessLogsBucket: logs });
Tags.of(innerFiles).add('part', 'inner');

// Nobody says where this one goes.
const anywhere = new Stack(app, 'Anywhere');
new sqs.Queue(anywhere, 'Jobs');

// A stage is an assembly of its own, inside the first.
const prod = new Stage(app, 'Prod', { env: { account: '222222222222', region: 'ap-southeast-2' } });
const au = new Stack(prod, 'Au');
new dynamodb.TableV2(au, 'Users', { partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING }, replicas: [{ region: 'us-east-1' }] });

app.synth();
