// The inner loops of src/motion/ and of making training samples, in AssemblyScript: TypeScript with the types and vector instructions of WebAssembly.
// `deno task build:kernels` compiles this file to src/motion/kernels.wasm. Deno's own type checker does not know these types.
//
// Every argument `usize` is an address in the module's memory; the caller lays that out. Planes are of 16 bits, row by row.

export { halve, reduce16, reduce8, reduceHalf16, reduceHalf8, widen } from "./planes";
export { medians, refine, refineHalf, searchCoarse } from "./flow";
export { differ16, differ8, mix16, mix8 } from "./fuse";
export { move16, move8 } from "./move";
export { soften8 } from "./soften";
export { approach, drawBackground } from "./draw";
