import { servePreview } from "../../../src/server/http/serve_preview.ts";
import type { ServerContext } from "../../../src/server/viewers/server_context.ts";
import { Viewers } from "../../../src/server/viewers/viewers.ts";
import { SocketClient } from "./socket_client.ts";

/** Serves a preview to one viewer, who may be sent one frame. */
export async function withClient(context: ServerContext, use: (client: SocketClient) => Promise<void>) {
  await using preview = await servePreview(new Viewers(context));
  using client = await SocketClient.open(preview.url);
  client.send({ type: "credit", frames: 1 });
  await use(client);
}
