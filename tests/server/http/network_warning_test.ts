import assert from "node:assert/strict";
import { networkWarning } from "../../../src/server/http/network_warning.ts";

Deno.test("networkWarning says what is reachable and by whom, with the addresses for others", () => {
  const said = networkWarning("http://127.0.0.1:8080/?token=abc", "holiday.mp4");
  assert.match(said, /every network.*whoever has the address.*holiday\.mp4/s);
  const others = said.split("\n").filter((line) => line.includes("http://"));
  for (const line of others) assert.match(line, /^ {2}http:\/\/(?!127\.)[\d.]+:8080\/\?token=abc$/);
});
