package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/bootstrap"
	"istio.io/istio/pkg/model"
	"istio.io/istio/pkg/test/env"
)

// istioStats is the part of Istio's own bootstrap that says which stats an Envoy keeps and which parts of their names are
// tags, as pilot-agent makes it.
func istioStats(n node) (object, error) {
	metadata, err := json.Marshal(n.metadata())
	if err != nil {
		return nil, err
	}
	var raw map[string]any
	if err := json.Unmarshal(metadata, &raw); err != nil {
		return nil, err
	}
	instance := bootstrap.New(bootstrap.Config{Node: &model.Node{
		ID: n.id(), Locality: &core.Locality{},
		Metadata: &model.BootstrapNodeMetadata{NodeMetadata: model.NodeMetadata{ProxyConfig: &model.NodeMetaProxyConfig{
			DiscoveryAddress: "istiod.istio-system.svc:15012",
			ClusterName:      &meshconfig.ProxyConfig_ServiceCluster{ServiceCluster: n.workload},
		}}},
		RawMetadata: raw,
	}})
	var text bytes.Buffer
	template := filepath.Join(env.IstioSrc, "tools/packaging/common/envoy_bootstrap.json")
	if err := instance.WriteTo(template, &text); err != nil {
		return nil, err
	}
	var whole struct {
		StatsConfig object `json:"stats_config"`
	}
	if err := json.Unmarshal(text.Bytes(), &whole); err != nil {
		return nil, fmt.Errorf("Istio's bootstrap: %w", err)
	}
	return whole.StatsConfig, nil
}
