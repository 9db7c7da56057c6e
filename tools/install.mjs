// Sets the workspace up on any machine with Node >= 20 and npm; does nothing when nothing changed.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

const STAMP = 'node_modules/.enigma-install'
/** A project of its own, because its node needs Node >= 22 while npm runs: npm runs there on the pinned one. */
export const NEXT_FORK = 'tools/next-fork'

/** Installs a project's locked dependencies if its lock changed since the last time. */
export function install(project = '.', duration = 'about half a minute on the first run') {
  if (isInstalled(project)) return
  console.log(`Installing the locked dependencies (npm ci)${project === '.' ? '' : ` of ${project}`}; ${duration} …`)
  const started = performance.now()
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], { stdio: 'inherit', cwd: project })
  if (status !== 0) {
    console.error(
      'npm ci failed; its message stands above. Check the connection to the npm registry, then run this again.',
    )
    process.exit(status ?? 1)
  }
  fs.writeFileSync(path.join(project, STAMP), lockOf(project))
  console.log(`Installed in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
}

/** Whether a project's dependencies are those of its lock. */
export function isInstalled(project) {
  const stamp = path.join(project, STAMP)
  return fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === lockOf(project)
}

function lockOf(project) {
  return createHash('sha256')
    .update(fs.readFileSync(path.join(project, 'package-lock.json')))
    .digest('hex')
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
