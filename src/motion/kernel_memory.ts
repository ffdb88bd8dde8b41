import { memory } from "./kernels.wasm";

/** Kernels read and write whole vectors, a little beyond what they are given. */
const SLACK = 32;
const PAGE = 2 ** 16;

/** Memory of `kernels.wasm`, laid out again for each use: addresses are valid until the next object is made. One at a time in each thread. */
export class KernelMemory {
  #end = SLACK;

  /** Allocates bytes, not zeroed. @returns Their address. */
  room(bytes: number): number {
    const address = this.#end;
    this.#end = (address + bytes + SLACK + 15) & ~15;
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    return address;
  }

  /** The address of a copy of `data`. */
  copy(data: Uint8Array | Uint16Array | Float32Array): number {
    const address = this.room(data.byteLength);
    new Uint8Array(memory.buffer, address, data.byteLength)
      .set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return address;
  }

  /** A copy of `length` bytes from `address` on. */
  read(address: number, length: number): ArrayBuffer {
    return new Uint8Array(memory.buffer, address, length).slice().buffer;
  }
}
