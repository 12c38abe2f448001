/** The version of the package, as manifests carry it. A test keeps it equal to package.json. */
export const VERSION = "0.1.0";
