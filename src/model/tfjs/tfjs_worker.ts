import { serveEngine } from "../engine/serve_engine.ts";
import { loadTfjsNetwork } from "./tfjs_network.ts";

serveEngine({
  load: loadTfjsNetwork,
  loadGraph: () => Promise.reject(new Error("runs the networks of this project only")),
});
