// Holds the import directions of ARCHITECTURE.md: which package may import which, and who may touch the outside world.
import fs from 'node:fs'
import path from 'node:path'

/** Package → what it may import of ours, and of others. Tests and generators are free. */
const ALLOWED = {
  'packages/protocol': { ours: [], others: [/^@noble\//] },
  'packages/attestation': { ours: ['protocol'], others: [/^@noble\//, /^valibot$/] },
  'packages/attestation-service': {
    ours: ['protocol', 'attestation', 'process', 'contracts'],
    others: [/^viem/, /^valibot$/, /^jose$/, /^prom-client$/],
  },
  'packages/evm': { ours: ['protocol'], others: [/^@noble\//] },
  'packages/core': { ours: ['protocol', 'attestation', 'evm'], others: [/^@noble\//, /^valibot$/] },
  'packages/process': { ours: ['protocol'], others: [/^valibot$/] },
  'packages/surface': { ours: ['protocol', 'attestation', 'evm', 'core', 'contracts', 'process'], others: [/^viem/] },
  'packages/principal': { ours: ['protocol', 'evm', 'core', 'contracts', 'process'], others: [/^viem/, /^valibot$/] },
  'packages/client': { ours: ['protocol', 'attestation', 'evm', 'contracts'], others: [/^viem/, /^abitype$/] },
}
/** Entries of Core that the untrusted half may import: its door, never its inside. */
const CORE_DOOR = /^@enigma\/core\/(calls|launch)$/
/** Folders that run in the browser too. */
const NO_NODE = ['packages/protocol/src', 'packages/client/src', 'packages/attestation/src', 'packages/evm/src']

/** Returns whether every import of every source file points in an allowed direction; prints those that do not. */
export function checkImports() {
  const faults = []
  let files = 0
  for (const [folder, rule] of Object.entries(ALLOWED)) {
    if (!fs.existsSync(folder)) continue
    for (const file of sources(path.join(folder, 'src'))) {
      files++
      for (const specifier of importsOf(file)) {
        const fault = judge(file, specifier, rule, path.basename(folder))
        if (fault) faults.push(`${file}: ${fault}`)
      }
    }
  }
  for (const fault of faults) console.error(fault)
  console.log(`${files} files, ${faults.length} imports in a wrong direction`)
  return faults.length === 0
}

function judge(file, specifier, { ours, others }, self) {
  if (specifier.startsWith('.')) {
    const target = path.normalize(path.join(path.dirname(file), specifier))
    return target.startsWith(`packages/${self}/`) ? undefined : `imports ${specifier} past its package's border`
  }
  if (specifier.startsWith('node:')) {
    const browser = NO_NODE.some((folder) => file.startsWith(folder))
    return browser ? `imports ${specifier}, and must run in a browser` : undefined
  }
  const own = /^@enigma\/([^/]+)/.exec(specifier)?.[1]
  if (own === 'core' && self !== 'core' && !CORE_DOOR.test(specifier))
    return `imports ${specifier}: only Core's calls and launch are open`
  if (own) return ours.includes(own) ? undefined : `imports ${specifier}: not its direction`
  return others.some((pattern) => pattern.test(specifier)) ? undefined : `imports ${specifier}: not among its libraries`
}

function* sources(folder) {
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (entry.isFile() && file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('/testing/')) yield file
  }
}

function importsOf(file) {
  const source = fs.readFileSync(file, 'utf8')
  return [
    ...source.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|(?:^|\n)import\s+'([^']+)'/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3])
}
