// Package notify tells people what a night changed, once, and nobody where nothing did. It decides what there is to tell, words it,
// and carries it to the channels of the configuration: a webhook, a Slack-compatible one, SNS, and mail. What cannot be delivered lies
// in a file of dead letters until it is sent again.
//
// A channel that fails is an error of its own in a Result: it stops neither the night nor the other channels. Secrets come from the
// environment or from files; they and the addresses that hold them stand in no error, no message and no dead letter.
package notify
