package mesh

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Record is the part of a record of the decision log that tours and tests look
// at.
type Record struct {
	DecisionID string `json:"decision_id"`
	RequestID  string `json:"request_id"`
	Reason     string `json:"reason"`
	Status     int    `json:"status"`
	Rule       string `json:"rule"`
	Message    string `json:"message"`
	Cause      string `json:"cause"`
	Tenant     string `json:"tenant"`
	Cache      string `json:"cache"`
	// Flags tell of secrets that others may have seen.
	Flags  []string `json:"flags"`
	Result struct {
		Allow bool `json:"allow"`
	} `json:"result"`
	Caller struct {
		Subject string `json:"subject"`
	} `json:"caller"`
	Route struct {
		ID string `json:"id"`
	} `json:"route"`
}

// recordLimit is how long a record may come after its answer: it is written
// behind the answer's back.
const recordLimit = 5 * time.Second

// Record waits for the record of the request with this x-request-id.
func (s *Sallyport) Record(ctx context.Context, requestID string) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, recordLimit)
	defer cancel()
	var found Record
	err := s.process.stdout.each(ctx, s.process.ended, func(line string) bool {
		var r Record
		if json.Unmarshal([]byte(line), &r) != nil || r.RequestID != requestID {
			return false
		}
		found = r
		return true
	})
	if err != nil {
		return Record{}, fmt.Errorf("find record of request %s: %w", requestID, err)
	}
	return found, nil
}

// Records are the lines of the decision log so far.
func (s *Sallyport) Records() []string {
	lines, _ := s.process.stdout.since(0)
	return append([]string(nil), lines...)
}
