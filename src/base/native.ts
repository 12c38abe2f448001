export {
  errnoName,
  errnoText,
  type NativeDoorName,
  type NativeReport,
  nativeDoor,
  nativeReport,
} from "./native-binary.ts";
