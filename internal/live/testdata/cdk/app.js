// Files of the EU and their copies, in two stacks. COPIES is the region of the copies; without it neither stack has an environment.
const { App, Stack, aws_iam: iam, aws_s3: s3 } = require('aws-cdk-lib');

const account = '111111111111';
const copiesIn = process.env.COPIES;
const env = (region) => (copiesIn ? { account, region } : undefined);
const app = new App();

const other = new Stack(app, 'Other', { stackName: 'acme-copies', env: env(copiesIn), crossRegionReferences: true });
const copies = new s3.Bucket(other, 'Copies', { versioned: true });

const eu = new Stack(app, 'Eu', { stackName: 'acme-eu', env: env('eu-west-1'), crossRegionReferences: true, tags: { 'data-residency': 'eu' } });
const files = new s3.Bucket(eu, 'Files', { versioned: true });
const role = new iam.Role(eu, 'Replication', { assumedBy: new iam.ServicePrincipal('s3.amazonaws.com') });
files.node.defaultChild.replicationConfiguration = {
  role: role.roleArn,
  rules: [{ id: 'all', status: 'Enabled', priority: 1, filter: { prefix: '' }, deleteMarkerReplication: { status: 'Disabled' }, destination: { bucket: copies.bucketArn } }],
};

app.synth();
