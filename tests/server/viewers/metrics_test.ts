import assert from "node:assert/strict";
import { Metrics } from "../../../src/server/viewers/metrics.ts";

Deno.test("Metrics are written as Prometheus reads them", () => {
  const metrics = new Metrics();
  metrics.viewers = 3;
  metrics.sent(250);
  metrics.sent(500);
  const text = metrics.toString();
  assert.match(
    text,
    /^# HELP mtdn_preview_viewers .+\n# TYPE mtdn_preview_viewers gauge\nmtdn_preview_viewers 3$/m,
  );
  assert.match(text, /^mtdn_preview_frames_sent_total 2$/m);
  assert.match(text, /^mtdn_preview_frame_seconds_sum 0\.75$/m);
  assert.match(text, /^mtdn_preview_memory_bytes \d+$/m);
  assert.ok(text.endsWith("\n"));
});
