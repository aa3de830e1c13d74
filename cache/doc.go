// Package cache is a bounded store of answers over ristretto. It knows no word
// of authorization: a key is a digest that its user computed, a value is
// whatever its user wants back.
//
// What a caller may rely on:
//
//   - A value is handed out only for the very digest that it was stored under:
//     the whole digest is kept in the entry and compared on each hit, since
//     ristretto itself keeps none of an integer key.
//   - A value is never handed out at or after its expiry, and reading it does not
//     lengthen its life.
//   - The store may lose anything at any time. Ristretto drops writes under load
//     and evicts at will, so it must never hold what has to be remembered.
//   - Cost is counted in bytes, an entry's own overhead included. Tables that
//     ristretto makes at the start take about an eighth of the capacity on top.
package cache
