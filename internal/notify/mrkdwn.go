package notify

import "strings"

// mrkdwn is Slack's markup, which Mattermost and others read too, each with additions of its own (mentions, links). Names of others stand as
// code, in which none of them obeys anything.
var mrkdwn = form{
	strong: func(s string) string { return "*" + entities.Replace(s) + "*" },
	words:  func(s string) string { return entities.Replace(defused.Replace(oneLine(s))) },
	name: func(s string) string {
		return "`" + entities.Replace(strings.ReplaceAll(oneLine(s), "`", "'")) + "`"
	},
	item: func(int) string { return "• " },
}

// entities are the three characters that Slack's markup asks to escape: without them no mention, channel or link can be made.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// defused puts a word joiner behind what would begin emphasis, a mention or a link: it shows as it is and does nothing.
var defused = strings.NewReplacer("*", "*\u2060", "_", "_\u2060", "~", "~\u2060", "`", "`\u2060", "@", "@\u2060", "[", "[\u2060", "]", "]\u2060", "://", ":\u2060//")

// Mrkdwn is the form for Slack and what takes its messages.
func (m *Message) Mrkdwn() string { return m.set(mrkdwn) }
