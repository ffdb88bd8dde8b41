import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { JobFolder } from "../../../src/server/jobs/job_folder.ts";
import { UploadError, Uploads, type UploadsOptions } from "../../../src/server/jobs/uploads.ts";

async function withUploads(
  options: Partial<UploadsOptions>,
  use: (uploads: Uploads, folder: JobFolder) => Promise<void>,
) {
  await using folder = await JobFolder.open();
  await use(new Uploads({ folder, probe: () => Promise.resolve(), reserve: 0, ...options }), folder);
}

/** A body that gives its chunks one after another, and then ends, waits for ever or fails. */
function bodyOf(chunks: readonly number[], then: "end" | "stall" | "fail" = "end") {
  let at = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const length = chunks[at++];
      if (length !== undefined) return controller.enqueue(new Uint8Array(length).fill(at));
      if (then === "end") return controller.close();
      if (then === "fail") return controller.error(new TypeError("connection reset"));
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
}

const refusal = (status: number, message: RegExp) => (error: unknown) =>
  error instanceof UploadError && error.status === status && message.test(error.message);

Deno.test("Uploads keeps a file as it came, under a name that is safe", async () => {
  await withUploads({}, async (uploads, folder) => {
    const record = await uploads.receive({ name: "../../up/My clip.mp4", bytes: 7, body: bodyOf([3, 4]) });
    assert.deepEqual([record.name, record.bytes], ["My clip.mp4", 7]);
    const path = uploads.path(record.id);
    assert.equal(path, join(folder.path, "uploads", record.id, "My clip.mp4"));
    assert.deepEqual([...await readFile(path)], [1, 1, 1, 2, 2, 2, 2]);
    assert.deepEqual(uploads.list(), [record]);
    await uploads.remove(record.id);
    assert.deepEqual([uploads.list(), await readdir(join(folder.path, "uploads"))], [[], []]);
  });
});

Deno.test("Uploads takes nothing that is empty, too large, cut off, longer than announced or no media, and leaves nothing", async () => {
  const probe = () => Promise.reject(new Error("x.mp4: There is no video in it"));
  const cases: readonly (readonly [
    Partial<UploadsOptions>,
    number,
    ReadableStream<Uint8Array<ArrayBuffer>>,
    number,
    RegExp,
  ])[] = [
    [{}, 0, bodyOf([]), 400, /^The file is empty/],
    [{ limit: 10 }, 11, bodyOf([11]), 413, /larger than this server takes: 11 bytes of at most 10 bytes/],
    [{}, 10, bodyOf([4]), 400, /^The file was cut off: 4 bytes of 10 bytes arrived/],
    [{}, 10, bodyOf([4], "fail"), 400, /^The file was cut off: 4 bytes of 10 bytes arrived/],
    [{}, 10, bodyOf([4, 9]), 400, /^More of the file arrived than was announced/],
    [{ stallMs: 20 }, 10, bodyOf([4], "stall"), 408, /^Nothing more of the file arrived/],
    [{ probe }, 4, bodyOf([4]), 422, /^This file cannot be restored: .*no video in it/],
    [{ reserve: 2 ** 60 }, 4, bodyOf([4]), 507, /^The server's disk is too full for this file/],
  ];
  for (const [options, bytes, body, status, message] of cases) {
    await withUploads(options, async (uploads, folder) => {
      await assert.rejects(uploads.receive({ name: "x.mp4", bytes, body }), refusal(status, message));
      assert.deepEqual(
        [uploads.list(), await readdir(join(folder.path, "uploads"))],
        [[], []],
        String(message),
      );
    });
  }
});

Deno.test("Uploads.check says before anything is sent whether there is room", async () => {
  await withUploads({ limit: 1000 }, async (uploads) => {
    await uploads.check(1000);
    await assert.rejects(uploads.check(0), refusal(400, /empty/));
    await assert.rejects(uploads.check(1001), refusal(413, /larger/));
  });
  await withUploads({ reserve: 2 ** 60 }, async (uploads) => {
    await assert.rejects(uploads.check(1), refusal(507, /too full/));
  });
});

Deno.test("Uploads receives a few files at once; fifty wait for their turn, and all come through", async () => {
  let [now, most] = [0, 0];
  const probe = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
  };
  await withUploads({ probe, atOnce: 4 }, async (uploads, folder) => {
    const sending = Array.from(
      { length: 50 },
      (_, i) => uploads.receive({ name: `clip-${i}.mp4`, bytes: 6, body: bodyOf([2, 4]) }),
    );
    const records = await Promise.all(sending);
    assert.equal(new Set(records.map(({ id }) => id)).size, 50);
    assert.equal((await readdir(join(folder.path, "uploads"))).length, 50);
    assert.ok(most <= 4, `${most} at once`);
  });
});

Deno.test("Uploads: files that fail make room for those that wait", async () => {
  await withUploads({ atOnce: 1 }, async (uploads) => {
    const results = await Promise.allSettled([
      uploads.receive({ name: "a.mp4", bytes: 9, body: bodyOf([1]) }),
      uploads.receive({ name: "b.mp4", bytes: 9, body: bodyOf([1], "fail") }),
      uploads.receive({ name: "c.mp4", bytes: 1, body: bodyOf([1]) }),
    ]);
    assert.deepEqual(results.map(({ status }) => status), ["rejected", "rejected", "fulfilled"]);
  });
});
