import { serveEngine } from "../engine/serve_engine.ts";
import { loadTfjsNetwork } from "./tfjs_network.ts";

serveEngine(loadTfjsNetwork);
