package harness

import (
	"net"
	"os"
	"regexp"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	meshconfig "istio.io/api/mesh/v1alpha1"
	security "istio.io/api/security/v1beta1"
	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/cluster"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/gvk"
	kubelib "istio.io/istio/pkg/kube"
	"istio.io/istio/pkg/log"
)

// Options of a mesh. The zero value is the reference story's mesh without its applications.
type Options struct {
	Clusters   []string                       // ids; the first holds the Istio resources. Default m1c1, m1c2
	Namespaces []string                       // beside default and istio-system
	MeshConfig func(m *meshconfig.MeshConfig) // changes Istio's defaults before the start
	// Networks by cluster id: the pods of each are then reached from the others through a gateway only (EastWest). This
	// needs mTLS, which every pod with a sidecar has then. Empty: one network, plaintext.
	Networks map[string]string
	// UsersProblems: what istiod finds wrong in its pushes is what the test's own resources have wrong, and fails no case.
	UsersProblems bool
	// IstioStats makes Envoys keep and tag stats as with Istio's own bootstrap.
	IstioStats bool
	// Patience is how long the harness waits for proxies and istiod to come to rest. Default 30 s, for what takes a second
	// at most on an idle machine.
	Patience time.Duration
	// Debounce is how long istiod waits for more events before it pushes. Default 100 ms, which is istiod's
	// own.
	Debounce time.Duration
}

// Mesh is a running control plane with its clusters, and what has been deployed on them.
type Mesh struct {
	t        testing.TB // whose end is the mesh's
	now      testing.TB // the case that runs
	Server   *xds.FakeDiscoveryServer
	Clusters []string

	agent         *agent
	networks      map[string]string
	istioStats    bool
	usersProblems bool
	block         *block
	kube          map[string]kubelib.Client
	services      map[string]*service
	pods          []*Pod
	proxies       []*Proxy
	sets          []*Set
	applied       *applied
	patience      time.Duration
	mayRefuse     *regexp.Regexp  // counters of updates that may be refused now
	knownProblems map[string]bool // of istiod's push status, so that each is said once
}

// idLabel marks the namespace object that tells the client builder which cluster it builds for.
const idLabel = "harness/cluster"

// networkLabel tells which network a pod is in.
const networkLabel = "topology.istio.io/network"

// plaintext is the mesh's policy against mTLS. The default one, PERMISSIVE, gives inbound listeners
// certificates from a secret discovery service, which only pilot-agent has: Envoy would wait for it and never
// be ready.
var plaintext = config.Config{
	Meta: config.Meta{GroupVersionKind: gvk.PeerAuthentication, Namespace: "istio-system", Name: "harness-plaintext"},
	Spec: &security.PeerAuthentication{
		Mtls: &security.PeerAuthentication_MutualTLS{Mode: security.PeerAuthentication_MutualTLS_DISABLE},
	},
}

func init() {
	// These two need filters that only Istio's own build of Envoy has. istiod reads the variables
	// PILOT_ENABLE_METADATA_EXCHANGE and PILOT_ENABLE_ALPN_FILTER into them.
	features.MetadataExchange = false
	features.ALPNFilter = false
	if os.Getenv("ISTIO_LOG") == "" {
		for _, scope := range log.Scopes() {
			scope.SetOutputLevel(log.NoneLevel)
		}
	}
}

// New starts a mesh that ends with the test.
func New(t testing.TB, options Options) *Mesh {
	t.Helper()
	if len(options.Clusters) == 0 {
		options.Clusters = []string{"m1c1", "m1c2"}
	}
	if options.Patience == 0 {
		options.Patience = 30 * time.Second
	}
	if options.Debounce == 0 {
		options.Debounce = 100 * time.Millisecond
	}
	meshConfig := mesh.DefaultMeshConfig()
	meshConfig.EnableAutoMtls.Value = options.Networks != nil
	meshConfig.DefaultProviders = nil
	meshConfig.AccessLogFile = "/dev/stdout"
	if options.MeshConfig != nil {
		options.MeshConfig(meshConfig)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var policies []config.Config
	if options.Networks == nil {
		policies = append(policies, plaintext)
	}
	m := &Mesh{
		t: t, now: t, knownProblems: map[string]bool{}, networks: options.Networks, Clusters: options.Clusters, block: newBlock(t), kube: map[string]kubelib.Client{},
		services: map[string]*service{}, applied: &applied{}, patience: options.Patience, istioStats: options.IstioStats,
		usersProblems: options.UsersProblems,
	}
	m.Server = xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		DefaultClusterName:         cluster.ID(options.Clusters[0]),
		KubernetesObjectsByCluster: namespaceObjects(options),
		KubeClientBuilder: func(objects ...runtime.Object) kubelib.Client {
			client := kubelib.NewFakeClient(objects...)
			m.kube[clusterOf(objects)] = client
			return client
		},
		MeshConfig:      meshConfig,
		DebounceTime:    options.Debounce,
		ListenerBuilder: func() (net.Listener, error) { return listener, nil },
		Configs:         policies,
	})
	m.agent = startAgent(t, listener.Addr().String())
	return m
}

func namespaceObjects(options Options) map[cluster.ID][]runtime.Object {
	objects := map[cluster.ID][]runtime.Object{}
	for _, id := range options.Clusters {
		for _, name := range append([]string{"default", "istio-system"}, options.Namespaces...) {
			objects[cluster.ID(id)] = append(objects[cluster.ID(id)], &corev1.Namespace{
				ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{idLabel: id}},
			})
		}
	}
	return objects
}

func clusterOf(objects []runtime.Object) string {
	for _, o := range objects {
		if n, ok := o.(*corev1.Namespace); ok {
			return n.Labels[idLabel]
		}
	}
	return ""
}
