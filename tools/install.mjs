// Sets the workspace up on any machine with Node >= 20 and npm; does nothing when nothing changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

const STAMP = 'node_modules/.enigma-install'

/** Installs the locked dependencies if the lock changed since the last time. */
export function install() {
  const lock = createHash('sha256').update(fs.readFileSync('package-lock.json')).digest('hex')
  if (fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === lock) return
  console.log('Installing the locked dependencies (npm ci); about half a minute on the first run …')
  const started = performance.now()
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { stdio: 'inherit' })
  if (status !== 0) {
    console.error(
      'npm ci failed; its message stands above. Check the connection to the npm registry, then run this again.',
    )
    process.exit(status ?? 1)
  }
  fs.writeFileSync(STAMP, lock)
  console.log(`Installed in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
}

/** The Node that everything else runs on: the one pinned in package.json, else the current one if it is new enough. */
export function pinnedNode() {
  const pinned = path.resolve('node_modules/.bin/node')
  if (fs.existsSync(pinned)) return pinned
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  console.error(
    `Node 24 or newer is needed and npm has no build of it for ${process.platform}-${process.arch}; this is ${process.version}. ` +
      'Install Node 24, then run this again.',
  )
  process.exit(1)
}
