package istio

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pkg/config/mesh"

	"cluster-local/test/istio/harness"
)

// What the generator's goldens and the example hold passes what an API server with Istio's CRDs and webhook checks, without
// a warning; fragments of MeshConfig are read as istiod reads them.
func TestEveryGoldenIsValid(t *testing.T) {
	t.Parallel()
	var folders []string
	for _, pattern := range []string{"../golden/istio/*.out", "../../examples/istio-bookinfo/generated*"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: nothing there (%v)", pattern, err)
		}
		folders = append(folders, found...)
	}
	kinds := map[string]int{}
	for _, folder := range folders {
		t.Run(strings.TrimPrefix(folder, "../"), func(t *testing.T) {
			for _, file := range yamlFiles(t, folder) {
				for _, document := range harness.Path(file).Documents() {
					kind, warnings, err := check(document)
					if warnings = slices.DeleteFunc(warnings, expected); err != nil || len(warnings) > 0 {
						t.Errorf("%s: %v %v", file, err, warnings)
					}
					kinds[kind]++
				}
			}
		})
	}
	t.Logf("%v", kinds)
	for _, kind := range []string{"DestinationRule", "EnvoyFilter", "WasmPlugin", "MeshConfig"} {
		if kinds[kind] == 0 {
			t.Errorf("no golden has a %s", kind)
		}
	}
}

// expected is the warning that Istio has for every EnvoyFilter.
func expected(warning string) bool {
	return strings.Contains(warning, "EnvoyFilter exposes internal implementation details")
}

func check(document string) (kind string, warnings []string, err error) {
	if !strings.Contains(document, "kind:") {
		empty := proto.Clone(mesh.DefaultMeshConfig()).(*meshconfig.MeshConfig)
		_, err := mesh.ApplyMeshConfig(document, empty)
		return "MeshConfig", nil, err
	}
	c, warnings, err := harness.Validate(document)
	return c.GroupVersionKind.Kind, warnings, err
}

func yamlFiles(t *testing.T, folder string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".yaml" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
