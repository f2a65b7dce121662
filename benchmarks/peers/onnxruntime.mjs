// SPDX-License-Identifier: Apache-2.0
//
// One inference of the networks of benchmarks/nets.hpp beside ONNX Runtime's (u8 activations, s8 weights), one core, in turn, time of the processor:
//
//   npm install --ignore-scripts onnxruntime-node      in a folder of its own, for the library
//   quantized_onnx FOLDER                              in that folder, for the networks
//   node onnxruntime.mjs PROGRAM FOLDER                PROGRAM is the built benchmarks/networks
//
// What a call from JavaScript costs is measured with a network that does nothing, and taken off.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import path from 'node:path';

const [program, folder] = process.argv.slice(2);
if (!program || !folder) {
  console.error('usage: node onnxruntime.mjs PROGRAM FOLDER');
  process.exit(2);
}
const ort = createRequire(path.resolve(folder, 'package.json'))('onnxruntime-node');
const goals = { MLP: 1.2, LeNet: 1.4, 'DS-CNN': 1.4, ResNet20: 1.2, ResNet18: 1.0 };
const shapes = { MLP: [1, 784], LeNet: [1, 1, 28, 28], 'DS-CNN': [1, 1, 49, 10], ResNet20: [1, 3, 32, 32], ResNet18: [1, 3, 32, 32] };
const rounds = 5;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Microseconds of the processor for one run, over about half a second: waiting for it does not count. */
async function theirs(session, input) {
  const begin = process.cpuUsage();
  let n = 0, took = 0;
  for (; took < 5e5; ++n) {
    await session.run(input);
    const now = process.cpuUsage(begin);
    took = now.user + now.system;
  }
  return took / n;
}
function ours(name) {
  const text = execFileSync(program, [`--benchmark_filter=^infer/${name}/1/real_time$`, '--benchmark_min_time=0.3', '--benchmark_format=json'],
    { stdio: ['ignore', 'pipe', 'ignore'] });
  const [entry] = JSON.parse(text).benchmarks;
  return entry.cpu_time * { ns: 1e-3, us: 1, ms: 1e3 }[entry.time_unit];
}
async function open(name) {
  const options = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: 'all' };
  const session = await ort.InferenceSession.create(path.join(folder, `${name}.onnx`), options);
  const values = Float32Array.from({ length: shapes[name].reduce((a, b) => a * b) }, () => Math.random() * 2 - 1);
  return [session, { input: new ort.Tensor('float32', values, shapes[name]) }];
}

shapes.nothing = [1, 784];
const [idle, nothing] = await open('nothing');
await theirs(idle, nothing);
const call = median([await theirs(idle, nothing), await theirs(idle, nothing), await theirs(idle, nothing)]);
console.log(`a call that does nothing: ${call.toFixed(1)} us, taken off`);
console.log(`${''.padEnd(34)} ${'lnn us'.padStart(10)} ${'ORT us'.padStart(10)}  ${'ratio (all)'.padEnd(20)} goal`);
const reached = [];
for (const name of Object.keys(goals)) {
  if (!existsSync(path.join(folder, `${name}.onnx`))) continue;
  const [session, input] = await open(name);
  await theirs(session, input);
  const pairs = [];
  for (let i = 0; i < rounds; ++i) pairs.push([ours(name), (await theirs(session, input)) - call]);
  const ratios = pairs.map(([a, b]) => b / a).toSorted((a, b) => a - b);
  const ratio = median(ratios);
  const spread = `${ratio.toFixed(2)} (${ratios[0].toFixed(2)}-${ratios.at(-1).toFixed(2)})`;
  reached.push([name, ratio, spread]);
  console.log(`${('infer/' + name).padEnd(34)} ${median(pairs.map((p) => p[0])).toFixed(2).padStart(10)} ${median(pairs.map((p) => p[1])).toFixed(2).padStart(10)}` +
    `  ${spread.padEnd(20)} >= ${goals[name].toFixed(2)}${ratio >= goals[name] ? '' : '  below'}`);
}
// in the columns of docs/performance.md
for (const [name, ratio, spread] of reached)
  console.log(`= inference of ${name}, batch 1 | ONNX Runtime u8s8 | ${spread} | ${goals[name].toFixed(2)} | ${ratio >= goals[name] ? 'yes' : 'no'}`);
