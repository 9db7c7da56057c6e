/**
 * `npm run tcb`: what is Core made of, and how much of it is there to read? (`--json` for programs)
 *
 * Counted is what the bundle holds (tools/bundle-core.ts), the one file that is measured and runs. Own files count whole, if
 * the bundle has any code of theirs; the EVM's WebAssembly counts as its sources. Of others' packages the lines in the bundle
 * count. Lines are those that are not empty; lines that are only comment are counted apart.
 */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { buildCore } from './bundle-core.ts'

const ROOT = path.join(import.meta.dirname, '..')
const BUDGET = 6_000
const ASSEMBLY = 'packages/evm/assembly'
/** The built assembly, which nobody reads. */
const GENERATED = 'packages/evm/src/wasm-bytes.ts'

export type Lines = { files: number; code: number; comments: number }
export type Part = Lines & { name: string }
export type Tcb = {
  budget: number
  own: Part[]
  ownTotal: Lines
  others: Part[]
  othersTotal: Lines
  bundleBytes: number
}

/** A file of the bundle: its path from the root, and what the bundle holds of it. */
export type BundledFile = { file: string; code: string }

export async function tcbOfCore(): Promise<Tcb> {
  const { code, modules } = await buildCore()
  const files = Object.entries(modules).map(([id, { code }]) => ({ file: path.relative(ROOT, id), code: code ?? '' }))
  return tcbOf(files, Buffer.byteLength(code))
}

export function tcbOf(bundled: readonly BundledFile[], bundleBytes: number): Tcb {
  const isOwn = ({ file }: BundledFile) => /^packages\//.test(file)
  const sources = bundled.filter(isOwn).flatMap(({ file }) => (file === GENERATED ? [] : [ownFile(file)]))
  const assembly = globSync(`${ASSEMBLY}/*.ts`, { cwd: ROOT }).map(ownFile)
  const others = bundled
    .filter((file) => !isOwn(file))
    .map(({ file, code }) => ({ name: packageOf(file), ...linesOf(code) }))
  const parts = { own: merge([...sources, ...assembly]), others: merge(others) }
  return { budget: BUDGET, ...parts, ownTotal: sum(parts.own), othersTotal: sum(parts.others), bundleBytes }
}

function ownFile(file: string): Part {
  const name = file.startsWith(ASSEMBLY) ? ASSEMBLY : file.split('/').slice(0, 2).join('/')
  return { name, ...linesOf(readFileSync(path.join(ROOT, file), 'utf8')) }
}

/** Name and version of the package that a file belongs to; the bundler adds a helper of its own. */
function packageOf(file: string): string {
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]
  if (!folder) return 'the bundler’s own helper'
  const { name, version } = JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8'))
  return `${name} ${version}`
}

export function linesOf(text: string): Lines {
  const lines = { files: 1, code: 0, comments: 0 }
  let isInside = false
  for (const line of text.split('\n').map((line) => line.trim())) {
    if (line === '') continue
    const begins = line.startsWith('/*')
    lines[isInside || begins || line.startsWith('//') ? 'comments' : 'code']++
    isInside = (isInside || begins) && !line.includes('*/')
  }
  return lines
}

function merge(parts: readonly Part[]): Part[] {
  return [...Map.groupBy(parts, ({ name }) => name)]
    .map(([name, same]) => ({ name, ...sum(same) }))
    .sort((a, b) => b.code - a.code)
}

function sum(parts: readonly Lines[]): Lines {
  const total = { files: 0, code: 0, comments: 0 }
  for (const { files, code, comments } of parts) {
    total.files += files
    total.code += code
    total.comments += comments
  }
  return total
}

/** The report, as people read it. */
export function tcbText({ budget, own, ownTotal, others, othersTotal, bundleBytes }: Tcb): string {
  const left = budget - ownTotal.code
  const names = [...own, ...others].map(({ name }) => name.length)
  const row = (name: string, cells: readonly (string | number)[]) =>
    name.padEnd(Math.max(...names, 24)) + cells.map((cell) => cell.toLocaleString('en').padStart(10)).join('')
  const rows = (title: string, parts: readonly Part[], total: Lines) => [
    row(title, ['files', 'code', 'comments']),
    ...[...parts, { name: 'in all', ...total }].map(({ name, files, code, comments }) =>
      row(name, [files, code, comments]),
    ),
  ]
  return [
    ...rows('Our own, in whole files', own, ownTotal),
    '',
    ...rows('Others’, as bundled', others, othersTotal),
    '',
    `The bundle that runs has ${bundleBytes.toLocaleString('en')} bytes.`,
    `Our own code may have ${budget.toLocaleString('en')} lines: ${
      left < 0 ? `over budget by ${(-left).toLocaleString('en')}` : `${left.toLocaleString('en')} are left`
    }.`,
  ].join('\n')
}

if (import.meta.main) {
  const args = process.argv.slice(2)
  const [unknown] = args.filter((argument) => argument !== '--json')
  if (unknown !== undefined) {
    console.error(`Unknown argument "${unknown}". Known: --json.`)
    process.exit(2)
  }
  const tcb = await tcbOfCore()
  console.log(args.includes('--json') ? JSON.stringify(tcb, undefined, 2) : tcbText(tcb))
}
