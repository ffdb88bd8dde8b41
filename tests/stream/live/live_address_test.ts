import assert from "node:assert/strict";
import { isLiveAddress, shownAddress } from "../../../src/stream/live/live_address.ts";

Deno.test("isLiveAddress: cameras and addresses, and no files", () => {
  for (const live of ["rtsp://camera/1", "RTSP://camera", "udp://@:5000", "srt+x://a", "/dev/video0"]) {
    assert.equal(isLiveAddress(live), true, live);
  }
  for (
    const file of ["clip.mp4", "http:x.mp4", "./rtsp://a", "C:\\clip.mp4", "/dev/video", "/dev/video0/a"]
  ) {
    assert.equal(isLiveAddress(file), false, file);
  }
});

Deno.test("shownAddress: neither user, password nor query, however badly escaped; files as they are", () => {
  const shown = {
    "rtsp://me:secret@camera:554/1": "rtsp://camera:554/1",
    "rtsp://me:s3:cr@t@camera/1": "rtsp://camera/1",
    "rtsp://me:sec/ret@camera/1": "rtsp://camera/1",
    "rtsp://me:sec?r#et@camera/1": "rtsp://camera/1",
    "rtsp://me:sec\nret@camera/1": "rtsp://camera/1",
    "rtsp://camera/1?user=me&password=secret": "rtsp://camera/1",
    "RTSP://me@camera": "RTSP://camera",
    "udp://@:5000": "udp://:5000",
    "/dev/video0": "/dev/video0",
    "a b?/c@d#.mp4": "a b?/c@d#.mp4",
  };
  for (const [address, wanted] of Object.entries(shown)) assert.equal(shownAddress(address), wanted);
});
