// Plain JavaScript on purpose: a Node that cannot read TypeScript must still be able to say so.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `tickwright needs Node 22.18 or newer, this is ${process.versions.node}: run "npm ci", then use npm scripts.\n`,
  );
  process.exit(1);
}
