import { serveEngine } from "../engine/serve_engine.ts";
import { loadExternalNetwork } from "../external/load_external_network.ts";
import { loadOnnxNetwork } from "./onnx_network.ts";

serveEngine({ load: loadOnnxNetwork, loadGraph: loadExternalNetwork });
