package system_test

import (
	"hash/crc32"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sallyport-authz/sallyport/authz/tokenform"
)

// testSlowHashes: a personal token is kept by PBKDF2 with the documented rounds, and
// only a token that is there is worth a slow hash. An address may ask for twenty at
// once: whoever asks for none is never held back. The guards are minter.slow, the
// lookup before the proof, and the verifier's limits.
func (w seeded) testSlowHashes(t *testing.T) {
	kept := ""
	for _, text := range w.files(t, "open") {
		kept += text
	}
	if n, all := strings.Count(kept, "$pbkdf2-sha256$i=600000$"), strings.Count(kept, "$pbkdf2-sha256$"); n == 0 || n != all {
		t.Errorf("%d of %d slow rows have 600,000 rounds", n, all)
	}
	passes(t, w.graphql(t, w.bearer(t, "PAT")))
	before := w.slowHashes(t)
	for range 30 {
		unknown, _, err := tokenform.Mint("pfy_")
		must(t, err)
		refused(t, w.ask(t, api, post(managerHost, "/graphql", bearer(unknown.Reveal()))), 401, managerBad)
		refused(t, w.ask(t, api, post(managerHost, "/graphql", bearer("pfz_"+unknown.Reveal()[4:]))), 401, managerUnread)
	}
	passes(t, w.graphql(t, w.bearer(t, "PAT")))
	if n := w.slowHashes(t) - before; n != 0 {
		t.Errorf("%d slow hashes for unknown tokens and one that is remembered, want none", n)
	}
	statuses := w.parallel(t, forged(t, w.secrets["PAT_SECOND"]), 40)
	for status := range statuses {
		if status != 401 && status != 429 && status != 503 {
			t.Errorf("%d answers of %d to a wrong secret", statuses[status], status)
		}
	}
	if statuses[429]+statuses[503] == 0 {
		t.Errorf("got %v: nothing bounds slow hashes", statuses)
	}
	// Who is remembered, and who needs no slow hash, passes all the same.
	passes(t, w.ask(t, api, post(managerHost, "/graphql", w.bearer(t, "PAT"))))
	passes(t, w.ask(t, api, get(managerHost, machineCheck, w.bearer(t, "MACHINE_TOKEN"))))
}

// slowHashes is how many were begun so far.
func (w seeded) slowHashes(t *testing.T) int {
	t.Helper()
	_, page, err := w.sallyport.Page(t.Context(), "/metrics")
	must(t, err)
	for line := range strings.Lines(page) {
		if text, found := strings.CutPrefix(line, "sallyport_slow_hashes_total "); found {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			must(t, err)
			return n
		}
	}
	t.Fatal("/metrics does not count slow hashes")
	return 0
}

// parallel presents as many other secrets of one token at once, and counts the answers
// by status.
func (w seeded) parallel(t *testing.T, next func() string, n int) map[int]int {
	t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	statuses := map[int]int{}
	for range n {
		c := post(managerHost, "/graphql", bearer(next()))
		all.Go(func() {
			got := w.ask(t, api, c)
			mu.Lock()
			defer mu.Unlock()
			statuses[got.status]++
		})
	}
	all.Wait()
	return statuses
}

// forged gives tokens with the public part of another one and secrets of their own,
// whose checksums are right.
func forged(t *testing.T, token string) func() string {
	t.Helper()
	public := token[:strings.LastIndexByte(token, '_')+1]
	return func() string {
		other, _, err := tokenform.Mint("pfy_")
		must(t, err)
		secret := other.Reveal()[len(public):]
		text := public + secret[:len(secret)-7]
		return text + checksum(text)
	}
}

// checksum is the CRC-32 behind a token, in Crockford's alphabet.
func checksum(text string) string {
	const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	spelled := ""
	for sum := uint64(crc32.ChecksumIEEE([]byte(text))); len(spelled) < 7; sum /= 32 {
		spelled = string(alphabet[sum%32]) + spelled
	}
	return spelled
}

// testLastUse: a use is told within a minute. All tokens of this test were used by now.
func (w seeded) testLastUse(t *testing.T) {
	passes(t, w.check(t, w.bearer(t, "MACHINE_TOKEN")))
	lookup := reference(w.secrets["MACHINE_TOKEN"])
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		for _, token := range w.tokens(t, "--prefix", "mu_") {
			if token.Ref.Prefix+token.Ref.Lookup != lookup || token.LastUsed == nil {
				continue
			}
			at, err := time.Parse(time.RFC3339, *token.LastUsed)
			if must(t, err); time.Since(at) > 2*time.Minute || time.Until(at) > 0 {
				t.Errorf("last used at %v, and it is %v", at, time.Now())
			}
			return
		}
		if time.Now().After(end) {
			t.Fatal("no use is told after a minute")
		}
	}
}
