package istio

import "testing"

func TestWithoutRetentionBothClustersServe(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	s.mixed(t)
	for _, cluster := range clusters {
		mixes(t, s.served(t, s.sleep[cluster].Proxy, "httpbin", "http://httpbin:8000/get", 100))
	}
}

func TestTheUsersOwnRoutesWork(t *testing.T) {
	t.Parallel()
	s := newStory(t)
	get(t, s.gateway, "http://bookinfo.example/login", 10, 200)
	get(t, s.gateway, "http://bookinfo.example/productpage1", 2, 200)
	get(t, s.gateway, "http://bookinfo.example/elsewhere", 2, 404)
	paths := map[string]int{}
	for _, pod := range s.productpage {
		for _, r := range pod.Requests() {
			paths[r.Path]++
		}
	}
	if paths["/login"] != 10 || paths["/productpage"] != 2 || len(paths) != 2 {
		t.Errorf("productpage was asked for %v", paths)
	}
}
