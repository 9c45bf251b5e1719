package residency

// Standing says how an account stands to the one whose data is placed there.
type Standing string

// The standings. Outside and Public are an escape; UnknownStanding proves nothing.
const (
	Own             Standing = "own"
	Inside          Standing = "inside" // of the organisation, or trusted
	Outside         Standing = "outside"
	Public          Standing = "public"
	UnknownStanding Standing = "unknown"  // the organisation's accounts were not read
	Unjudged        Standing = "unjudged" // no account is known at all: a plan's border is not judged
)

// Inside reports whether data placed there has not left the organisation.
func (s Standing) Inside() bool { return s == Own || s == Inside || s == Unjudged }

// Everybody is the account of a share with the public.
const Everybody = "*"

// Accounts knows which accounts are inside.
type Accounts struct {
	known map[string]bool
	read  bool
	blind bool
}

// NewAccounts takes the snapshot's organization_accounts (nil: not read), the configuration's trusted accounts and its own, which are
// inside also where nobody could list the organisation.
func NewAccounts(organization []string, trusted []TrustedAccount, own ...string) Accounts {
	a := Accounts{known: map[string]bool{}, read: organization != nil}
	for _, id := range organization {
		a.known[id] = true
	}
	for _, id := range own {
		a.known[id] = true
	}
	for _, t := range trusted {
		a.known[t.ID] = true
	}
	return a
}

// NoAccounts are those of a plan or template about which nothing is known: of no account can it be told whether it is inside.
// What is public stays public.
func NoAccounts() Accounts { return Accounts{blind: true} }

// Standing of account, for data of own. An empty account is the resource's own.
func (a Accounts) Standing(own, account string) Standing {
	switch {
	case account == Everybody:
		return Public
	case account == "" || account == own:
		return Own
	case a.known[account]:
		return Inside
	case a.blind:
		return Unjudged
	case a.read:
		return Outside
	}
	return UnknownStanding
}
