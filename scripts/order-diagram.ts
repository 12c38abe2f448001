import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ORDER_STATUSES, STATUS_CHANGES } from "../src/order/index.ts";
import { ROOT } from "./rooms.ts";

/** The README that holds the diagram. */
export const ORDER_README = join(ROOT, "src/order/README.md");
const BEGIN = "<!-- diagram: begin, written by scripts/order-diagram.ts -->";
const END = "<!-- diagram: end -->";

/** The state diagram of orders as Mermaid text: every change the published matrix illustrates, and how orders begin. */
export function orderDiagram(): string {
  const lines = ORDER_STATUSES.flatMap((from) => {
    const changes = Object.entries(STATUS_CHANGES[from]);
    const drawn = changes.filter(([, mark]) => mark === "P" || (from === "created" && mark === "A"));
    return drawn.map(([to]) => `  ${from} --> ${to}`);
  });
  return ["```mermaid", "stateDiagram-v2", "  [*] --> created", ...lines, "```"].join("\n");
}

/** A README with the diagram of today between its marks. */
export function withOrderDiagram(readme: string): string {
  const from = readme.indexOf(BEGIN);
  const to = readme.indexOf(END);
  if (from < 0 || to < from) throw new Error(`${ORDER_README}: no marks ${BEGIN} ... ${END}`);
  return `${readme.slice(0, from)}${BEGIN}\n${orderDiagram()}\n${readme.slice(to)}`;
}

if (import.meta.main) writeFileSync(ORDER_README, withOrderDiagram(readFileSync(ORDER_README, "utf8")));
