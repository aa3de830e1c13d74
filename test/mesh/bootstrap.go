package mesh

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Places says where the programs of one run listen.
type Places struct {
	// Clusters are Envoy's clusters by name, each "host:port" or "unix:/path", or
	// several of them with commas. Every cluster of the bootstrap is named, and no
	// other.
	Clusters map[string]string
	// Ports fixes the ports of listeners; the others are chosen by the system.
	Ports map[string]int
}

// Bootstrap reads an Envoy bootstrap and puts it in its places: listeners and
// admin on loopback, clusters where their servers are. Nothing else changes.
func Bootstrap(path string, places Places) ([]byte, error) {
	d, err := readDocument(path)
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	d["admin"] = document{"address": tcp("127.0.0.1", 0)}
	resources := d.table("static_resources")
	for _, listener := range resources.list("listeners") {
		name, _ := listener["name"].(string)
		listener["address"] = tcp("127.0.0.1", places.Ports[name])
	}
	clusters := resources.list("clusters")
	if len(clusters) != len(places.Clusters) {
		return nil, fmt.Errorf("%s has %d clusters, places name %d", path, len(clusters), len(places.Clusters))
	}
	for _, cluster := range clusters {
		if err := place(cluster, places.Clusters); err != nil {
			return nil, fmt.Errorf("place %s: %w", path, err)
		}
	}
	return d.bytes()
}

func place(cluster document, addresses map[string]string) error {
	name, _ := cluster["name"].(string)
	address, ok := addresses[name]
	if !ok {
		return fmt.Errorf("cluster %q has no place", name)
	}
	var endpoints []any
	for one := range strings.SplitSeq(address, ",") {
		where, err := endpoint(one)
		if err != nil {
			return err
		}
		endpoints = append(endpoints, document{"endpoint": document{"address": where}})
	}
	cluster["load_assignment"] = document{
		"cluster_name": name,
		"endpoints":    []any{document{"lb_endpoints": endpoints}},
	}
	return nil
}

func endpoint(address string) (document, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return document{"pipe": document{"path": path}}, nil
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("split address: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("read port: %w", err)
	}
	return tcp(host, number), nil
}

func tcp(host string, port int) document {
	return document{"socket_address": document{"address": host, "port_value": port}}
}
