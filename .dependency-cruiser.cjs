const { FLOORS, PURE_FLOOR } = require("./scripts/rooms.ts");

const inRooms = (rooms) => `^src/(${rooms.join("|")})/`;

/** A room imports from floors below only: neither from above nor from a neighbour on its own floor. */
const floorRules = FLOORS.map((rooms, floor) => ({
  name: `floor-${floor}`,
  comment: `${rooms.join(", ")}: imports from floors below ${floor} only`,
  severity: "error",
  from: { path: inRooms(rooms) },
  to: { path: inRooms(FLOORS.slice(floor).flat()), pathNot: "^src/$1/" },
}));

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: "through-the-door",
      comment: "another room is entered through its index.ts alone, by native code through its native.ts too",
      severity: "error",
      from: { path: "^src/([^/]+)/" },
      to: {
        path: "^src/[^/]+/",
        pathNot: ["^src/$1/", "^src/[^/]+/(index|native)[.]ts$", "^src/venue/(binance|ccxt|testing)[.]ts$"],
      },
    },
    {
      name: "native-by-its-own-door",
      comment: "what an index.ts offers loads no native code: that is another import path",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/[^/]+/native[^/]*[.]ts$", "^src/cli/"] },
      to: { path: "^src/[^/]+/native[^/]*[.]ts$" },
    },
    {
      name: "root-through-the-door",
      comment: "the root takes from each room's index.ts alone",
      severity: "error",
      from: { path: "^src/index[.]ts$" },
      to: { path: "^src/", pathNot: "^src/[^/]+/index[.]ts$" },
    },
    {
      name: "nobody-imports-the-root",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^src/index[.]ts$" },
    },
    {
      name: "known-room",
      comment: "a folder in src is a room of the floor plan (scripts/rooms.ts)",
      severity: "error",
      from: { path: "^src/[^/]+/", pathNot: inRooms(FLOORS.flat()) },
      to: {},
    },
    {
      name: "no-cycle",
      comment: "no file needs itself to run; files of one room may know one another's types",
      severity: "error",
      from: { path: "^src/" },
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "pure-floors",
      comment: `floors 0 to ${PURE_FLOOR} know no files, sockets, threads, clocks or processes`,
      severity: "error",
      from: {
        path: inRooms(FLOORS.slice(0, PURE_FLOOR + 1).flat()),
        pathNot: "^src/base/native-binary[.]ts$",
      },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|zlib)$" },
    },
    {
      name: "pure-floors-packages",
      comment: `floors 0 to ${PURE_FLOOR} take decimal.js at the doors and eventemitter3 for observers, nothing else`,
      severity: "error",
      from: {
        path: inRooms(FLOORS.slice(0, PURE_FLOOR + 1).flat()),
        pathNot: "^src/base/native-binary[.]ts$",
      },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-optional", "npm-peer", "npm-no-pkg", "npm-unknown"],
        pathNot: "node_modules/(decimal[.]js|eventemitter3)/",
      },
    },
    {
      name: "no-dev-dependency",
      comment: "what is shipped imports what is installed with it, or an optional peer",
      severity: "error",
      from: { path: "^src/" },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["npm-peer"] },
    },
    {
      name: "not-to-test",
      severity: "error",
      from: { path: "^src/" },
      to: { path: "^(test|examples|scripts)/" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      conditionNames: ["tickwright-source", "import", "types", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
