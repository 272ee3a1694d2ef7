package istio

// This file makes up what routes ask of requests, for the meshes of explain_generated_test.go.

func (r inventor) match(gateways bool) object {
	match := object{}
	if !r.chance(3) {
		match["uri"] = r.path()
		if r.chance(5) {
			match["ignoreUriCase"] = true
		}
	}
	add := func(of int, field string, value any) {
		if r.chance(of) {
			match[field] = value
		}
	}
	add(4, "headers", r.named([]string{"x-user", "x-beta"}, r.value("a", "user", "yes", "[a-z]+", "user-[0-9]+", "(?i)A|B")))
	add(8, "withoutHeaders", r.named([]string{"x-user", "x-beta"}, r.value("a", "no", "y", ".*", "[^0-9]*", "a|b")))
	add(8, "queryParams", r.named([]string{"page", "empty"}, r.value("2", "2", "1", "[0-9]", ".+", "a=b")))
	add(8, "method", object{"exact": r.one("GET", "POST")})
	add(12, "authority", object{"prefix": r.one("reviews", "ratings.default", "cart.shop.svc")})
	add(20, "scheme", object{"exact": "http"})
	add(8, "port", []int{9080, 8080, 9090}[r.IntN(3)])
	add(10, "sourceLabels", object{"app": r.one("sleep", "client")})
	add(25, "sourceLabels", object{"topology.istio.io/cluster": r.one(m1c1, m1c2), "version": "v1"})
	add(10, "sourceNamespace", r.one("default", "shop"))
	add(10, "name", r.one("m", "n"))
	if gateways {
		add(3, "gateways", [][]string{{"mesh"}, {"default/gateway"}, {"mesh", "default/gateway"}}[r.IntN(3)])
	}
	if len(match) == 0 {
		match["uri"] = object{"prefix": "/"}
	}
	return match
}

func (r inventor) path() object {
	switch r.IntN(8) {
	case 0, 1, 2:
		return object{"prefix": r.one("/", "/a", "/api", "/api/", "/b", "/v1", "/API")}
	case 3, 4:
		return object{"exact": r.one("/", "/a", "/api/1", "/old", "/v1/a")}
	default:
		return object{"regex": r.one(
			"/.*", ".*", "/api/[0-9]+", "(?i)/API/.*", "/v[0-9]/(a|b)", "/(a|old|secret)", "/[[:alpha:]]+", "/\\w+/\\d+", "/b(/c)?", "/[^/]+",
		)}
	}
}

func (r inventor) value(exact, prefix string, more ...string) object {
	switch r.IntN(5) {
	case 0:
		return object{"exact": exact}
	case 1:
		return object{"prefix": prefix}
	case 2:
		return object{}
	default:
		return object{"regex": r.one(more...)}
	}
}

func (r inventor) named(names []string, value object) object { return object{r.one(names...): value} }
