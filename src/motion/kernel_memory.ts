import type { Picture } from "../frame.ts";
import { memory } from "./kernels.wasm";

/** Kernels read and write whole vectors, a little beyond what they are given. */
const SLACK = 32;
const PAGE = 2 ** 16;

/** A picture in the memory of the kernels, packed RGB. */
export interface PlacedPicture {
  readonly address: number;
  readonly width: number;
  readonly height: number;
  /** Whether its samples have 16 bits instead of 8. */
  readonly isDeep: boolean;
}

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

  /** A copy of a picture. */
  place({ data, width, height }: Picture): PlacedPicture {
    return { address: this.copy(data), width, height, isDeep: data instanceof Uint16Array };
  }

  /** Room for a picture of the depth of `like`. @param size @default {its size} */
  roomLike(like: PlacedPicture, { width, height }: { width: number; height: number } = like): PlacedPicture {
    return { address: this.room((like.isDeep ? 6 : 3) * width * height), width, height, isDeep: like.isDeep };
  }

  /** A copy of a picture, outside of this memory. */
  take({ address, width, height, isDeep }: PlacedPicture): Picture {
    const bytes = this.read(address, (isDeep ? 6 : 3) * width * height);
    return { data: isDeep ? new Uint16Array(bytes) : new Uint8Array(bytes), width, height };
  }
}
