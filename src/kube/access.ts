import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import { at, fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";

/** What a request brings with it. A certificate and a token may both be there; the API server takes either. */
export interface Credentials {
  token?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

/** Where an API server is, and how to be somebody there. */
export interface Access {
  server: URL;
  /** Certificates that sign the server's, in PEM; undefined for those of the system. */
  ca?: string | undefined;
  insecure: boolean;
  serverName?: string | undefined;
  /** Of the context, or of the pod. */
  namespace: string;
  /** Read again for each request, as tokens expire; `renew` after a 401. */
  credentials: (renew?: boolean) => Promise<Credentials>;
}

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** As the service account of the pod that this runs in. Throws where there is none. */
export async function inCluster(env: NodeJS.ProcessEnv = process.env, folder = ACCOUNT): Promise<Access> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = env;
  if (host === undefined) throw new Error("not in a pod: KUBERNETES_SERVICE_HOST is not set");
  const read = async (name: string) => (await readFile(`${folder}/${name}`, "utf8")).trim();
  return {
    server: new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`),
    ca: await read("ca.crt"),
    insecure: false,
    namespace: await read("namespace"),
    // The kubelet replaces the file long before the token expires.
    credentials: async () => ({ token: await read("token") }),
  };
}

/** As a kubeconfig file says, with paths relative to it. */
export async function fromFile(file: string, context?: string): Promise<Access> {
  return fromKubeconfig(await readFile(file, "utf8"), { context, folder: dirname(resolve(file)) });
}

/**
 * As the text of a kubeconfig says. Without a folder it may name no files and run no programs: what somebody put into a Secret
 * must not decide what runs here (istiod refuses the same). Throws Error with what is missing.
 */
export async function fromKubeconfig(
  text: string,
  { context, folder }: { context?: string | undefined; folder?: string | undefined } = {},
): Promise<Access> {
  const config = fieldsOf(parse(text));
  const name = context ?? textOf(config["current-context"]);
  const chosen = named(config, "contexts", "context", name);
  const cluster = named(config, "clusters", "cluster", textOf(chosen.cluster));
  const user = named(config, "users", "user", textOf(chosen.user));
  const server = textOf(cluster.server);
  if (server === undefined) throw new Error(`kubeconfig: cluster "${String(chosen.cluster)}" has no server`);
  const pem = async (from: Fields, field: string) => {
    const [data, path] = [textOf(from[`${field}-data`]), textOf(from[field])];
    if (data !== undefined) return Buffer.from(data, "base64").toString();
    return path === undefined ? undefined : readFile(inFolder(path, field, folder), "utf8");
  };
  const exec = user.exec === undefined ? undefined : execPlugin(fieldsOf(user.exec), folder);
  const [token, tokenFile] = [textOf(user.token), textOf(user.tokenFile)];
  return {
    server: new URL(server),
    ca: await pem(cluster, "certificate-authority"),
    insecure: cluster["insecure-skip-tls-verify"] === true,
    serverName: textOf(cluster["tls-server-name"]),
    namespace: textOf(chosen.namespace) ?? "default",
    credentials: async (renew) => ({
      token: tokenFile ? (await readFile(inFolder(tokenFile, "tokenFile", folder), "utf8")).trim() : token,
      cert: await pem(user, "client-certificate"),
      key: await pem(user, "client-key"),
      ...(await exec?.(renew)),
    }),
  };
}

function named(config: Fields, list: string, field: string, name: string | undefined): Fields {
  const entry = itemsOf(config[list]).find((one) => fieldsOf(one).name === name);
  if (entry === undefined) throw new Error(`kubeconfig: ${list} has no entry "${name ?? ""}"`);
  return fieldsOf(fieldsOf(entry)[field]);
}

function inFolder(path: string, field: string, folder: string | undefined): string {
  if (folder === undefined) throw new Error(`kubeconfig: ${field} names a file, allowed in files only`);
  return resolve(folder, path);
}

/** Asks a program for credentials (client.authentication.k8s.io), again shortly before they expire. */
function execPlugin(exec: Fields, folder: string | undefined) {
  const [command, apiVersion] = [textOf(exec.command), textOf(exec.apiVersion)];
  if (folder === undefined || command === undefined)
    throw new Error("kubeconfig: exec needs a command, and is allowed in files only");
  const extra = itemsOf(exec.env).map(fieldsOf);
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive: false } };
  const env = {
    ...process.env,
    ...Object.fromEntries(extra.map(({ name, value }) => [String(name), String(value)])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  const program = command.includes("/") ? resolve(folder, command) : command;
  let known: { credentials: Credentials; until: number } | undefined;
  return async (renew = false): Promise<Credentials> => {
    if (known && !renew && Date.now() < known.until) return known.credentials;
    const { stdout } = await promisify(execFile)(program, itemsOf(exec.args).map(String), {
      ...{ env, timeout: 60_000 },
    });
    const status = fieldsOf(at(JSON.parse(stdout), "status"));
    const [cert, key] = [textOf(status.clientCertificateData), textOf(status.clientKeyData)];
    const expires = Date.parse(textOf(status.expirationTimestamp) ?? "");
    const credentials = { token: textOf(status.token), ...(cert && { cert, key }) };
    known = { credentials, until: Number.isNaN(expires) ? Infinity : expires - 10_000 };
    return credentials;
  };
}
