// Package residency is the language that every other package of domicile shares. It names things and holds no behaviour
// beyond reading and writing those names; it imports the standard library only.
//
// # Glossary
//
//   - Zone: a hosting area with a promise, given by an explicit list of AWS regions (eu: eu-west-1). A zone with Promise false
//     is followed and counted, but its data is free to leave.
//   - Resource: one AWS thing that holds, forwards or describes data (a bucket, a snapshot, a trail), known by its ARN.
//   - Placement: one place where a resource's data comes to rest or passes: role, region, account, target, via.
//   - Role: what the data is at that place: primary, replica, backup, log, stream, cache, queue, key, metadata, transit, capability.
//   - Source: where a copy's data came from, by the copy's own record. Source to copy is an edge, like a placement with a target.
//   - Share: a placement with the resource's own role and region and the receiver's account, "*" for the public.
//   - Data store: a resource with a placement that carries data, or whose placements were not read.
//   - Assignment: whose data a resource holds, by the first matching line of the configuration's assign list.
//   - Unclassified: a data store for which that search stopped or ended without a match.
//   - Lineage: which zones' data a resource holds, by assignment or by a chain of edges, with the shortest chain as witness.
//   - Border: what an edge crosses when its region or its account lies outside the zone.
//   - Scope: what should have been examined: accounts × regions × scanners.
//   - Coverage: what was examined of it, one line for each scanner × account × region, with its gaps.
//   - Gap: a question that got no answer: the call, the class of failure, and the resource where one is concerned.
//   - Fact: what a call answers and a control needs ("placements.replica", "tags"); a gap on a call touches its facts.
//   - Control: one sentence that Rego policies judge. Verdict: its outcome for one resource and one zone.
//   - Waiver: a dated, approved exception to a violation; it changes the outcome, never the evidence.
//   - Snapshot: the inventory as one file. Run: a snapshot, the verdicts on it and their conclusion, kept in one folder.
package residency
