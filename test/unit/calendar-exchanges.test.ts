import { describe, expect, it } from "vitest";
import {
  dateText,
  EXCHANGE_ALIASES,
  EXCHANGES,
  type ExchangeAlias,
  type ExchangeName,
  tradingCalendar,
} from "../../src/calendar/index.ts";
import { momentOf, phasesBetween } from "../fixtures/calendar-day.ts";

const NYSE = ["10:30 preOpen", "13:30 continuous", "19:50 preClose", "20:00 closed"];

describe("phases of a day, in UTC", () => {
  it.each([
    ["NYSE", "2024-07-02", "00:00", ["00:00 closed", ...NYSE]],
    ["NYSE", "2024-07-03", "00:00", ["00:00 closed", ...NYSE.slice(0, 2), "16:50 preClose", "17:00 closed"]],
    ["NYSE", "2024-07-04", "00:00", ["00:00 closed"]],
    [
      "NASDAQ",
      "2024-01-16",
      "01:00",
      [
        "01:00 closed",
        "09:00 earlyTrading",
        "14:28 openingAuction",
        "14:30 continuous",
        "20:55 preClose",
        "21:00 lateTrading",
      ],
    ],
    [
      "NASDAQ",
      "2024-11-29",
      "01:00",
      [
        "01:00 closed",
        "09:00 earlyTrading",
        "14:28 openingAuction",
        "14:30 continuous",
        "17:55 preClose",
        "18:00 lateTrading",
        "22:00 closed",
      ],
    ],
    [
      "LSE",
      "2016-03-18",
      "00:00",
      [
        "00:00 closed",
        "07:50 openingAuction",
        "08:00 continuous",
        "16:30 closingAuction",
        "16:35 postClose",
        "17:15 closed",
      ],
    ],
    [
      "LSE",
      "2024-07-01",
      "00:00",
      [
        "00:00 closed",
        "06:50 openingAuction",
        "07:00 continuous",
        "11:00 intradayAuction",
        "11:02 continuous",
        "15:30 closingAuction",
        "15:35 postClose",
        "16:15 closed",
      ],
    ],
    [
      "LSE",
      "2024-12-24",
      "00:00",
      [
        "00:00 closed",
        "07:50 openingAuction",
        "08:00 continuous",
        "12:30 closingAuction",
        "12:35 postClose",
        "13:15 closed",
      ],
    ],
    [
      "TSE",
      "2011-11-18",
      "00:00",
      ["00:00 continuous", "02:00 break", "03:05 intradayAuction", "03:30 continuous", "06:00 closed"],
    ],
    [
      "TSE",
      "2024-11-01",
      "00:00",
      ["00:00 continuous", "02:30 break", "03:05 intradayAuction", "03:30 continuous", "06:00 closed"],
    ],
    [
      "TSE",
      "2024-11-05",
      "00:00",
      [
        "00:00 continuous",
        "02:30 break",
        "03:05 intradayAuction",
        "03:30 continuous",
        "06:25 closingAuction",
        "06:30 closed",
        "23:00 openingAuction",
      ],
    ],
    [
      "CME",
      "2015-09-17",
      "00:00",
      [
        "00:00 continuous",
        "20:15 break",
        "20:30 continuous",
        "21:15 maintenance",
        "21:45 preOpen",
        "22:00 continuous",
      ],
    ],
    [
      "CME",
      "2021-06-24",
      "00:00",
      [
        "00:00 continuous",
        "20:15 break",
        "20:30 continuous",
        "21:00 maintenance",
        "21:45 preOpen",
        "22:00 continuous",
      ],
    ],
    [
      "CME",
      "2021-06-29",
      "00:00",
      ["00:00 continuous", "21:00 maintenance", "21:45 preOpen", "22:00 continuous"],
    ],
    ["CME", "2021-07-02", "00:00", ["00:00 continuous", "21:00 closed"]],
    ["CME", "2021-07-04", "00:00", ["00:00 closed", "21:00 preOpen", "22:00 continuous"]],
    [
      "CME",
      "2021-07-05",
      "00:00",
      ["00:00 continuous", "17:00 closed", "21:00 maintenance", "21:45 preOpen", "22:00 continuous"],
    ],
    ["CME", "2023-04-07", "00:00", ["00:00 continuous", "13:15 closed"]],
    ["CME", "2024-03-29", "00:00", ["00:00 closed"]],
    [
      "CME",
      "2025-01-09",
      "00:00",
      ["00:00 continuous", "14:30 closed", "22:00 maintenance", "22:45 preOpen", "23:00 continuous"],
    ],
    ["CME", "2024-12-24", "00:00", ["00:00 continuous", "18:15 closed"]],
    [
      "CME",
      "2024-12-25",
      "00:00",
      ["00:00 closed", "22:00 maintenance", "22:45 preOpen", "23:00 continuous"],
    ],
    ["ICE", "2024-03-17", "00:00", ["00:00 closed", "21:00 preOpen", "22:00 continuous"]],
    ["ICE", "2024-03-19", "00:00", ["00:00 continuous", "22:00 maintenance", "23:45 preOpen"]],
    [
      "ICE",
      "2024-05-27",
      "01:00",
      ["01:00 continuous", "17:30 closed", "22:00 maintenance", "23:45 preOpen"],
    ],
    [
      "EUREX",
      "2018-12-07",
      "00:00",
      ["00:00 closed", "06:30 preOpen", "06:50 continuous", "21:00 postClose", "21:30 closed"],
    ],
    [
      "EUREX",
      "2018-12-10",
      "00:00",
      ["00:00 preOpen", "00:10 continuous", "21:00 postClose", "21:30 closed"],
    ],
    [
      "EUREX",
      "2024-07-01",
      "00:00",
      ["00:00 preOpen", "00:10 continuous", "20:00 postClose", "20:30 closed"],
    ],
    ["EUREX", "2024-12-31", "00:00", ["00:00 closed"]],
    ["FX", "2024-07-05", "00:00", ["00:00 continuous", "21:00 closed"]],
    ["FX", "2024-07-07", "00:00", ["00:00 closed", "21:00 continuous"]],
    ["FX", "2024-12-25", "00:00", ["00:00 closed", "22:00 continuous"]],
    ["CRYPTO", "2024-12-25", "00:00", ["00:00 continuous"]],
  ] as const)("%s on %s from %s", (name, date, from, phases) => {
    const found = phasesBetween(tradingCalendar(name), `${date}T${from}:00Z`, `${date}T23:59:00Z`);
    expect(found).toEqual(phases);
  });
});

