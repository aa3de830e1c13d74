package ops

func (g gathering) secrets() {
	if g.sources.Secrets == nil {
		return
	}
	secrets := g.sources.Secrets()
	g.put("slow_hashes_total", float64(secrets.Runs))
	g.put("slow_hashes_avoided_total", float64(secrets.Remembered), "remembered")
	g.put("slow_hashes_avoided_total", float64(secrets.Joined), "joined")
	g.put("slow_hashes_refused_total", float64(secrets.Refused), "full")
	g.put("slow_hashes_refused_total", float64(secrets.Throttled), "limit")
	g.put("slow_hashes_refused_total", float64(secrets.Late), "late")
	g.put("slow_hashes_waiting", float64(secrets.Pending))
	g.put("slow_hashes_remembered", float64(secrets.Known))
}

func (g gathering) uses() {
	if g.sources.Uses == nil {
		return
	}
	uses := g.sources.Uses()
	g.put("token_uses_dropped_total", float64(uses.Dropped))
	g.put("token_uses_failed_total", float64(uses.Failed))
}

func (g gathering) renewals() {
	if g.sources.Renewals == nil {
		return
	}
	renewals := g.sources.Renewals()
	g.put("renewals_total", float64(renewals.Renewed), "renewed")
	g.put("renewals_total", float64(renewals.Overtaken), "overtaken")
	g.put("renewals_total", float64(renewals.Failed), "failed")
	g.put("renewals_total", float64(renewals.Dropped), "dropped")
	g.put("renewals_waiting", float64(renewals.Waiting))
}
