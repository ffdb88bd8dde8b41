// @ts-check
import { button, element, input } from "./elements.js";
import { formatBytes } from "./format.js";

/** Files that are sent at once; others wait, so that the page can still ask the server for something else. */
const AT_ONCE = 3;

/**
 * @typedef {object} UploadListOptions
 * @property {(file: File) => XMLHttpRequest} request A request for sending a file, not sent yet.
 * @property {(path: string) => Promise<Response>} fetch
 * @property {(id: string) => void} onReceived Called with the id of a file that the server has taken.
 */

/** Files that are dropped or chosen, on their way to the server: each with its progress, and with a button that cancels it. */
export class UploadList {
  #options;
  /** Bytes of the largest file; 0 where none are taken. */
  #limit = 0;
  /** @type {(() => Promise<void>)[]} */
  #waiting = [];
  #sending = 0;

  /** @param {UploadListOptions} options */
  constructor(options) {
    this.#options = options;
    button("choose-files").addEventListener("click", () => input("files").click());
    input("files").addEventListener("change", () => {
      this.add(input("files").files ?? []);
      input("files").value = "";
    });
    this.#listenToDrops();
  }

  /** @param {number} limit Bytes of the largest file that the server takes; 0 if it takes none. */
  set limit(limit) {
    this.#limit = limit;
    element("upload-limit", HTMLElement).textContent = limit > 0 ? `Up to ${formatBytes(limit)} each.` : "";
  }

  /** Sends files, one after another. @param {Iterable<File>} files */
  add(files) {
    if (this.#limit === 0) return;
    for (const file of files) {
      const row = new UploadRow(file.name);
      element("uploads", HTMLElement).append(row.element);
      this.#waiting.push(() => this.#send(file, row));
    }
    this.#next();
  }

  #next() {
    if (this.#sending >= AT_ONCE) return;
    const send = this.#waiting.shift();
    if (send === undefined) return;
    this.#sending++;
    void send().finally(() => {
      this.#sending--;
      this.#next();
    });
    this.#next();
  }

  /** Never rejects: what goes wrong is said in the row. @param {File} file @param {UploadRow} row */
  async #send(file, row) {
    if (row.isCancelled) return;
    try {
      const room = await this.#options.fetch(`/api/uploads/room?bytes=${file.size}`);
      if (!room.ok) return row.fail(await room.text());
      if (row.isCancelled) return;
      const { status, responseText } = await sent(this.#options.request(file), file, row);
      if (status === 201) {
        row.element.remove();
        this.#options.onReceived(JSON.parse(responseText).id);
      } else if (status !== 0) row.fail(responseText);
    } catch {
      row.fail("The connection was lost while the file was sent. Send it again");
    }
  }

  #listenToDrops() {
    let depth = 0;
    const show = (/** @type {number} */ by) => {
      depth = by === 0 ? 0 : Math.max(0, depth + by);
      document.body.toggleAttribute("data-is-dropping", depth > 0 && this.#limit > 0);
    };
    const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") === true;
    addEventListener("dragenter", (event) => hasFiles(event) && show(1));
    addEventListener("dragleave", (event) => hasFiles(event) && show(-1));
    addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // else the browser would leave the page to show the file
      show(0);
      this.add(event.dataTransfer?.files ?? []);
    });
  }
}

/** @param {XMLHttpRequest} request @param {File} file @param {UploadRow} row @returns {Promise<XMLHttpRequest>} */
function sent(request, file, row) {
  return new Promise((resolve, reject) => {
    row.onCancel = () => request.abort();
    request.upload.onprogress = ({ loaded }) => row.show(loaded, file.size);
    request.onload = () => resolve(request);
    request.onabort = () => resolve(request);
    request.onerror = () => reject(new Error("The connection was lost"));
    request.send(file);
  });
}

/** One file on its way. */
class UploadRow {
  element = document.createElement("li");
  #bar = document.createElement("progress");
  #text = document.createElement("small");
  #button = document.createElement("button");
  /** @type {() => void} */
  onCancel = () => undefined;
  isCancelled = false;

  /** @param {string} name */
  constructor(name) {
    const title = Object.assign(document.createElement("strong"), { textContent: name });
    this.#bar.max = 1;
    this.#bar.value = 0;
    this.#bar.ariaLabel = `Sending ${name}`;
    this.#text.textContent = "Waiting";
    this.#button.type = "button";
    this.#button.textContent = "Cancel";
    this.#button.ariaLabel = `Cancel sending ${name}`;
    this.#button.addEventListener("click", () => {
      this.isCancelled = true;
      this.onCancel();
      this.element.remove();
    });
    this.element.append(title, this.#bar, this.#text, this.#button);
  }

  /** @param {number} sent @param {number} total */
  show(sent, total) {
    this.#bar.value = total > 0 ? sent / total : 0;
    this.#text.textContent = sent < total
      ? `${formatBytes(sent)} of ${formatBytes(total)}`
      : "Checking the file";
  }

  /** @param {string} why */
  fail(why) {
    this.#bar.hidden = true;
    this.#text.textContent = why;
    this.#text.role = "alert";
    this.element.classList.add("failed");
    this.#button.textContent = "Dismiss";
    this.#button.ariaLabel = "Dismiss this message";
  }
}
