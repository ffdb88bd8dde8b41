import { loadOnnxNetwork } from "./onnx_network.ts";
import { serveEngine } from "./serve_engine.ts";

serveEngine(loadOnnxNetwork);
