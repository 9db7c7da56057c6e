// Holds docs/security.md to the tests: a claim that it calls held or partial is carried by a test with the claim's id in
// its name, and the last column names exactly those tests. `node tools/claims.mjs --write` fills that column in.
import fs from 'node:fs'
import path from 'node:path'

const DOC = 'docs/security.md'
const ROOTS = ['packages', 'contracts/test', 'e2e', 'examples']
const ROW = /^\| (S\d+) \| (.*) \| (held|partial|open) \| (.*) \|$/gm
const COUNT = 27

/** Returns whether the table and the tests agree; prints where they do not. */
export function checkClaims() {
  const text = fs.readFileSync(DOC, 'utf8')
  const carried = testsByClaim()
  const faults = []
  const states = { held: 0, partial: 0, open: 0 }
  const listed = new Set()
  for (const [, id, , state, tests] of text.matchAll(ROW)) {
    listed.add(id)
    states[state]++
    if (state !== 'open' && !carried.has(id)) faults.push(`${id} is called ${state}, but no test carries it`)
    if (tests !== cell(carried.get(id)))
      faults.push(`${id}: the tests named are not those that carry it; run node tools/claims.mjs --write`)
  }
  for (let n = 1; n <= COUNT; n++) if (!listed.has(`S${n}`)) faults.push(`${DOC} does not list S${n}`)
  for (const id of carried.keys()) if (!listed.has(id)) faults.push(`a test carries ${id}, which ${DOC} does not list`)
  for (const fault of faults) console.error(fault)
  console.log(`${states.held} claims held, ${states.partial} partial, ${states.open} open; ${faults.length} faults`)
  return faults.length === 0
}

function testsByClaim() {
  const carried = new Map()
  for (const root of ROOTS.filter((folder) => fs.existsSync(folder))) {
    for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
      const file = path.join(entry.parentPath, entry.name)
      if (!entry.isFile() || file.includes('node_modules') || !/\.test\.ts$|\.t\.sol$/.test(file)) continue
      for (const id of claimsNamedIn(file)) carried.set(id, (carried.get(id) ?? new Set()).add(file))
    }
  }
  return carried
}

function claimsNamedIn(file) {
  const source = fs.readFileSync(file, 'utf8')
  const names = file.endsWith('.sol')
    ? source.matchAll(/function (?:test|testFuzz|invariant)_((?:S\d+_)+)/g)
    : source.matchAll(/(?:test|it|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*['"`]((?:S\d+[,:\s]*(?:and )?)+)/g)
  return [...names].flatMap(([, ids]) => ids.match(/S\d+/g))
}

function cell(files = new Set()) {
  const links = [...files].sort().map((file) => `[${path.basename(file)}](../${file})`)
  return links.length > 0 ? links.join(', ') : '—'
}

function write() {
  const carried = testsByClaim()
  const text = fs.readFileSync(DOC, 'utf8')
  fs.writeFileSync(
    DOC,
    text.replace(ROW, (_, id, claim, state) => `| ${id} | ${claim} | ${state} | ${cell(carried.get(id))} |`),
  )
}

if (import.meta.main) {
  if (process.argv.includes('--write')) write()
  process.exitCode = checkClaims() ? 0 : 1
}
