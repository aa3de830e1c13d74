package ops

import "net/http"

// Handler lets tests ask without a network.
func (s *Server) Handler() http.Handler { return s.http.Handler }
