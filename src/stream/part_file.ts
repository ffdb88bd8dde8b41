export * from "../part_file.ts";
