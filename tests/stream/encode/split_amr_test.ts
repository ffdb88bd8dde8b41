import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { FormatContext, Packet, Rational, type Stream } from "node-av/lib";
import { AV_CHANNEL_LAYOUT_MONO, AV_CODEC_ID_AMR_WB, AVMEDIA_TYPE_AUDIO } from "node-av/constants";
import { openContainer } from "../../../src/stream/ffmpeg/open_container.ts";
import { copyVideo } from "../../helpers/copy_video.ts";
import { makeClip } from "../../helpers/make_clip.ts";
import { temporaryFolder } from "../../helpers/temporary_folder.ts";

const AMR_NB = AV_CODEC_ID_AMR_WB - 1;
/** Frames of 12.2 kbit/s, 4.75 kbit/s and silence. */
const FRAMES = [[0x3c, 32], [0x04, 13], [0x44, 6]] as const;
const PER_PACKET = 10;

/** A clip of which each packet of sound holds ten frames, as those of phones do; that of Matroska may. */
async function phoneClip(path: string, picture: string): Promise<void> {
  const input = await openContainer(picture);
  const output = new FormatContext();
  must(output.allocOutputContext2(null, null, `file:${path}`));
  const video = output.newStream(null);
  const [source] = input.streams;
  assert.ok(source);
  source.codecpar.copy(video.codecpar);
  video.timeBase = source.timeBase;
  const sound = output.newStream(null);
  Object.assign(sound.codecpar, {
    codecType: AVMEDIA_TYPE_AUDIO,
    codecId: AMR_NB,
    sampleRate: 8000,
    frameSize: 160,
  });
  sound.codecpar.channelLayout = AV_CHANNEL_LAYOUT_MONO;
  sound.timeBase = new Rational(1, 1000);
  must(await output.openOutput());
  must(await output.writeHeader(null));
  using packet = new Packet();
  packet.alloc();
  while (await input.readFrame(packet) >= 0) {
    packet.rescaleTs(source.timeBase, video.timeBase);
    must(await output.interleavedWriteFrame(packet));
  }
  for (let i = 0; i < 5; i++) await writeSound(output, sound, i);
  must(await output.writeTrailer());
  await output.closeOutput();
  output.freeContext();
  await input.closeInput();
}

async function writeSound(output: FormatContext, stream: Stream, index: number): Promise<void> {
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.concat(Array.from({ length: PER_PACKET }, (_, i) => frame(index * PER_PACKET + i)));
  packet.streamIndex = stream.index;
  packet.pts = packet.dts = BigInt(index * 20 * PER_PACKET);
  packet.duration = BigInt(20 * PER_PACKET);
  packet.rescaleTs(new Rational(1, 1000), stream.timeBase);
  must(await output.interleavedWriteFrame(packet));
}

function frame(index: number): Buffer {
  const [type, size] = FRAMES[index % FRAMES.length] ?? [0, 1];
  return Buffer.alloc(size, index + 1).fill(type, 0, 1);
}

Deno.test("createVideo: AMR sound of many frames a packet is kept in 3GP, frame by frame at its time", async () => {
  await using folder = await temporaryFolder();
  await makeClip(folder.file("picture.mp4"), { pts: Array.from({ length: 25 }, (_, i) => i) });
  await phoneClip(folder.file("in.mkv"), folder.file("picture.mp4"));
  assert.deepEqual(await copyVideo(folder.file("in.mkv"), folder.file("out.3gp")), []);
  const container = await openContainer(folder.file("out.3gp"));
  const sound = container.streams.find(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_AUDIO);
  assert.equal(sound?.codecpar.codecId, AMR_NB);
  const frames: Buffer[] = [];
  const times: bigint[] = [];
  using packet = new Packet();
  packet.alloc();
  while (await container.readFrame(packet) >= 0) {
    if (packet.streamIndex !== sound.index || !packet.data) continue;
    times.push(packet.pts);
    frames.push(Buffer.from(packet.data));
  }
  await container.closeInput();
  assert.deepEqual(Buffer.concat(frames), Buffer.concat(Array.from({ length: 50 }, (_, i) => frame(i))));
  assert.deepEqual(times, Array.from({ length: 50 }, (_, i) => BigInt(160 * i)));
});

function must(result: number): void {
  assert.ok(result >= 0, `FFmpeg says ${result}`);
}
