import { loadOnnxNetwork } from "./onnx_network.ts";
import { serveEngine } from "../engine/serve_engine.ts";

serveEngine(loadOnnxNetwork);
