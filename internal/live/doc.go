// Package live tests the built program against moto, a server that somebody else wrote, which it sets up, starts and stops
// itself, and its messages against aiosmtpd. The estates are seeded through boto3 and CloudFormation, never by code of this module, and what is expected stands
// beside the seed. Cloud assemblies come from cdk synth, installed by npm. The tests carry the build tag live and need python3, node and
// npm; they never skip.
package live
