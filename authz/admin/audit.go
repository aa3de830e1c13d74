package admin

import (
	"context"

	"github.com/sallyport-authz/sallyport/authz"
	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// ListAudit implements adminv1.AdminServiceServer. It goes by numbers, so that no
// entry is missed however long somebody waits between two pages.
func (s *service) ListAudit(ctx context.Context, q *adminv1.ListAuditRequest) (*adminv1.ListAuditResponse, error) {
	most, err := sizeOf(q.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := s.Auditor.Audit(ctx, q.GetAfter(), most)
	if err != nil {
		return nil, err
	}
	entries, next, err := pageOf(rows, place{most: most}, auditMessage)
	if err != nil {
		return nil, err
	}
	answer := &adminv1.ListAuditResponse{Entries: entries}
	if next != "" {
		answer.NextAfter = entries[len(entries)-1].GetSeq()
	}
	return answer, nil
}

var _ Auditor = authz.Feeder(nil)
