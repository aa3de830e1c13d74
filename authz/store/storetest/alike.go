package storetest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sallyport-authz/sallyport/authz"
)

// alike gives texts of which no two are the same to a machine, and which some
// collation, case folding, Unicode form, column type or pattern takes for one.
func alike() []string {
	return []string{
		"ada", "Ada", "ADA", "ada ", " ada", "ada\t", "ada\n", "ada\u00a0", "ada\u200b", "\ufeffada", "adа", // the last is Cyrillic
		"é", "e\u0301", "É", "ﬁ", "fi", "ß", "ss", "ẞ", "ı", "i", "I", "İ", "Å", "\u212b", "A\u030a", "ǆ", "ǅ",
		"1", "01", "1.0", "1e0", "+1", " 1", "0x1", "9007199254740992", "9007199254740993", "true", "TRUE", "null", "NULL",
		"%", "_", "a%", "a_", "*", "?", "a\\", "a'", "a\"", "a;--", "a\x01", "a\x7f", "\U0001f511", "\U0001f511\ufe0f",
	}
}

func checkAlike(s *scene) {
	all := alike()
	for i, name := range all {
		s.organize(name)
		s.put(authz.Principal{Kind: authz.User, Name: name, Login: authz.LoginToken, Grant: authz.Grant{Subject: fmt.Sprint(i)}})
		s.apply(authz.PutMember{Membership: authz.Membership{Organization: name, Subject: name, Role: fmt.Sprint(i)}}, touchMember(memberKey{name, name})...)
		s.apply(authz.PutServerKey{ServerKey: authz.ServerKey{ID: name, Check: fmt.Sprint(i)}})
		for _, ref := range []authz.TokenRef{{Prefix: "mbz_", Lookup: name}, {Prefix: name, Lookup: "0"}} {
			c := minting(fmt.Sprint(i))
			c.Token.Ref, c.Token.Tenant = ref, name
			s.mint(c)
		}
	}
	slices.Sort(all)
	for i, name := range alike() {
		want := fmt.Sprint(i)
		s.same("principal "+name, s.principal(authz.User, name).Subject, want)
		s.same("member "+name, s.member(name, name).Role, want)
		s.same("token "+name, s.token(authz.TokenRef{Prefix: "mbz_", Lookup: name}).Verifier, minting(want).Token.Verifier)
		s.same("token behind "+name, s.token(authz.TokenRef{Prefix: name, Lookup: "0"}).Verifier, minting(want).Token.Verifier)
		s.same("tokens with prefix "+name, len(s.list(authz.Query{Of: authz.Tokens, Prefix: name}).Tokens), 1)
		s.same("tokens of tenant "+name, len(s.list(authz.Query{Of: authz.Tokens, Tenant: name}).Tokens), 2)
		s.same("members of "+name, len(s.list(authz.Query{Of: authz.Members, Tenant: name}).Members), 1)
	}
	var names, ids, keys []string
	for _, p := range s.list(authz.Query{Of: authz.Principals}).Principals {
		names = append(names, p.Name)
	}
	for _, o := range s.list(authz.Query{Of: authz.Organizations}).Organizations {
		ids = append(ids, o.ID)
	}
	for _, k := range s.list(authz.Query{Of: authz.ServerKeys}).ServerKeys {
		keys = append(keys, k.ID)
	}
	s.same("principals by bytes", names, all)
	s.same("organizations by bytes", ids, all)
	s.same("server keys by bytes", keys, all)
	checkCut(s)
}

// checkCut wants names of two parts to be two parts.
func checkCut(s *scene) {
	s.organize("ab", "abc")
	s.apply(authz.PutMember{Membership: authz.Membership{Organization: "ab", Subject: "cd"}})
	s.noMember("abc", "d")
	s.apply(authz.PutMember{Membership: authz.Membership{Organization: "abc", Subject: "d"}})
	for _, ref := range []authz.TokenRef{{Prefix: "ab", Lookup: "cd"}, {Prefix: "abc", Lookup: "d"}, {Lookup: "abcd"}} {
		s.noToken(ref)
		c := minting("cut")
		c.Token.Ref = ref
		s.mint(c)
		s.same("reference", s.token(ref).Ref, ref)
	}
}

// checkUnstorable asks with what a client may send: an engine that cannot hold it
// must not be taken for one that is down.
func checkUnstorable(s *scene) {
	s.mint(minting("a"))
	s.put(person(authz.User, "a"))
	s.organize("a")
	s.apply(authz.PutMember{Membership: authz.Membership{Organization: "a", Subject: "a"}})
	for _, text := range []string{"", "a\x00", "\x00", "a\x00b", "\xff", "a\xc3", "\xed\xa0\x80", strings.Repeat("a", authz.MostText+1), strings.Repeat("a", 1<<20)} {
		s.noToken(ref(text))
		s.noToken(authz.TokenRef{Prefix: text, Lookup: "a"})
		s.noPrincipal(authz.User, text)
		s.noPrincipal(authz.PrincipalKind(text), "a")
		s.noMember("a", text)
		s.noMember(text, "a")
		s.noDomain(text)
		if text != "" {
			s.same("tokens of what no store could hold", s.list(authz.Query{Of: authz.Tokens, Tenant: text}), authz.Listing{})
			s.same("members of what no store could hold", s.list(authz.Query{Of: authz.Members, Tenant: text}), authz.Listing{})
		}
	}
}
