/** The page: asks details and reviews, each through the sidecar, and shows what came. It is always 200. */
import { URLSearchParams } from "node:url";
import { cluster, getJson, notFound, reply, startApp } from "./http.mjs";
import { renderPage, style } from "./page.mjs";

const product = {
  id: 0,
  title: "The Comedy of Errors",
  descriptionHtml:
    "The Comedy of Errors is one of William Shakespeare's early plays. It is his shortest and one of his most " +
    "farcical comedies, with a major part of the humour coming from slapstick and mistaken identity, in addition " +
    "to puns and word play.",
};

startApp("productpage", async ({ method, path, headers, body }) => {
  if (path === "/productpage" || path === "/") return page(headers);
  if (path === "/login" && method === "POST")
    return signIn(headers, new URLSearchParams(body).get("username"));
  if (path === "/logout") return signIn(headers, "");
  if (path === "/static/style.css") return reply(style, { type: "text/css" });
  if (path.startsWith("/api/v1/products")) return api(path);
  return notFound();
});

async function page(headers) {
  const user = /(?:^|; )user=(\w*)/.exec(headers.cookie ?? "")?.[1];
  const [details, reviews] = await Promise.all([
    orUndefined(getJson("details", `/details/${product.id}`)),
    orUndefined(getJson("reviews", `/reviews/${product.id}`)),
  ]);
  const html = renderPage({ product, details, reviews, cluster, user });
  return reply(html, { type: "text/html" });
}

/** Remembers the user in a cookie (nobody when empty), and goes back to the page that was asked from. */
function signIn({ referer }, name) {
  const location = URL.canParse(referer) ? new URL(referer).pathname.replace(/^\/+/, "/") : "/productpage";
  const user = (name ?? "").replace(/\W/g, "_").slice(0, 40);
  const cookie = `user=${user}; Path=/; HttpOnly; SameSite=Lax`;
  return reply("", { status: 302, headers: { location, "set-cookie": cookie } });
}

async function api(path) {
  const [, id, resource] = /^\/api\/v1\/products(?:\/(\d+)(?:\/(reviews|ratings))?)?$/.exec(path) ?? [];
  if (path === "/api/v1/products") return reply([product]);
  if (id === undefined) return notFound();
  const found = await orUndefined(getJson(resource ?? "details", `/${resource ?? "details"}/${id}`));
  return found
    ? reply(found)
    : reply({ error: `product ${resource ?? "details"} unavailable` }, { status: 503 });
}

async function orUndefined(promise) {
  try {
    return await promise;
  } catch (error) {
    console.error(error.message);
    return undefined;
  }
}