describe("trading days", () => {
  it.each([
    ["CME", "2024-03-10T21:30:00Z", "2024-03-11"],
    ["CME", "2024-03-11T20:59:59Z", "2024-03-11"],
    ["CME", "2024-03-11T21:00:00Z", "2024-03-12"],
    ["CME", "2024-03-15T21:00:00Z", "2024-03-18"],
    ["CME", "2024-01-15T15:00:00Z", "2024-01-16"],
    ["CME", "2024-01-15T20:00:00Z", "2024-01-16"],
    ["CME", "2020-07-03T12:00:00Z", "2020-07-06"],
    ["CME", "2025-01-08T23:30:00Z", "2025-01-09"],
    ["CME", "2025-01-09T23:30:00Z", "2025-01-10"],
    ["NYSE", "2024-07-03T16:59:59Z", "2024-07-03"],
    ["NYSE", "2024-07-03T17:00:00Z", "2024-07-05"],
    ["NYSE", "2024-07-06T12:00:00Z", "2024-07-08"],
    ["FX", "2024-07-05T20:59:59Z", "2024-07-05"],
    ["FX", "2024-07-07T21:00:00Z", "2024-07-08"],
    ["CRYPTO", "2024-07-07T23:59:59Z", "2024-07-07"],
    ["CRYPTO", "2024-07-08T00:00:00Z", "2024-07-08"],
  ] as const)("%s at %s counts for %s", (name, moment, date) => {
    expect(dateText(tradingCalendar(name).tradingDayOf(momentOf(moment)))).toBe(date);
  });
});

describe("names", () => {
  it.each(Object.entries(EXCHANGE_ALIASES))("%s is %s", (alias, name) => {
    expect(tradingCalendar(alias as ExchangeAlias).name).toBe(name);
  });

  it.each(Object.keys(EXCHANGES) as ExchangeName[])("%s is a calendar of 2015 to 2099", (name) => {
    const calendar = tradingCalendar(name);
    expect(calendar.name).toBe(name);
    expect(dateText(calendar.firstDay) <= "2015-01-01").toBe(true);
    expect(dateText(calendar.lastDay)).toBe("2099-12-31");
  });

  it.each([["NYS"], ["IFUS"], ["toString"], [""]])("%j is unknown", (name) => {
    expect(() => tradingCalendar(name as ExchangeName)).toThrow("FAULT_CONFIG calendar");
  });
});
