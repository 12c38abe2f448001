export { columnKernels, type NativeKernels, SIMD_LEVELS, type SimdLevel } from "./native-column-kernels.ts";
