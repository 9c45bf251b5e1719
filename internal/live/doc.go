// Package live tests the built program against moto, a server that somebody else wrote, which it sets up, starts and stops
// itself. The estates are seeded through boto3 and CloudFormation, never by code of this module, and what is expected stands
// beside the seed. The tests carry the build tag live and need python3; they never skip.
package live
