// Every mechanism of mechanisms.json, in three stacks: acme-home holds data in eu-west-1; acme-moved holds data, and acme-there what data goes
// to, in the region DESTINATION. Without that nobody can know where: those two have no region, and in place of a destination stands a value
// that is given or looked up when the stack is deployed.
const fs = require('fs');
const { App, CfnParameter, CfnResource, Fn, Stack, aws_ssm: ssm, cloudformation_include: include } = require('aws-cdk-lib');

const { destinations, mechanisms } = JSON.parse(fs.readFileSync('mechanisms.json'));
const region = process.env.DESTINATION || undefined;
const app = new App();
const stack = (name, region, tags) => new Stack(app, name, { stackName: `acme-${name}`, env: { account: '111111111111', region }, crossRegionReferences: true, tags });
const stacks = { home: stack('home', 'eu-west-1'), moved: stack('moved', region), there: stack('there', region, { holds: 'copies' }) };

const made = {}; // the destinations, each made when it is first needed
function destination(to) {
  const { Type, Properties, Attribute, [region]: text } = destinations[to];
  if (text) return text;
  made[to] ??= new CfnResource(stacks.there, to, { type: Type, properties: Properties });
  return Attribute ? made[to].getAtt(Attribute) : made[to].ref;
}

// What nobody can know before the deployment, in turn.
const unknowns = [
  (stack, id) => Fn.importValue(`elsewhere-${id}`),
  (stack, id) => new CfnParameter(stack, `Given${id}`).valueAsString,
  (stack, id) => ssm.StringParameter.valueForStringParameter(stack, `/elsewhere/${id}`),
];

// add makes the L1 constructs of a template's resources.
function add(to, id, Resources, There) {
  const templateFile = `${id}.${to}.json`;
  fs.writeFileSync(templateFile, JSON.stringify({ Parameters: There && { There: { Type: 'String' } }, Resources }));
  new include.CfnInclude(stacks[to], `${id}.${to}`, { templateFile, parameters: There && { There } });
}

mechanisms.forEach(({ holder, to, home, moved, there }, i) => {
  let value;
  if (to && !region) value = unknowns[i % unknowns.length](home ? stacks.home : stacks.moved, holder);
  else if (to) value = to in destinations ? destination(to) : to.replaceAll('REGION', region);
  if (home) add('home', holder, home, value);
  if (moved) add('moved', holder, moved, value);
  if (there) add('there', holder, there);
});

app.synth();
