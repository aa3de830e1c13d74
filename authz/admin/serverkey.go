package admin

import (
	"context"

	adminv1 "github.com/sallyport-authz/sallyport/gen/sallyport/admin/v1"
)

// ListServerKeys implements adminv1.AdminServiceServer.
func (s *service) ListServerKeys(ctx context.Context, _ *adminv1.ListServerKeysRequest) (*adminv1.ListServerKeysResponse, error) {
	keys, err := s.Keys.ServerKeys(ctx)
	if err != nil {
		return nil, err
	}
	answer := &adminv1.ListServerKeysResponse{}
	for _, key := range keys {
		answer.ServerKeys = append(answer.ServerKeys, &adminv1.ServerKey{Id: key.ID, Tokens: key.Tokens})
	}
	return answer, nil
}
