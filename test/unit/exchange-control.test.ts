import { expect, test } from "vitest";
import { type Json, Rehearsal } from "../fixtures/exchange.ts";

async function control(here: Rehearsal, method: string, path: string, body?: unknown): Promise<Json> {
  const response = await fetch(`${here.server.urls.rest}/control/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

test("faults over HTTP, only where they were asked for", async () => {
  const closed = await new Rehearsal().start();
  expect((await control(closed, "POST", "faults", { kind: "dropAck" })).status).toBe(404);
  expect(closed.server.faults.rules).toEqual([]);
  await closed.close();
  const here = (await new Rehearsal({ control: true }).start()).book();
  const rule = { kind: "internalBefore", on: "submit", count: "always" };
  expect(await control(here, "POST", "faults", rule)).toMatchObject({ status: 200, body: { struck: 0 } });
  expect((await here.limit("BUY", "99.00", "1")).body.code).toBe(-1001);
  expect((await here.limit("BUY", "99.00", "1")).body.code).toBe(-1001);
  expect((await control(here, "GET", "faults")).body).toMatchObject([{ struck: 2 }]);
  expect((await control(here, "DELETE", "faults")).status).toBe(200);
  expect((await here.limit("BUY", "99.00", "1")).status).toBe(200);
  expect((await control(here, "GET", "truth?account=alice")).body.openOrders).toHaveLength(1);
  expect((await control(here, "GET", "conservation")).body).toEqual([]);
  // A restart cuts the connection it was asked for on, too.
  await expect(control(here, "POST", "restart", { keepOrders: false })).rejects.toThrow();
  expect(here.server.truth("alice").openOrders).toEqual([]);
  await here.close();
});

test("what the control endpoint does not understand is refused by name", async () => {
  const here = await new Rehearsal({ control: true }).start();
  const wrong = async (path: string, body: unknown): Promise<Json> => await control(here, "POST", path, body);
  expect(await wrong("faults", { kind: "explode" })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("fault.kind") },
  });
  expect(await wrong("clock", { offset: 5 })).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("control.offset") },
  });
  expect((await wrong("nothing", {})).status).toBe(400);
  const plain = await fetch(`${here.server.urls.rest}/control/maintenance`, {
    method: "POST",
    body: '{"on":true}',
  });
  expect([plain.status, here.server.faults.maintenance]).toEqual([415, false]);
  await here.close();
});
