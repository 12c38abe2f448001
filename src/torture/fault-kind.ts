/** What a fault befalls. */
export type FaultDomain =
  | "network"
  | "venue"
  | "feed"
  | "process"
  | "disk"
  | "clock"
  | "store"
  | "operator"
  | "limits"
  | "calendar";

/** What may be set of a fault: a number from `least` to `most`, of which `weak` does the least harm. */
export interface FaultParameter {
  readonly least: number;
  readonly most: number;
  readonly weak: number;
  /** Whether it is a whole number. */
  readonly isWhole: boolean;
}

/** A class of faults. */
export interface FaultKind {
  readonly domain: FaultDomain;
  /** A window is on from `ns` to `untilNs`; an instant happens at `ns`. */
  readonly timing: "window" | "instant";
  /** What happens, in one sentence. */
  readonly meaning: string;
  readonly parameters: Readonly<Record<string, FaultParameter>>;
  /** Whether exposure at the venue may exceed the limits because of it: then no oracle complains. */
  readonly allowsExcess: boolean;
  /** Whether the engine has to notice it: coverage asks for at least one detection. */
  readonly isDetectable: boolean;
}

/** What is not usual about a class. */
export interface FaultMarks {
  readonly allowsExcess?: boolean;
  readonly isDetectable?: boolean;
}

/** A kind whose faults are on for a while. */
export function lasting(
  domain: FaultDomain,
  meaning: string,
  parameters: Readonly<Record<string, FaultParameter>> = {},
  marks: FaultMarks = {},
): FaultKind {
  const { allowsExcess = false, isDetectable = false } = marks;
  return Object.freeze({ domain, timing: "window", meaning, parameters, allowsExcess, isDetectable });
}

/** A kind whose faults happen at once. */
export function sudden(
  domain: FaultDomain,
  meaning: string,
  parameters: Readonly<Record<string, FaultParameter>> = {},
  marks: FaultMarks = {},
): FaultKind {
  const { allowsExcess = false, isDetectable = false } = marks;
  return Object.freeze({ domain, timing: "instant", meaning, parameters, allowsExcess, isDetectable });
}

/** A whole number; the least one does the least harm unless told. */
export function whole(least: number, most: number, weak: number = least): FaultParameter {
  return Object.freeze({ least, most, weak, isWhole: true });
}

/** A real number; the least one does the least harm unless told. */
export function real(least: number, most: number, weak: number = least): FaultParameter {
  return Object.freeze({ least, most, weak, isWhole: false });
}

/** How likely it is each time. */
export const CHANCE = real(0.001, 1);

/** How late at most. @units ns */
export const DELAY = whole(1_000, 5_000_000_000);
