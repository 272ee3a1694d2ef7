package harness

import (
	"encoding/json"
	"net"
	"strconv"
)

// object is a JSON object.
type object = map[string]any

// node is what a proxy tells istiod about itself; pilot-agent takes it from the pod's environment.
type node struct {
	role      string // sidecar or router
	cluster   string
	namespace string
	pod       string
	ip        string
	workload  string
	labels    map[string]string
	network   string
	version   string // Istio's
	// onlyOwnNetwork is for an east-west gateway: it sees the endpoints of its own network only.
	onlyOwnNetwork bool
}

func (n node) metadata() object {
	m := object{
		"CLUSTER_ID": n.cluster, "NAMESPACE": n.namespace, "NAME": n.pod, "WORKLOAD_NAME": n.workload,
		"LABELS": n.labels, "INSTANCE_IPS": n.ip, "MESH_ID": "cluster.local", "ISTIO_VERSION": n.version,
	}
	if n.role == "sidecar" {
		m["INTERCEPTION_MODE"] = "NONE" // listeners bind to their ports: there is no iptables rule
	}
	if n.network != "" {
		m["NETWORK"] = n.network
	}
	if n.onlyOwnNetwork {
		m["REQUESTED_NETWORK_VIEW"] = n.network
	}
	return m
}

// id is how the discovery protocol names the proxy.
func (n node) id() string {
	return n.role + "~" + n.ip + "~" + n.pod + "." + n.namespace + "~" + n.namespace + ".svc.cluster.local"
}

// bootstrapConfig is an Envoy configuration that knows nothing but where its agent is: clusters, listeners, routes,
// endpoints and extensions come over delta ADS, Istio's default.
// stats is its stats_config; nil: Envoy's defaults.
func bootstrapConfig(n node, agent, admin string, stats object) []byte {
	ads := object{"ads": object{}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
	config := object{
		"node":  object{"id": n.id(), "cluster": n.workload + "." + n.namespace, "metadata": n.metadata()},
		"admin": object{"address": socketAddress(admin)},
		"dynamic_resources": object{
			"ads_config": object{
				"api_type": "DELTA_GRPC", "transport_api_version": "V3", "set_node_on_first_message_only": true,
				"grpc_services": []any{object{"envoy_grpc": object{"cluster_name": "xds-grpc"}}},
			},
			"cds_config": ads, "lds_config": ads,
		},
		"static_resources": object{"clusters": []any{
			agentCluster("xds-grpc", agent), agentCluster("sds-grpc", agent),
		}},
	}
	if stats != nil {
		config["stats_config"] = stats
	}
	out, err := json.Marshal(config)
	if err != nil {
		panic(err) // maps of strings: cannot fail
	}
	return out
}

func agentCluster(name, address string) object {
	endpoint := object{"endpoint": object{"address": socketAddress(address)}}
	return object{
		"name": name, "type": "STATIC", "connect_timeout": "5s",
		"typed_extension_protocol_options": object{
			"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": object{
				"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
				"explicit_http_config": object{"http2_protocol_options": object{}},
			},
		},
		"load_assignment": object{
			"cluster_name": name,
			"endpoints":    []any{object{"lb_endpoints": []any{endpoint}}},
		},
	}
}

func socketAddress(hostPort string) object {
	host, port, _ := net.SplitHostPort(hostPort)
	number, _ := strconv.Atoi(port)
	return object{"socket_address": object{"address": host, "port_value": number}}
}
