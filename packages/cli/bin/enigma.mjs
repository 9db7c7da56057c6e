#!/usr/bin/env node
// `enigma`: plain JavaScript for any Node >= 20; goes on in place with Node 24, which runs the TypeScript as it stands.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
const main = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../src/main.ts')

if (Number(process.versions.node.split('.')[0]) >= NEEDED) {
  // Some of Node's modules that we use (node:sqlite) still announce themselves as experimental.
  process.removeAllListeners('warning')
  await import(main)
} else {
  goOnWith(pinnedNode())
}

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
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to the whole group; whoever signals only this process means the child.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`enigma could not start ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    // Ends as the child did, so that a shell sees the signal.
    for (const handled of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(handled)
    process.kill(process.pid, signal)
  })
}
