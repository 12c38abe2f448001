/** Trades on one page of the list. */
const TRADES_SHOWN = 25;

/** Lets the list of trades be searched and turned over; without it, all of them stand below one another. */
export function startTrades() {
  const tools = document.getElementById("trade-tools");
  if (tools === null) return;
  const all = [...document.querySelectorAll("details.trade")];
  const find = document.getElementById("trade-find");
  const count = document.getElementById("trade-count");
  const [back, on] = [document.getElementById("trade-back"), document.getElementById("trade-on")];
  let from = 0;
  const show = () => {
    const asked = find.value.trim().toLowerCase();
    const found = all.filter((one) => one.firstElementChild.textContent.toLowerCase().includes(asked));
    from = Math.max(0, Math.min(from, found.length - 1));
    from -= from % TRADES_SHOWN;
    const shown = new Set(found.slice(from, from + TRADES_SHOWN));
    for (const one of all) one.hidden = !shown.has(one);
    back.disabled = from === 0;
    on.disabled = from + TRADES_SHOWN >= found.length;
    const last = Math.min(from + TRADES_SHOWN, found.length);
    count.textContent = found.length === 0 ? "no trade" : `${from + 1} to ${last} of ${found.length}`;
  };
  find.addEventListener("input", () => {
    from = 0;
    show();
  });
  back.addEventListener("click", () => {
    from -= TRADES_SHOWN;
    show();
  });
  on.addEventListener("click", () => {
    from += TRADES_SHOWN;
    show();
  });
  tools.hidden = false;
  show();
}
