package config

// ScheduleChecks say what is wrong with each key of schedule. What a schedule is, is not for this package to know.
type ScheduleChecks struct {
	Timezone func(zone string) error
	Cron     func(cron, zone string) error
	Jitter   func(Schedule) error
}

// CheckSchedule refuses the schedule of the file called name, if it has one, at the key that is wrong.
func (c *Config) CheckSchedule(name string, checks ScheduleChecks) error {
	s := c.Schedule
	if s.Cron == "" {
		return nil
	}
	refuse := func(at place, key string, err error) error {
		return &Error{File: name, Line: at.line, Column: at.column, Problem: quoted(key) + ": " + oneLine(err.Error())}
	}
	if err := checks.Timezone(s.Timezone); err != nil {
		return refuse(s.at.timezone, "timezone", err)
	}
	if err := checks.Cron(s.Cron, s.Timezone); err != nil {
		return refuse(s.at.cron, "cron", err)
	}
	if err := checks.Jitter(s); err != nil {
		return refuse(s.at.jitter, "jitter", err)
	}
	return nil
}
