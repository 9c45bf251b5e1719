package config

import (
	"strings"
	"testing"
)

// TestShow: what is shown reads as the same configuration, shows the same again, and holds no secret.
func TestShow(t *testing.T) {
	secrets := `version: 1
zones: {eu: {regions: [eu-west-1]}}
assign: [{region: own}]
evidence: {eu: {bucket: b}}
timestamp: {url: "https://tsa.example.org/?key=hush"}
schedule: {cron: "0 2 * * *"}
history: {dsn: "postgres://me@db/history"}
notify: [{type: webhook, url: "https://hooks.example.org/hush?key=hush", secret_file: /run/key}, {type: smtp, host: mail.example.org, from: a@example.org, to: [b@example.org]}]
`
	for name, c := range map[string]*Config{"every key": load(t, "every_key.yaml"), "contract": load(t, "contract.yaml"), "secrets": mustParse(t, secrets)} {
		shown := c.Show()
		again, err := Parse(name, shown, nil)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, shown)
			continue
		}
		if string(again.Show()) != string(shown) {
			t.Errorf("%s shows\n%s\nand then\n%s", name, shown, again.Show())
		}
		if string(again.Marshal()) != string(c.Marshal()) {
			t.Errorf("%s is read again as\n%s", name, again.Marshal())
		}
		if strings.Contains(string(shown), "hush") {
			t.Errorf("%s shows a secret:\n%s", name, shown)
		}
		if err := bySchema(t, compiledSchema(t), shown); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	shown := string(mustParse(t, secrets).Show())
	for _, want := range []string{
		"  regions: all\n", `"eu": {bucket: "b", mode: "governance", retention_years: 7}`, `timestamp: {url: "https://tsa.example.org/"}`,
		`schedule: {cron: "0 2 * * *", timezone: "UTC", jitter: "0s"}`, `history: {dsn: "(not shown)"}`,
		`- {type: "webhook", url: "https://hooks.example.org/(not shown)", secret_file: "/run/key"}`,
		`- {type: "smtp", host: "mail.example.org", from: "a@example.org", to: ["b@example.org"], tls: "starttls"}`,
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("not shown: %s in\n%s", want, shown)
		}
	}
}
