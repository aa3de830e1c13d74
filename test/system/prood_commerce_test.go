package system_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sallyport-authz/sallyport/test/betterauth"
)

// commerce is the Prood example with a real Better Auth beside it.
type commerce struct {
	*world
	auth *betterauth.Server
}

func beginCommerce(t *testing.T) commerce {
	t.Helper()
	// What is on record counts for less long than in the shipped file: nobody waits here
	// for half a minute.
	age := "bearer_token: file:records.secret\n"
	config := configure(t, prood, age, age+"      member_max_age: 2s\n")
	auth := betterauth.Start(t, filepath.Dir(config))
	return commerce{beginBeside(t, config, prood+"/envoy.yaml", auth.Places()), auth}
}

// secret is what stands in a file beside the configuration.
func (c commerce) secret(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(filepath.Dir(c.sallyport.Config()), name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// One Better Auth and one Envoy for all rows.
func TestProodBetterAuth(t *testing.T) {
	c := beginCommerce(t)
	for _, row := range []struct {
		id   string
		test func(*testing.T, commerce)
	}{
		{"P01", testCatalogue},
		{"P02", testWholeCaller},
		{"P03", testOrder},
		{"P04", testAgentJWT},
		{"P05", testAgentMetadata},
		{"P06", testAgentTenant},
		{"P07", testGrants},
		{"P08", testKeyLookup},
		{"P09", testKeyTenant},
		{"P10", testKeyScopes},
		{"P11", testCookie},
		{"P12", testSessionTenant},
		{"removed", testRemovedMember},
		{"P13", testSessionScopes},
		{"P18", testPresentedBad},
		{"P22", testCustomer},
		{"P26", testWholeCaller},
		{"P27", testWholeCaller},
		{"P28", testOrigin},
		{"P29", testMerchantElsewhere},
		{"P31", testQuota},
		{"P34", testVerifiedLocally},
		{"P35", testDiscovery},
		{"P36", testRegistration},
		{"P37", testScheme},
		{"P38", testAlgorithms},
		{"P42", testWebhook},
		{"P43", testDenials},
		{"P39", testStrict}, // last: it changes the policy's data
	} {
		t.Run(row.id, func(t *testing.T) { row.test(t, c) })
	}
}
