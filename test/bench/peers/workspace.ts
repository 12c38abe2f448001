import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** The git-ignored folder that holds installed peers, prepared data and dumps. */
export const WORKSPACE = join(ROOT, ".bench-peers");
/** Where the peers' harnesses are. */
export const PEERS = join(ROOT, "test/bench/peers");
/** Real inputs; absent on most machines. */
export const DATA =
  process.env.TICKWRIGHT_DATA ?? fileURLToPath(new URL("../../../../shared/data/", import.meta.url));

/** Why a peer cannot be measured on this machine. */
export class PeerMissing extends Error {}

/** A folder inside the workspace, made where it is not there yet. */
export function folder(name: string): string {
  const path = join(WORKSPACE, name);
  mkdirSync(path, { recursive: true });
  return path;
}

/** The interpreter of a virtual environment holding the given requirements; installs them the first time. */
export function pythonWith(requirements: readonly string[], note: (text: string) => void): string {
  const home = folder("python");
  const python = join(home, "bin/python");
  const stamp = join(home, `installed-${requirements.join("-").replaceAll(/[^\w.-]/g, "_")}`);
  if (existsSync(stamp) && existsSync(python)) return python;
  note(`installing ${requirements.join(" ")} into .bench-peers/python`);
  if (!existsSync(python)) command("python3", ["-m", "venv", home]);
  command(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...requirements]);
  writeFileSync(stamp, "");
  return python;
}

/** The release binary of a crate in this folder; built where its sources are newer. */
export function cargoBinary(crate: string, note: (text: string) => void): string {
  const target = folder("rust");
  note(`cargo build --release (${crate})`);
  const manifest = join(PEERS, crate, "Cargo.toml");
  command("cargo", [
    "build",
    "--release",
    "--locked",
    "--quiet",
    "--manifest-path",
    manifest,
    "--target-dir",
    target,
  ]);
  const name = /^name = "(.+)"$/m.exec(readFileSync(manifest, "utf8"))?.[1] ?? crate;
  return join(target, "release", name);
}

/** The program that g++ makes of one source file. */
export function gccBinary(source: string, target: string, note: (text: string) => void): string {
  const binary = join(target, basename(source, ".cpp"));
  note(`g++ -O3 ${basename(source)}`);
  command("g++", ["-std=c++17", "-O3", "-pthread", source, "-o", binary]);
  return binary;
}

/** As {@link javaClassPath} for an artifact that needs others: Maven fetches all of them the first time. */
export function javaClassPathWhole(source: string, artifact: string, note: (text: string) => void): string {
  const [group = "", name = "", version = ""] = artifact.split(":");
  const home = folder(join("java", `${name}-${version}`));
  if (!existsSync(join(home, `${name}-${version}.jar`))) {
    note(`fetching ${artifact} and what it needs into .bench-peers/java`);
    const pom = join(home, "pom.xml");
    const dependency = `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`;
    writeFileSync(
      pom,
      `<project><modelVersion>4.0.0</modelVersion><groupId>bench</groupId><artifactId>bench</artifactId>` +
        `<version>1</version><dependencies><dependency>${dependency}</dependency></dependencies></project>`,
    );
    const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${home}`];
    command("mvn", ["-q", "-B", "-f", pom, ...goal]);
  }
  note(`javac ${source}`);
  const jars = join(home, "*");
  command("javac", ["-cp", jars, "-d", home, join(PEERS, source)]);
  return [jars, home].join(delimiter);
}

/**
 * The class path of a Java source file of this folder, compiled beside the one artifact that it needs; Maven fetches
 * that the first time.
 */
export function javaClassPath(source: string, artifact: string, note: (text: string) => void): string {
  const home = folder("java");
  const [, name, version] = artifact.split(":");
  const jar = join(home, `${name}-${version}.jar`);
  if (!existsSync(jar)) {
    note(`fetching ${artifact} into .bench-peers/java`);
    command("mvn", ["-q", "-B", "dependency:copy", `-Dartifact=${artifact}`, `-DoutputDirectory=${home}`]);
  }
  note(`javac ${source}`);
  command("javac", ["-cp", jar, "-d", home, join(PEERS, source)]);
  return [jar, home].join(delimiter);
}

function command(program: string, args: readonly string[]): void {
  const done = spawnSync(program, args, { encoding: "utf8", maxBuffer: 1 << 26 });
  if (done.error !== undefined) throw new PeerMissing(`${program}: ${done.error.message}`);
  if (done.status !== 0)
    throw new PeerMissing(`${program} ${args.join(" ")}:\n${done.stderr || done.stdout}`);
}
