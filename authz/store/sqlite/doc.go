// Package sqlite is the embedded store: one file of SQLite, by modernc.org/sqlite,
// which is Go and no C. It may import that, the standard library and package authz.
//
// # Who owns the file
//
// The store is one database file in a folder that nobody else may enter (folder.go):
// the folder is 0700 and the process's own, each file in it 0600. What is looser is
// refused and not mended, since it may have been read already. One process owns it, by
// flock on a lock file beside it (lock.go); others wait in Open until it ends, however
// it ends, or until their context does. The lock is a file of its own because SQLite's
// locks on the database are POSIX locks: a process loses them as soon as it closes any
// descriptor of the file, were it only to look at it. So nothing here opens the
// database but SQLite, and nobody may copy it while it is in use: Backup does.
// The lock keeps a second server from answering from a file whose revocations it would
// not hear of. It does not keep SQLite's data whole; SQLite's own locks do that.
//
// # Who waits for whom
//
// The database is in WAL mode: who reads sees the last commit and waits for nobody, and
// nobody waits for who reads. There are three kinds of connections (connect.go): one
// that writes, so that changes happen one after the other; a few that answer lookups
// and do nothing else (readers.go), so that a decision waits neither for a change nor
// for a long list; and two for lists, the feed and the audit. A backup and a check have
// one of their own. While a backup runs, the log grows with what is written meanwhile.
//
// Connections for lookups read the file as memory (mmap) and take a page as it is. A
// lookup at random among 1,000,000 tokens, two pages of which nobody has read lately,
// costs 1.6 times what one among 1,000 does when each page is copied and its cells
// are looked at first, and 1.35 times like this. The price: where the disk cannot read
// a page, the lookup has a fault of memory (SIGBUS). It could not tell, and neither can
// any other lookup of its connection before the process is started again, since SQLite
// was left in the middle. Nothing of ours makes the file shorter while it is open. What the kernel
// keeps of the file is shown as the process's memory; it gives it back when others
// need it.
//
// # What is durable
//
// synchronous is FULL: a change is on the disk before Apply returns (change.go). It is
// one transaction with its row of the feed, whose number comes from
// `UPDATE head SET seq = seq + 1 RETURNING seq`, and its entry of the audit. A change
// that has begun is not interrupted by its context. When the commit fails, the change
// may yet be found after a restart; Apply's error is then none of authz's, which means
// "could not tell", and the connection is thrown away. The same change may be asked for
// again: of most, doing them twice is doing them once, and of a mint the reference
// tells. Uses of tokens (used.go) are not acknowledged to anybody that matters; they
// are as durable.
//
// # The schema
//
// schema/ has the tables, as numbered steps that are only ever added to. PRAGMA
// user_version says how many were made (migrate.go). Open makes those that are missing,
// in one transaction; a file with more of them than this program knows, or that is not
// a store's, is refused. Check (check.go) reads the whole file: SQLite's own checks, that
// feed and audit have every number from 1 to the last, and that the audit's chain holds.
// That the newest entries of all were cut off together with what they tell of, no file
// can show by itself: keep the last hash elsewhere.
package sqlite
