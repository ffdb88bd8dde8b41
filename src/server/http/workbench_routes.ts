import { type Context, Hono } from "hono";
import { messageOf } from "../../errors.ts";
import { UploadError } from "../jobs/uploads.ts";
import type { Download, Workbench } from "../jobs/workbench.ts";
import type { RequestEnv } from "./request_env.ts";

const NO_FOLDER = "This server takes no files: it was started without a folder for jobs";

/**
 * Sending files and fetching results. Who may call the first is checked before; the second is opened by a ticket.
 *
 * | Route | Answer |
 * |---|---|
 * | `GET /api/uploads/room?bytes=N` | whether a file of that size would be taken now: 204, or why not |
 * | `POST /api/uploads?name=NAME` | takes the body as a file: 201 and `{id, name, bytes}` |
 * | `GET /download/TICKET` | a result, once |
 */
export function workbenchRoutes(workbench: Workbench | undefined): Hono<{ Bindings: RequestEnv }> {
  const routes = new Hono<{ Bindings: RequestEnv }>();
  routes.get("/api/uploads/room", async (context) => {
    if (workbench === undefined) return context.text(NO_FOLDER, 501);
    try {
      await workbench.uploads.check(Number(context.req.query("bytes") ?? NaN) || 0);
      return context.body(null, 204);
    } catch (error) {
      if (error instanceof UploadError) return context.text(error.message, error.status);
      throw error;
    }
  });
  routes.post("/api/uploads", async (context) => {
    if (workbench === undefined) {
      return context.text(NO_FOLDER, 501);
    }
    return await receive(context, workbench);
  });
  routes.get("/download/:ticket", async (context) => {
    const download = workbench?.tickets.take(context.req.param("ticket"));
    if (download === undefined) {
      return context.text("This address was good for one download. Start it again from the page", 404);
    }
    return await send(context, download);
  });
  return routes;
}

async function receive(context: Context, workbench: Workbench): Promise<Response> {
  const announced = context.req.header("content-length");
  const { body } = context.req.raw;
  if (announced === undefined || !/^\d{1,15}$/.test(announced)) {
    return context.text("How long the file is has to be said with Content-Length", 411);
  }
  try {
    const bytes = Number(announced);
    const name = context.req.query("name") ?? "";
    const empty = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.close() });
    const record = await workbench.uploads.receive({ name, bytes, body: body ?? empty });
    await workbench.uploadsChanged();
    return context.json(record, 201);
  } catch (error) {
    if (error instanceof UploadError) return context.text(error.message, error.status);
    return context.text(`The file cannot be stored: ${messageOf(error)}`, 500);
  }
}

async function send(context: Context, { path, name }: Download): Promise<Response> {
  const file = await Deno.open(path).catch(() => undefined);
  if (file === undefined) return context.text("The result is not there any more", 404);
  const { size } = await file.stat();
  return context.body(file.readable, 200, {
    "Content-Type": "application/octet-stream",
    "Content-Length": String(size),
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    "Cache-Control": "no-store",
  });
}
