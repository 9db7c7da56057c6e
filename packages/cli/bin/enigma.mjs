#!/usr/bin/env node
// `enigma`: plain JavaScript for any Node >= 20; goes on with Node 24, which runs the TypeScript as it stands.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NEEDED = 24
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const main = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../src/main.ts')

if (Number(process.versions.node.split('.')[0]) >= NEEDED) await import(pathToFileURL(main).href)
else goOnWith(pinnedNode())

/** The Node that npm installed beside us, wherever in the tree it put it. */
function pinnedNode() {
  for (let folder = path.dirname(main); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules/.bin/node')
    if (fs.existsSync(candidate)) return candidate
    if (folder === path.dirname(folder)) break
  }
  console.error(
    `enigma needs Node ${NEEDED} or newer; this is ${process.version}, and npm installed no other for ${process.platform}-${process.arch}. ` +
      `Run npm ci in the project, or install Node ${NEEDED}.`,
  )
  process.exit(1)
}

function goOnWith(node) {
  // Through the channel the child learns of our end, even by SIGKILL, which no handler here would see.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio })
  // A terminal sends Ctrl-C to the whole group; whoever signals only this process means the child.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`enigma could not start ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    // Ends as the child did, so that a shell sees the signal.
    for (const handled of SIGNALS) process.removeAllListeners(handled)
    process.kill(process.pid, signal)
  })
}
