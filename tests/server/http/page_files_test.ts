import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { pageFiles } from "../../../src/server/http/page_files.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

Deno.test("pageFiles reads the files of a folder that a page is made of, with their types, and nothing else", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("index.html"), "<p>");
  await writeFile(folder.file("main.js"), "let a;");
  await writeFile(folder.file("secret.txt"), "a secret");
  await mkdir(folder.file("folder.js"));
  const files = await pageFiles(pathToFileURL(`${folder.path}/`));
  assert.deepEqual([...files.keys()].sort(), ["index.html", "main.js"]);
  assert.deepEqual(files.get("main.js"), {
    type: "text/javascript; charset=utf-8",
    bytes: new TextEncoder().encode("let a;"),
  });
});

Deno.test("pageFiles reads this project's page by default", async () => {
  const files = await pageFiles();
  for (const name of ["index.html", "main.js", "theme.css", "icon.svg"]) assert.ok(files.has(name), name);
});
