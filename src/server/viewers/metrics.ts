/** Counts of a server since it started, as Prometheus reads them. */
export class Metrics {
  /** Viewers connected now. */
  viewers = 0;
  /** Viewers connected since the start. */
  connections = 0;
  /** Sockets closed by the server because their viewer broke a limit. */
  closures = 0;
  /** Messages that were not valid. */
  refusals = 0;
  /** Times a source or an engine failed while a viewer used it. */
  failures = 0;
  #frames = 0;
  #serverSeconds = 0;

  /** Counts a frame. @param milliseconds From decoding to sending. */
  sent(milliseconds: number): void {
    this.#frames++;
    this.#serverSeconds += milliseconds / 1000;
  }

  /** Prometheus text format 0.0.4. */
  toString(): string {
    const rows: [string, string, string, number][] = [
      ["viewers", "gauge", "Viewers connected now", this.viewers],
      ["connections_total", "counter", "Viewers since the start", this.connections],
      ["closures_total", "counter", "Sockets closed by the server for breaking its limits", this.closures],
      ["messages_refused_total", "counter", "Messages that were not valid", this.refusals],
      [
        "failures_total",
        "counter",
        "Sources and engines that failed while a viewer used them",
        this.failures,
      ],
      ["frames_sent_total", "counter", "Frames restored and sent", this.#frames],
      ["frame_seconds_sum", "counter", "Seconds from decoded to sent, over all frames", this.#serverSeconds],
      ["memory_bytes", "gauge", "Resident memory of the process", Deno.memoryUsage().rss],
    ];
    return rows.map(([name, kind, help, value]) =>
      `# HELP mtdn_preview_${name} ${help}\n# TYPE mtdn_preview_${name} ${kind}\nmtdn_preview_${name} ${value}\n`
    ).join("");
  }
}
