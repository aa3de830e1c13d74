// Package facts asks others about what a key stands for, and remembers what they said
// as long as it counts: whether a token is active, whose a session is, who is a member
// of what. It knows neither who is asked nor what about.
//
// About a key is asked once at a time, by a question that outlives whoever asked first:
// equal ones wait for it together, and whoever comes back finds the answer. MostCalls
// bounds the questions at once; of more than 256 that wait for their turn or run, and
// to more than 128 who wait for an answer, nobody can tell. So a source that hangs holds
// no more than these, and nothing of other desks.
//
// An answer counts until the time that it gives, which whoever asks puts into the Basis
// of what rests on it, and never longer than a desk's age, counted from before the
// question was sent: who is removed at the source is out after that age at the latest.
// Answers are held, bounded, under a digest of the key with a secret of this process, so
// that neither memory nor a dump of it holds a key. What says that there is nothing is
// held apart, so that nobody who makes up keys pushes out answers about real ones. An
// error is never remembered.
//
// It imports package authz only. Each kind that asks makes a Desk, and a reload of the
// configuration makes new ones.
package facts
