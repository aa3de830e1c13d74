package admin

import (
	"context"
	"strconv"

	"google.golang.org/protobuf/proto"

	"github.com/sallyport-authz/sallyport/authz"
)

const (
	usualRows = 100
	mostRows  = authz.MostRows
)

// paged is a request for a page of a list.
type paged interface {
	GetPageSize() int32
	GetPageToken() string
}

// place is where a page begins, and how many rows it has at most.
type place struct{ skip, most int }

// list asks the store for the rows of a page.
func (s *service) list(ctx context.Context, query authz.Query, q paged) (authz.Listing, place, error) {
	at, err := placeOf(q)
	if err != nil {
		return authz.Listing{}, at, err
	}
	query.Skip, query.Most = at.skip, at.most
	listing, err := s.Lister.List(ctx, query)
	return listing, at, err
}

func placeOf(q paged) (place, error) {
	most, err := sizeOf(q.GetPageSize())
	if err != nil || q.GetPageToken() == "" {
		return place{most: most}, err
	}
	const bits = 31
	skip, err := strconv.ParseUint(q.GetPageToken(), 10, bits)
	if err != nil {
		return place{}, invalid("page_token: it is none of ours")
	}
	return place{skip: int(skip), most: most}, nil
}

func sizeOf(rows int32) (int, error) {
	switch {
	case rows < 0:
		return 0, invalid("page_size: it is below zero")
	case rows == 0:
		return usualRows, nil
	default:
		return min(int(rows), mostRows), nil
	}
}

// pageOf tells rows until the page is full, and the token of the next page: there is
// one unless the store had fewer rows than were asked for and all of them are told.
func pageOf[R any, M proto.Message](rows []R, at place, tell func(R) (M, error)) ([]M, string, error) {
	var page []M
	bytes := 0
	for _, row := range rows {
		if bytes > mostPage {
			break
		}
		message, err := tell(row)
		if err != nil {
			return nil, "", err
		}
		bytes += proto.Size(message)
		page = append(page, message)
	}
	if len(page) == len(rows) && len(rows) < at.most {
		return page, "", nil
	}
	return page, strconv.Itoa(at.skip + len(page)), nil
}
